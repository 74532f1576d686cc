"""Load jobs: files into a table, created when it is missing."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Any

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.rest.call import required
from gatebook.sandbox.rest.formats import reading
from gatebook.sandbox.rest.formats.loading import Loaded
from gatebook.sandbox.rest.jobs.job import Job, LoadOutcome
from gatebook.sandbox.rest.objects import Objects
from gatebook.sandbox.rest.schema import field_mode, field_type, fields_of
from gatebook.sandbox.warehouse import Resource, TableName, Warehouse

_TABLE_OPTIONS = ("timePartitioning", "rangePartitioning", "clustering", "destinationTableProperties")
_SELF_DESCRIBING = {"PARQUET", "AVRO"}


def check_load(load: Mapping[str, Any]) -> None:
    """Refuse a load configuration before it becomes a job."""
    required(load, "destinationTable", "tableId")
    reading.check(load)


def run_load(warehouse: Warehouse, objects: Objects, job: Job) -> LoadOutcome:
    """Read the files, then write their rows; the files are closed whatever happens."""
    with ExitStack() as closing:
        load = job.details
        files = [closing.enter_context(file) for file in _files(job, objects)]
        size = sum(os.fstat(file.fileno()).st_size for file in files)
        table = TableName.from_rest(load["destinationTable"], job.name.project)
        existing = _existing(warehouse, table)
        loaded = reading.read_all(files, load, _wanted_fields(load, existing))
        rows = _write(warehouse, table, existing, loaded, load)
        return LoadOutcome(len(files), size, rows, loaded.bad_records)


def _files(job: Job, objects: Objects) -> Iterator[IO[bytes]]:
    yield from job.files
    for uri in job.details.get("sourceUris") or ():
        yield from objects.open(uri)


def _existing(warehouse: Warehouse, table: TableName) -> Resource | None:
    try:
        return warehouse.get_table(table)
    except ApiError as error:
        if error.status == 404:
            return None
        raise


def _wanted_fields(load: Mapping[str, Any], existing: Resource | None) -> list[Resource] | None:
    """The schema to read files with: the job's, else the table's unless it is to be replaced, else none."""
    if load.get("schema", {}).get("fields"):
        given: list[Resource] = load["schema"]["fields"]
        return given
    describes_itself = load.get("autodetect") or str(load.get("sourceFormat")).upper() in _SELF_DESCRIBING
    replaced = load.get("writeDisposition") == "WRITE_TRUNCATE" and describes_itself
    return (fields_of(existing) or None) if existing and not replaced else None


def _write(
    warehouse: Warehouse,
    table: TableName,
    existing: Resource | None,
    loaded: Loaded,
    load: Mapping[str, Any],
) -> int:
    disposition = load.get("writeDisposition") or "WRITE_APPEND"
    if existing and disposition == "WRITE_TRUNCATE" and _shape(fields_of(existing)) != _shape(loaded.fields):
        warehouse.delete_table(table)  # truncating with another schema replaces the table's
        existing = None
    if existing:
        return warehouse.append(table, loaded.rows, disposition, load.get("schemaUpdateOptions") or ())
    if load.get("createDisposition") == "CREATE_NEVER":
        warehouse.get_table(table)  # says that it is not found
    return _write_new(warehouse, table, loaded, load)


def _write_new(warehouse: Warehouse, table: TableName, loaded: Loaded, load: Mapping[str, Any]) -> int:
    options = {name: load[name] for name in _TABLE_OPTIONS if load.get(name)}
    options |= options.pop("destinationTableProperties", {})
    warehouse.insert_table({"tableReference": table.rest(), "schema": {"fields": loaded.fields}, **options})
    try:
        return warehouse.append(table, loaded.rows, "WRITE_APPEND")
    except ApiError:
        warehouse.delete_table(table)  # a load that fails leaves no table behind
        raise


def _shape(fields: Sequence[Resource]) -> list[Any]:
    """Names, types and modes: what makes two schemas the same."""
    return [
        (field["name"].lower(), field_type(field), field_mode(field), _shape(field.get("fields", [])))
        for field in fields
    ]
