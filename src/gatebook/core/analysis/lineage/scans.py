"""Rules by kind of scan: the taints of the columns it gives, and what decides over its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.lineage import grouped_scans, joined_queries, table_functions, table_scans
from gatebook.core.analysis.lineage.taint import NOTHING, Taint, joined
from gatebook.googlesql import tree

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Walk


def _single_row(_walk: Walk, _node: Any) -> None:
    pass


def _project(walk: Walk, node: Any) -> None:
    walk.scan(node.input_scan)
    for expression in node.expr_list:
        walk.computed(expression)


def _filter(walk: Walk, node: Any) -> None:
    walk.scan(node.input_scan)
    walk.mark("predicate", walk.condition(node.filter_expr))


def _assert(walk: Walk, node: Any) -> None:
    walk.scan(node.input_scan)
    walk.mark("predicate", walk.condition(node.condition) | walk.flat(node.message))


def _join(walk: Walk, node: Any) -> None:
    walk.scan(node.left_scan)
    walk.scan(node.right_scan)
    if node.HasField("join_expr"):
        walk.mark("join", walk.flat(node.join_expr))


def _array(walk: Walk, node: Any) -> None:
    """UNNEST; its offsets tell how long the array is, and so derive from it.

    So does how often each row comes: `UNNEST(GENERATE_ARRAY(1, ASCII(x)))` tells x by the number of rows.
    """
    if node.HasField("input_scan"):
        walk.scan(node.input_scan)
    arrays = [_array_value(walk, array) for array in node.array_expr_list]
    for column, array in zip(node.element_column_list, arrays, strict=True):
        walk.element(column.column_id, array)
        walk.mark("join", array.own)
    if node.HasField("array_offset_column"):
        walk.element(node.array_offset_column.column.column_id, Taint(joined(arrays).flat))
    if node.HasField("join_expr"):
        walk.mark("join", walk.flat(node.join_expr))
    if node.HasField("array_zip_mode"):
        walk.flat(node.array_zip_mode)


def _array_value(walk: Walk, wrapped: Any) -> Taint:
    """Of a column or a field only those parts are read that something refers to."""
    is_path = tree.kind(tree.unwrap(wrapped)) in ("ColumnRef", "GetStructField")
    return walk.value(wrapped) if is_path else walk.used(wrapped)


def _order_by(walk: Walk, node: Any) -> None:
    walk.scan(node.input_scan)
    for item in node.order_by_item_list:
        walk.mark("order", walk.flat(item.column_ref))
        if item.HasField("collation_name"):
            walk.flat(item.collation_name)


def _limit(walk: Walk, node: Any) -> None:
    walk.scan(node.input_scan)
    for name in ("limit", "offset"):
        if node.HasField(name):
            walk.mark("predicate", walk.flat(getattr(node, name)))


def _sample(walk: Walk, node: Any) -> None:
    walk.scan(node.input_scan)
    for name in ("size", "repeatable_argument"):
        if node.HasField(name):
            walk.mark("predicate", walk.flat(getattr(node, name)))
    for expression in node.partition_by_list:
        walk.mark("group", walk.flat(expression))
    if node.HasField("weight_column"):
        walk.columns[node.weight_column.column.column_id] = NOTHING


def _through(walk: Walk, node: Any) -> None:
    walk.scan(node.input_scan)


SCANS: Mapping[str, Callable[[Walk, Any], None]] = {
    "AggregateScan": grouped_scans.walk_aggregate,
    "AggregationThresholdAggregateScan": grouped_scans.walk_private_aggregate,
    "AnalyticScan": grouped_scans.walk_analytic,
    "AnonymizedAggregateScan": grouped_scans.walk_private_aggregate,
    "ArrayScan": _array,
    "AssertScan": _assert,
    "BarrierScan": _through,
    "DifferentialPrivacyAggregateScan": grouped_scans.walk_private_aggregate,
    "FilterScan": _filter,
    "GroupRowsScan": grouped_scans.walk_group_rows,
    "JoinScan": _join,
    "LimitOffsetScan": _limit,
    "MatchRecognizeScan": grouped_scans.walk_match_recognize,
    "OrderByScan": _order_by,
    "PivotScan": grouped_scans.walk_pivot,
    "ProjectScan": _project,
    "RecursiveRefScan": joined_queries.walk_recursive_reference,
    "RecursiveScan": joined_queries.walk_recursive,
    "RelationArgumentScan": joined_queries.walk_relation_argument,
    "SampleScan": _sample,
    "SetOperationScan": joined_queries.walk_set_operation,
    "SingleRowScan": _single_row,
    "TVFScan": table_functions.walk_call,
    "TableScan": table_scans.walk_table,
    "UnpivotScan": grouped_scans.walk_unpivot,
    "WithRefScan": joined_queries.walk_with_reference,
    "WithScan": joined_queries.walk_with,
}
