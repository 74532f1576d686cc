"""Rules by kind of scan: the taints of the columns it gives, and what decides over its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.lineage import table_functions, table_scans
from gatebook.core.analysis.lineage.calls import is_rank
from gatebook.core.analysis.lineage.taint import NOTHING, Mask, Taint, joined
from gatebook.googlesql import protos, tree

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Walk

_SET = protos.resolved_enums.ResolvedSetOperationScanEnums
_DISTINCT = frozenset({_SET.UNION_DISTINCT, _SET.INTERSECT_DISTINCT, _SET.EXCEPT_DISTINCT})
_EXCEPT = frozenset({_SET.EXCEPT_ALL, _SET.EXCEPT_DISTINCT})
_MATCHING = frozenset({_SET.INTERSECT_ALL, _SET.INTERSECT_DISTINCT}) | _EXCEPT
_ROUNDS = 64  # of a recursive query; each adds at least one source, or is the last


def columns(node: Any) -> Sequence[Any]:
    """Give the columns of a scan."""
    while tree.kind(node) != "Scan":
        node = node.parent
    listed: Sequence[Any] = node.column_list
    return listed


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
    """UNNEST; its offsets tell how long the array is, and so derive from it."""
    if node.HasField("input_scan"):
        walk.scan(node.input_scan)
    arrays = [_array_value(walk, array) for array in node.array_expr_list]
    for column, array in zip(node.element_column_list, arrays, strict=True):
        walk.element(column.column_id, array)
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


def _aggregate(walk: Walk, node: Any) -> None:
    base = node.parent
    walk.scan(base.input_scan)
    for grouped in base.group_by_list:
        walk.mark("group", walk.computed(grouped).flat)
    for aggregation in base.aggregate_list:
        walk.computed(aggregation)
    for call in base.grouping_call_list:
        walk.columns[call.output_column.column_id] = NOTHING


def _private_aggregate(walk: Walk, node: Any) -> None:
    """Differential privacy and the like: thresholds and options decide over groups."""
    _aggregate(walk, node)
    for name in ("k_threshold_expr", "group_selection_threshold_expr"):
        expression = tree.present(node, name)
        if expression is not None:
            walk.mark("group", walk.flat(expression))
    for name in ("anonymization_option_list", "option_list"):
        for option in tree.field(node, name) or ():
            walk.mark("group", walk.flat(option.value))


def _analytic(walk: Walk, node: Any) -> None:
    walk.scan(node.input_scan)
    for group in node.function_group_list:
        window(walk, group)


def window(walk: Walk, group: Any) -> None:
    """Walk a ResolvedAnalyticFunctionGroup: functions over one window."""
    place: Mask = 0
    if group.HasField("partition_by"):
        for reference in group.partition_by.partition_by_list:
            place |= walk.flat(reference)
    if group.HasField("order_by"):
        for item in group.order_by.order_by_item_list:
            place |= walk.flat(item.column_ref)
    walk.mark("window", place)
    for wrapped in group.analytic_function_list:
        function = tree.unwrap(wrapped)
        taint = walk.computed(function)
        if is_rank(tree.unwrap(function.expr)):
            walk.columns[function.column.column_id] = taint.with_own(place)


def _set_operation(walk: Walk, node: Any) -> None:
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


def _with(walk: Walk, node: Any) -> None:
    for entry in node.with_entry_list:
        scan = walk.scan(entry.with_subquery)
        walk.queries[entry.with_query_name] = [walk.taint_of(c) for c in columns(scan)]
    walk.scan(node.query)


def _with_reference(walk: Walk, node: Any) -> None:
    _same(walk, columns(node), walk.queries.get(node.with_query_name))


def _recursive(walk: Walk, node: Any) -> None:
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


def _recursive_reference(walk: Walk, node: Any) -> None:
    _same(walk, columns(node), walk.recursions[-1] if walk.recursions else None)


def _same(walk: Walk, given: Sequence[Any], taints: Sequence[Taint] | None) -> None:
    if taints is None or len(taints) != len(given):
        taints = [Taint(walk.everything())] * len(given)
    for column, taint in zip(given, taints, strict=True):
        walk.columns[column.column_id] = taint


def _columns_of(walk: Walk, listed: Sequence[Any]) -> list[Taint]:
    return [walk.taint_of(column) for column in listed]


def _group_rows(walk: Walk, node: Any) -> None:
    for column in node.input_column_list:
        walk.computed(column)


def _pivot(walk: Walk, node: Any) -> None:
    """Each pivoted column is an aggregation over the rows whose FOR expression has its value."""
    walk.scan(node.input_scan)
    for grouped in node.group_by_list:
        walk.mark("group", walk.computed(grouped).flat)
    chosen = walk.flat(node.for_expr)
    walk.mark("group", chosen)
    for value in node.pivot_value_list:
        chosen |= walk.flat(value)
    aggregations = [walk.used(expression).with_own(chosen) for expression in node.pivot_expr_list]
    for pivoted in node.pivot_column_list:
        walk.columns[pivoted.column.column_id] = aggregations[pivoted.pivot_expr_index]


def _unpivot(walk: Walk, node: Any) -> None:
    """The label is the name of a column, but which rows have one depends on the values that are not NULL."""
    walk.scan(node.input_scan)
    for column in node.projected_input_column_list:
        walk.columns[column.column.column_id] = walk.value(column.expr)
    everything: Mask = 0
    for position, column in enumerate(node.value_column_list):
        taint = joined(walk.value(argument.column_list[position]) for argument in node.unpivot_arg_list)
        walk.columns[column.column_id] = taint
        everything |= taint.flat
    walk.columns[node.label_column.column_id] = NOTHING
    if not node.include_nulls:
        walk.mark("predicate", everything)
        walk.marks.read |= everything


def _match_recognize(walk: Walk, node: Any) -> None:
    """Which rows match depends on DEFINE, as on a WHERE; what a measure gives on its own expression."""
    walk.scan(node.input_scan)
    for group in node.analytic_function_group_list:
        window(walk, group)
    for number in ("match_number_column", "match_row_number_column", "classifier_column"):
        if node.HasField(number):
            walk.columns[getattr(node, number).column_id] = NOTHING
    matched: Mask = 0
    for definition in node.pattern_variable_definition_list:
        matched |= walk.flat(definition.predicate)
    walk.mark("predicate", matched)
    for group in node.measure_group_list:
        for wrapped in group.aggregate_list:
            aggregation = tree.unwrap(wrapped)
            walk.columns[aggregation.column.column_id] = walk.computed(aggregation)


def _relation_argument(walk: Walk, node: Any) -> None:
    """A table argument, in the body of a table function."""
    relation = walk.arguments.get(node.name.lower())
    for column in columns(node):
        known = relation.get(column.name.lower()) if isinstance(relation, Mapping) else None
        walk.columns[column.column_id] = Taint(walk.everything()) if known is None else known


def _through(walk: Walk, node: Any) -> None:
    walk.scan(node.input_scan)


SCANS: Mapping[str, Callable[[Walk, Any], None]] = {
    "AggregateScan": _aggregate,
    "AggregationThresholdAggregateScan": _private_aggregate,
    "AnalyticScan": _analytic,
    "AnonymizedAggregateScan": _private_aggregate,
    "ArrayScan": _array,
    "AssertScan": _assert,
    "BarrierScan": _through,
    "DifferentialPrivacyAggregateScan": _private_aggregate,
    "FilterScan": _filter,
    "GroupRowsScan": _group_rows,
    "JoinScan": _join,
    "LimitOffsetScan": _limit,
    "MatchRecognizeScan": _match_recognize,
    "OrderByScan": _order_by,
    "PivotScan": _pivot,
    "ProjectScan": _project,
    "RecursiveRefScan": _recursive_reference,
    "RecursiveScan": _recursive,
    "RelationArgumentScan": _relation_argument,
    "SampleScan": _sample,
    "SetOperationScan": _set_operation,
    "SingleRowScan": _single_row,
    "TVFScan": table_functions.walk_call,
    "TableScan": table_scans.walk_table,
    "UnpivotScan": _unpivot,
    "WithRefScan": _with_reference,
    "WithScan": _with,
}
