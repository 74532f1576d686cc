"""Rows with the keys they are ordered by, for ARRAY(SELECT ...).

DuckDB turns a correlated subquery into a grouped aggregate, which forgets the order of its input;
`list(x ORDER BY key)` does not. The elements of an array keep their order too, as everybody expects who writes
ARRAY(SELECT ... FROM UNNEST(a)).
"""

from __future__ import annotations

from dataclasses import dataclass

from gatebook.googlesql import tree
from gatebook.sandbox.translate.scans.joins import numbered_elements
from gatebook.sandbox.translate.scans.rows import filtered, limited, order_key, projected
from gatebook.sandbox.translate.translator import Node, Translator, select


@dataclass(frozen=True, slots=True)
class OrderedRows:
    """A SELECT, the columns it shows besides its own, and ORDER BY keys over them."""

    sql: str
    columns: tuple[str, ...]
    keys: tuple[str, ...]


def ordered_rows(translator: Translator, scan: Node) -> OrderedRows:
    """A scan with its order, if it has one."""
    node = tree.unwrap(scan)
    match tree.kind(node):
        case "OrderByScan":
            return _ordered(translator, node)
        case "ArrayScan" if not node.HasField("input_scan") and len(node.array_expr_list) == 1:
            offset = translator.fresh("o")
            return OrderedRows(numbered_elements(translator, node, offset), (offset,), (offset,))
        case "ProjectScan":
            rows = ordered_rows(translator, node.input_scan)
            return OrderedRows(projected(translator, node, rows.sql, rows.columns), rows.columns, rows.keys)
        case "FilterScan":
            rows = ordered_rows(translator, node.input_scan)
            return OrderedRows(filtered(translator, node, rows.sql, rows.columns), rows.columns, rows.keys)
        case "LimitOffsetScan":
            rows = ordered_rows(translator, node.input_scan)
            limit = limited(translator, node, rows.sql, rows.columns, rows.keys)
            return OrderedRows(limit, rows.columns, rows.keys)
    return OrderedRows(translator.scan(node), (), ())


def _ordered(translator: Translator, node: Node) -> OrderedRows:
    keys = tuple(order_key(translator, item) for item in node.order_by_item_list)
    columns = tuple(translator.column(item.column_ref.column) for item in node.order_by_item_list)
    shown = select((*translator.columns(node), *columns))
    return OrderedRows(f"SELECT {shown} FROM ({translator.scan(node.input_scan)}) _t", columns, keys)
