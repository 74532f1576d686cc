"""Load jobs: files into a table, created when it is missing."""

import gzip
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, cast

import pyarrow as pa

from gatebook.sandbox.errors import ApiError, invalid, not_implemented
from gatebook.sandbox.rest.call import required
from gatebook.sandbox.rest.formats import avro_files, csv_files, json_files, parquet_files
from gatebook.sandbox.rest.formats.loading import Loaded, refuse_unknown_options
from gatebook.sandbox.rest.jobs.job import Job, LoadOutcome
from gatebook.sandbox.rest.objects import Objects
from gatebook.sandbox.rest.schema import field_mode, field_type, fields_of
from gatebook.sandbox.warehouse import Resource, TableName, Warehouse

_Reader = Callable[[IO[bytes], Mapping[str, Any], list[Resource] | None], Loaded]

_READERS: Mapping[str, _Reader] = {
    "CSV": csv_files.read,
    "NEWLINE_DELIMITED_JSON": json_files.read,
    "PARQUET": parquet_files.read,
    "AVRO": avro_files.read,
}
_TABLE_OPTIONS = ("timePartitioning", "rangePartitioning", "clustering", "destinationTableProperties")
_EMPTYING = {"WRITE_TRUNCATE", "WRITE_TRUNCATE_DATA"}


def check_load(load: Mapping[str, Any]) -> None:
    """Refuse a load configuration before it becomes a job."""
    required(load, "destinationTable", "tableId")
    refuse_unknown_options(load)
    if _format(load) not in _READERS:
        raise not_implemented(f"load jobs of source format {_format(load)}")


def run_load(warehouse: Warehouse, objects: Objects, job: Job) -> LoadOutcome:
    """Read the files, then write their rows; the files are closed whatever happens."""
    with ExitStack() as closing:
        load = job.details
        files = [closing.enter_context(file) for file in _files(job, objects)]
        table = TableName.from_rest(load["destinationTable"], job.name.project)
        existing = _existing(warehouse, table)
        loaded = _read(files, load, _wanted_fields(load, existing))
        rows = _write(warehouse, table, existing, loaded, load)
        size = sum(file.seek(0, 2) for file in files)
        return LoadOutcome(len(files), size, rows, loaded.bad_records)


def _files(job: Job, objects: Objects) -> Iterator[IO[bytes]]:
    yield from job.files
    for uri in job.details.get("sourceUris") or ():
        for path in objects.matching(uri):
            yield _uncompressed(path)


def _uncompressed(path: Path) -> IO[bytes]:
    """BigQuery recognizes gzip by the file's name."""
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _format(load: Mapping[str, Any]) -> str:
    return str(load.get("sourceFormat") or "CSV").upper()


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
    replaced = load.get("writeDisposition") in _EMPTYING and load.get("autodetect")
    return (fields_of(existing) or None) if existing and not replaced else None


def _read(files: Sequence[IO[bytes]], load: Mapping[str, Any], fields: list[Resource] | None) -> Loaded:
    if not files:
        raise invalid("No source files were given.")
    parts: list[Loaded] = []
    for file in files:
        parts.append(_READERS[_format(load)](file, load, fields))
        fields = parts[0].fields
    rows = pa.concat_tables([part.rows for part in parts], promote_options="permissive")
    return Loaded(parts[0].fields, rows, sum(part.bad_records for part in parts))


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
    options = {name: load[name] for name in _TABLE_OPTIONS if load.get(name)}
    options |= options.pop("destinationTableProperties", {})
    warehouse.insert_table({"tableReference": table.rest(), "schema": {"fields": loaded.fields}, **options})
    return warehouse.append(table, loaded.rows, "WRITE_APPEND")


def _shape(fields: Sequence[Resource]) -> list[Any]:
    """Names, types and modes: what makes two schemas the same."""
    return [
        (field["name"].lower(), field_type(field), field_mode(field), _shape(field.get("fields", [])))
        for field in fields
    ]
