"""JOIN and UNNEST."""

from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.googlesql.types import INT64
from gatebook.sandbox.translate.calls import is_work
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
    columns = select(translator.columns(node))
    if len(node.array_expr_list) == 1 and not node.HasField("join_expr") and node.HasField("input_scan"):
        source = f" FROM ({translator.scan(node.input_scan)}) _i"
        return f"SELECT {columns} FROM ({_expanded(translator, node, source, outer=node.is_outer)}) _t"
    elements = _expanded(translator, node, "", outer=False)
    if not node.HasField("input_scan"):
        return f"SELECT {columns} FROM ({elements}) _t"
    condition = translator.expression(node.join_expr) if node.HasField("join_expr") else "TRUE"
    join = "LEFT JOIN" if node.is_outer else "JOIN"
    return (
        f"SELECT {columns} FROM ({translator.scan(node.input_scan)}) _l {join} LATERAL ({elements}) _r ON {condition}"
    )


def numbered_elements(translator: Translator, node: Node, position: str) -> str:
    """The elements of one array, with their position in a column of the given name."""
    rows = _expanded(translator, node, "", outer=False, position=position)
    if not node.HasField("array_offset_column"):
        return rows
    return f"SELECT *, {position} AS {translator.column(node.array_offset_column.column)} FROM ({rows}) _p"


def _expanded(translator: Translator, node: Node, source: str, *, outer: bool, position: str = "") -> str:
    """The rows of a source, if there is one, each with the elements of its arrays.

    `unnest` calls side by side: DuckDB pads the shorter ones with NULL, as mode PAD asks.
    """
    if node.HasField("array_offset_column"):
        position = position or translator.column(node.array_offset_column.column)
    arrays = [translator.expression(array) for array in node.array_expr_list]
    if position or outer or len(arrays) > 1:
        arrays, source = _bound(translator, node, arrays, source)
    length = f"len({arrays[0]})" if len(arrays) == 1 else _zipped_length(node, arrays)
    arrays = [f"{array}[:{length}]" for array in arrays] if len(arrays) > 1 else arrays
    if outer:
        arrays = [f"CASE WHEN len({array}) > 0 THEN {array} ELSE [NULL] END" for array in arrays]
    names = [translator.column(column) for column in node.element_column_list]
    parts = [f"unnest({array}) AS {name}" for array, name in zip(arrays, names, strict=True)]
    if position:
        positions = f"range({length})"
        if outer:
            positions = f"CASE WHEN {length} > 0 THEN {positions} ELSE [NULL] END"
        parts.append(f"unnest({positions}) AS {position}")
    return _beside(source, parts)


def _bound(translator: Translator, node: Node, arrays: list[str], source: str) -> tuple[list[str], str]:
    """Arrays that take work become columns of the source, to be computed once."""
    work = [is_work(tree.unwrap(array)) for array in node.array_expr_list]
    names = [translator.fresh("a") if is_bound else "" for is_bound in work]
    bound = [f"{array} AS {name}" for array, name in zip(arrays, names, strict=True) if name]
    if bound:
        source = f" FROM ({_beside(source, bound)}) _a"
    return [name or array for array, name in zip(arrays, names, strict=True)], source


def _beside(source: str, columns: list[str]) -> str:
    """Columns of a source with more beside them."""
    return f"SELECT {'*, ' if source else ''}{', '.join(columns)}{source}"


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
