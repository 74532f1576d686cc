"""The analyzer: SQL text in, trees and facts out. Synchronous; one thread at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, wraps
from typing import Any, ParamSpec, TypeVar

from gatebook.googlesql import catalog_proto, dialect, protos, references, scopes, tree
from gatebook.googlesql.analysis import Analysis, read_analysis
from gatebook.googlesql.bounded_cache import BoundedCache
from gatebook.googlesql.catalog import Catalog, Routine
from gatebook.googlesql.dialect import Parameters
from gatebook.googlesql.edits import Rewritten, rewrite
from gatebook.googlesql.engine import Engine
from gatebook.googlesql.errors import AnalysisLimit, CatalogError, SqlError
from gatebook.googlesql.identifiers import quoted
from gatebook.googlesql.references import Names, Reference
from gatebook.googlesql.script import Script
from gatebook.googlesql.script_reader import read_script
from gatebook.googlesql.spelling import require_exact_names
from gatebook.googlesql.tree import ByteRange
from gatebook.googlesql.types import SqlType, from_proto

# A registered catalog costs about 1 MB of the engine's memory for the built-in functions, and its tables.
_REGISTERED_CATALOGS = 32
_CACHED_ANALYSES_BYTES = 32 * 1024 * 1024
# BigQuery takes requests up to 10 MB: https://cloud.google.com/bigquery/quotas#query_jobs
_MAXIMUM_TEXT_BYTES = 10 * 1024 * 1024

# A quoted identifier with a dot inside; also matches some texts without one, which costs a parse and changes nothing.
_MAYBE_DOTTED = re.compile(r"`[^`.][^`]*\.[^`]*`")

_SELECT = "SELECT "
_NAMED_PARAMETERS_ONLY = "Positional parameters are not supported"

Call = ParamSpec("Call")
ResultT = TypeVar("ResultT")

_AnalysisKey = tuple[str, Catalog, tuple[tuple[str, SqlType], ...] | tuple[SqlType, ...] | None]


def _bounded_recursion(method: Callable[Call, ResultT]) -> Callable[Call, ResultT]:
    """Types and joins nest as deep as the text says; some readers of them recurse."""

    @wraps(method)
    def bounded(*args: Call.args, **kwargs: Call.kwargs) -> ResultT:
        try:
            return method(*args, **kwargs)
        except RecursionError:
            raise AnalysisLimit("depth", "The query is nested too deeply to be analyzed") from None

    return bounded


class Analyzer:
    """Owns one Engine, the catalogs registered in it and the analyses made with it.

    Every method that takes SQL text raises SqlError when the text is not accepted and AnalysisLimit when it was given
    up.
    """

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine or Engine()
        self._generation = 0
        self._registered: BoundedCache[Catalog, int] = BoundedCache(_REGISTERED_CATALOGS)
        self._analyses: BoundedCache[_AnalysisKey, Analysis] = BoundedCache(_CACHED_ANALYSES_BYTES)

    @property
    def engine(self) -> Engine:
        """The wasm instance: `with analyzer.engine.deadline(seconds): ...` bounds all that is done inside."""
        return self._engine

    def warm_up(self) -> None:
        """Start the engine and make everything that the first analysis would otherwise make."""
        self.analyze("SELECT 1", Catalog())

    @_bounded_recursion
    def parse(self, sql: str, *, script: bool = False) -> Any:
        """The parse tree: an AST...StatementProto, or an ASTScriptProto when `script`."""
        request = protos.service.ParseRequest(sql_statement=_text(sql), options=self._language, allow_script=script)
        reply = self._engine.call("Parse", request, protos.service.ParseResponse)
        return reply.parsed_script if script else tree.unwrap(reply.parsed_statement)

    @_bounded_recursion
    def statements(self, sql: str) -> Script:
        """The statements of a text, nested blocks included, with their kinds and byte ranges."""
        return read_script(sql, self.parse(sql, script=True))

    @_bounded_recursion
    def names(self, sql: str) -> Names:
        """The tables, functions, procedures and models that a statement or script refers to, as written.

        Descends into blocks, not into the text of EXECUTE IMMEDIATE: see `script.ExecuteImmediate.literal`.
        """
        return Names(tuple(scopes.references(self.parse(sql, script=True))))

    @_bounded_recursion
    def normalise(self, sql: str, project: str, dataset: str | None, keep: frozenset[str] = frozenset()) -> str:
        """The text with every table, routine and schema written in full, each part quoted.

        Temporary tables and functions stay as they are when the text itself creates them or `keep` names them.
        """
        return rewrite(sql, references.qualify_edits(self.names(sql), project, dataset, keep)).sql

    @_bounded_recursion
    def analyze(self, sql: str, catalog: Catalog, parameters: Parameters = None) -> Analysis:
        """Analyze one statement.

        `parameters` are the types of the query parameters, by name or by position; None lets the analyzer infer them.
        CatalogError when the catalog itself cannot be used.
        """
        key = (sql, catalog, _frozen(parameters))
        known = self._analyses.get(key)
        if known is not None:
            return known
        text = self._split_dotted(sql)
        reply, size = self._resolve(text, catalog, parameters, "sql_statement")
        statement = tree.unwrap(reply.resolved_statement)
        analysis = read_analysis(text.sql, statement, lambda: self.names(text.sql).references)
        self._analyses.put(key, analysis, size + len(sql))
        return analysis

    @_bounded_recursion
    def analyze_expression(self, sql: str, catalog: Catalog, parameters: Parameters = None) -> Any:
        """The resolved expression's protobuf, e.g. of a script variable's default or a condition."""
        wrapped = self._split_dotted(f"{_SELECT}{sql}")
        expression = Rewritten(sql, wrapped.sql.removeprefix(_SELECT), ())
        reply, _ = self._resolve(expression, catalog, parameters, "sql_expression")
        resolved = tree.unwrap(reply.resolved_expression)
        require_exact_names(
            expression.sql, tree.table_scans(resolved), lambda: self._expression_references(expression.sql)
        )
        return resolved

    def analyze_routine(
        self, routine: Routine, catalog: Catalog, argument_types: Sequence[SqlType | None] | None = None
    ) -> Analysis:
        """Analyze the body of an SQL function or table function, by way of a CREATE TEMP FUNCTION statement.

        `argument_types` replace the declared ones, for functions with ANY TYPE arguments; None keeps one as declared.
        The statement is a ResolvedCreateFunctionStmtProto (`function_expression`, and `aggregate_expression_list` of
        an aggregate; arguments appear as ResolvedArgumentRef) or a ResolvedCreateTableFunctionStmtProto (`query`).
        """
        if routine.language != "SQL" or routine.kind == "procedure":
            raise CatalogError(f"{routine.full_name}: only SQL functions have a body to analyze")
        return self.analyze(_create_statement(routine, argument_types), catalog)

    def parse_type(self, sql: str) -> SqlType:
        """The type that a piece of SQL writes: `ARRAY<STRUCT<a INT64, b STRING(10)>>`; parameters are dropped."""
        return from_proto(tree.field(self.analyze_expression(f"CAST(NULL AS {sql})", Catalog()), "type"))

    def _expression_references(self, sql: str) -> list[Reference]:
        """An expression is parsed as a query; ranges are those in the expression."""
        found = self.names(f"{_SELECT}{sql}").references
        shift = len(_SELECT)
        return [replace(item, range=ByteRange(item.range.start - shift, item.range.end - shift)) for item in found]

    def _split_dotted(self, sql: str) -> Rewritten:
        if not _MAYBE_DOTTED.search(sql):
            return Rewritten(sql, sql, ())
        found = scopes.references(self.parse(sql))
        return rewrite(sql, references.split_edits(found))

    def _resolve(self, text: Rewritten, catalog: Catalog, parameters: Parameters, target: str) -> tuple[Any, int]:
        try:
            return self._call_analyze(text, catalog, dialect.with_parameters(self._options, parameters), target)
        except SqlError as error:
            if parameters is None and error.message == _NAMED_PARAMETERS_ONLY:
                options = dialect.with_parameters(self._options, None, positional=True)
                return self._call_analyze(text, catalog, options, target)
            raise

    def _call_analyze(self, text: Rewritten, catalog: Catalog, options: Any, target: str) -> tuple[Any, int]:
        number = self._register(catalog)
        sql = {target: _text(text.sql)}
        request = protos.service.AnalyzeRequest(registered_catalog_id=number, options=options, **sql)
        try:
            reply = self._engine.call("Analyze", request, protos.service.AnalyzeResponse)
        except SqlError as error:
            raise text.original_error(error) from None
        return reply, reply.ByteSize()

    @cached_property
    def _language(self) -> Any:
        request = protos.service.LanguageOptionsRequest(maximum_features=True)
        maximum = self._engine.call("GetLanguageOptions", request, protos.options.LanguageOptionsProto)
        return dialect.language_options(maximum)

    @cached_property
    def _options(self) -> Any:
        return dialect.analyzer_options(self._language)

    @cached_property
    def _builtin_names(self) -> frozenset[str]:
        """Names of built-in functions at the root, aliases included, in lower case."""
        options = protos.options.ZetaSQLBuiltinFunctionOptionsProto(language_options=self._language)
        functions = self._engine.call(
            "GetBuiltinFunctions", options, protos.service.GetBuiltinFunctionsResponse
        ).function
        names = {function.name_path[0].lower() for function in functions if len(function.name_path) == 1}
        return frozenset(names | {function.options.alias_name.lower() for function in functions})

    def _register(self, catalog: Catalog) -> int:
        known = self._registered.get(catalog) if self._engine.generation == self._generation else None
        if known is not None and self._engine.running:
            return known
        proto = catalog_proto.build(catalog, self._language, self._builtin_names)
        request = protos.service.RegisterCatalogRequest(simple_catalog=proto)
        number = int(self._engine.call("RegisterCatalog", request, protos.service.RegisterResponse).registered_id)
        if self._engine.generation != self._generation:
            # A new instance of the analyzer knows nothing of what was registered in the old one.
            self._registered.clear()
            self._generation = self._engine.generation
        for gone in self._registered.put(catalog, number, 1):
            unregister = protos.service.UnregisterRequest(registered_id=gone)
            self._engine.call_raw("UnregisterCatalog", unregister.SerializeToString())
        return number


def _text(sql: str) -> str:
    try:
        size = len(sql.encode())
    except UnicodeEncodeError:
        raise SqlError("The query is not valid UTF-8 text") from None
    if size > _MAXIMUM_TEXT_BYTES:
        raise AnalysisLimit("size", "The query is too large: the maximum is 10 MB")
    dialect.refuse_legacy_sql(sql)
    return sql


def _frozen(parameters: Parameters) -> tuple[tuple[str, SqlType], ...] | tuple[SqlType, ...] | None:
    if parameters is None:
        return None
    return tuple(sorted(parameters.items())) if isinstance(parameters, Mapping) else tuple(parameters)


def _create_statement(routine: Routine, argument_types: Sequence[SqlType | None] | None) -> str:
    replaced = argument_types or (None,) * len(routine.arguments)
    arguments = ", ".join(
        f"{quoted(name)} {_argument_sql(new or declared)}"
        for (name, declared), new in zip(routine.arguments, replaced, strict=True)
    )
    name = quoted(routine.path[-1])
    if routine.kind == "table":
        return f"CREATE TEMP TABLE FUNCTION {name}({arguments}) AS (\n{routine.body}\n)"
    returns = f" RETURNS {routine.return_type.sql()}" if routine.return_type is not None else ""
    aggregate = "AGGREGATE " if routine.kind == "aggregate" else ""
    return f"CREATE TEMP {aggregate}FUNCTION {name}({arguments}){returns} AS (\n{routine.body}\n)"


def _argument_sql(sql_type: SqlType | None) -> str:
    if sql_type is None:
        return "ANY TYPE"
    if sql_type.kind == "TABLE":
        return (
            SqlType("STRUCT", fields=sql_type.fields).sql().replace("STRUCT", "TABLE", 1)
            if sql_type.fields
            else "ANY TABLE"
        )
    return sql_type.sql()
