"""Rules by kind of expression: from which sources its value derives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.lineage import calls
from gatebook.core.analysis.lineage.columns import columns
from gatebook.core.analysis.lineage.sources import is_structured
from gatebook.core.analysis.lineage.taint import NOTHING, Taint
from gatebook.googlesql import protos

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Walk

_SUBQUERIES = protos.resolved_enums.ResolvedSubqueryExprEnums
_EXISTS = _SUBQUERIES.EXISTS
_WHOLE_ROWS = frozenset({_SUBQUERIES.SCALAR, _SUBQUERIES.ARRAY})

# Kinds that derive from no column.
CONSTANT = frozenset({"DMLDefault", "Literal"})


def held(node: Any, kind: str) -> Sequence[Any] | None:
    """Give the expressions that make up a value of one of three common kinds; None when there is more to it."""
    if kind == "FunctionCall":
        return calls.plain_arguments(node)
    if kind == "MakeStruct":
        return tuple(node.field_list)
    return None if node.HasField("format") or node.HasField("time_zone") else (node.expr,)


def _nothing(_walk: Walk, _node: Any) -> Taint:
    return NOTHING


def _column(walk: Walk, node: Any) -> Taint:
    return walk.column(node)


def _struct_field(walk: Walk, node: Any) -> Taint:
    return walk.value(node.expr).field(node.field_idx)


def _json_field(walk: Walk, node: Any) -> Taint:
    return Taint(walk.flat(node.expr))


def _make_struct(walk: Walk, node: Any) -> Taint:
    return Taint(0, {position: walk.value(field) for position, field in enumerate(node.field_list)})


def _cast(walk: Walk, node: Any) -> Taint:
    mask = walk.flat(node.format) if node.HasField("format") else 0
    if node.HasField("time_zone"):
        mask |= walk.flat(node.time_zone)
    if is_structured(node.parent.type):
        return walk.value(node.expr).with_own(mask)
    return Taint(walk.flat(node.expr) | mask)


def _with(walk: Walk, node: Any) -> Taint:
    for assignment in node.assignment_list:
        walk.columns[assignment.column.column_id] = walk.value(assignment.expr)
    return walk.value(node.expr)


def _subquery(walk: Walk, node: Any) -> Taint:
    """A scalar or array is what the query gives; EXISTS tells of all that it looks at; IN of both its sides."""
    if node.subquery_type == _EXISTS:
        with walk.aside() as marks:
            walk.scan(node.subquery)
        return Taint(marks.everything())
    scan = walk.scan(node.subquery)
    given = list(walk.outputs(columns(scan))) if node.subquery_type not in _WHOLE_ROWS else _given(walk, scan)
    if node.subquery_type in _WHOLE_ROWS and len(given) == 1:
        return given[0]
    mask = walk.flat(node.in_expr) if node.HasField("in_expr") else 0
    for taint in given:
        mask |= taint.flat
    return Taint(mask)


def _given(walk: Walk, scan: Any) -> list[Taint]:
    return [walk.taint_of(column) for column in columns(scan)]


def _parameter(walk: Walk, node: Any) -> Taint:
    return walk.session.parameter(node.name, node.position)


def _constant(walk: Walk, node: Any) -> Taint:
    return walk.session.variable(node.constant.name)


def _system_variable(walk: Walk, node: Any) -> Taint:
    return walk.session.variable("@@" + node.name_path[0])


def _argument(walk: Walk, node: Any) -> Taint:
    argument = walk.arguments.get(node.name.lower())
    return argument if isinstance(argument, Taint) else Taint(walk.everything())


EXPRESSIONS: Mapping[str, Callable[[Walk, Any], Taint]] = {
    "AggregateFunctionCall": calls.aggregate,
    "AnalyticFunctionCall": calls.analytic,
    "ArgumentRef": _argument,
    "Cast": _cast,
    "ColumnRef": _column,
    "Constant": _constant,
    "DMLDefault": _nothing,
    "FunctionCall": calls.scalar,
    "GetJsonField": _json_field,
    "GetStructField": _struct_field,
    "Literal": _nothing,
    "MakeStruct": _make_struct,
    "Parameter": _parameter,
    "SubqueryExpr": _subquery,
    "SystemVariable": _system_variable,
    "WithExpr": _with,
}
