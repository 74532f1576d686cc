"""Rows in and out of tables without SQL: what tabledata, load, copy and extract jobs and Storage Read do."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from gatebook.googlesql import paths
from gatebook.sandbox.errors import duplicate, invalid, not_found, not_implemented
from gatebook.sandbox.translate import Translation, query_sql
from gatebook.sandbox.warehouse.arrow import rest_fields
from gatebook.sandbox.warehouse.binding.binder import Binder
from gatebook.sandbox.warehouse.faults import faults
from gatebook.sandbox.warehouse.job import Job, Services
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import QueryRequest, Resource
from gatebook.sandbox.warehouse.restriction import check_restriction
from gatebook.sandbox.warehouse.state import filling, tables
from gatebook.sandbox.warehouse.state.database import first_row, number
from gatebook.sandbox.warehouse.state.filling import fields_of
from gatebook.sandbox.warehouse.state.fitting import cast_to_table, grown
from gatebook.sandbox.warehouse.state.physical import quoted
from gatebook.sandbox.warehouse.state.policies import check_readable
from gatebook.sandbox.warehouse.state.rows import canonical_batch, conform
from gatebook.sandbox.warehouse.state.selection import Selection
from gatebook.sandbox.warehouse.state.store import Change, Entry
from gatebook.sandbox.warehouse.statements.defaults import default_values

_EMPTYING: Final = frozenset({"WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA"})
_BATCH_ROWS: Final = 16_384


@dataclass(frozen=True, slots=True)
class Slice:
    """Which rows and columns of a table; see Warehouse.read."""

    columns: Sequence[str] | None = None
    offset: int = 0
    limit: int | None = None
    restriction: str | None = None


@contextmanager
def _job(services: Services, project: str) -> Iterator[Job]:
    job = Job(services, QueryRequest(sql="", project=project, job_id=""))
    try:
        with faults():
            yield job
    finally:
        job.close()


# -- rows out


def read(services: Services, name: TableName, wanted: Slice) -> pa.RecordBatchReader:
    """A reader of rows in canonical types."""
    result = services.results.find(name)
    fields = fields_of(Entry(result.resource)) if result else _fields(services, name)
    selection = Selection.of(fields, wanted.columns)
    if result is not None and wanted.restriction is None:
        rows = result.rows.slice(wanted.offset, wanted.limit).select(selection.columns)
        batches: Iterator[pa.RecordBatch] = iter(rows.to_batches(_BATCH_ROWS))
    else:
        batches = _database_batches(services, name, wanted, selection)
    schema = selection.arrow_schema()
    shown = (selection.nested(canonical_batch(batch, selection.whole_fields)) for batch in batches)
    return pa.RecordBatchReader.from_batches(schema, shown)


def _fields(services: Services, name: TableName) -> list[Resource]:
    return list(fields_of(services.store.state.table(name)))


def _database_batches(
    services: Services, name: TableName, wanted: Slice, selection: Selection
) -> Iterator[pa.RecordBatch]:
    with _job(services, name.project) as job, job.reading() as change:
        sql = _select(job, change, name, wanted, selection)
        limit = "" if wanted.limit is None else f" LIMIT {int(wanted.limit)}"
        reader = change.cursor.sql(f"{sql}{limit} OFFSET {int(wanted.offset)}").to_arrow_reader(_BATCH_ROWS)
        for batch in reader:
            yield from conform(pa.Table.from_batches([batch]), selection.whole_fields).to_batches()


def _select(job: Job, change: Change, name: TableName, wanted: Slice, selection: Selection) -> str:
    entry = None if job.services.results.find(name) else change.state.table(name)
    if entry is not None:
        check_readable(entry.resource)
    if entry is not None and entry.physical and wanted.restriction is None:
        return f"SELECT {', '.join(map(quoted, selection.columns))} FROM {entry.physical}"
    listed = ", ".join(paths.quote((column,)) for column in selection.columns)
    text = f"SELECT {listed} FROM {paths.quote((name.project, name.dataset, name.table))}"
    if wanted.restriction is not None:
        check_restriction(job.services.analysts, wanted.restriction)
        text += f" WHERE (\n{wanted.restriction}\n)"
    bound = Binder(job, change, name.project, None).bind(job.services.analysts.single(text), {})
    translation: Translation = query_sql(bound.analysis.statement, bound.environment)
    return translation.sql


def row_count(services: Services, name: TableName) -> int:
    """Rows of a table, view or result."""
    result = services.results.find(name)
    if result is not None:
        return int(result.rows.num_rows)
    with _job(services, name.project) as job, job.reading() as change:
        sql = _select(job, change, name, Slice(), Selection.of(_fields(services, name), None))
        return number(change.cursor, f"SELECT count(*) FROM ({sql})")


# -- rows in


def append(
    services: Services, name: TableName, rows: pa.Table, disposition: str, schema_update: Collection[str]
) -> int:
    """Append to or replace the rows of an existing table."""
    if "$" in name.table:
        raise not_implemented("partition decorators")
    with _job(services, name.project) as job, job.writing() as change:
        entry = change.state.table(name)
        _check_writable(name, entry)
        _make_room(change, name, entry, disposition)
        grown(change, name, rest_fields(rows.schema), schema_update)
        fitting, entry = cast_to_table(change, name, rows)
        filling.append(change, entry, fitting, default_values(job, change, entry))
        tables.touch(change, name)
        return int(rows.num_rows)


def _check_writable(name: TableName, entry: Entry) -> None:
    kind = entry.resource["type"]
    if kind != "TABLE":
        raise invalid(f"{name} is not allowed for this operation because it is currently a {kind}.")


def _make_room(change: Change, name: TableName, entry: Entry, disposition: str) -> None:
    held = first_row(change.cursor, f"SELECT 1 FROM {entry.physical} LIMIT 1")
    if disposition == "WRITE_EMPTY" and held:
        raise duplicate("Table", str(name))
    if disposition in _EMPTYING:
        change.cursor.execute(f"DELETE FROM {entry.physical}")


def copy(
    services: Services,
    sources: Sequence[TableName],
    destination: TableName,
    write_disposition: str,
    create_disposition: str,
) -> int:
    """Copy the rows of tables into one."""
    with _job(services, destination.project) as job, job.writing() as change:
        parts = [_source(services, change, source) for source in sources]
        fields = parts[0][1]
        existing = change.state.tables.get(destination)
        if existing is None and create_disposition == "CREATE_NEVER":
            raise not_found("Table", str(destination))
        if existing is not None:
            _make_room(change, destination, existing, write_disposition)
        if existing is not None and write_disposition == "WRITE_TRUNCATE":
            change.drop(destination)
            existing = None
        if existing is None:
            tables.insert(change, destination, parts[0][2])
        return sum(_pour(change, destination, rows, fields) for rows, _, _ in parts)


def _source(services: Services, change: Change, name: TableName) -> tuple[pa.Table, list[Resource], Resource]:
    result = services.results.find(name)
    if result is not None:
        return result.rows, fields_of(Entry(result.resource)), {"schema": result.resource["schema"]}
    entry = change.state.table(name)
    if entry.physical is None:
        raise invalid(f"{name} is not allowed for this operation because it is currently a {entry.resource['type']}.")
    check_readable(entry.resource)
    listed = ", ".join(quoted(field["name"]) for field in fields_of(entry))
    rows = change.cursor.sql(f"SELECT {listed} FROM {entry.physical}").to_arrow_table()
    given = {key: value for key, value in entry.resource.items() if key not in {"expirationTime", "snapshotDefinition"}}
    return conform(rows, fields_of(entry)), fields_of(entry), given


def _pour(change: Change, name: TableName, rows: pa.Table, fields: Sequence[Resource]) -> int:
    fitting, entry = cast_to_table(change, name, rows)
    count = filling.append(change, entry, fitting)
    tables.touch(change, name)
    return count
