"""What a policy remembers of a footprint is told apart by everything that its rules may look at."""

from dataclasses import replace
from typing import Any

from policy_questions import CALLERS, METHOD, identity_of, policy_of, question_of

from gatebook.core.policy.deciding import decide
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import ColumnFacts, Question, TableFacts

RULES: list[dict[str, Any]] = [
    {
        "id": "read", "effect": "allow", "callers": ["etl"],
        "statement": {"types": ["SELECT", "ALTER_SCHEMA"], "reads": ["**"], "writes": ["**"]},
    },
    {"id": "no-rows", "effect": "deny", "methods": ["bigquery.tabledata.list"]},
    {"id": "no-email", "effect": "deny", "statement": {"columns": ["class:email"]}},
]  # fmt: skip
CLASSES = {"email": {"columns": ["**.email"]}}


def policy() -> Policy:
    return policy_of(CALLERS, {"gatebook_policy": 1, "rules": RULES, "classifications": CLASSES})


def rules_of(question: Question, made: Policy) -> tuple[str, ...]:
    return decide(question, made).rules


def test_one_footprint_is_decided_for_each_caller() -> None:
    made, question = policy(), question_of({"statements": [{"type": "SELECT", "reads": ["acme.shop.t"]}]})
    other = replace(question, identity=identity_of({"repository": "acme/dbt"}))
    assert rules_of(question, made) == ("read",)
    assert rules_of(other, made) == ("builtin/no-rule",)
    assert rules_of(question, made) == ("read",)


def test_one_footprint_is_decided_for_each_method() -> None:
    made, question = policy(), question_of({"statements": [{"type": "SELECT", "reads": ["acme.shop.t"]}]})
    rows = replace(question, call=replace(question.call, method=METHOD["bigquery.tabledata.list"]))
    assert rules_of(question, made) == ("read",)
    assert rules_of(rows, made) == ("no-rows",)


def test_one_footprint_is_decided_for_each_reading_of_its_tables() -> None:
    made = policy()
    question = question_of(
        {
            "statements": [{"type": "SELECT", "reads": ["acme.shop.t"], "outputs": ["acme.shop.t.contact"]}],
            "tables": {"acme.shop.t": {"columns": ["contact.city"]}},
        }
    )
    (table,) = question.tables
    changed = replace(question, tables={table: TableFacts((ColumnFacts("contact.email"),))})
    assert rules_of(question, made) == ("read",)
    assert rules_of(changed, made) == ("no-email",)
    assert rules_of(question, made) == ("read",)


def test_footprints_are_forgotten_before_there_are_too_many() -> None:
    made, question = policy(), question_of({"statements": [{"type": "SELECT", "reads": ["acme.shop.t"]}]})
    kept = [replace(question, footprint=replace(question.footprint)) for _ in range(5000)]
    assert {rules_of(one, made) for one in kept} == {("read",)}
    assert len(made._found) <= 4096
    callers = [identity_of({"repository": f"eve/{n}"}) for n in range(1100)]
    assert {rules_of(replace(question, identity=one), made) for one in callers} == {("builtin/unknown-caller",)}
    assert len(made._standpoints) <= 1024


def test_a_caller_that_was_forgotten_leaves_nothing_to_the_next() -> None:
    made, question = policy(), question_of({"statements": [{"type": "SELECT", "reads": ["acme.shop.t"]}]})
    for run in range(4000):
        may = run % 2 == 0
        caller = {"repository": "acme/etl" if may else "acme/dbt", "ref": "refs/heads/main", "run": str(run)}
        asked = replace(question, identity=identity_of(caller))
        assert rules_of(asked, made) == (("read",) if may else ("builtin/no-rule",)), run
