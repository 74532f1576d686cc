"""The nouns of the gateway, as frozen values. Every other module speaks in these words (see ARCHITECTURE.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

JsonObject = dict[str, Any]


class CallerKind(StrEnum):
    """Which table of claims proved the Caller."""

    GITHUB_ACTIONS = "github_actions"
    GITLAB_CI = "gitlab_ci"
    KUBERNETES = "kubernetes"
    GOOGLE_SERVICE_ACCOUNT = "google_service_account"
    WORKLOAD = "workload"


@dataclass(frozen=True, slots=True)
class Caller:
    """A proven non-human identity. Only `core.identity` makes one; equality of `key` is what owns jobs and results."""

    issuer: str
    subject: str
    kind: CallerKind
    name: str

    @property
    def key(self) -> str:
        """Issuer and subject as one string; neither contains a space, so the pair cannot be forged by joining."""
        return f"{self.issuer} {self.subject}"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Why and how a Call is made. One instance holds attested facts only or declared facts only, never both."""

    repository: str | None = None
    commit: str | None = None
    ref: str | None = None
    ref_protected: bool | None = None
    workflow: str | None = None
    run: str | None = None
    job: str | None = None
    actor: str | None = None
    environment: str | None = None
    run_url: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What a token proved: the Caller and the attested Provenance, and until when (seconds since the epoch)."""

    caller: Caller
    attested: Provenance
    expires_at_seconds: int


class Body(StrEnum):
    """How the door treats a method's request body."""

    NONE = "none"
    JSON = "json"  # read whole, parsed, may be edited
    ROWS = "rows"  # the document holds the options beside the rows; the rows are streamed, counted, never kept
    MEDIA = "media"  # a job document, then streamed file content
    FILE = "file"  # streamed through: a piece of the file of a resumable upload


class Effect(StrEnum):
    """What a method does upstream, apart from what the SQL it carries does."""

    METADATA_READ = "metadata_read"
    METADATA_WRITE = "metadata_write"
    DATA_READ = "data_read"
    DATA_WRITE = "data_write"
    JOB = "job"  # starts a job: what it touches is in its document
    JOB_READ = "job_read"
    JOB_WRITE = "job_write"  # cancels or deletes a job
    ACCESS_READ = "access_read"
    ACCESS_WRITE = "access_write"
    UNKNOWN = "unknown"  # a request refused before its method was known


@dataclass(frozen=True, slots=True)
class Method:
    """One row of the method table: a BigQuery v2 REST method as its discovery document names it."""

    name: str  # e.g. bigquery.jobs.query
    verb: str  # GET, POST, PUT, PATCH, DELETE
    template: str  # e.g. /bigquery/v2/projects/{projectId}/queries
    effect: Effect
    body: Body


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a Call came from, as the network and the client said; none of it is proof."""

    address: str
    user_agent: str
    request_reason: str | None = None  # X-Goog-Request-Reason


@dataclass(frozen=True, slots=True)
class Credential:
    """The bearer token of a Call. Its text never appears in a repr, a log or the book."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a client, translated from its wire form.

    `resource` holds the decoded path variables of the method's template (projectId, datasetId, tableId, jobId, ...).
    `parameters` is the decoded query string in order. `document` is the parsed JSON body for Body.JSON and the job
    document for Body.MEDIA, else None.
    """

    id: str
    received_at_microseconds: int
    method: Method
    resource: Mapping[str, str]
    parameters: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]  # lower-case names; credentials and hop-by-hop headers are not among them
    document: JsonObject | None
    origin: Origin

    def parameter(self, name: str) -> str | None:
        """Give the last value of a query-string parameter, as BigQuery reads repeated ones."""
        for key, value in reversed(self.parameters):
            if key == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back, as far as the reply told it. Counts are None when the reply did not tell."""

    status: int  # HTTP status answered to the client; 0 when nothing was answered
    ending: str  # one of Ending
    bytes_returned: int = 0
    rows_returned: int | None = None
    job_id: str | None = None
    location: str | None = None
    job_state: str | None = None
    bytes_processed: int | None = None
    bytes_billed: int | None = None
    rows_affected: int | None = None
    error_reason: str | None = None
    error_message: str | None = None


class Ending(StrEnum):
    """How an Exchange ended."""

    ANSWERED = "answered"  # upstream answered with success, the client got all of it
    UPSTREAM_ERROR = "upstream_error"  # upstream answered with an error, passed on
    UPSTREAM_FAILED = "upstream_failed"  # upstream was unreachable, slow, truncating or lying
    CLIENT_GONE = "client_gone"  # the client went away before the end
    REFUSED = "refused"  # Gatebook refused; nothing was forwarded
    FAILED = "failed"  # a fault of Gatebook's own
