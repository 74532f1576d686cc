"""JOIN and UNNEST."""

from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.googlesql.types import INT64
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import case, string
from gatebook.sandbox.translate.translator import Node, NodeSql, Translator, select
from gatebook.sandbox.translate.types import failure
from gatebook.sandbox.translate.values import literal_value

_JOINS = ("INNER", "LEFT", "RIGHT", "FULL")


def _join(translator: Translator, node: Node) -> str:
    condition = translator.expression(node.join_expr) if node.HasField("join_expr") else "TRUE"
    lateral = "LATERAL " if node.is_lateral else ""
    return (
        f"SELECT {select(translator.columns(node))} FROM ({translator.scan(node.left_scan)}) _l"
        f" {_JOINS[node.join_type]} JOIN {lateral}({translator.scan(node.right_scan)}) _r ON {condition}"
    )


def _array(translator: Translator, node: Node) -> str:
    """UNNEST of one or more arrays, of each row of the input when there is one."""
    arrays = [translator.expression(array) for array in node.array_expr_list]
    names = [translator.column(column) for column in node.element_column_list]
    columns = select(translator.columns(node))
    if len(arrays) == 1 and not node.HasField("join_expr") and node.HasField("input_scan"):
        elements = _expanded(translator, node, arrays, names, outer=node.is_outer)
        return f"SELECT {columns} FROM (SELECT *, {elements} FROM ({translator.scan(node.input_scan)}) _i) _t"
    rows = f"SELECT {_expanded(translator, node, arrays, names, outer=False)}"
    if not node.HasField("input_scan"):
        return f"SELECT {columns} FROM ({rows}) _t"
    condition = translator.expression(node.join_expr) if node.HasField("join_expr") else "TRUE"
    join = "LEFT JOIN" if node.is_outer else "JOIN"
    return f"SELECT {columns} FROM ({translator.scan(node.input_scan)}) _l {join} LATERAL ({rows}) _r ON {condition}"


def numbered_elements(translator: Translator, node: Node, offset: str) -> str:
    """The elements of one array, with their position in a column of the given name."""
    array = translator.expression(node.array_expr_list[0])
    shown = (
        f"unnest({array}) AS {translator.column(node.element_column_list[0])}, unnest(range(len({array}))) AS {offset}"
    )
    if not node.HasField("array_offset_column"):
        return f"SELECT {shown}"
    return f"SELECT *, {offset} AS {translator.column(node.array_offset_column.column)} FROM (SELECT {shown}) _t"


def _expanded(translator: Translator, node: Node, arrays: list[str], names: list[str], *, outer: bool) -> str:
    """`unnest` calls side by side: DuckDB pads the shorter ones with NULL, as mode PAD asks."""
    length = f"len({arrays[0]})" if len(arrays) == 1 else _zipped_length(node, arrays)
    arrays = [f"{array}[:{length}]" for array in arrays] if len(arrays) > 1 else arrays
    if outer:
        arrays = [f"CASE WHEN len({array}) > 0 THEN {array} ELSE [NULL] END" for array in arrays]
    parts = [f"unnest({array}) AS {name}" for array, name in zip(arrays, names, strict=True)]
    if node.HasField("array_offset_column"):
        offsets = f"range({length})"
        if outer:
            offsets = f"CASE WHEN {length} > 0 THEN {offsets} ELSE [NULL] END"
        parts.append(f"unnest({offsets}) AS {translator.column(node.array_offset_column.column)}")
    return ", ".join(parts)


def _zipped_length(node: Node, arrays: list[str]) -> str:
    mode = "PAD"
    if node.HasField("array_zip_mode"):
        mode = literal_value(tree.unwrap(node.array_zip_mode)) or ""
    lengths = ", ".join(f"coalesce(len({array}), 0)" for array in arrays)
    if mode == "PAD":
        return f"greatest({lengths})"
    if mode == "TRUNCATE":
        return f"least({lengths})"
    if mode == "STRICT":
        unequal = "Unnested arrays under STRICT mode must have equal lengths"
        equal = (f"greatest({lengths}) = least({lengths})", f"least({lengths})")
        return case(equal, otherwise=failure(string(unequal), INT64))
    raise Unmapped("UNNEST with a computed mode")


SCANS: Mapping[str, NodeSql] = {"JoinScan": _join, "ArrayScan": _array}
