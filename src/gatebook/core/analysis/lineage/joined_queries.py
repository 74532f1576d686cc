"""Scans that join whole queries: set operations, WITH, recursion, table arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.lineage.columns import columns
from gatebook.core.analysis.lineage.taint import NOTHING, Mask, Taint, joined
from gatebook.googlesql import protos

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Walk

_SET = protos.resolved_enums.ResolvedSetOperationScanEnums
_DISTINCT = frozenset({_SET.UNION_DISTINCT, _SET.INTERSECT_DISTINCT, _SET.EXCEPT_DISTINCT})
_EXCEPT = frozenset({_SET.EXCEPT_ALL, _SET.EXCEPT_DISTINCT})
_MATCHING = frozenset({_SET.INTERSECT_ALL, _SET.INTERSECT_DISTINCT}) | _EXCEPT
_ROUNDS = 64  # of a recursive query; each adds at least one source, or is the last


def walk_set_operation(walk: Walk, node: Any) -> None:
    """UNION, INTERSECT, EXCEPT; the columns of each query are in the order of the result, BY NAME or not."""
    items = []
    for item in node.input_item_list:
        walk.scan(item.scan)
        items.append([walk.taint_of(column) for column in item.output_column_list])
    compared: Mask = 0
    for position, column in enumerate(columns(node)):
        taints = [item[position] for item in items]
        # What EXCEPT gives is all from its first query; the others decide which of it.
        walk.columns[column.column_id] = taints[0] if node.op_type in _EXCEPT else joined(taints)
        compared |= joined(taints).flat
    if node.op_type in _MATCHING:
        walk.mark("join", compared)
    elif node.op_type in _DISTINCT:
        walk.mark("group", compared)


def walk_with(walk: Walk, node: Any) -> None:
    """WITH: each query is walked once, wherever it is used."""
    for entry in node.with_entry_list:
        scan = walk.scan(entry.with_subquery)
        walk.queries[entry.with_query_name] = [walk.taint_of(c) for c in columns(scan)]
    walk.scan(node.query)


def walk_with_reference(walk: Walk, node: Any) -> None:
    """A query of a WITH, in FROM."""
    _same(walk, columns(node), walk.queries.get(node.with_query_name))


def walk_recursive(walk: Walk, node: Any) -> None:
    """Walk the recursive term until what it gives no longer grows."""
    given = columns(node)
    walk.scan(node.non_recursive_term.scan)
    current = _columns_of(walk, node.non_recursive_term.output_column_list)
    modifier = node.recursion_depth_modifier
    if node.HasField("recursion_depth_modifier") and modifier.HasField("recursion_depth_column"):
        walk.columns[modifier.recursion_depth_column.column.column_id] = NOTHING
    for _ in range(_ROUNDS):
        walk.recursions.append(current)
        walk.scan(node.recursive_term.scan)
        walk.recursions.pop()
        added = _columns_of(walk, node.recursive_term.output_column_list)
        grown = [before.joined(after) for before, after in zip(current, added, strict=True)]
        if grown == current:
            break
        current = grown
    else:
        current = [Taint(walk.everything())] * len(current)
    for column, taint in zip(given, current, strict=False):
        walk.columns[column.column_id] = taint
    if node.op_type == protos.resolved_enums.ResolvedRecursiveScanEnums.UNION_DISTINCT:
        for taint in current:
            walk.mark("group", taint.flat)


def walk_recursive_reference(walk: Walk, node: Any) -> None:
    """A recursive query in its own FROM: what it gives so far."""
    _same(walk, columns(node), walk.recursions[-1] if walk.recursions else None)


def _same(walk: Walk, given: Sequence[Any], taints: Sequence[Taint] | None) -> None:
    if taints is None or len(taints) != len(given):
        taints = [Taint(walk.everything())] * len(given)
    for column, taint in zip(given, taints, strict=True):
        walk.columns[column.column_id] = taint


def _columns_of(walk: Walk, listed: Sequence[Any]) -> list[Taint]:
    return [walk.taint_of(column) for column in listed]


def walk_relation_argument(walk: Walk, node: Any) -> None:
    """A table argument, in the body of a table function."""
    relation = walk.arguments.get(node.name.lower())
    for column in columns(node):
        known = relation.get(column.name.lower()) if isinstance(relation, Mapping) else None
        walk.columns[column.column_id] = Taint(walk.everything()) if known is None else known
