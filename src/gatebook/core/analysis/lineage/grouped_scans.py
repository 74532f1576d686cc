"""Scans that put rows together: groups, windows, pivots, patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.lineage.calls import is_rank
from gatebook.core.analysis.lineage.taint import NOTHING, Mask, joined
from gatebook.googlesql import tree

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Walk


def walk_aggregate(walk: Walk, node: Any) -> None:
    """GROUP BY: its keys, and what is aggregated."""
    base = node.parent
    walk.scan(base.input_scan)
    for grouped in base.group_by_list:
        walk.mark("group", walk.computed(grouped).flat)
    for aggregation in base.aggregate_list:
        walk.computed(aggregation)
    for call in base.grouping_call_list:
        walk.columns[call.output_column.column_id] = NOTHING


def walk_private_aggregate(walk: Walk, node: Any) -> None:
    """Differential privacy and the like: thresholds and options decide over groups."""
    walk_aggregate(walk, node)
    for name in ("k_threshold_expr", "group_selection_threshold_expr"):
        expression = tree.present(node, name)
        if expression is not None:
            walk.mark("group", walk.flat(expression))
    for name in ("anonymization_option_list", "option_list"):
        for option in tree.field(node, name) or ():
            walk.mark("group", walk.flat(option.value))


def walk_analytic(walk: Walk, node: Any) -> None:
    """Functions with OVER."""
    walk.scan(node.input_scan)
    for group in node.function_group_list:
        walk_window(walk, group)


def walk_window(walk: Walk, group: Any) -> None:
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


def walk_pivot(walk: Walk, node: Any) -> None:
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


def walk_unpivot(walk: Walk, node: Any) -> None:
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


def walk_match_recognize(walk: Walk, node: Any) -> None:
    """Which rows match depends on DEFINE, as on a WHERE; what a measure gives on its own expression."""
    walk.scan(node.input_scan)
    for group in node.analytic_function_group_list:
        walk_window(walk, group)
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


def walk_group_rows(walk: Walk, node: Any) -> None:
    """The rows of a group, as a table."""
    for column in node.input_column_list:
        walk.computed(column)
