"""Version 1 of the recorded documents, field by field (docs/book.md). What was written never changes.

A change of shape is a new version in a module of its own; readers know all versions, writers only the newest. Field
names stand in the order of RFC 8785, absent values are left out, integers beyond 2^53-1 are
strings of digits. Attested and declared facts are separate objects.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Count = int | str
TableNumber = Annotated[int, Meta(ge=0)]


class Document(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a record, strict about its fields: a reader that does not know a field must not pass over it."""


class Caller(Document, frozen=True, kw_only=True):
    """Who called, as its token proved."""

    issuer: str
    kind: str
    name: str
    subject: str


class Provenance(Document, frozen=True, kw_only=True):
    """Why and how the call was made."""

    actor: str | None = None
    commit: str | None = None
    environment: str | None = None
    job: str | None = None
    reason: str | None = None
    ref: str | None = None
    ref_protected: bool | None = None
    repository: str | None = None
    run: str | None = None
    run_url: str | None = None
    workflow: str | None = None


class Method(Document, frozen=True, kw_only=True):
    """The REST method that was called. `path` is its template, or the path as sent where no method is known."""

    body: str
    effect: str
    name: str
    path: str
    verb: str


class Call(Document, frozen=True, kw_only=True):
    """What was called and when it came in."""

    id: str
    method: Method
    parameters: list[tuple[str, str]] = []
    received_at_microseconds: int
    resource: dict[str, str] = {}


class Origin(Document, frozen=True, kw_only=True):
    """Where the call came from, as the network and the client said."""

    address: str
    request_reason: str | None = None
    user_agent: str


class Request(Document, frozen=True, kw_only=True):
    """What was asked. `query_parameters` is the text of a JSON array, so that its numbers are kept digit by digit."""

    digest: str
    dry_run: bool = False
    job_id: str | None = None
    location: str | None = None
    query_parameters: str | None = None
    sql: str | None = None
    sql_digest: str | None = None


class Opaque(Document, frozen=True, kw_only=True):
    """Something that was not understood."""

    detail: str
    reason: str


class Statement(Document, frozen=True, kw_only=True):
    """A statement. Its tables are numbers of the footprint's list; a column is a table's number and a dotted path."""

    columns_read: list[tuple[TableNumber, str]] = []
    columns_written: list[tuple[TableNumber, str]] = []
    opaque: list[Opaque] = []
    routines: list[str] = []
    tables_read: list[TableNumber] = []
    tables_written: list[TableNumber] = []
    type: str


class Footprint(Document, frozen=True, kw_only=True):
    """What was touched. A table is its project, dataset and name."""

    statements: list[Statement] = []
    tables: list[tuple[str, str, str]] = []


class Decision(Document, frozen=True, kw_only=True):
    """What was decided, by which rules of which policy."""

    effect: Literal["allow", "deny"]
    message: str | None = None
    policy_version: str
    reason: str | None = None
    rules: list[str] = []


class Outcome(Document, frozen=True, kw_only=True):
    """What came back. `status` is the HTTP status answered, 0 when nothing was."""

    bytes_billed: Count | None = None
    bytes_processed: Count | None = None
    bytes_returned: Count = 0
    ending: str
    error_message: str | None = None
    error_reason: str | None = None
    job_id: str | None = None
    job_state: str | None = None
    location: str | None = None
    rows_affected: Count | None = None
    rows_returned: Count | None = None
    status: Count


class Promise(Document, frozen=True, kw_only=True):
    """The intent to forward a call."""

    at_microseconds: int
    attested: Provenance
    call: Call
    caller: Caller
    decision: Decision
    declared: Provenance
    footprint: Footprint
    kind: Literal["promise"]
    origin: Origin
    request: Request
    token_expires_at_seconds: Count
    v: Literal[1]


class Settlement(Document, frozen=True, kw_only=True):
    """How a promised call ended."""

    at_microseconds: int
    call_id: str
    kind: Literal["settlement"]
    outcome: Outcome
    v: Literal[1]


class Refusal(Document, frozen=True, kw_only=True):
    """A call that was not forwarded; what was not known when it was refused is absent."""

    at_microseconds: int
    attested: Provenance | None = None
    call: Call
    caller: Caller | None = None
    decision: Decision | None = None
    declared: Provenance
    footprint: Footprint | None = None
    kind: Literal["refusal"]
    message: str
    origin: Origin
    outcome: Outcome
    reason: str
    request: Request
    token_expires_at_seconds: Count | None = None
    v: Literal[1]
