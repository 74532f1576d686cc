"""Promise, Settlement, Refusal and Event: the records of the book, as values.

A Call is written down twice. The Promise is durable before anything is forwarded and holds the intent; the Settlement
says how it ended. A refused Call has one record, the Refusal. An Event is about no Call: something that happened to the
gateway itself. Token text and row values are in none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.model import Call, Identity, Outcome, Provenance
from gatebook.core.policy.decision import Decision
from gatebook.core.policy.question import NO_TABLES, NOTHING_ESTIMATED, NOTHING_USED, Estimate, Tables, Usage
from gatebook.core.policy.standing import ALL_OWN, Standing
from gatebook.errors import Reason


@dataclass(frozen=True, slots=True)
class Request:
    """What the Call asked, as the book keeps it: the full SQL text and parameters, and a digest of the whole request.

    `digest` is "sha256:<hex>" over the method, path variables, query string and document (canonical JSON).
    """

    sql: str | None
    query_parameters: tuple[object, ...]  # BigQuery's QueryParameter resources, as sent
    digest: str
    job_id: str | None  # as the client asked for it, jobs.insert only
    location: str | None
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the decision rested on beside identity, call and footprint, so that the record decides the same again.

    `tables` holds of each table the columns that the footprint touches.
    """

    standing: Standing = ALL_OWN
    estimate: Estimate = NOTHING_ESTIMATED
    tables: Tables = field(default_factory=lambda: NO_TABLES)
    usage: Usage = NOTHING_USED
    contradictions: tuple[str, ...] = ()  # what upstream says that the call touches, and its footprint does not


NO_EVIDENCE = Evidence()


@dataclass(frozen=True, slots=True)
class Promise:
    """The intent to forward one Call."""

    call: Call
    identity: Identity
    declared: Provenance
    request: Request
    footprint: Footprint
    decision: Decision
    at_microseconds: int
    evidence: Evidence = NO_EVIDENCE


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a promised Call ended."""

    call_id: str
    outcome: Outcome
    at_microseconds: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A Call that was not forwarded. What was not known yet when it was refused is None."""

    call: Call
    identity: Identity | None
    declared: Provenance
    request: Request
    footprint: Footprint | None
    decision: Decision | None
    reason: Reason
    message: str
    outcome: Outcome
    at_microseconds: int
    evidence: Evidence = NO_EVIDENCE


class EventType(StrEnum):
    """What happened. Names are never reused."""

    POLICY_LOADED = "policy_loaded"
    POLICY_REFUSED = "policy_refused"  # new documents have errors: the policy before them stays in force


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to the gateway. `id` is made as a Call's; `facts` are texts by their names."""

    id: str
    type: EventType
    facts: Mapping[str, str]
    at_microseconds: int
