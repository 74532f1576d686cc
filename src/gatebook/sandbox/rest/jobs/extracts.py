"""Extract jobs: a table into files."""

from collections.abc import Mapping
from typing import Any

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.rest.call import refuse_unknown, required
from gatebook.sandbox.rest.formats import writing
from gatebook.sandbox.rest.jobs.job import ExtractOutcome, Job
from gatebook.sandbox.rest.objects import Objects
from gatebook.sandbox.rest.schema import fields_of
from gatebook.sandbox.warehouse import TableName, Warehouse

_UNDERSTOOD = frozenset({
    "sourceTable", "destinationUri", "destinationUris", "destinationFormat", "compression", "fieldDelimiter",
    "printHeader", "useAvroLogicalTypes",
})  # fmt: skip


def check_extract(extract: Mapping[str, Any]) -> None:
    """Refuse an extract configuration before it becomes a job."""
    refuse_unknown(extract, _UNDERSTOOD, "configuration.extract")
    required(extract, "sourceTable", "tableId")
    uris = _uris(extract)
    if len(uris) != 1:
        raise not_implemented("extract jobs with several destination URIs")
    writing.check(extract)


def run_extract(warehouse: Warehouse, objects: Objects, job: Job) -> ExtractOutcome:
    """Write the whole table into one file."""
    extract = job.details
    table = TableName.from_rest(extract["sourceTable"], job.name.project)
    resource = warehouse.get_table(table)
    if "view" in resource:
        raise invalid(f"{table} is not allowed for this operation because it is a view.")
    with warehouse.read(table) as rows:
        files = objects.write(_uris(extract)[0], rows, fields_of(resource), extract)
    return ExtractOutcome(int(resource.get("numBytes") or 0), (files,))


def _uris(extract: Mapping[str, Any]) -> list[str]:
    uris: list[str] = extract.get("destinationUris") or [required(extract, "destinationUri")]
    return uris
