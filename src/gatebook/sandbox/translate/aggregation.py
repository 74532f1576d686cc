"""Aggregate and window function calls, and the columns they leave in the scan that holds them.

DuckDB's own aggregates go in an inner SELECT (`raw`), what is made of them in an outer one: AVG of NUMERIC is a sum and
a count there and a division here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatebook.googlesql import tree
from gatebook.googlesql.types import from_proto
from gatebook.sandbox.translate.calls import Call, function_name, routine_name, shown_name
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.translator import AggregateSql, Node, Translator

_IGNORE_NULLS, _RESPECT_NULLS = 1, 2


@dataclass(slots=True)
class Aggregation:
    """The aggregates of one scan: SQL -> name of the inner SELECT's column.

    `outer` are columns of outer queries by id, and the names they have among the rows that are aggregated.
    """

    translator: Translator
    names: dict[str, str] = field(default_factory=dict)
    outer: dict[int, str] = field(default_factory=dict)

    def add(self, sql: str) -> str:
        """The column that holds an aggregate."""
        if sql not in self.names:
            self.names[sql] = self.translator.fresh("a")
        return self.names[sql]

    def columns(self) -> list[str]:
        """Select items of the inner SELECT."""
        return [f"{sql} AS {name}" for sql, name in self.names.items()]


@dataclass(slots=True)
class AggregateCall(Call):
    """A call with its modifiers. `over` is a complete OVER clause, or empty; `conditions` restrict the rows."""

    aggregation: Any = None
    over: str = ""
    conditions: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def distinct(self) -> bool:
        """Whether DISTINCT was written."""
        return bool(tree.field(self.node, "distinct"))

    @property
    def ignores_nulls(self) -> bool:
        """Whether IGNORE NULLS was written."""
        return bool(tree.field(self.node, "null_handling_modifier") == _IGNORE_NULLS)

    @property
    def respects_nulls(self) -> bool:
        """Whether RESPECT NULLS was written."""
        return bool(tree.field(self.node, "null_handling_modifier") == _RESPECT_NULLS)

    @property
    def limit(self) -> str | None:
        """SQL of LIMIT."""
        limit = tree.present(self.node, "limit")
        return None if limit is None else self.translator.expression(limit)

    def raw(self, function: str, *arguments: str, where: str = "", ordered: bool = False, nulls: str = "") -> str:
        """Column with one of DuckDB's aggregates over the call's rows; `where` restricts them further."""
        listed = ", ".join(arguments) + nulls
        distinct = "DISTINCT " if self.distinct else ""
        order = f" ORDER BY {', '.join(self.order)}" if ordered and self.order else ""
        conditions = [*self.conditions, *([where] if where else [])]
        condition = f" FILTER (WHERE {' AND '.join(conditions)})" if conditions else ""
        return self.aggregation.add(f"{function}({distinct}{listed}{order}){condition}{self.over}")  # type: ignore[no-any-return]


def aggregate_sql(
    aggregation: Aggregation,
    table: Mapping[str, AggregateSql],
    node: Node,
    over: str = "",
    conditions: tuple[str, ...] = (),
    order: tuple[str, ...] = (),
) -> str:
    """What the outer SELECT shows for an aggregate or window function call."""
    arguments = [tree.unwrap(argument) for argument in tree.field(node, "argument_list")]
    filters = tree.present(node, "where_expr")
    call = AggregateCall(
        translator=aggregation.translator,
        name=function_name(node),
        node=node,
        arguments=arguments or list(tree.field(node, "generic_argument_list")),
        result=from_proto(tree.field(node, "type")),
        aggregation=aggregation,
        over=over,
        conditions=(*conditions, *([] if filters is None else [aggregation.translator.expression(filters)])),
        order=order,
    )
    if tree.field(node, "collation_list"):
        raise Unmapped(f"{shown_name(call.name)} with COLLATE")
    if tree.field(node, "error_mode"):
        raise Unmapped(f"SAFE.{shown_name(call.name)}")
    how = call.find(table)
    if how is None:
        return _routine(call, table)
    return call.raw(how, *call, ordered=True) if isinstance(how, str) else how(call)


def _routine(call: AggregateCall, table: Mapping[str, AggregateSql]) -> str:
    """A user's aggregate function: the aggregates of its body are aggregates of this scan."""
    statement = call.translator.environment.routine(routine_name(call.name))
    if statement is None or not tree.field(tree.unwrap(statement), "is_aggregate"):
        raise Unmapped(f"function {shown_name(call.name)}")
    if call.distinct or call.order:
        raise Unmapped(f"function {routine_name(call.name)} with DISTINCT or ORDER BY")
    node = tree.unwrap(statement)
    names = [name.lower() for name in node.argument_name_list]
    inner = call.translator.child(call.name, dict(zip(names, call, strict=True)))
    aggregation = Aggregation(inner, call.aggregation.names, call.aggregation.outer)
    for item in node.aggregate_expression_list:
        shown = aggregate_sql(aggregation, table, tree.unwrap(item.expr), call.over, call.conditions)
        inner.replaced[item.column.column_id] = shown
    return inner.expression(node.function_expression)
