"""Documents that would harm whoever reads them: refused with a sentence, in no time, with nothing expanded."""

import json

import pytest
from policy_questions import CALLERS, policy_of, problems_of, question_of

from gatebook.core.policy.cel import CelError, Conditions
from gatebook.core.policy.deciding import decide
from gatebook.core.policy.decision import Deny
from gatebook.core.policy.globs import Glob, PatternError, overlap
from gatebook.core.policy.yaml_text import NESTING, YamlError, read_yaml

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BOMB, "p.yaml:1: a: has an anchor or alias: write it out"),
        ("a: 1\nb: *a\n", "p.yaml:2: b: has an anchor or alias: write it out"),
        ("<<: {a: 1}\na: 2\n", "p.yaml:1: <<: is no key that belongs here"),
        ("rules:\n  - id: a\n    effect: deny\n    id: b\n", "p.yaml:4: rules[0].id: is there twice, first in line 2"),
        ('{"rules": [], "rules": []}', "p.yaml:1: rules: is there twice, first in line 1"),
        ("a: !!python/object/apply:os.system [echo]\n", "has a tag (tag:yaml.org,2002:python/object/apply:os.system)"),
        ("a: !include /etc/passwd\n", "has a tag (!include)"),
        ("? [a, b]\n: c\n", "p.yaml:1: has a key that is no plain text"),
        ("? &k a\n: c\n", "p.yaml:1: has a key that is no plain text"),
        ("a: 1\n---\nb: 2\n", "p.yaml:2: holds several documents: write one to a file"),
        ("[" * 5000, "p.yaml:1: "),
        ("a: " * (NESTING + 5) + "1", "p.yaml:1: "),
        ("- " * (NESTING + 5) + "1", "is nested too deeply"),
        ("a: \x07\n", "is not YAML"),
        ("a: \ud800\n", "p.yaml:1: is not YAML"),
        ("#" * (5 * 2**20), "p.yaml:1: is longer than 4 MiB"),
        ("", "p.yaml:1: is empty: it begins with `gatebook_policy: 1`"),
        ("# nothing\n", "p.yaml:1: is empty: it begins with `gatebook_policy: 1`"),
        ("[]", "p.yaml:1: expected `object`, got `array`"),
        ("gatebook_policy: 2", "p.yaml:1: gatebook_policy: invalid enum value 2"),
        ("gatebook_policy: '1'", "p.yaml:1: gatebook_policy: expected `int`, got `str`"),
        ("gatebook_policy: 1e0", "p.yaml:1: gatebook_policy: "),
    ],
)
def test_documents_that_are_not_plain_are_refused(text: str, problem: str) -> None:
    found = problems_of(text)
    assert found
    assert problem in found[0]


def test_scalars_are_what_they_look_like() -> None:
    text = "a: on\nb: 12:30\nc: 0o17\nd: 010\ne: yes\nf: true\ng: 1_000\nh: 1.5\ni: '7'\nj: ~\nk: 2026-01-01\nl: =\n"
    text += "m: .5\n"
    assert read_yaml("p", text).value == {
        "a": "on", "b": "12:30", "c": "0o17", "d": 10, "e": "yes", "f": True, "g": "1_000", "h": 1.5, "i": "7",
        "j": None, "k": "2026-01-01", "l": "=", "m": 0.5,
    }  # fmt: skip


def test_lines_are_known_for_every_path() -> None:
    located = read_yaml("p", "a:\n  - b: 1\n    c: 2\n  - 3\n")
    assert located.lines[("a", 0, "c")] == 3
    assert located.lines[("a", 1)] == 4
    assert str(located.problem(("a", 1, "gone"), "what")) == "p:4: a[1].gone: what"


@pytest.mark.parametrize("text", ["a" * 1024, "ab" * 512, "a/" * 512, "b" + "a" * 1023])
def test_patterns_of_many_stars_take_no_time(text: str) -> None:
    for pattern in ("*a" * 16, "**a" * 16, "a*" * 15 + "b", "**/**/*a**b*" + "*a"):
        Glob.of(pattern, "/").matches(text)
        overlap(pattern.replace("**", "*"), text.replace("b", "*")[:512])


