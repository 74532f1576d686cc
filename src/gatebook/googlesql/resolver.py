"""The engine with BigQuery's options, and the catalogs that are registered in it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from gatebook.googlesql import catalog_proto, dialect, protos
from gatebook.googlesql.bounded_cache import BoundedCache
from gatebook.googlesql.catalog import Catalog
from gatebook.googlesql.dialect import Parameters
from gatebook.googlesql.engine import Engine
from gatebook.googlesql.errors import AnalysisLimit, SqlError

# A registered catalog costs the engine about half a megabyte for the built-in functions, and its tables.
_REGISTERED_CATALOGS = 32
# BigQuery takes requests up to 10 MB: https://cloud.google.com/bigquery/quotas#query_jobs
_MAXIMUM_TEXT_BYTES = 10 * 1024 * 1024

_NAMED_PARAMETERS_ONLY = "Positional parameters are not supported"


class Resolver:
    """Parses texts, and resolves them against catalogs. Texts and errors are taken and given as they are."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._generation = 0
        self._registered: BoundedCache[Catalog, int] = BoundedCache(_REGISTERED_CATALOGS)

    def parse(self, sql: str, *, script: bool) -> Any:
        """ParseResponse."""
        request = protos.service.ParseRequest(sql_statement=_checked(sql), options=self.language, allow_script=script)
        return self.engine.call("Parse", request, protos.service.ParseResponse)

    def resolve(
        self,
        sql: str,
        catalog: Catalog,
        parameters: Parameters,
        target: Literal["sql_statement", "sql_expression"],
    ) -> Any:
        """AnalyzeResponse."""
        try:
            return self._resolve(sql, catalog, dialect.with_parameters(self._options, parameters), target)
        except SqlError as error:
            if parameters is not None or error.message != _NAMED_PARAMETERS_ONLY:
                raise
        return self._resolve(sql, catalog, dialect.with_parameters(self._options, None, positional=True), target)

    @cached_property
    def language(self) -> Any:
        """BigQuery's LanguageOptionsProto."""
        request = protos.service.LanguageOptionsRequest(maximum_features=True)
        maximum = self.engine.call("GetLanguageOptions", request, protos.options.LanguageOptionsProto)
        return dialect.language_options(maximum)

    @cached_property
    def builtin_names(self) -> frozenset[str]:
        """Names of built-in functions at the root, aliases included, in lower case."""
        options = protos.options.ZetaSQLBuiltinFunctionOptionsProto(language_options=self.language)
        functions = self.engine.call(
            "GetBuiltinFunctions", options, protos.service.GetBuiltinFunctionsResponse
        ).function
        names = {function.name_path[0].lower() for function in functions if len(function.name_path) == 1}
        return frozenset(names | {function.options.alias_name.lower() for function in functions})

    @cached_property
    def _options(self) -> Any:
        return dialect.analyzer_options(self.language)

    def _resolve(self, sql: str, catalog: Catalog, options: Any, target: str) -> Any:
        text = {target: _checked(sql)}
        number = self._register(catalog)
        request = protos.service.AnalyzeRequest(registered_catalog_id=number, options=options, **text)
        return self.engine.call("Analyze", request, protos.service.AnalyzeResponse)

    def _register(self, catalog: Catalog) -> int:
        known = self._registered.get(catalog) if self.engine.generation == self._generation else None
        if known is not None and self.engine.running:
            return known
        proto = catalog_proto.build(catalog, self.language, self.builtin_names)
        request = protos.service.RegisterCatalogRequest(simple_catalog=proto)
        number = int(self.engine.call("RegisterCatalog", request, protos.service.RegisterResponse).registered_id)
        if self.engine.generation != self._generation:
            # A new instance of the analyzer knows nothing of what was registered in the old one.
            self._registered.clear()
            self._generation = self.engine.generation
        for gone in self._registered.put(catalog, number, 1):
            unregister = protos.service.UnregisterRequest(registered_id=gone)
            self.engine.call_raw("UnregisterCatalog", unregister.SerializeToString())
        return number


def _checked(sql: str) -> str:
    try:
        size = len(sql.encode())
    except UnicodeEncodeError:
        raise SqlError("The query is not valid UTF-8 text") from None
    if size > _MAXIMUM_TEXT_BYTES:
        raise AnalysisLimit("size", "The query is too large: the maximum is 10 MB")
    dialect.refuse_legacy_sql(sql)
    return sql
