"""Standing: what a Call refers to that belongs to somebody, gathered before the decision."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatebook.core import documents
from gatebook.core.analysis.footprint import Footprint, TableRef
from gatebook.core.model import Call

_SESSION_PROPERTY = "session_id"


@dataclass(frozen=True, slots=True)
class NamedJob:
    """A job as a Call names it: mostly without its location, which BigQuery then finds."""

    project: str
    id: str
    location: str | None

    def __str__(self) -> str:
        return ":".join((self.project, self.id))


@dataclass(frozen=True, slots=True)
class References:
    """What a Call names that only its owner may use."""

    jobs: tuple[NamedJob, ...] = ()  # that must be the caller's own
    new_job: NamedJob | None = None  # that the call wants to create
    tables: tuple[TableRef, ...] = ()  # anonymous result tables
    uploads: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Which of the references are not the caller's own, in words fit for its error message and for the book.

    Uploads are told by a digest: who knows an upload's id can write to it. `job_location` is where the job of the path
    is, when the Call does not say: upstream is to look there and nowhere else, since another's job may have the same id
    elsewhere. `scattered_job` is one that the caller made in several places.
    """

    foreign_jobs: tuple[str, ...] = ()
    scattered_job: str | None = None
    job_location: str | None = None
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


def _named_jobs(call: Call) -> Iterator[NamedJob]:
    project = call.resource.get("projectId", "")
    if "jobId" in call.resource:
        yield NamedJob(project, call.resource["jobId"], call.parameter("location"))
    parent = call.parameter("parentJobId")
    if parent is not None:
        yield NamedJob(project, parent, None)


def _new_job(call: Call) -> NamedJob | None:
    job_id = documents.text(call.document, "jobReference", "jobId")
    location = documents.text(call.document, "jobReference", "location") or call.parameter("location")
    return None if job_id is None else NamedJob(call.resource.get("projectId", ""), job_id, location)


def _sessions(call: Call) -> Iterator[str]:
    for item in documents.items(documents.query_section(call.method.name, call.document), "connectionProperties"):
        if documents.text(item, "key") == _SESSION_PROPERTY:
            yield documents.text(item, "value") or ""