def test_more_stars_are_refused() -> None:
    with pytest.raises(PatternError, match="more than 16 wildcards"):
        Glob.of("*a" * 17, "/")


def test_a_huge_policy_of_stars_decides() -> None:
    reads = [f"acme.{'*a' * 16}.{'*b' * 16}{number}" for number in range(1000)]
    rules = [{"id": f"r{n}", "effect": "deny", "statement": {"reads": reads}} for n in range(5)]
    policy = policy_of(CALLERS, {"gatebook_policy": 1, "rules": rules})
    question = question_of({"statements": [{"type": "SELECT", "reads": [f"acme.{'a' * 1000}.{'b' * 1000}"]}]})
    assert isinstance(decide(question, policy), Deny)


ENDLESS = "statement.reads.exists(a, statement.reads.exists(b, statement.reads.exists(c, a + b + c == 'x')))"


def test_a_condition_that_goes_on_for_too_long_refuses() -> None:
    rule = {"id": "long", "effect": "allow", "callers": ["known"], "when": ENDLESS}
    rule["statement"] = {"types": ["SELECT"], "reads": ["**"]}
    policy = policy_of(CALLERS, {"gatebook_policy": 1, "rules": [rule]})
    few = {"statements": [{"type": "SELECT", "reads": [f"acme.shop.t{n}" for n in range(3)]}]}
    many = {"statements": [{"type": "SELECT", "reads": [f"acme.shop.t{n}" for n in range(300)]}]}
    assert decide(question_of(few), policy).rules == ("builtin/no-rule",)
    decision = decide(question_of(many), policy)
    assert isinstance(decision, Deny)
    assert decision.rules == ("long",)
    assert "Iteration budget exceeded" in decision.message


@pytest.mark.parametrize(
    "text",
    [
        "statement.reads.map(t, t + t) == []",  # doubles with every link of a chain
        "statement.reads.map(t, t != '', t + t) == []",
        "(" * 500 + "true" + ")" * 500,
        " && ".join(["true"] * 30000),
        "true" + " " * 200_000,
        "'" + "a" * 200_000 + "' == ''",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]] == []",
        "\x00",
        "",
        "has(call)",
        "google.protobuf.Struct{} == 1",
    ],
)
def test_conditions_that_are_too_much_are_refused_at_load(text: str) -> None:
    with pytest.raises(CelError):
        Conditions().compile(text)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("statement.type.matches('^SEL')", True),
        ("statement.type . matches ( r'^SEL\\w+$' ) && call.method.matches(\"x\")", True),
        ("statement.type == 'matches(' || statement.type.matches('a')", True),
        ("true // statement.type.matches(statement.type)", True),
        ("'a'.matches(statement.type)", False),
        ("'a'.matches('x' + statement.type)", False),
        ("statement.type.matches('(' + ')')", False),
        ("matches(statement.type, 'a')", False),
        ("'\\'' == '' && 'a'.matches(statement.type) && '' == ''", False),
        ("statement.type == \"it's\" && 'a'.matches(statement.type)", False),
        ("r'\\' == '' && 'a'.matches(statement.type) && '' == ''", False),
        ("''" + "'a''' == ''", False),
        ('"' * 3 + "a" + '"' * 3 + " == 'a'", False),
    ],
)
def test_no_call_brings_a_regular_expression(text: str, *, taken: bool) -> None:
    if taken:
        assert Conditions().compile(text).text == text
    else:
        with pytest.raises(CelError):
            Conditions().compile(text)


def test_regular_expressions_take_linear_time() -> None:
    condition = Conditions().compile("statement.type.matches('^(a+)+$')")
    assert not condition.holds({"statement.type": "a" * 50_000 + "b"})


def test_texts_of_documents_are_bounded() -> None:
    document = {"gatebook_policy": 1, "rules": [{"id": "a", "effect": "deny", "when": "x" * 2001}]}
    assert "expected `str` of length <= 2000" in problems_of(json.dumps(document))[0]


def test_yaml_errors_name_the_place() -> None:
    with pytest.raises(YamlError) as caught:
        read_yaml("p", "a: 1\nb: [1, 2\nc: 3\n")
    assert caught.value.problem.line in (2, 3)
