"""UNION, INTERSECT, EXCEPT, WITH and recursion."""

from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import identifier
from gatebook.sandbox.translate.translator import Node, NodeSql, Relation, Translator, select

_OPERATIONS = ("UNION ALL", "UNION", "INTERSECT ALL", "INTERSECT", "EXCEPT ALL", "EXCEPT")


def _set_operation(translator: Translator, node: Node) -> str:
    columns = translator.columns(node)
    if node.op_type == 0 and all(_is_one_row(item) for item in node.input_item_list):
        rows = ", ".join(f"({', '.join(_row(translator, item))})" for item in node.input_item_list)
        return f"SELECT {select(columns)} FROM (VALUES {rows}) _v({', '.join(columns)})"
    items = (f"({_item(translator, item, columns)})" for item in node.input_item_list)
    return f" {_OPERATIONS[node.op_type]} ".join(items)


def _is_one_row(item: Node) -> bool:
    """SELECT of expressions without FROM: several of them are VALUES, which DuckDB plans faster and keeps in order."""
    scan = tree.unwrap(item.scan)
    while tree.kind(scan) == "ProjectScan":
        scan = tree.unwrap(scan.input_scan)
    return bool(
        tree.kind(scan) == "SingleRowScan"
        and item.output_column_list
        and next(tree.walk_kinds(item.scan, "SubqueryExpr"), None) is None
    )


def _row(translator: Translator, item: Node) -> list[str]:
    projections, scan = [], tree.unwrap(item.scan)
    while tree.kind(scan) == "ProjectScan":
        projections.append(scan)
        scan = tree.unwrap(scan.input_scan)
    for projection in reversed(projections):
        for column in map(tree.unwrap, projection.expr_list):
            value = translator.expression(tree.field(column, "expr"))
            translator.replaced[tree.field(column, "column").column_id] = value
    return [translator.column(column) for column in item.output_column_list]


def _item(translator: Translator, item: Node, columns: list[str]) -> str:
    inner = [translator.column(column) for column in item.output_column_list]
    pairs = (f"{source} AS {target}" for source, target in zip(inner, columns, strict=True))
    return f"SELECT {select(pairs)} FROM ({translator.scan(item.scan)}) _t"


def _with(translator: Translator, node: Node) -> str:
    entries = [_entry(translator, entry) for entry in node.with_entry_list]
    query = translator.scan(node.query)
    return f"WITH {', '.join(entries)} SELECT {select(translator.columns(node.query))} FROM ({query}) _t"


def _entry(translator: Translator, entry: Node) -> str:
    name, scan = translator.prefix + entry.with_query_name, tree.unwrap(entry.with_subquery)
    columns = tuple(dict.fromkeys(translator.columns(scan)))
    translator.with_columns[entry.with_query_name] = tuple(translator.columns(scan))
    return f"{identifier(name)}({', '.join(columns) or '_d'}) AS ({translator.scan(scan)})"


def _with_ref(translator: Translator, node: Node) -> str:
    sources = translator.with_columns[node.with_query_name]
    pairs = (f"{source} AS {target}" for source, target in zip(sources, translator.columns(node), strict=True))
    return f"SELECT {select(pairs)} FROM {identifier(translator.prefix + node.with_query_name)}"


def _recursive(translator: Translator, node: Node) -> str:
    if node.HasField("recursion_depth_modifier"):
        raise Unmapped("WITH DEPTH")
    columns, name = translator.columns(node), translator.fresh("recursive")
    first = _item(translator, node.non_recursive_term, columns)
    translator.recursive.append(Relation(name, tuple(columns)))
    again = _item(translator, node.recursive_term, columns)
    translator.recursive.pop()
    rows = f"({first}) {_OPERATIONS[node.op_type]} ({again})"
    return f"WITH RECURSIVE {name}({', '.join(columns)}) AS ({rows}) SELECT {select(columns)} FROM {name}"


def _recursive_ref(translator: Translator, node: Node) -> str:
    relation = translator.recursive[-1]
    pairs = (f"{source} AS {target}" for source, target in zip(relation.columns, translator.columns(node), strict=True))
    return f"SELECT {select(pairs)} FROM {relation.sql}"


SCANS: Mapping[str, NodeSql] = {
    "SetOperationScan": _set_operation,
    "WithScan": _with,
    "WithRefScan": _with_ref,
    "RecursiveScan": _recursive,
    "RecursiveRefScan": _recursive_ref,
}
