"""The book is enough to decide again: a record gives the answer that was given, and another policy its own."""

from typing import Any

import pytest
from policy_questions import CALLERS, policy_of, question_of
from test_golden_decisions import CASES, FILES

from gatebook.core.asked import asked
from gatebook.core.book.entry import read, write
from gatebook.core.book.exchange import Exchange, Status
from gatebook.core.book.records import Evidence, Promise, Refusal
from gatebook.core.model import Ending, Outcome, Provenance
from gatebook.core.policy import replay
from gatebook.core.policy.deciding import decide
from gatebook.core.policy.decision import Allow, Decision
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import Question
from gatebook.core.policy.touched import TouchedTables
from gatebook.errors import Reason


def recorded(question: Question, decision: Decision) -> Promise | Refusal:
    """What the book gives back of a call on which this was decided."""
    evidence = Evidence(
        question.standing,
        question.estimate,
        TouchedTables(1)(question.footprint, question.tables),
        question.usage,
        question.contradictions,
    )
    call, identity, footprint, at = question.call, question.identity, question.footprint, question.now_microseconds
    record: Promise | Refusal
    if isinstance(decision, Allow):
        record = Promise(call, identity, Provenance(), asked(call), footprint, decision, at, evidence)
    else:
        outcome = Outcome(status=403, ending=Ending.REFUSED)
        said = (Reason.DENIED, decision.message, outcome, at, evidence)
        record = Refusal(call, identity, Provenance(), asked(call), footprint, decision, *said)
    again = read(write(record)[1])
    assert isinstance(again, Promise | Refusal)
    return again


def policy_in(name: str) -> Policy:
    return policy_of(CALLERS, {"gatebook_policy": 1, **FILES[name]["policy"]})


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['name']}" for name, case in CASES])
def test_a_record_decides_the_same_again(name: str, case: dict[str, Any]) -> None:
    policy, question = policy_in(name), question_of(case)
    decision = decide(question, policy)
    again = replay.question_of(recorded(question, decision))
    assert again is not None
    assert decide(again, policy) == decision


SELECT: dict[str, Any] = {"statements": [{"type": "SELECT", "reads": ["acme.shop.orders"]}]}
OPEN = {"id": "r", "effect": "allow", "callers": ["known"], "statement": {"types": ["SELECT"], "reads": ["**"]}}
SHUT = {"id": "d", "effect": "deny", "callers": ["known"], "statement": {"reads": ["acme.shop.*"]}}


def of_rules(*rules: dict[str, Any], mode: str = "enforce") -> Policy:
    return policy_of(CALLERS, {"gatebook_policy": 1, "mode": mode, "rules": list(rules)})


def compared(was: Policy, would: Policy, case: dict[str, Any]) -> list[replay.Comparison]:
    question = question_of(case)
    opening = recorded(question, decide(question, was))
    status = Status.UNSETTLED if isinstance(opening, Promise) else Status.REFUSED
    return list(replay.compare([Exchange(opening, 1, None, None, status)], would))


@pytest.mark.parametrize(
    ("was", "would", "effects"),
    [
        (of_rules(OPEN), of_rules(OPEN), None),
        (of_rules(OPEN), of_rules(OPEN, SHUT), ("Allow", "Deny")),
        (of_rules(OPEN, SHUT), of_rules(OPEN), ("Deny", "Allow")),
        # A candidate in shadow mode is asked what it would do; a call that shadow mode let through did pass.
        (of_rules(OPEN), of_rules(OPEN, SHUT, mode="shadow"), ("Allow", "Deny")),
        (of_rules(OPEN, SHUT, mode="shadow"), of_rules(OPEN), None),
    ],
)
def test_what_would_fare_differently(was: Policy, would: Policy, effects: tuple[str, str] | None) -> None:
    (comparison,) = compared(was, would, SELECT)
    assert comparison.changes == (effects is not None)
    if effects is not None:
        assert (type(comparison.was).__name__, type(comparison.would).__name__) == effects


def test_what_was_refused_before_it_was_decided_on_is_not_compared() -> None:
    question = question_of(SELECT)
    decided = recorded(question, decide(question, of_rules(SHUT)))
    assert isinstance(decided, Refusal)
    undecided = Refusal(
        decided.call, None, decided.declared, decided.request, None, None, Reason.TOKEN_EXPIRED, "m", decided.outcome, 1
    )
    (comparison,) = replay.compare([Exchange(undecided, 1, None, None, Status.REFUSED)], of_rules(OPEN))
    assert (comparison.would, comparison.changes) == (None, False)
