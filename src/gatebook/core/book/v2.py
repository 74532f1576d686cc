"""Version 2 of the recorded documents: promises and refusals. All that is not here is as in version 1.

Against version 1, the footprint has outputs and uses of columns, traits, and resources in place of routines; the
decision can be a hold, and tells of limits, observe rules and shadow mode; evidence is new.
"""

from typing import Literal

from gatebook.core.book.v1 import (
    Call,
    Caller,
    Count,
    Document,
    Opaque,
    Origin,
    Outcome,
    Provenance,
    Request,
    TableNumber,
)

Column = tuple[TableNumber, str]
Resource = tuple[str, str]  # kind, name


class Output(Document, frozen=True, kw_only=True):
    """A column that is given or written, and the columns that its values derive from."""

    name: str
    sources: list[Column] = []
    type: str


class Uses(Document, frozen=True, kw_only=True):
    """The columns that decide without being given, by how."""

    group: list[Column] = []
    join: list[Column] = []
    order: list[Column] = []
    predicate: list[Column] = []
    window: list[Column] = []


class Statement(Document, frozen=True, kw_only=True):
    """A statement. Its tables are numbers of the footprint's list; a column is a table's number and a dotted path."""

    columns_read: list[Column] = []
    columns_written: list[Column] = []
    opaque: list[Opaque] = []
    outputs: list[Output] = []
    resources_read: list[Resource] = []
    resources_written: list[Resource] = []
    tables_read: list[TableNumber] = []
    tables_written: list[TableNumber] = []
    traits: list[str] = []
    type: str
    uses: Uses | None = None


class Footprint(Document, frozen=True, kw_only=True):
    """What was touched. A table is its project, dataset and name."""

    statements: list[Statement] = []
    tables: list[tuple[str, str, str]] = []


class Limits(Document, frozen=True, kw_only=True):
    """What the call may cost or give."""

    maximum_bytes_billed: Count | None = None
    result_rows: Count | None = None


class Decision(Document, frozen=True, kw_only=True):
    """What was decided, by which rules of which policy. `instead`: what a policy in shadow mode would have done."""

    effect: Literal["allow", "deny", "hold"]
    instead: "Decision | None" = None
    limits: Limits | None = None
    message: str | None = None
    observed: list[str] = []
    policy_version: str
    reason: str | None = None
    reviewers: list[str] = []
    rules: list[str] = []


class KnownTable(Document, frozen=True, kw_only=True):
    """What classification knew of a table: the touched columns with their policy tags, and the table's labels."""

    columns: list[tuple[str, list[str]]] = []
    labels: dict[str, str] = {}
    table: tuple[str, str, str]


class Standing(Document, frozen=True, kw_only=True):
    """What the call named that was not the caller's own, and where its own job is."""

    job_location: str | None = None
    jobs: list[str] = []
    scattered_job: str | None = None
    sessions: list[str] = []
    tables: list[tuple[str, str, str]] = []
    taken_job: str | None = None
    uploads: list[str] = []


class Evidence(Document, frozen=True, kw_only=True):
    """What the decision rested on beside the rest of the record: estimates, usage before this call, facts of tables."""

    bytes_estimated: Count | None = None
    bytes_today: Count = 0
    calls_last_minute: Count = 0
    contradictions: list[str] = []
    known_tables: list[KnownTable] = []
    rows_estimated: Count | None = None
    running_jobs: Count = 0
    standing: Standing | None = None


class Promise(Document, frozen=True, kw_only=True):
    """The intent to forward a call."""

    at_microseconds: int
    attested: Provenance
    call: Call
    caller: Caller
    decision: Decision
    declared: Provenance
    evidence: Evidence | None = None
    footprint: Footprint
    kind: Literal["promise"]
    origin: Origin
    request: Request
    token_expires_at_seconds: Count
    v: Literal[2]


class Refusal(Document, frozen=True, kw_only=True):
    """A call that was not forwarded; what was not known when it was refused is absent."""

    at_microseconds: int
    attested: Provenance | None = None
    call: Call
    caller: Caller | None = None
    decision: Decision | None = None
    declared: Provenance
    evidence: Evidence | None = None
    footprint: Footprint | None = None
    kind: Literal["refusal"]
    message: str
    origin: Origin
    outcome: Outcome
    reason: str
    request: Request
    token_expires_at_seconds: Count | None = None
    v: Literal[2]
