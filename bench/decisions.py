"""What it takes to decide by a policy of 500 rules: on a footprint never seen before, and on one that comes again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from gatebook.core.analysis.footprint import Footprint, Output, Statement, TableRef
from gatebook.core.model import Body, Call, Caller, CallerKind, Effect, Identity, Method, Origin, Provenance
from gatebook.core.policy.compiling import compile_policy
from gatebook.core.policy.deciding import decide
from gatebook.core.policy.decision import Allow
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import ColumnFacts, Estimate, Question, TableFacts
from gatebook.core.policy.reading import POLICY, read_document
from gatebook.core.policy.standing import Standing

RULES = 500
_CALLERS = 50
_ISSUER = "https://issuer.example"
_AGAIN = 2000
_CALL = Call(
    id="0" * 32,
    received_at_microseconds=0,
    method=Method("bigquery.jobs.query", "POST", "/bigquery/v2/projects/{projectId}/queries", Effect.JOB, Body.JSON),
    resource={"projectId": "acme"},
    parameters=(),
    headers={},
    document={"query": "SELECT 1"},
    origin=Origin("", ""),
)
_CONDITION = "estimate.bytes > 1099511627776 && attested.environment != 'production'"


@dataclass(frozen=True, slots=True)
class Deciding:
    """Medians for one kind of question."""

    new_microseconds: float
    again_microseconds: float


def measure(times: int) -> dict[str, Deciding]:
    """Decide each question so many times as one never seen before."""
    plain, conditional = _policy(conditions=False), _policy(conditions=True)
    return {
        "a query of 5 tables, 50 columns": _measure(plain, _question(1), times),
        "the same; 1 rule in 3 has a condition in CEL": _measure(conditional, _question(1), times),
        "a script of 20 such queries": _measure(plain, _question(20), times),
    }


def _measure(policy: Policy, question: Question, times: int) -> Deciding:
    if not isinstance(decide(question, policy), Allow):
        raise TypeError("the policy of the bench does not allow the question of the bench")

    def new() -> object:
        return decide(replace(question, footprint=Footprint(question.footprint.statements)), policy)

    return Deciding(_median(new, times), _median(lambda: decide(question, policy), _AGAIN))


def _median(decision: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        decision()
        found.append((time.perf_counter() - begun) * 1e6)
    return median(found)


def _question(statements: int) -> Question:
    tables = [TableRef("acme", "d20", f"t{number}") for number in range(5)]
    columns = tuple((table, f"c{number}") for table in tables for number in range(10))
    outputs = tuple(Output(name, "STRING", ((table, name),)) for table, name in columns)
    statement = Statement("SELECT", tables_read=tuple(tables), columns_read=columns, outputs=outputs)
    facts = TableFacts(tuple(ColumnFacts(f"c{number}") for number in range(50)))
    caller = Caller(_ISSUER, "repo:acme/etl", CallerKind.GITHUB_ACTIONS, "acme/etl")
    return Question(
        identity=Identity(caller, Provenance(repository="acme/r0", environment="production"), 0),
        call=_CALL,
        footprint=Footprint((statement,) * statements),
        standing=Standing(),
        estimate=Estimate(bytes_processed=2**40),
        tables=dict.fromkeys(tables, facts),
    )


def _policy(*, conditions: bool) -> Policy:
    document = {
        "gatebook_policy": 1,
        "callers": {f"c{n}": {"issuer": _ISSUER, "attested": {"repository": f"acme/r{n}"}} for n in range(_CALLERS)},
        "classifications": {"personal": {"columns": ["**.email", "**.phone"]}},
        "reviewers": {"owners": {"people": ["owners@acme.example"]}},
        "rules": [_rule(number, conditions=conditions) for number in range(RULES)],
        "limits": [{"id": "all", "callers": ["known"], "calls_per_minute": 1200, "maximum_bytes_billed": "2TiB"}],
    }
    read = read_document("bench.yaml", msgspec.json.encode(document).decode(), POLICY)
    if isinstance(read, list):
        raise TypeError(str(read[0]))
    policy = compile_policy([read], ZoneInfo).policy
    if policy is None:
        raise TypeError("the policy of the bench has errors")
    return policy


def _rule(number: int, *, conditions: bool) -> dict[str, Any]:
    """Give rules of every effect; one in five is about every caller, the others about one of fifty."""
    dataset = f"acme.d{number}"
    effect, more = (
        ("allow", {"statement": {"types": ["SELECT"], "reads": [f"{dataset}.*"]}}),
        ("deny", {"statement": {"types": ["SELECT"], "reads": [f"{dataset}.**"], "columns": ["class:personal"]}}),
        ("hold", {"statement": {"types": ["DROP_*", "DELETE"], "writes": [f"{dataset}.**"]}, "reviewers": ["owners"]}),
        ("observe", {"statement": {"reads": ["acme.d20.*"]}}),
    )[number % 4]
    callers = ["known"] if number % 5 == 0 else [f"c{number % _CALLERS}"]
    when = {"when": _CONDITION} if conditions and number % 3 == 0 and effect != "allow" else {}
    return {"id": f"r{number}", "effect": effect, "callers": callers, **more, **when}
