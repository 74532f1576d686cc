"""Scans that pass rows on one by one: tables, projections, filters, order, limits, samples."""

from collections.abc import Iterable, Mapping

from gatebook.googlesql import tree
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import identifier
from gatebook.sandbox.translate.translator import Node, NodeSql, Translator, select, type_of
from gatebook.sandbox.translate.types import range_order

_NULLS = {1: "FIRST", 2: "LAST"}


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
    return projected(translator, node, translator.scan(node.input_scan))


def projected(translator: Translator, node: Node, source: str, kept: Iterable[str] = ()) -> str:
    """A projection of rows; `kept` are columns of the source to show besides."""
    values = computed(translator, node.expr_list)
    columns = (f"{values[c]} AS {c}" if c in values else c for c in translator.columns(node))
    return f"SELECT {select((*columns, *kept))} FROM ({source}) _t"


def _filter(translator: Translator, node: Node) -> str:
    return filtered(translator, node, translator.scan(node.input_scan))


def filtered(translator: Translator, node: Node, source: str, kept: Iterable[str] = ()) -> str:
    """The rows of a source that a filter lets through."""
    condition = translator.expression(node.filter_expr)
    return f"SELECT {select((*translator.columns(node), *kept))} FROM ({source}) _t WHERE {condition}"


def _order_by(translator: Translator, node: Node) -> str:
    keys = ", ".join(order_key(translator, item) for item in node.order_by_item_list)
    return f"SELECT {select(translator.columns(node))} FROM ({translator.scan(node.input_scan)}) _t ORDER BY {keys}"


def order_key(translator: Translator, item: Node, *, single: bool = False) -> str:
    """One ORDER BY key. BigQuery puts NULL first when ascending and last when descending.

    `single` gives one expression even where NaN would need two, for windows that add to their key.
    """
    if item.HasField("collation_name") or (item.HasField("collation") and item.collation.collation_name):
        raise Unmapped("ORDER BY ... COLLATE")
    column, sql_type = translator.column(item.column_ref.column), type_of(item.column_ref)
    nulls = _NULLS.get(item.null_order, "LAST" if item.is_descending else "FIRST")
    direction, opposite = ("DESC", "ASC") if item.is_descending else ("ASC", "DESC")
    if sql_type.kind == "FLOAT64" and not single:  # NaN is BigQuery's smallest number and DuckDB's greatest
        return f"isnan({column}) {opposite} NULLS {nulls}, {column} {direction} NULLS {nulls}"
    if sql_type.kind == "RANGE":
        return f"{range_order(column, sql_type)} {direction} NULLS {nulls}"
    if sql_type.kind in ("ARRAY", "STRUCT", "JSON", "GEOGRAPHY"):
        raise Unmapped(f"ORDER BY {sql_type.kind}")
    return f"{column} {direction} NULLS {nulls}"


def _limit(translator: Translator, node: Node) -> str:
    return limited(translator, node, translator.scan(node.input_scan))


def limited(translator: Translator, node: Node, source: str, kept: Iterable[str] = (), keys: Iterable[str] = ()) -> str:
    """The first rows of a source, by `keys` when it is not in order already."""
    order = f" ORDER BY {', '.join(keys)}" if keys else ""
    sql = f"SELECT {select((*translator.columns(node), *kept))} FROM ({source}) _t{order}"
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
