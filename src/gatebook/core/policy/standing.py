"""Standing: what a Call refers to that belongs to somebody, gathered before the decision."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatebook.core import documents
from gatebook.core.analysis.footprint import Footprint, TableRef
from gatebook.core.model import Call

_SESSION_PROPERTY = "session_id"


@dataclass(frozen=True, slots=True)
class References:
    """What a Call names that only its owner may use."""

    jobs: tuple[tuple[str, str], ...] = ()  # (project, job id) that must be the caller's own
    new_job: tuple[str, str] | None = None  # (project, job id) that the call wants to create
    tables: tuple[TableRef, ...] = ()  # anonymous result tables
    uploads: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Which of the references are not the caller's own, in words fit for its error message and for the book.

    Uploads are told by a digest: who knows an upload's id can write to it.
    """

    foreign_jobs: tuple[str, ...] = ()
    taken_job: str | None = None
    foreign_tables: tuple[TableRef, ...] = ()
    foreign_uploads: tuple[str, ...] = ()
    foreign_sessions: tuple[str, ...] = ()


ALL_OWN = Standing()


def references(call: Call, footprint: Footprint) -> References:
    """Find everything in the Call's path, query string, document and footprint that has an owner."""
    return References(
        jobs=tuple(_named_jobs(call)),
        new_job=_new_job(call),
        tables=(*_hidden_dataset(call), *[table for table in footprint.tables if is_hidden(table)]),
        uploads=tuple([value for name, value in call.parameters if name == "upload_id"]),
        sessions=tuple(_sessions(call)),
    )


def is_hidden(table: TableRef) -> bool:
    """Tell an anonymous result table: BigQuery keeps them in datasets whose names begin with an underscore."""
    return table.dataset.startswith("_")


def _hidden_dataset(call: Call) -> Iterator[TableRef]:
    """A hidden dataset as a whole (made, listed, deleted) belongs to nobody: it holds everybody's results."""
    made = documents.text(call.document, "datasetReference", "datasetId")
    dataset = call.resource.get("datasetId") or made or ""
    if dataset.startswith("_") and "tableId" not in call.resource:
        yield TableRef(call.resource.get("projectId", ""), dataset, "*")


def _named_jobs(call: Call) -> Iterator[tuple[str, str]]:
    project = call.resource.get("projectId", "")
    if "jobId" in call.resource:
        yield project, call.resource["jobId"]
    parent = call.parameter("parentJobId")
    if parent is not None:
        yield project, parent


def _new_job(call: Call) -> tuple[str, str] | None:
    job_id = documents.text(call.document, "jobReference", "jobId")
    return None if job_id is None else (call.resource.get("projectId", ""), job_id)


def _sessions(call: Call) -> Iterator[str]:
    for item in documents.items(documents.query_section(call.method.name, call.document), "connectionProperties"):
        if documents.text(item, "key") == _SESSION_PROPERTY:
            yield documents.text(item, "value") or ""
