"""What is wrong with a policy is said with file, line and field; and one error keeps all of it out of force."""

from pathlib import Path

import pytest
import yaml
from policy_questions import CALLERS, compiled, policy_of, problems_of

from gatebook.core.policy.compiling import compile_policy
from gatebook.core.policy.problems import Severity

HEAD = """gatebook_policy: 1
callers:
  etl: {issuer: "https://i.example", attested: {repository: acme/etl}}
reviewers:
  owners: {people: [ada@acme.example]}
classifications:
  email: {columns: ["**.email"]}
"""
PROBLEMS = yaml.safe_load((Path(__file__).parent / "problems.yaml").read_text())


@pytest.mark.parametrize("case", PROBLEMS, ids=[case["name"] for case in PROBLEMS])
def test_each_problem_is_said_at_its_line(case: dict[str, object]) -> None:
    text = f"{HEAD}{case['add']}" if "add" in case else str(case["text"])
    assert problems_of(text) == case["problems"]


def test_every_problem_of_a_file_is_found_at_once() -> None:
    rules = """rules:
  - {id: one, effect: allow, callers: [elt], statement: {types: [SELET], reads: [shop.t, "acme.shop.*"]}}
  - {id: two, effect: permit}
  - {id: three, effect: deny, statement: {columns: ["class:phone"]}, when: "statement.typ == 'x'"}
limits:
  - {id: four, callers: [known], bytes_per_call: 10GB}
"""
    # What is no rule at all is said before what rules say is looked at.
    assert problems_of(HEAD + rules) == ["p.yaml:10: rules[1].effect: is not one of allow, deny, hold and observe"]
    found = problems_of(HEAD + rules.replace("permit", "deny"))
    assert [problem.split(": ")[1] for problem in found] == [
        "rules[0].callers[0]",
        "rules[0].statement.reads[0]",
        "rules[0].statement.types[0]",
        "rules[2].statement.columns[0]",
        "limits[0].bytes_per_call",
    ]


def test_an_error_keeps_the_policy_out_of_force_and_a_warning_does_not() -> None:
    assert compiled(CALLERS, {"gatebook_policy": 1, "limits": [{"id": "x", "callers": ["known"]}]}).policy is None
    made = compiled({"gatebook_policy": 1})
    assert made.policy is not None
    assert [(str(problem), problem.severity) for problem in made.problems] == [
        ("policy-0.yaml:1: names no callers: every call is refused", Severity.WARNING)
    ]
    with pytest.raises(ValueError, match="at least one file"):
        compile_policy([], lambda _: None)  # type: ignore[arg-type,return-value]


def test_names_are_unique_in_all_files() -> None:
    rule = {"id": "same", "effect": "deny"}
    made = compiled(CALLERS, {"gatebook_policy": 1, "rules": [rule]}, {"gatebook_policy": 1, "rules": [rule]})
    assert [str(problem) for problem in made.problems] == [
        "policy-2.yaml:1: rules[0].id: the name 'same' is taken, in policy-1.yaml:1"
    ]
    made = compiled(CALLERS, {"gatebook_policy": 1, "groups": {"etl": ["dbt"]}})
    assert "the name 'etl' is taken" in str(made.problems[0])
    made = compiled({"gatebook_policy": 1, "mode": "shadow"}, {"gatebook_policy": 1, "mode": "enforce"})
    assert "mode: is given in policy-0.yaml already" in str(made.problems[0])


def test_a_version_is_the_hash_of_what_is_said() -> None:
    def version(text: str) -> str:
        return policy_of(CALLERS, text).version

    said = "gatebook_policy: 1\nrules:\n  - id: a\n    effect: deny\n  - id: b\n    effect: deny\n"
    same = "gatebook_policy: 1 # a comment\nrules: [{effect: deny, id: b}, {id: a, effect: deny}]\n"
    assert version(said) == version(same)
    assert version(said).startswith("sha256:")
    assert len(version(said)) == len("sha256:") + 64
    # Each part of each file counts.
    other = said.replace("id: b", "id: c")
    assert version(other) != version(said)
    assert policy_of(CALLERS, said).version != policy_of(said, {**CALLERS, "groups": {"pipelines": ["etl"]}}).version
    assert policy_of(CALLERS, {"gatebook_policy": 1, "mode": "shadow"}).version != version("gatebook_policy: 1")
