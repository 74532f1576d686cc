"""The walk over one resolved tree: every node kind has a function in a table; what has none is Unmapped.

Every scan becomes a SELECT whose columns are named after the analyzer's column ids (`c12`): ids are unique in a
statement, so correlated subqueries need no qualified names. A routine's body has ids of its own and is walked by a
child translator with another prefix (`r3c12`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, from_proto
from gatebook.sandbox.translate.environment import Environment
from gatebook.sandbox.translate.errors import Unmapped

if TYPE_CHECKING:
    from gatebook.sandbox.translate.aggregation import AggregateCall
    from gatebook.sandbox.translate.calls import Call

Node = Any  # a protobuf message of the resolved tree
NodeSql = Callable[["Translator", Node], str]
FunctionSql = str | Callable[["Call"], str]  # a template ("upper({0})") or a function of the call
AggregateSql = str | Callable[["AggregateCall"], str]  # the name of DuckDB's aggregate or a function of the call


@dataclass(frozen=True, slots=True)
class Tables:
    """What is known to translate: node kind or function name -> how."""

    scans: Mapping[str, NodeSql]
    expressions: Mapping[str, NodeSql]
    functions: Mapping[str, FunctionSql]
    aggregates: Mapping[str, AggregateSql]
    windows: Mapping[str, AggregateSql]


@dataclass(frozen=True, slots=True)
class Relation:
    """A SELECT and its column names in order: a table argument, or the rows of a WITH entry."""

    sql: str
    columns: tuple[str, ...]


@dataclass(slots=True)
class Translator:
    """State of one walk. `arguments` and `relations` are a routine's arguments by lower-case name."""

    environment: Environment
    tables: Tables
    prefix: str = ""
    arguments: Mapping[str, str] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)
    with_columns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    recursive: list[Relation] = field(default_factory=list)
    replaced: dict[int, str] = field(default_factory=dict)
    lambda_depth: int = 0
    routines: tuple[str, ...] = ()
    numbers: count[int] = field(default_factory=count)

    def scan(self, node: Node) -> str:
        """SELECT for a scan."""
        return self._visit(self.tables.scans, node, "query part")

    def expression(self, node: Node) -> str:
        """DuckDB expression for a scalar expression."""
        return self._visit(self.tables.expressions, node, "expression")

    def _visit(self, table: Mapping[str, NodeSql], node: Node, what: str) -> str:
        inner = tree.unwrap(node)
        if inner is None:
            raise Unmapped(f"{what} of an unknown kind")
        translate = table.get(tree.kind(inner))
        if translate is None:
            raise Unmapped(f"{what} {tree.kind(inner)}")
        return translate(self, inner)

    def column(self, column: Node) -> str:
        """Name of a resolved column."""
        return self.replaced.get(column.column_id) or f"{self.prefix}c{column.column_id}"

    def columns(self, scan: Node) -> list[str]:
        """Names of a scan's output columns, in order; a column may stand twice."""
        return [self.column(column) for column in tree.field(tree.unwrap(scan), "column_list")]

    def fresh(self, stem: str) -> str:
        """A name that stands nowhere else in the translation."""
        return f"{stem}{next(self.numbers)}_"

    def child(
        self, routine: str, arguments: Mapping[str, str], relations: Mapping[str, Relation] | None = None
    ) -> Translator:
        """A translator for the body of a routine."""
        if routine in self.routines:
            raise Unmapped(f"recursive routine {routine}")
        return Translator(
            environment=self.environment,
            tables=self.tables,
            prefix=self.fresh("r"),
            arguments=arguments,
            relations=relations or {},
            lambda_depth=self.lambda_depth,
            routines=(*self.routines, routine),
            numbers=self.numbers,
        )


def type_of(node: Node) -> SqlType:
    """Type of an expression."""
    return from_proto(tree.field(tree.unwrap(node), "type"))


def select(columns: Iterable[str]) -> str:
    """Select list; DuckDB needs at least one column."""
    return ", ".join(dict.fromkeys(columns)) or "1 AS _d"
