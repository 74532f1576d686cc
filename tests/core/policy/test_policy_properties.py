"""Properties of every policy: decisions are total, do not hang on order, and only an allow rule widens."""

import re
import string
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from policy_questions import CALLERS, ETL, policy_of, question_of

from gatebook.core.policy.deciding import decide
from gatebook.core.policy.decision import Allow, Decision, Deny, Hold
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import Estimate, Question

TYPES = ["SELECT", "INSERT", "DELETE", "DROP_TABLE", "GRANT", "METADATA"]
TABLES = [
    "acme.shop.orders",
    "acme.shop.people",
    "acme.hr.people",
    "acme.shop.*",
    "acme.shop.INFORMATION_SCHEMA.TABLES",
]
PATTERNS = ["**", "acme.**", "acme.shop.*", "acme.shop.orders", "acme.*.people", "*.hr.**", "uri:gs://acme/**"]
COLUMNS = ["acme.shop.orders.email", "acme.shop.people.address.city", "acme.hr.people.salary", "acme.shop.orders.*"]
COLUMN_PATTERNS = ["**.email", "acme.shop.**", "acme.hr.people.*", "class:email", "class:none", "**.address"]
TRAITS = ["every_row", "replaces", "changes_sharing", "time_travel"]
OPAQUE = ["legacy_sql", "dynamic_sql", "procedure"]
METHODS = ["bigquery.jobs.query", "bigquery.tables.get", "bigquery.tables.setIamPolicy", "bigquery.tabledata.list"]
WHOLE = ["etl", "dbt", "agent", "pipelines", "everything", "known"]
SAFE_CONDITIONS = ["statement.type == 'SELECT'", "attested.ref_protected", "size(statement.reads) > 1", "true"]
CONDITIONS = [*SAFE_CONDITIONS, "estimate.bytes > 10", "estimate.rows < 5", "statement.reads[7] == ''", "1 / 0 == 1"]


