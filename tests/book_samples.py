"""Records for tests of the book: plain ones made by hand, and hypothesis strategies for any."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from gatebook.core.analysis.footprint import (
    Footprint,
    Opaque,
    Output,
    Resource,
    ResourceKind,
    Statement,
    TableRef,
    Trait,
    Uses,
)
from gatebook.core.book.entry import Record
from gatebook.core.book.records import (
    Event,
    EventType,
    Evidence,
    Promise,
    Refusal,
    Request,
    Settlement,
)
from gatebook.core.methods import METHODS, PARAMETERS
from gatebook.core.model import (
    Body,
    Call,
    Caller,
    CallerKind,
    Effect,
    Ending,
    Identity,
    Method,
    Origin,
    Outcome,
    Provenance,
)
from gatebook.core.policy.decision import Allow, Ceilings, Deny, Hold
from gatebook.core.policy.question import ColumnFacts, Estimate, TableFacts, Usage
from gatebook.core.policy.standing import Standing
from gatebook.errors import Reason

NOW = 1_790_000_000_000_000  # 2026-09-21T14:13:20Z
QUERY = Method("bigquery.jobs.query", "POST", "/bigquery/v2/projects/{projectId}/queries", Effect.JOB, Body.JSON)
ORDERS, CUSTOMERS = TableRef("acme", "shop", "orders"), TableRef("acme", "shop", "customers")
GITHUB = "https://token.actions.githubusercontent.com"
NIGHTLY = Identity(
    Caller(GITHUB, "repo:acme/warehouse-etl:ref:refs/heads/main", CallerKind.GITHUB_ACTIONS, "acme/warehouse-etl"),
    Provenance(
        repository="acme/warehouse-etl",
        commit="4f1d2c3b5a69788796a5b4c3d2e1f00123456789",
        ref="refs/heads/main",
        ref_protected=True,
        workflow="nightly",
        run="7001",
        job="load",
        actor="octocat",
        run_url="https://github.com/acme/warehouse-etl/actions/runs/7001",
    ),
    1_790_003_600,
)
READS = Footprint(
    (Statement("SELECT", (CUSTOMERS, ORDERS), (), ((ORDERS, "id"), (CUSTOMERS, "contact.email"), (CUSTOMERS, "Name"))),)
)
SQL = "SELECT o.id, c.contact.email, c.Name\nFROM shop.orders AS o JOIN shop.customers AS c ON c.id = o.customer\n"
PARAMETER = {"name": "since", "parameterType": {"type": "DATE"}, "parameterValue": {"value": "2026-09-01"}}


def call_id(number: int) -> str:
    """Give an id as the door makes them, with the number in front so that it is easily told apart."""
    return f"{number:08x}{'7' * 24}"


def promise(number: int = 1, **changes: Any) -> Promise:
    """Make the promise of a query; `changes` replace fields of it, or `sql`, `received`, `method` of its call."""
    received = changes.pop("received", NOW + number * 1_000_000)
    call = Call(
        id=call_id(number),
        received_at_microseconds=received,
        method=changes.pop("method", QUERY),
        resource={"projectId": "acme"},
        parameters=(("prettyPrint", "false"),),
        headers={"accept": "application/json"},
        document={"query": "..."},
        origin=Origin("10.1.2.3", "gl-python/3.11 google-cloud-bigquery/3.47", "ticket 77"),
    )
    request = Request(changes.pop("sql", SQL), (PARAMETER,), "sha256:" + "ab" * 32, None, "EU", dry_run=False)
    plain = Promise(
        call,
        NIGHTLY,
        Provenance(workflow="dbt", reason="ticket 77"),
        request,
        READS,
        Allow(("builtin/known-caller",), "builtin-1"),
        received + 250,
    )
    return replace(plain, **changes)


def settlement(number: int = 1, ending: Ending = Ending.ANSWERED, **changes: Any) -> Settlement:
    """Make the settlement of `promise(number)`; `changes` replace fields of the outcome."""
    plain = Outcome(200, ending, 2048, 3, f"job_{number}", "EU", "DONE", 1_000, 10_485_760)
    return Settlement(call_id(number), replace(plain, **changes), NOW + number * 1_000_000 + 75_000)


def refusal(number: int = 1, **changes: Any) -> Refusal:
    """Make the refusal of a query whose token was not there; `changes` replace fields."""
    asked = promise(number, **{name: changes.pop(name) for name in ("sql", "received") if name in changes})
    plain = Refusal(
        asked.call,
        None,
        Provenance(),
        asked.request,
        None,
        None,
        Reason.TOKEN_MISSING,
        "Send an OIDC token as `Authorization: Bearer <token>`.",
        Outcome(401, Ending.REFUSED),
        asked.at_microseconds,
    )
    return replace(plain, **changes)


def forgotten(record: Record) -> Record:
    """Give a record as the book gives it back: without the headers and the document of its call."""
    if isinstance(record, Settlement | Event):
        return record
    return replace(record, call=replace(record.call, headers={}, document=None))


_TEXT = st.text(max_size=12).filter(lambda text: "eyJ" not in text and "ya29." not in text)
_MAYBE = st.none() | _TEXT
_NUMBERS = st.integers(-(2**70), 2**70)
_MICROSECONDS = st.integers(0, 2**52)
_MAYBE_NUMBERS = st.none() | _NUMBERS
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)

tables = st.builds(TableRef, _TEXT, _TEXT, _TEXT)
_COLUMNS = st.lists(st.tuples(tables, _TEXT), max_size=3).map(tuple)
_TABLES = st.lists(tables, max_size=3).map(tuple)
_RESOURCES = st.lists(st.builds(Resource, st.sampled_from(ResourceKind), _TEXT), max_size=2).map(tuple)
statements = st.builds(
    Statement,
    type=_TEXT,
    tables_read=_TABLES,
    tables_written=_TABLES,
    columns_read=_COLUMNS,
    columns_written=_COLUMNS,
    outputs=st.lists(st.builds(Output, _TEXT, _TEXT, _COLUMNS), max_size=2).map(tuple),
    uses=st.builds(Uses, _COLUMNS, _COLUMNS, _COLUMNS, _COLUMNS, _COLUMNS),
    resources_read=_RESOURCES,
    resources_written=_RESOURCES,
    traits=st.lists(st.sampled_from(Trait), max_size=2).map(tuple),
    opaque=st.lists(st.builds(Opaque, _TEXT, _TEXT), max_size=2).map(tuple),
)
footprints = st.builds(Footprint, st.lists(statements, max_size=2).map(tuple))
provenances = st.builds(
    Provenance,
    **dict.fromkeys(Provenance.__dataclass_fields__, _MAYBE) | {"ref_protected": st.none() | st.booleans()},
)
callers = st.builds(Caller, issuer=_TEXT, subject=_TEXT, kind=st.sampled_from(CallerKind), name=_TEXT)
identities = st.builds(Identity, callers, provenances, _NUMBERS)
calls = st.builds(
    Call,
    id=st.text("0123456789abcdef", min_size=4, max_size=32),
    received_at_microseconds=_MICROSECONDS,
    method=st.sampled_from(METHODS),
    resource=st.dictionaries(_TEXT, _TEXT, max_size=3),
    parameters=st.lists(st.tuples(st.sampled_from(sorted(PARAMETERS)), _TEXT), max_size=2).map(tuple),
    headers=st.dictionaries(_TEXT, _TEXT, max_size=1),
    document=st.none() | st.dictionaries(_TEXT, _JSON, max_size=1),
    origin=st.builds(Origin, _TEXT, _TEXT, _MAYBE),
)
requests = st.builds(
    Request,
    sql=st.none() | st.text(max_size=30),
    query_parameters=st.lists(_JSON, max_size=2).map(tuple),
    digest=_TEXT,
    job_id=_MAYBE,
    location=_MAYBE,
    dry_run=st.booleans(),
)
_RULES = st.lists(_TEXT, max_size=2).map(tuple)
denials = st.builds(Deny, _RULES, _TEXT, st.sampled_from(Reason), _TEXT, _RULES)
holds = st.builds(Hold, _RULES, _TEXT, _RULES, _TEXT, _RULES)
allowances = st.builds(
    Allow, _RULES, _TEXT, st.builds(Ceilings, _MAYBE_NUMBERS, _MAYBE_NUMBERS), _RULES, st.none() | denials | holds
)
decisions = allowances | denials | holds
_NAMES = st.lists(_TEXT, max_size=2).map(tuple)
standings = st.builds(Standing, _NAMES, _MAYBE, _MAYBE, _MAYBE, _TABLES, _NAMES, _NAMES)
_FACTS = st.builds(
    TableFacts,
    st.lists(st.builds(ColumnFacts, _TEXT, _NAMES), max_size=2).map(tuple),
    st.dictionaries(_TEXT, _TEXT, max_size=2),
)
evidences = st.builds(
    Evidence,
    standings,
    st.builds(Estimate, _MAYBE_NUMBERS, _MAYBE_NUMBERS),
    st.dictionaries(tables, _FACTS, max_size=2),
    st.builds(Usage, _NUMBERS, _NUMBERS, _NUMBERS),
    _NAMES,
)
outcomes = st.builds(
    Outcome,
    status=_NUMBERS,
    ending=st.sampled_from(Ending),
    bytes_returned=_NUMBERS,
    rows_returned=_MAYBE_NUMBERS,
    job_id=_MAYBE,
    location=_MAYBE,
    job_state=_MAYBE,
    bytes_processed=_MAYBE_NUMBERS,
    bytes_billed=_MAYBE_NUMBERS,
    rows_affected=_MAYBE_NUMBERS,
    error_reason=_MAYBE,
    error_message=_MAYBE,
)
promises = st.builds(Promise, calls, identities, provenances, requests, footprints, decisions, _MICROSECONDS, evidences)
settlements = st.builds(Settlement, _TEXT, outcomes, _MICROSECONDS)
refusals = st.builds(
    Refusal,
    calls,
    st.none() | identities,
    provenances,
    requests,
    st.none() | footprints,
    st.none() | decisions,
    st.sampled_from(Reason),
    _TEXT,
    outcomes,
    _MICROSECONDS,
    evidences,
)
events = st.builds(Event, _TEXT, st.sampled_from(EventType), st.dictionaries(_TEXT, _TEXT, max_size=3), _MICROSECONDS)
records = promises | settlements | refusals | events
