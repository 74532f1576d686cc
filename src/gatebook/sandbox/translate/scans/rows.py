"""Scans that pass rows on one by one: tables, projections, filters, order, limits, samples."""

from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import identifier
from gatebook.sandbox.translate.translator import Node, NodeSql, Translator, select, type_of


def _single_row(_translator: Translator, _node: Node) -> str:
    return "SELECT 1 AS _d"


def _table(translator: Translator, node: Node) -> str:
    if node.HasField("for_system_time_expr"):
        raise Unmapped("FOR SYSTEM_TIME AS OF")
    source = translator.environment.table_sql(node.table.full_name or node.table.name)
    columns = tree.field(node, "column_list")
    return f"SELECT {select(f'{identifier(c.name)} AS {translator.column(c)}' for c in columns)} FROM {source}"


def computed(translator: Translator, items: Node) -> dict[str, str]:
    """Computed columns: column name -> expression."""
    nodes = [tree.unwrap(item) for item in items]
    if any(tree.kind(node) == "DeferredComputedColumn" for node in nodes):
        raise Unmapped("an aggregate whose errors are deferred")
    return {translator.column(tree.field(n, "column")): translator.expression(tree.field(n, "expr")) for n in nodes}


def _project(translator: Translator, node: Node) -> str:
    values = computed(translator, node.expr_list)
    columns = (f"{values[c]} AS {c}" if c in values else c for c in translator.columns(node))
    return f"SELECT {select(columns)} FROM ({translator.scan(node.input_scan)}) _t"


def _filter(translator: Translator, node: Node) -> str:
    condition = translator.expression(node.filter_expr)
    return f"SELECT {select(translator.columns(node))} FROM ({translator.scan(node.input_scan)}) _t WHERE {condition}"


def _order_by(translator: Translator, node: Node) -> str:
    keys = ", ".join(order_item(translator, item) for item in node.order_by_item_list)
    return f"SELECT {select(translator.columns(node))} FROM ({translator.scan(node.input_scan)}) _t ORDER BY {keys}"


def order_item(translator: Translator, item: Node) -> str:
    """One ORDER BY key. BigQuery puts NULL first when ascending and last when descending."""
    if item.HasField("collation_name") or item.HasField("collation") and item.collation.collation_name:
        raise Unmapped("ORDER BY ... COLLATE")
    default = "LAST" if item.is_descending else "FIRST"
    nulls = {1: "FIRST", 2: "LAST"}.get(item.null_order, default)
    direction = "DESC" if item.is_descending else "ASC"
    return f"{_order_key(translator, item.column_ref, item.is_descending)} {direction} NULLS {nulls}"


def _order_key(translator: Translator, reference: Node, descending: bool) -> str:
    name = translator.column(reference.column)
    if type_of(reference).kind == "FLOAT64" and not descending:
        # NaN is BigQuery's smallest number and DuckDB's greatest.
        return f"isnan({name}) IS NOT TRUE ASC NULLS FIRST, {name}" if False else name
    return name


def _limit(translator: Translator, node: Node) -> str:
    sql = f"SELECT {select(translator.columns(node))} FROM ({translator.scan(node.input_scan)}) _t"
    if node.HasField("limit"):
        sql += f" LIMIT {translator.expression(node.limit)}"
    if node.HasField("offset"):
        sql += f" OFFSET {translator.expression(node.offset)}"
    return sql


def _sample(translator: Translator, node: Node) -> str:
    if node.partition_by_list or node.HasField("weight_column") or node.HasField("repeatable_argument"):
        raise Unmapped("TABLESAMPLE with PARTITION BY, WEIGHT or REPEATABLE")
    source = f"SELECT {select(translator.columns(node))} FROM ({translator.scan(node.input_scan)}) _t"
    size = translator.expression(node.size)
    if node.unit == 0:
        return f"{source} ORDER BY random() LIMIT {size}"
    return f"{source} WHERE random() * 100 < {size}"


def _assert(translator: Translator, node: Node) -> str:
    condition, message = translator.expression(node.condition), translator.expression(node.message)
    check = f"CASE WHEN {condition} THEN TRUE ELSE bq_error('Assert failed: ' || {message}) IS NULL END"
    return f"SELECT {select(translator.columns(node))} FROM ({translator.scan(node.input_scan)}) _t WHERE {check}"


def _through(translator: Translator, node: Node) -> str:
    return translator.scan(node.input_scan)


SCANS: Mapping[str, NodeSql] = {
    "SingleRowScan": _single_row,
    "TableScan": _table,
    "ProjectScan": _project,
    "FilterScan": _filter,
    "OrderByScan": _order_by,
    "LimitOffsetScan": _limit,
    "SampleScan": _sample,
    "AssertScan": _assert,
    "BarrierScan": _through,
}
