"""One resolved statement becomes a Statement: its type, what it reads and writes, and what is opaque in it."""

from collections.abc import Iterable
from typing import Any

from gatebook.core.analysis.columns import columns_read, columns_written
from gatebook.core.analysis.footprint import EVERYTHING, Opaque, Resource, ResourceKind, Statement, TableRef
from gatebook.core.analysis.statement_types import STATEMENT_TYPES
from gatebook.googlesql import tree
from gatebook.googlesql.paths import qualify

_TARGET_SCAN_KINDS = frozenset({"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt", "TruncateStmt"})
_TABLE_OBJECTS = frozenset({"TABLE", "VIEW", "MATERIALIZED VIEW", "EXTERNAL TABLE", "SNAPSHOT TABLE"})
# Statements whose name_path names a table or view that they make, change or drop.
_NAMED_TABLE_KINDS = frozenset(
    {
        "AlterMaterializedViewStmt",
        "AlterTableSetOptionsStmt",
        "AlterTableStmt",
        "AlterViewStmt",
        "CreateExternalTableStmt",
        "CreateMaterializedViewStmt",
        "CreateSnapshotTableStmt",
        "CreateTableAsSelectStmt",
        "CreateTableStmt",
        "CreateViewStmt",
        "DropMaterializedViewStmt",
        "DropSnapshotTableStmt",
        "AuxLoadDataStmt",
    }
)
# Statements that change or make what all tables of a dataset are in.
_NAMED_SCHEMA_KINDS = frozenset({"AlterSchemaStmt", "CreateSchemaStmt", "UndropStmt"})
# Fields of a statement whose scan stands for the whole table.
_COPIED = ("clone_from", "copy_from", "replica_source")
# Where a statement or a function reaches beyond what the analyzer can see.
_OPAQUE_FUNCTIONS = {
    "external_query": "EXTERNAL_QUERY runs SQL in another database",
    "appends": "APPENDS reads the history of a table that is named in its argument",
    "changes": "CHANGES reads the history of a table that is named in its argument",
}


class Names:
    """Completes paths as written in SQL with the default project and dataset."""

    def __init__(self, project: str, dataset: str | None) -> None:
        self.project = project
        self._dataset = dataset

    def table(self, full_name_or_path: str | Iterable[str]) -> TableRef | None:
        """Give the table of a path; None for a one-part name without a default dataset: a temporary table.

        An INFORMATION_SCHEMA view has `dataset` "shop.INFORMATION_SCHEMA", "region-us.INFORMATION_SCHEMA" or, of a
        whole project, "INFORMATION_SCHEMA".
        """
        path = full_name_or_path.split(".") if isinstance(full_name_or_path, str) else list(full_name_or_path)
        parts = tuple(part for name in path for part in name.split("."))
        if len(parts) == 1 and self._dataset is None:
            return None
        whole = qualify(parts, self.project, self._dataset)
        return TableRef(whole[0], ".".join(whole[1:-1]), whole[-1])


def read_statement(kind: str, statement: Any, names: Names, temporary: frozenset[str] = frozenset()) -> Statement:
    """Read one resolved statement; `temporary` names tables of the same script that live in no dataset."""
    written = _tables_written(statement, names, temporary)
    scanned = {scan.table.full_name for scan in _source_scans(statement)}
    return Statement(
        type=kind,
        tables_read=_tables(scanned, names, temporary),
        tables_written=written,
        columns_read=_columns({*columns_read(statement), *_copied(statement)}, names, temporary),
        columns_written=_columns(columns_written(statement), names, temporary),
        resources_read=_routines(statement),
        opaque=(*_opaque_type(kind), *_opaque(statement)),
    )


def read_expression(expression: Any, names: Names, temporary: frozenset[str] = frozenset()) -> Statement:
    """Read a condition or value of a script; the type is SELECT, for it can hold subqueries."""
    return read_statement("SELECT", expression, names, temporary)


def _source_scans(statement: Any) -> Iterable[Any]:
    """Every table scan that reads. The target of a write counts as read when its columns are looked at."""
    target = tree.present(statement, "table_scan") if tree.kind(statement) in _TARGET_SCAN_KINDS else None
    read_names = {table for table, _ in columns_read(statement)}
    for scan in tree.table_scans(statement):
        if scan != target or scan.table.full_name in read_names:
            yield scan


def _tables_written(statement: Any, names: Names, temporary: frozenset[str]) -> tuple[TableRef, ...]:
    kind = tree.kind(statement)
    if kind in _TARGET_SCAN_KINDS:
        return _tables([target.table.full_name for target in (tree.field(statement, "table_scan"),)], names, temporary)
    drops_table = kind == "DropStmt" and statement.object_type.upper() in _TABLE_OBJECTS
    if kind in _NAMED_TABLE_KINDS or drops_table:
        return _tables([".".join(tree.field(statement, "name_path"))], names, temporary)
    if kind in _NAMED_SCHEMA_KINDS or (kind == "DropStmt" and statement.object_type.upper() == "SCHEMA"):
        return _tables([".".join((*tree.field(statement, "name_path"), EVERYTHING))], names, temporary)
    return ()


def _copied(statement: Any) -> Iterable[tuple[str, str]]:
    whole = (scan for name, scan in tree.children(statement) if name in _COPIED)
    yield from ((scan.table.full_name, EVERYTHING) for scan in whole)


def _tables(full_names: Iterable[str], names: Names, temporary: frozenset[str]) -> tuple[TableRef, ...]:
    kept = (names.table(name) for name in full_names if name.lower() not in temporary)
    return tuple(sorted({table for table in kept if table is not None}))


def _columns(
    pairs: Iterable[tuple[str, str]], names: Names, temporary: frozenset[str]
) -> tuple[tuple[TableRef, str], ...]:
    found = ((names.table(table), path) for table, path in pairs if table.lower() not in temporary)
    return tuple(sorted((table, path) for table, path in found if table is not None))


def _functions(statement: Any) -> Iterable[str]:
    for node in tree.walk_kinds(statement, "FunctionCall", "AggregateFunctionCall", "AnalyticFunctionCall"):
        yield tree.field(node, "function").name
    for node in tree.walk_kinds(statement, "TVFScan"):
        yield node.tvf.name


def _routines(statement: Any) -> tuple[Resource, ...]:
    """Names of functions that are not the analyzer's own: those carry its group before a colon."""
    own = "ZetaSQL:"
    names = {name.partition(":")[2] or name for name in _functions(statement) if not name.startswith(own)}
    return tuple(Resource(ResourceKind.ROUTINE, name) for name in sorted(names))


def _opaque_type(kind: str) -> Iterable[Opaque]:
    if kind not in STATEMENT_TYPES:
        yield Opaque("statement_type", f"{kind} is not a statement that Gatebook knows of BigQuery.")


def _opaque(statement: Any) -> Iterable[Opaque]:
    for name in _functions(statement):
        plain = name.rpartition(":")[2].rpartition(".")[2].lower()
        if plain in _OPAQUE_FUNCTIONS:
            yield Opaque(plain, f"{_OPAQUE_FUNCTIONS[plain]}. Read the table by its name instead.")
