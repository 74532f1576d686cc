"""The analyzer: SQL text in, trees and facts out. Synchronous; one thread at a time."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gatebook.googlesql import catalog_proto, dialect, protos, tree
from gatebook.googlesql.catalog import Catalog
from gatebook.googlesql.dialect import Parameters
from gatebook.googlesql.engine import Engine
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.statement_kinds import statement_kind
from gatebook.googlesql.types import SqlType, from_proto

_REGISTERED_CATALOGS = 32


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the analyzer says about one statement.

    `statement` is the resolved statement's protobuf (already unwrapped, e.g. ResolvedQueryStmtProto); its byte ranges refer
    to `sql`. `kind` is BigQuery's statement type. `columns` is the output schema, empty for statements without rows.
    `tables` are the full names of the tables the statement reads or writes.
    """

    sql: str
    statement: Any
    kind: str
    columns: tuple[tuple[str, SqlType], ...]
    tables: frozenset[str]


class Analyzer:
    """Owns one Engine and the catalogs registered in it."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine or Engine()
        self._registered: OrderedDict[Catalog, int] = OrderedDict()
        self._generation = 0

    @property
    def engine(self) -> Engine:
        """The wasm instance, for deadlines."""
        return self._engine

    def parse(self, sql: str, *, script: bool = False) -> Any:
        """The parse tree: an AST...StatementProto, or an ASTScriptProto when `script`."""
        request = protos.service.ParseRequest(sql_statement=_text(sql), options=self._language, allow_script=script)
        reply = self._engine.call("Parse", request, protos.service.ParseResponse)
        return reply.parsed_script if script else tree.unwrap(reply.parsed_statement)

    def analyze(self, sql: str, catalog: Catalog, parameters: Parameters = None) -> Analysis:
        """Analyze one statement. Raises SqlError, AnalysisLimit or CatalogError."""
        request = protos.service.AnalyzeRequest(
            sql_statement=_text(sql),
            registered_catalog_id=self._register(catalog),
            options=dialect.analyzer_options(self._language, parameters),
        )
        reply = self._engine.call("Analyze", request, protos.service.AnalyzeResponse)
        statement = tree.unwrap(reply.resolved_statement)
        tables = frozenset(scan.table.full_name for scan in tree.table_scans(statement))
        return Analysis(sql, statement, statement_kind(statement), _output_columns(statement), tables)

    def analyze_expression(self, sql: str, catalog: Catalog, parameters: Parameters = None) -> Any:
        """The resolved expression's protobuf."""
        request = protos.service.AnalyzeRequest(
            sql_expression=_text(sql),
            registered_catalog_id=self._register(catalog),
            options=dialect.analyzer_options(self._language, parameters),
        )
        return tree.unwrap(self._engine.call("Analyze", request, protos.service.AnalyzeResponse).resolved_expression)

    @cached_property
    def _language(self) -> Any:
        request = protos.service.LanguageOptionsRequest(maximum_features=True)
        maximum = self._engine.call("GetLanguageOptions", request, protos.options.LanguageOptionsProto)
        return dialect.language_options(maximum)

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
        self._engine.start()
        if self._engine.generation != self._generation:
            self._registered.clear()
            self._generation = self._engine.generation
        known = self._registered.get(catalog)
        if known is not None:
            self._registered.move_to_end(catalog)
            return known
        request = protos.service.RegisterCatalogRequest(
            simple_catalog=catalog_proto.build(catalog, self._language, self._builtin_names)
        )
        number = int(self._engine.call("RegisterCatalog", request, protos.service.RegisterResponse).registered_id)
        self._registered[catalog] = number
        if len(self._registered) > _REGISTERED_CATALOGS:
            _, oldest = self._registered.popitem(last=False)
            self._engine.call_raw(
                "UnregisterCatalog", protos.service.UnregisterRequest(registered_id=oldest).SerializeToString()
            )
        return number


def _text(sql: str) -> str:
    try:
        sql.encode()
    except UnicodeEncodeError:
        raise SqlError("The query is not valid UTF-8 text") from None
    return sql


def _output_columns(statement: Any) -> tuple[tuple[str, SqlType], ...]:
    columns = tree.field(statement, "output_column_list")
    if columns is None:
        return ()
    if tree.field(statement, "is_value_table") and len(columns) == 1:
        value = from_proto(columns[0].column.type)
        if value.kind == "STRUCT":
            return tuple((item.name, item.type) for item in value.fields)
    return tuple((column.name, from_proto(column.column.type)) for column in columns)
