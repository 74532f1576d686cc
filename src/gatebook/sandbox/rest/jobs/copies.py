"""Copy jobs: tables into a table, with schema and options."""

from collections.abc import Mapping
from typing import Any

from gatebook.sandbox.errors import not_implemented
from gatebook.sandbox.rest.call import refuse_unknown, required
from gatebook.sandbox.rest.jobs.job import CopyOutcome, Job
from gatebook.sandbox.warehouse import TableName, Warehouse

_UNDERSTOOD = frozenset(
    {"sourceTable", "sourceTables", "destinationTable", "createDisposition", "writeDisposition", "operationType"}
)


def check_copy(copy: Mapping[str, Any]) -> None:
    """Refuse a copy configuration before it becomes a job."""
    refuse_unknown(copy, _UNDERSTOOD, "configuration.copy")
    required(copy, "destinationTable", "tableId")
    if not copy.get("sourceTables"):
        required(copy, "sourceTable", "tableId")
    operation = copy.get("operationType") or "COPY"
    if operation != "COPY":
        raise not_implemented(f"copy jobs of operation type {operation}")


def run_copy(warehouse: Warehouse, job: Job) -> CopyOutcome:
    """Copy all sources into the destination."""
    copy, project = job.details, job.name.project
    sources = copy.get("sourceTables") or [copy["sourceTable"]]
    rows = warehouse.copy(
        [TableName.from_rest(source, project) for source in sources],
        TableName.from_rest(copy["destinationTable"], project),
        copy.get("writeDisposition") or "WRITE_EMPTY",
        copy.get("createDisposition") or "CREATE_IF_NEEDED",
    )
    return CopyOutcome(rows)
