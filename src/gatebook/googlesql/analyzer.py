"""The analyzer: SQL text in, trees and facts out. Synchronous; one thread at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

from gatebook.googlesql import references, scopes, tree
from gatebook.googlesql.analysis import Analysis, read_analysis
from gatebook.googlesql.bounded_cache import BoundedCache
from gatebook.googlesql.catalog import Catalog, Routine
from gatebook.googlesql.dialect import Parameters
from gatebook.googlesql.edits import Rewritten, rewrite
from gatebook.googlesql.engine import Engine
from gatebook.googlesql.errors import AnalysisLimit, SqlError
from gatebook.googlesql.references import Names, Reference
from gatebook.googlesql.resolver import Resolver
from gatebook.googlesql.routine_statement import create_statement
from gatebook.googlesql.script import Script
from gatebook.googlesql.script_reader import read_script
from gatebook.googlesql.spelling import require_exact_names
from gatebook.googlesql.tree import ByteRange
from gatebook.googlesql.types import SqlType, from_proto

__all__ = ["Analysis", "Analyzer"]

_CACHED_ANALYSES_BYTES = 32 * 1024 * 1024
# `names`, `statements` and `analyze` are asked about one text in turn: its parse tree serves them all.
_CACHED_PARSES_BYTES = 16 * 1024 * 1024
_CACHED_NAMES_BYTES = 4 * 1024 * 1024  # of text

# A quoted identifier with a dot inside; also matches some texts without one, which costs a parse and changes nothing.
_MAYBE_DOTTED = re.compile(r"`[^`.][^`]*\.[^`]*`")
_SELECT = "SELECT "

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
        self._resolver = Resolver(engine or Engine())
        self._parses: BoundedCache[tuple[str, bool], Any] = BoundedCache(_CACHED_PARSES_BYTES)
        self._names: BoundedCache[str, Names] = BoundedCache(_CACHED_NAMES_BYTES)
        self._analyses: BoundedCache[_AnalysisKey, Analysis] = BoundedCache(_CACHED_ANALYSES_BYTES)

    @property
    def engine(self) -> Engine:
        """The wasm instance: `with analyzer.engine.deadline(seconds): ...` bounds all that is done inside."""
        return self._resolver.engine

    def warm_up(self) -> None:
        """Start the engine and make everything that the first analysis would otherwise make."""
        self.analyze("SELECT 1", Catalog())

    @_bounded_recursion
    def parse(self, sql: str, *, script: bool = False) -> Any:
        """The parse tree: an AST...StatementProto, or an ASTScriptProto when `script`. Treat it as frozen."""
        known = self._parses.get((sql, script))
        if known is not None:
            return known
        reply = self._resolver.parse(sql, script=script)
        parsed = reply.parsed_script if script else _known(reply.parsed_statement)
        self._parses.put((sql, script), parsed, reply.ByteSize() + len(sql))
        return parsed

    @_bounded_recursion
    def statements(self, sql: str) -> Script:
        """The statements of a text, nested blocks included, with their kinds and byte ranges."""
        return read_script(sql, self.parse(sql, script=True))

    @_bounded_recursion
    def names(self, sql: str) -> Names:
        """The tables, functions, procedures and models that a statement or script refers to, as written.

        Descends into blocks, not into the text of EXECUTE IMMEDIATE: see `script.ExecuteImmediate.literal`.
        """
        known = self._names.get(sql)
        if known is None:
            known = Names(tuple(scopes.references(self.parse(sql, script=True))))
            self._names.put(sql, known, len(sql))
        return known

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
        text = _split_dotted(sql, self._statement_references)
        reply = _resolve(self._resolver, text, catalog, parameters, "sql_statement")
        statement = _known(reply.resolved_statement)
        analysis = read_analysis(text.sql, statement, lambda: self._statement_references(text.sql))
        self._analyses.put(key, analysis, reply.ByteSize() + len(sql))
        return analysis

    @_bounded_recursion
    def analyze_expression(self, sql: str, catalog: Catalog, parameters: Parameters = None) -> Any:
        """The resolved expression's protobuf, e.g. of a script variable's default or a condition.

        As in `analyze`, byte ranges refer to the text with quoted dotted names split.
        """
        text = _split_dotted(sql, self._expression_references)
        reply = _resolve(self._resolver, text, catalog, parameters, "sql_expression")
        resolved = _known(reply.resolved_expression)
        require_exact_names(text.sql, tree.table_scans(resolved), lambda: self._expression_references(text.sql))
        return resolved

    def analyze_routine(
        self, routine: Routine, catalog: Catalog, argument_types: Sequence[SqlType | None] | None = None
    ) -> Analysis:
        """Analyze the body of an SQL function or table function, by way of a CREATE TEMP FUNCTION statement.

        `argument_types` replace the declared ones, for functions with ANY TYPE arguments; None keeps one as declared.
        The statement is a ResolvedCreateFunctionStmtProto (`function_expression`, and `aggregate_expression_list` of
        an aggregate; arguments appear as ResolvedArgumentRef) or a ResolvedCreateTableFunctionStmtProto (`query`).
        """
        return self.analyze(create_statement(routine, argument_types), catalog)

    def parse_type(self, sql: str) -> SqlType:
        """The type that a piece of SQL writes: `ARRAY<STRUCT<a INT64, b STRING(10)>>`; parameters are dropped."""
        return from_proto(tree.field(self.analyze_expression(f"CAST(NULL AS {sql})", Catalog()), "type"))

    def _statement_references(self, sql: str) -> list[Reference]:
        return list(scopes.references(self.parse(sql, script=True)))

    def _expression_references(self, sql: str) -> list[Reference]:
        """An expression can be parsed as part of a query only; the ranges are those in the expression."""
        try:
            found = self._statement_references(f"{_SELECT}{sql}")
        except SqlError:
            return []  # analyzing it says where it goes wrong
        shift = len(_SELECT)
        return [replace(item, range=ByteRange(item.range.start - shift, item.range.end - shift)) for item in found]


def _known(wrapper: Any) -> Any:
    node = tree.unwrap(wrapper)
    if node is None:
        raise AnalysisLimit("trap", "The analyzer answered in a way that is not known here")
    return node


def _resolve(
    resolver: Resolver,
    text: Rewritten,
    catalog: Catalog,
    parameters: Parameters,
    target: Literal["sql_statement", "sql_expression"],
) -> Any:
    try:
        return resolver.resolve(text.sql, catalog, parameters, target)
    except SqlError as error:
        raise text.original_error(error) from None


def _split_dotted(sql: str, read: Callable[[str], list[Reference]]) -> Rewritten:
    if not _MAYBE_DOTTED.search(sql):
        return Rewritten(sql, sql, ())
    return rewrite(sql, references.split_edits(read(sql)))


def _frozen(parameters: Parameters) -> tuple[tuple[str, SqlType], ...] | tuple[SqlType, ...] | None:
    if parameters is None:
        return None
    return tuple(sorted(parameters.items())) if isinstance(parameters, Mapping) else tuple(parameters)