def some(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


WINDOWS = st.just([{"days": ["thu"], "from": "00:00", "until": "12:00"}])  # the epoch was a Thursday
ATTESTED = st.sampled_from([{"environment": "production"}, {"ref_protected": True}, {"repository": "acme/*"}])


@st.composite
def rules(draw: st.DrawFn, number: int, effects: list[str], conditions: list[str]) -> dict[str, Any]:
    effect = draw(st.sampled_from(effects))
    rule: dict[str, Any] = {"id": f"{effect}-{number}", "effect": effect}
    rule |= draw(optional(attested=ATTESTED, methods=some(METHODS), times=WINDOWS, when=st.sampled_from(conditions)))
    if effect == "allow":
        rule["callers"] = draw(some(WHOLE))
        lists = optional(
            reads=some(PATTERNS), writes=some(PATTERNS), columns=some(COLUMN_PATTERNS), traits=some(TRAITS),
            unsafe_opaque=some(OPAQUE),
        )  # fmt: skip
        rule["statement"] = {"types": draw(some(TYPES)), **draw(lists)}
        rule |= draw(optional(estimated_bytes=st.just({"at_most": "1KiB"})))
        return rule
    lists = optional(
        types=some(TYPES), reads=some(PATTERNS), writes=some(PATTERNS), columns=some(COLUMN_PATTERNS),
        traits=some(TRAITS), opaque=some(OPAQUE),
    )  # fmt: skip
    statement = draw(lists)
    unless = draw(optional(callers=some(WHOLE), attested=ATTESTED, times=WINDOWS))
    rule |= {"statement": statement} if statement else {}
    rule |= {"unless": unless} if unless else {}
    rule |= draw(optional(callers=some(WHOLE), estimated_bytes=st.just({"above": 100})))
    return rule | ({"reviewers": ["owners"]} if effect == "hold" else {})


@st.composite
def rule_lists(
    draw: st.DrawFn, effects: str = "allow deny hold observe", conditions: list[str] = CONDITIONS, most: int = 6
) -> list[dict[str, Any]]:
    count = draw(st.integers(0, most))
    return [draw(rules(number, effects.split(), conditions)) for number in range(count)]


@st.composite
def questions(draw: st.DrawFn) -> Question:
    statement = st.fixed_dictionaries(
        {"type": st.sampled_from([*TYPES, "SOMETHING_NEW"])},
        optional={
            "reads": some([*TABLES, "uri:gs://acme/x*", "routine:acme.fn.f", "connection:acme.eu.c"]),
            "writes": some([*TABLES, "uri:*"]),
            "columns": some(COLUMNS),
            "outputs": some(COLUMNS),
            "written": some(COLUMNS),
            "traits": some(TRAITS),
            "opaque": some(OPAQUE),
        },
    )
    case = {
        "method": draw(st.sampled_from(METHODS)),
        "statements": draw(st.lists(statement, max_size=3)),
        "caller": draw(st.sampled_from([ETL, {"repository": "acme/dbt"}, {"repository": "eve/x"}])),
        "estimate": draw(optional(bytes_processed=st.integers(0, 2000), rows_affected=st.integers(0, 10))),
        "usage": draw(optional(calls_last_minute=st.integers(0, 5), bytes_today=st.integers(0, 5))),
        "tables": draw(st.sampled_from([{}, {"acme.shop.orders": {"columns": ["email", "id"]}}])),
    }
    return question_of(case)


LIMITS = [{"id": "some", "callers": ["known"], "calls_per_minute": 4, "bytes_per_day": 3}]
EMAIL = {"classifications": {"email": {"columns": ["**.email"], "policy_tags": ["projects/acme/**"]}}}


def policy(written: list[dict[str, Any]], **more: Any) -> Policy:
    return policy_of(CALLERS, {"gatebook_policy": 1, "rules": written, "limits": LIMITS, **EMAIL, **more})


def without_version(decision: Decision) -> tuple[Any, ...]:
    facts: tuple[Any, ...] = (type(decision), decision.rules, decision.observed)
    if isinstance(decision, Allow):
        return (*facts, decision.limits, decision.instead)
    return (*facts, decision.message)


@settings(deadline=None, max_examples=300)
@given(rule_lists(), questions())
def test_decisions_are_total_and_name_their_rules(written: list[dict[str, Any]], question: Question) -> None:
    decision = decide(question, policy(written))
    ids = {rule["id"] for rule in written}
    assert decision.rules
    assert all(rule in ids or rule.startswith(("builtin/", "limit/")) for rule in decision.rules)
    assert set(decision.observed) <= ids
    if isinstance(decision, Deny | Hold):
        assert decision.message.startswith("Access Denied: ")
        assert not re.search("exceed.*rate.*limit", decision.message, re.DOTALL)  # Java's client would never give up
    assert decide(question, policy(written)) == decision


@settings(deadline=None, max_examples=300)
@given(rule_lists(), rule_lists("deny hold observe", most=2), questions())
def test_only_an_allow_rule_widens(
    written: list[dict[str, Any]], more: list[dict[str, Any]], question: Question
) -> None:
    before = decide(question, policy(written))
    after = decide(question, policy([*written, *({**rule, "id": f"more-{rule['id']}"} for rule in more)]))
    if not isinstance(before, Allow):
        assert not isinstance(after, Allow)
    if isinstance(before, Deny) and not any(rule["effect"] == "hold" for rule in more):
        assert isinstance(after, Deny)


# A rule whose condition fails refuses, an allow rule too; what is taken away with it may be that refusal.
@settings(deadline=None, max_examples=300)
@given(rule_lists(conditions=SAFE_CONDITIONS), st.integers(0, 5), questions())
def test_removing_an_allow_rule_never_widens(written: list[dict[str, Any]], which: int, question: Question) -> None:
    allowing = [rule for rule in written if rule["effect"] == "allow"]
    if not allowing:
        return
    gone = allowing[which % len(allowing)]
    before = decide(question, policy(written))
    after = decide(question, policy([rule for rule in written if rule is not gone]))
    if isinstance(after, Allow):
        assert isinstance(before, Allow)
    if isinstance(before, Deny):
        assert isinstance(after, Deny)


@settings(deadline=None, max_examples=200)
@given(rule_lists(), st.randoms(use_true_random=False), questions())
def test_neither_order_nor_files_matter(written: list[dict[str, Any]], random: Any, question: Question) -> None:
    shuffled = random.sample(written, len(written))
    half = len(shuffled) // 2
    files = [
        {"gatebook_policy": 1, "rules": shuffled[:half], "limits": LIMITS},
        {"gatebook_policy": 1, "rules": shuffled[half:], **EMAIL},
        CALLERS,
    ]
    whole, parts = policy(written), policy_of(*random.sample(files, len(files)))
    assert parts.version == whole.version
    assert decide(question, parts) == decide(question, whole)


@settings(deadline=None, max_examples=150)
@given(rule_lists(), questions())
def test_observe_rules_change_nothing_else(written: list[dict[str, Any]], question: Question) -> None:
    kept = [rule for rule in written if rule["effect"] != "observe"]
    with_them, without = decide(question, policy(written)), decide(question, policy(kept))
    assert without_version(with_them)[:2] == without_version(without)[:2]


@settings(deadline=None, max_examples=150)
@given(rule_lists(), questions())
def test_shadow_mode_refuses_nothing_and_says_everything(written: list[dict[str, Any]], question: Question) -> None:
    enforced, shadow = decide(question, policy(written)), decide(question, policy(written, mode="shadow"))
    assert isinstance(shadow, Allow)
    assert shadow.observed == enforced.observed
    if isinstance(enforced, Allow):
        assert shadow.instead is None
    else:
        assert shadow.instead is not None
        assert without_version(shadow.instead) == without_version(enforced)


@settings(deadline=None, max_examples=150)
@given(rule_lists(), st.lists(questions(), min_size=2, max_size=5))
def test_what_is_remembered_changes_no_decision(written: list[dict[str, Any]], asked: list[Question]) -> None:
    used = policy(written)
    first = [decide(question, used) for question in asked]
    assert [decide(question, used) for question in reversed(asked)] == first[::-1]
    assert [decide(question, policy(written)) for question in asked] == first


@settings(deadline=None, max_examples=300)
@given(rule_lists(), questions(), st.integers(0, 2000), st.integers(0, 10))
def test_an_estimate_that_is_not_needed_changes_nothing(
    written: list[dict[str, Any]], question: Question, size: int, rows: int
) -> None:
    made = policy(written, limits=[])
    if question.call.method.name == "bigquery.jobs.query" and not made.needs_estimate(question):
        known = replace(question, estimate=Estimate(size, rows))
        unknown = replace(question, estimate=Estimate())
        assert decide(known, made) == decide(unknown, made)


@given(st.text(alphabet=string.printable, max_size=40))
def test_any_text_as_a_pattern_is_read_or_refused(text: str) -> None:
    from gatebook.core.policy.columns import ColumnPattern
    from gatebook.core.policy.globs import PatternError
    from gatebook.core.policy.names import pattern_of

    for read in (pattern_of, ColumnPattern.of):
        try:
            read(text)
        except PatternError:
            continue
