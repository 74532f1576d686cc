"""Rules for calls of functions: which arguments the value derives from, and whether field by field.

Every function gives something that derives from all its arguments. The tables here say more: which arguments may come
out as they are, with the fields of a struct kept apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.lineage.beyond import note_builtin
from gatebook.core.analysis.lineage.sources import is_structured
from gatebook.core.analysis.lineage.taint import NOTHING, Mask, Taint, joined
from gatebook.googlesql import tree

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Walk

_BUILT_IN = "ZetaSQL:"
_EXTRA = "BigQuery:"

_Positions = Callable[[int], range]  # of the arguments that may come out, by the number of arguments


def _first(_count: int) -> range:
    return range(1)


def _all(count: int) -> range:
    return range(count)


def _after_first(count: int) -> range:
    return range(1, count)


# Arguments that may be the value, or an element or part of it; the others decide which, when, where.
_CARRIED: Mapping[str, _Positions] = {
    **dict.fromkeys(
        (
            "$array_at_offset", "$array_at_ordinal", "$safe_array_at_offset", "$safe_array_at_ordinal",
            "any_value", "array_agg", "array_concat_agg", "array_first", "array_first_n", "array_last", "array_last_n",
            "array_remove_first_n", "array_remove_last_n", "array_reverse", "array_slice", "array_filter",
            "array_find_all", "first", "first_value", "last", "last_value", "max", "max_by", "min", "min_by", "next",
            "nth_value", "nullif", "prev", "zeroifnull",
        ),
        _first,
    ),
    **dict.fromkeys(("$make_array", "array_concat", "coalesce", "greatest", "ifnull", "iferror", "least"), _all),
    **dict.fromkeys(("lag", "lead"), _all),
    **dict.fromkeys(("if", "$case_no_value", "$case_with_value"), _after_first),
}  # fmt: skip

# Windows whose value is a place in the order: it derives from what they are partitioned and ordered by.
RANKS = frozenset(
    {"cume_dist", "dense_rank", "is_first", "is_last", "ntile", "percent_rank", "rank", "row_number"}
    | {"st_clusterdbscan"}
)


def plain_arguments(node: Any) -> Sequence[Any] | None:
    """Give the arguments of a scalar function that is Google's own and does nothing but compute; None for others."""
    call = node.parent
    if not call.function.name.startswith(_BUILT_IN) or call.generic_argument_list:
        return None
    arguments: Sequence[Any] = call.argument_list
    return arguments


def scalar(walk: Walk, node: Any) -> Taint:
    """Give the taint of a scalar call."""
    return _called(walk, node.parent)


def aggregate(walk: Walk, node: Any) -> Taint:
    """Give the taint of an aggregation: what HAVING MAX, ORDER BY, LIMIT and the like look at decides over it too."""
    inner = node.parent
    mask = _modifiers(walk, inner)
    for computed in node.group_by_list:
        mask |= walk.computed(computed).flat
    for computed in node.group_by_aggregate_list:
        walk.computed(computed)
    if node.HasField("having_modifier"):
        mask |= walk.flat(node.having_modifier.having_expr)
    for item in node.order_by_item_list:
        ordering = walk.flat(item.column_ref)
        walk.mark("order", ordering)
        mask |= ordering
    for name in ("limit", "having_expr"):
        if node.HasField(name):
            mask |= walk.flat(getattr(node, name))
    return _called(walk, inner.parent).with_own(mask)


def analytic(walk: Walk, node: Any) -> Taint:
    """Give the taint of a window function; see `scans` for what it is partitioned and ordered by."""
    inner = node.parent
    mask = _modifiers(walk, inner)
    if node.HasField("window_frame"):
        walk.mark("window", walk.below(node.window_frame))
    return _called(walk, inner.parent).with_own(mask)


def is_rank(node: Any) -> bool:
    """Tell a window function that gives a place in the order."""
    return tree.field(node, "function").name.removeprefix(_BUILT_IN) in RANKS


def _modifiers(walk: Walk, call: Any) -> Mask:
    return walk.flat(call.where_expr) if call.HasField("where_expr") else 0


def _called(walk: Walk, call: Any) -> Taint:
    """Give the taint of any call; `call` is its ResolvedFunctionCallBase."""
    name = call.function.name
    if name.startswith(_BUILT_IN):
        return _built_in(walk, call, name.removeprefix(_BUILT_IN))
    if name.startswith(_EXTRA):
        note_builtin(walk, name.removeprefix(_EXTRA), call)
        return _built_in(walk, call, name.removeprefix(_EXTRA))
    arguments = [walk.value(argument) for argument in _expressions(call)]
    return walk.session.definitions.call(walk, name.partition(":")[2], arguments, call.signature)


def _built_in(walk: Walk, call: Any, name: str) -> Taint:
    arguments = list(_expressions(call))
    if call.generic_argument_list:
        lambdas = [item.inline_lambda for item in call.generic_argument_list if item.HasField("inline_lambda")]
        if lambdas:
            return _with_lambdas(walk, name, [walk.value(argument) for argument in arguments], lambdas)
        if len(arguments) != len(call.generic_argument_list):
            return Taint(walk.below(call))
    carried = _CARRIED.get(name)
    if carried is None or not _gives_fields(call):
        mask: Mask = 0
        for argument in arguments:
            mask |= walk.flat(argument)
        return Taint(mask)
    return _carrying(walk, arguments, carried(len(arguments)))


def _gives_fields(call: Any) -> bool:
    return is_structured(call.parent.type)


def _carrying(walk: Walk, arguments: Sequence[Any], positions: range) -> Taint:
    carriers = []
    deciding: Mask = 0
    for position, argument in enumerate(arguments):
        if position in positions and is_structured(tree.field(tree.unwrap(argument), "type")):
            carriers.append(walk.value(argument))
        else:
            deciding |= walk.flat(argument)
    return joined(carriers).with_own(deciding)


def _with_lambdas(walk: Walk, name: str, arguments: list[Taint], lambdas: Sequence[Any]) -> Taint:
    """Each argument of a lambda may be an element of any of the arrays, or its position."""
    element = joined(arguments)
    bodies = []
    for function in lambdas:
        for column in function.argument_list:
            walk.element(column.column_id, element)
        bodies.append(walk.value(function.body))
    if name == "array_transform":
        # What the elements are depends on the body; how many there are on what the array as a whole was made of.
        return joined(bodies).with_own(element.own)
    deciding: Mask = 0
    for body in bodies:
        deciding |= body.flat
    walk.marks.read |= deciding
    if name in _CARRIED:
        return (arguments[0] if arguments else NOTHING).with_own(deciding)
    walk.marks.read |= element.flat
    return Taint(deciding | element.flat)


def _expressions(call: Any) -> Iterator[Any]:
    yield from call.argument_list
    for item in call.generic_argument_list:
        if item.HasField("expr"):
            yield item.expr
