"""Golden cases: a policy, what is asked of it, and what it must say, with the deciding rules."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from policy_questions import CALLERS, policy_of, question_of

from gatebook.core.policy.deciding import decide
from gatebook.core.policy.decision import Allow, Decision, Hold

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.yaml"))
FILES = {path.stem: yaml.safe_load(path.read_text()) for path in GOLDEN}
CASES = [(name, case) for name, file in FILES.items() for case in file["cases"]]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['name']}" for name, case in CASES])
def test_the_policy_says_what_it_must(name: str, case: dict[str, Any]) -> None:
    file = FILES[name]
    policy = policy_of(CALLERS, {"gatebook_policy": 1, **file["policy"]})
    expected = case["expect"]
    found = said(decide(question_of(case), policy))
    assert {key: found.get(key) for key in expected if key != "message"} == {
        key: value for key, value in expected.items() if key != "message"
    }, found
    assert expected.get("message", "") in (found["message"] or ""), found


def said(decision: Decision) -> dict[str, Any]:
    allowed = isinstance(decision, Allow)
    instead = decision.instead if allowed else None
    return {
        "decision": type(decision).__name__.lower(),
        "rules": list(decision.rules),
        "observed": list(decision.observed),
        "reason": getattr(decision, "reason", None),
        "reviewers": list(decision.reviewers) if isinstance(decision, Hold) else [],
        "message": None if allowed else decision.message,
        "maximum_bytes_billed": decision.limits.maximum_bytes_billed if allowed else None,
        "result_rows": decision.limits.result_rows if allowed else None,
        "instead": None if instead is None else said(instead)["decision"],
        "instead_rules": None if instead is None else list(instead.rules),
    }
