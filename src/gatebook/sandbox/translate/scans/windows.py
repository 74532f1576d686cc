"""Window functions: named windows are already resolved into groups of the same partition and order."""

from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.sandbox.translate.aggregation import Aggregation, aggregate_sql
from gatebook.sandbox.translate.calls import function_name
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.scans.rows import order_key
from gatebook.sandbox.translate.translator import AggregateSql, Node, NodeSql, Translator, select

_UNFRAMED = frozenset(["row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead"])
_UNORDERED = frozenset(["percentile_cont", "percentile_disc"])
_BOUNDS = {0: "UNBOUNDED PRECEDING", 2: "CURRENT ROW", 4: "UNBOUNDED FOLLOWING"}


def _analytic(translator: Translator, node: Node) -> str:
    aggregation = Aggregation(translator)
    shown: dict[str, str] = {}
    functions: dict[str, AggregateSql] = {**translator.tables.aggregates, **translator.tables.windows}
    for group in node.function_group_list:
        for item in map(tree.unwrap, group.analytic_function_list):
            call = tree.unwrap(tree.field(item, "expr"))
            over = f" OVER ({_window(translator, group, call)})"
            column = translator.column(tree.field(item, "column"))
            shown[column] = aggregate_sql(aggregation, functions, call, over=over)
    inner = f"SELECT {select(['*', *aggregation.columns()])} FROM ({translator.scan(node.input_scan)}) _t"
    columns = (f"{shown[column]} AS {column}" if column in shown else column for column in translator.columns(node))
    return f"SELECT {select(columns)} FROM ({inner}) _w"


def _window(translator: Translator, group: Node, call: Node) -> str:
    parts = []
    if group.HasField("partition_by"):
        references = group.partition_by.partition_by_list
        parts.append(f"PARTITION BY {', '.join(translator.column(reference.column) for reference in references)}")
    name = function_name(call)
    if group.HasField("order_by") and name not in _UNORDERED:
        ranged = call.HasField("window_frame") and call.window_frame.frame_unit != 0 and _has_offset(call.window_frame)
        keys = (order_key(translator, item, single=ranged) for item in group.order_by.order_by_item_list)
        parts.append(f"ORDER BY {', '.join(keys)}")
    if call.HasField("window_frame") and name not in _UNFRAMED | _UNORDERED:
        parts.append(_frame(translator, call.window_frame))
    return " ".join(parts)


def _has_offset(frame: Node) -> bool:
    return any(bound.boundary_type not in _BOUNDS for bound in (frame.start_expr, frame.end_expr))


def _frame(translator: Translator, frame: Node) -> str:
    unit = "ROWS" if frame.frame_unit == 0 else "RANGE"
    return f"{unit} BETWEEN {_bound(translator, frame.start_expr)} AND {_bound(translator, frame.end_expr)}"


def _bound(translator: Translator, bound: Node) -> str:
    fixed = _BOUNDS.get(bound.boundary_type)
    if fixed:
        return fixed
    if not bound.HasField("expression"):
        raise Unmapped("a window frame without bound")
    return f"{translator.expression(bound.expression)} {'PRECEDING' if bound.boundary_type == 1 else 'FOLLOWING'}"


SCANS: Mapping[str, NodeSql] = {"AnalyticScan": _analytic}
