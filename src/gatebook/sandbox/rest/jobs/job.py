"""One job: what was asked, how far it is, what came of it."""

import secrets
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import IO, Any, Literal

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import QueryOutcome, Resource, TableName

_MULTI_REGIONS = {"US", "EU"}

State = Literal["PENDING", "RUNNING", "DONE"]


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """A finished load: files and bytes read, rows written, rows left out as ``maxBadRecords`` allows."""

    files: int
    file_bytes: int
    rows: int
    bad_records: int


@dataclass(frozen=True, slots=True)
class CopyOutcome:
    """A finished copy: rows copied."""

    rows: int


@dataclass(frozen=True, slots=True)
class ExtractOutcome:
    """A finished extract: bytes read, and files written per destination URI."""

    input_bytes: int
    files_per_uri: tuple[int, ...]


Outcome = QueryOutcome | LoadOutcome | CopyOutcome | ExtractOutcome


@dataclass(frozen=True, slots=True, order=True)
class JobName:
    """A job's identity: ids are unique within a project and location."""

    project: str
    location: str
    job_id: str

    def __str__(self) -> str:
        return f"{self.project}:{self.location}.{self.job_id}"

    def rest(self) -> dict[str, str]:
        """The `jobReference` of the REST API."""
        return {"projectId": self.project, "jobId": self.job_id, "location": self.location}


def location_name(given: str | None) -> str:
    """A location as BigQuery writes it, `US` when none is given: multi-regions in capitals, regions not."""
    name = given or "US"
    return name.upper() if name.upper() in _MULTI_REGIONS else name.lower()


def new_job_id() -> str:
    """A job id for a caller who gave none."""
    return f"job_{secrets.token_urlsafe(20)}"


def now_ms() -> int:
    """Milliseconds since the epoch, the unit of every job time."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True, eq=False)
class Job:
    """A job from its insertion to its end; threads share it, and only its own methods change it.

    configuration: the REST `configuration` as asked. files: uploaded with a load job. errors: the REST
    `status.errors` beside the fatal one. script: the REST `scriptStatistics` of a script's child.
    creation_reason: the REST `jobCreationReason.code`.
    """

    name: JobName
    user_email: str
    configuration: Resource
    files: tuple[IO[bytes], ...] = ()
    parent_id: str | None = None
    script: Resource | None = None
    creation_reason: str = "REQUESTED"
    created_ms: int = field(default_factory=now_ms)
    started_ms: int | None = None
    ended_ms: int | None = None
    state: State = "PENDING"
    outcome: Outcome | None = None
    error: ApiError | None = None
    errors: list[str] = field(default_factory=list)
    children: int = 0
    finished: Future[None] = field(default_factory=Future)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def kind(self) -> str:
        """``query``, ``load``, ``copy`` or ``extract``: the key of the job's configuration."""
        return next(kind for kind in ("query", "load", "copy", "extract") if kind in self.configuration)

    @property
    def details(self) -> Any:
        """The part of the configuration that belongs to the job's kind."""
        return self.configuration[self.kind]

    @property
    def labels(self) -> dict[str, str]:
        """The labels the caller set."""
        return dict(self.configuration.get("labels") or {})

    @property
    def destination(self) -> TableName | None:
        """The table that holds a query's rows or that a statement wrote; None before there is one."""
        if not isinstance(self.outcome, QueryOutcome):
            return None
        if self.outcome.destination is None and self.outcome.ddl is not None:
            return self.outcome.ddl.table
        return self.outcome.destination

    def start(self) -> bool:
        """PENDING to RUNNING; False when the job ended before it could start."""
        with self._lock:
            if self.state == "DONE":
                return False
            self.state, self.started_ms = "RUNNING", now_ms()
            return True

    def succeed(self, outcome: Outcome) -> None:
        """End with a result; a job that ended already keeps its first end."""
        self._end(outcome, None, [])

    def fail(self, error: ApiError, errors: list[str] | None = None) -> None:
        """End with an error; errors: further messages for `status.errors`."""
        self._end(None, error, errors or [])

    def _end(self, outcome: Outcome | None, error: ApiError | None, errors: list[str]) -> None:
        with self._lock:
            if self.state == "DONE":
                return
            self.outcome, self.error, self.errors = outcome, error, errors
            self.ended_ms = now_ms()
            self.started_ms = self.started_ms or self.ended_ms
            self.state = "DONE"
        self.finished.set_result(None)
