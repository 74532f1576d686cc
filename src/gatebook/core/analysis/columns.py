"""Which columns a resolved statement reads, down to nested fields.

A column counts as read when anything beyond a scan's own column list refers to it: an expression, an output, a key of a
join or a group. `SELECT id FROM (SELECT * FROM t)` reads `id`. What passes through a WITH clause counts as read, and so
does what a subquery in an expression gives to the expression: it is in no list but the subquery's own.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from gatebook.googlesql import tree

# Correlated columns are named again where a subquery uses them; targets of writes are not reads.
_NOT_READS = {
    ("SubqueryExpr", "parameter_list"),
    ("InsertStmt", "insert_column_list"),
    ("MergeWhen", "insert_column_list"),
    ("UpdateItem", "target"),
}

# Nodes that use everything that the scan in this field gives.
_OUTPUTS = {"WithEntry": "with_subquery", "SubqueryExpr": "subquery"}


class Path(NamedTuple):
    """A column of a scan by its column id, and the nested fields below it."""

    column_id: int
    fields: tuple[str, ...]


def columns_read(root: Any) -> frozenset[tuple[str, str]]:
    """Give (full table name, dotted column path) of every column that the statement or expression reads."""
    uses = _Uses()
    uses.read(root)
    return frozenset(_without_redundant(_named(root, uses.paths())))


def columns_written(statement: Any) -> frozenset[tuple[str, str]]:
    """Give (full table name, dotted column path) of every column that INSERT, UPDATE or MERGE names as its target."""
    paths = {
        path
        for item in tree.walk_kinds(statement, "UpdateItem")
        if (path := _path_of(tree.unwrap(item.target))) is not None
    }
    for holder in tree.walk_kinds(statement, "InsertStmt", "MergeWhen"):
        paths.update(Path(column.column_id, ()) for column in tree.field(holder, "insert_column_list"))
    return frozenset(_named(statement, paths))


def _named(root: Any, paths: Iterable[Path]) -> set[tuple[str, str]]:
    sources = _scanned_columns(root)
    named = set()
    for column_id, fields in paths:
        if column_id in sources:
            table, column = sources[column_id]
            named.add((table, ".".join((column, *fields))))
    return named


def _scanned_columns(statement: Any) -> dict[int, tuple[str, str]]:
    return {
        column.column_id: (scan.table.full_name, column.name)
        for scan in tree.table_scans(statement)
        for column in tree.field(scan, "column_list")
    }


def _without_redundant(found: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Leave out `address.zip` where the whole of `address` is read too."""
    for table, path in found:
        parts = path.split(".")
        if not any((table, ".".join(parts[:depth])) in found for depth in range(1, len(parts))):
            yield table, path


class _Uses:
    """Collects the uses of columns; elements of an unnested array are read as fields of the array."""

    def __init__(self) -> None:
        self._used: set[Path] = set()
        self._elements: dict[int, Path] = {}

    def read(self, statement: Any) -> None:
        stack = [("", "", tree.unwrap(statement))]
        while stack:
            holder, name, node = stack.pop()
            if node is None:
                continue
            kind = tree.kind(node)
            path = _path_of(node) if kind in ("ColumnRef", "GetStructField") else None
            if path is not None:
                self._used.add(path)
                continue
            if kind == "Column" and (name != "column_list" or not holder.endswith("Scan")):
                self._used.add(Path(node.column_id, ()))
                continue
            if kind in _OUTPUTS:
                self._use_whole_output(node)
            skipped = self._unnest(node) if kind == "ArrayScan" else frozenset()
            stack.extend(
                (kind, field, child)
                for field, child in tree.children(node)
                if field not in skipped and (kind, field) not in _NOT_READS
            )

    def paths(self) -> Iterator[Path]:
        """Every used path, led back from unnested elements to the column that holds them."""
        used_elements = {path.column_id for path in self._used}
        unread = {Path(element, ()) for element in self._elements if element not in used_elements}
        for column_id, fields in self._used | unread:
            root, below = column_id, fields
            while root in self._elements:
                root, above = self._elements[root]
                below = above + below
            yield Path(root, below)

    def _use_whole_output(self, node: Any) -> None:
        if _tells_existence_only(node):
            return
        scan = tree.unwrap(tree.field(node, _OUTPUTS[tree.kind(node)]))
        for column in tree.field(scan, "column_list") or ():
            self._used.add(Path(column.column_id, ()))

    def _unnest(self, scan: Any) -> frozenset[str]:
        arrays = [_path_of(tree.unwrap(array)) for array in scan.array_expr_list]
        if None in arrays or len(arrays) != len(scan.element_column_list):
            return frozenset()
        for column, array in zip(scan.element_column_list, arrays, strict=True):
            if array is not None and array.column_id != column.column_id:
                self._elements[column.column_id] = array
        return frozenset({"array_expr_list", "element_column_list"})


def _tells_existence_only(node: Any) -> bool:
    if tree.kind(node) != "SubqueryExpr":
        return False
    names = node.DESCRIPTOR.fields_by_name["subquery_type"].enum_type.values_by_number
    return bool(names[node.subquery_type].name == "EXISTS")


def _path_of(node: Any) -> Path | None:
    """Read `column`, `column.field`, `column.field.field`; None for anything else."""
    fields: list[str] = []
    while node is not None and tree.kind(node) == "GetStructField":
        inner = tree.unwrap(node.expr)
        structure = tree.field(inner, "type").struct_type
        if not structure.field:
            return None
        fields.append(structure.field[node.field_idx].field_name)
        node = inner
    if node is None or tree.kind(node) != "ColumnRef":
        return None
    return Path(node.column.column_id, tuple(reversed(fields)))
