"""Tables as one statement sees them: a schema for the analyzer, and DuckDB text to read the rows from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa

from gatebook.googlesql.catalog import Column, Table
from gatebook.googlesql.types import SqlType, StructField
from gatebook.sandbox.translate import Translation, duckdb_type
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.state import schema
from gatebook.sandbox.warehouse.state.physical import PARTITION_TIME, quoted
from gatebook.sandbox.warehouse.state.policies import check_readable
from gatebook.sandbox.warehouse.state.sizes import ColumnSizes
from gatebook.sandbox.warehouse.state.store import Entry

_DATE: Final = "_PARTITIONDATE"


@dataclass(frozen=True, slots=True)
class Relation:
    """A table, view, wildcard table, result or INFORMATION_SCHEMA view.

    source: what stands after FROM. bytes_of: what BigQuery would count for reading some columns. names:
    the tables that reading it refers to. target: the DuckDB table that can be written to, None for what
    cannot.
    """

    schema: Table
    source: Callable[[], str]
    bytes_of: Callable[[Sequence[str]], int]
    names: tuple[TableName, ...] = ()
    target: str | None = None
    entry: Entry | None = None


def columns_for_analyzer(entry: Entry) -> tuple[Column, ...]:
    """A table's columns, pseudo columns last."""
    visible = (Column(field.name, field.type) for field in schema.columns_of(entry.resource))
    pseudo = (Column(field.name, field.type, pseudo=True) for field in schema.pseudo_columns_of(entry.resource))
    return (*visible, *pseudo)


def base_table(
    cursor: duckdb.DuckDBPyConnection, sizes: ColumnSizes, path: Sequence[str], name: TableName, entry: Entry
) -> Relation:
    """A table with rows of its own. path: how the analyzer is to know it."""
    return Relation(
        schema=Table(tuple(path), columns_for_analyzer(entry)),
        source=lambda: _readable(entry),
        bytes_of=lambda columns: sizes.of(cursor, entry, columns),
        names=(name,),
        target=entry.physical,
        entry=entry,
    )


def _readable(entry: Entry) -> str:
    check_readable(entry.resource)
    if not schema.is_ingestion_partitioned(entry.resource):
        return str(entry.physical)
    return f"(SELECT *, CAST({quoted(PARTITION_TIME)} AS DATE) AS {quoted(_DATE)} FROM {entry.physical})"


def wildcard(
    cursor: duckdb.DuckDBPyConnection,
    sizes: ColumnSizes,
    pattern: TableName,
    members: Sequence[tuple[TableName, Entry]],
) -> Relation:
    """`prefix*`: the tables whose names start with the prefix, with the schema of the newest of them.

    https://cloud.google.com/bigquery/docs/querying-wildcard-tables
    """
    newest = max((entry for _, entry in members), key=lambda entry: int(entry.resource["creationTime"]))
    columns = columns_for_analyzer(newest)
    suffix = Column(schema.TABLE_SUFFIX.name, schema.TABLE_SUFFIX.type, pseudo=True)
    prefix = pattern.table.rstrip("*")
    return Relation(
        schema=Table((pattern.project, pattern.dataset, pattern.table), (*columns, suffix)),
        source=lambda: _union(columns, members, prefix),
        bytes_of=lambda wanted: sum(sizes.of(cursor, entry, _held(entry, wanted)) for _, entry in members),
        names=tuple(name for name, _ in members),
    )


def _held(entry: Entry, wanted: Sequence[str]) -> list[str]:
    held = {column.name.lower() for column in schema.columns_of(entry.resource)}
    return [name for name in wanted if name.lower() in held]


def _union(columns: Sequence[Column], members: Sequence[tuple[TableName, Entry]], prefix: str) -> str:
    parts = []
    for name, entry in members:
        suffix = name.table[len(prefix) :].replace("'", "''")
        values = [*(_member_column(column, entry) for column in columns), f"'{suffix}' AS {_SUFFIX}"]
        parts.append(f"SELECT {', '.join(values)} FROM {_readable(entry)}")
    return f"({' UNION ALL '.join(parts)})"


_SUFFIX: Final = quoted(schema.TABLE_SUFFIX.name)


def _member_column(column: Column, entry: Entry) -> str:
    held = {
        field.name.lower() for field in (*schema.columns_of(entry.resource), *schema.pseudo_columns_of(entry.resource))
    }
    value = quoted(column.name) if column.name.lower() in held else "NULL"
    return f"CAST({value} AS {duckdb_type(column.type)}) AS {quoted(column.name)}"


def arrow_rows(
    cursor: duckdb.DuckDBPyConnection,
    path: Sequence[str],
    fields: Sequence[StructField],
    rows: Callable[[], pa.Table],
    names: tuple[TableName, ...] = (),
) -> Relation:
    """Rows that are not in the database: an anonymous result or an INFORMATION_SCHEMA view."""

    def source() -> str:
        table = rows()
        registered = f"arrow_{id(table):x}"
        cursor.register(registered, table)
        casts = (f"CAST({quoted(f.name)} AS {duckdb_type(f.type)}) AS {quoted(f.name)}" for f in fields)
        return f"(SELECT {', '.join(casts)} FROM {quoted(registered)})"

    columns = tuple(Column(field.name, field.type) for field in fields)
    return Relation(Table(tuple(path), columns), source, lambda _columns: 0, names)


def view_columns(entry: Entry, output: Sequence[tuple[str, SqlType]]) -> list[tuple[str, SqlType]]:
    """A view's columns: its query's output, under the names of CREATE VIEW's column list if it had one."""
    stated = [field.name for field in schema.columns_of(entry.resource)]
    names = stated if len(stated) == len(output) else [name for name, _ in output]
    return [(name, sql_type) for name, (_, sql_type) in zip(names, output, strict=True)]


def positions(columns: Sequence[tuple[str, SqlType]], names: Sequence[str]) -> list[int]:
    """Where the named columns stand."""
    return [position for position, (name, _) in enumerate(columns) if name in names]


def view_source(query: Translation, columns: Sequence[tuple[str, SqlType]]) -> str:
    """A view's translated query as what stands after FROM."""
    names = ", ".join(quoted(name) for name, _ in columns)
    return f"(SELECT * FROM ({query.sql}) AS _view({names}))"


def view_schema(path: Sequence[str], columns: Sequence[tuple[str, SqlType]]) -> Table:
    """A view, as its query's output."""
    return Table(tuple(path), tuple(Column(name, sql_type) for name, sql_type in columns))
