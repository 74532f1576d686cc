"""`gatebook policy init|check|schema|test`, as people and programs run it."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gatebook.core.policy.reading import CASES, POLICY, Shape
from gatebook.inbound.cli.policy import schema_text
from gatebook.policies import policy


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(policy, [str(argument) for argument in arguments])


@pytest.fixture
def default_set(tmp_path: Path) -> Path:
    assert run("init", tmp_path / "policy").exit_code == 0
    return tmp_path / "policy"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_default_set_is_written_once(default_set: Path) -> None:
    written = sorted(str(path.relative_to(default_set)) for path in default_set.rglob("*.*"))
    assert written == ["callers.yaml", "rules.yaml", "tests/catalog.json", "tests/claims.json", "tests/default.yaml"]
    again = run("init", default_set)
    assert again.exit_code == 2
    assert "there already; nothing was written" in again.output


def test_the_default_set_has_no_problems_and_passes_its_tests(default_set: Path) -> None:
    checked = run("check", default_set, "--json")
    assert (checked.exit_code, json.loads(checked.stdout)["problems"]) == (0, [])
    tested = run("test", default_set / "tests")
    assert tested.exit_code == 0, tested.output
    assert "10 passed, 0 failed" in tested.output


def test_check_says_what_is_wrong_and_where(default_set: Path) -> None:
    rules = default_set / "rules.yaml"
    edit(rules, "types: [DELETE, UPDATE, MERGE]", "types: [DELET, UPDATE, MERGE]")
    checked = run("check", default_set)
    assert checked.exit_code == 1
    line = next(n for n, text in enumerate(rules.read_text().splitlines(), 1) if "DELET," in text)
    assert (
        f"{rules}:{line}: error: rules[5].statement.types[0]: 'DELET' stands for nothing that there is"
        in checked.stderr
    )
    as_json = run("check", "--json", default_set)
    found = json.loads(as_json.stdout)
    assert (as_json.exit_code, found["ok"], found["version"]) == (1, False, None)
    (problem,) = found["problems"]
    assert problem == {
        "file": str(rules), "line": line, "field": "rules[5].statement.types[0]", "severity": "error",
        "message": "'DELET' stands for nothing that there is. Did you mean DELETE?",
    }  # fmt: skip


def test_check_warns_of_what_the_catalog_does_not_have(default_set: Path) -> None:
    checked = run("check", default_set, "--catalog", default_set / "tests" / "catalog.json")
    assert checked.exit_code == 0
    assert "warning: classifications.secret.columns[0]: '**.password' stands for no column" in checked.stderr
    assert "password_hash" not in checked.stderr
    edit(default_set / "rules.yaml", '"acme.raw.**"', '"acme.row.**"')
    checked = run("check", default_set, "--catalog", default_set / "tests" / "catalog.json")
    assert "statement.reads[0]: 'acme.row.**' stands for no table of the catalog" in checked.stderr


def test_single_files_and_their_order(default_set: Path) -> None:
    one = run("check", default_set / "callers.yaml", default_set / "rules.yaml").stdout
    other = run("check", default_set / "rules.yaml", default_set / "callers.yaml").stdout
    assert one == other
    alone = run("check", default_set / "rules.yaml")
    assert alone.exit_code == 1
    assert "'pipelines' is no caller or group of this policy" in alone.stderr


@pytest.mark.parametrize("command", ["check", "test"])
def test_what_is_not_there_cannot_be_tried(tmp_path: Path, command: str) -> None:
    assert run(command, tmp_path / "nowhere").exit_code == 2
    assert run(command, tmp_path).exit_code == 2
    assert "there are no YAML files in it" in run(command, tmp_path).output


def test_a_file_that_is_not_text_is_a_problem_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_bytes(b"\xff\xfe\x00")
    checked = run("check", tmp_path)
    assert checked.exit_code == 1
    assert "bad.yaml:1: error: cannot be read" in checked.stderr


def test_a_case_that_fails_shows_what_is_different(default_set: Path) -> None:
    cases = default_set / "tests" / "default.yaml"
    edit(
        cases,
        "expect: {decision: hold, rules: [destroy], reason: held",
        "expect: {decision: deny, rules: [gone], reason: held",
    )
    tested = run("test", default_set / "tests")
    assert tested.exit_code == 1
    assert "9 passed, 1 failed" in tested.output
    failure = tested.output[tested.output.index("FAIL") :]
    line = next(n for n, text in enumerate(cases.read_text().splitlines(), 1) if "dropping waits" in text)
    assert failure.splitlines()[:5] == [
        f"FAIL  dropping waits for a person  {cases}:{line}",
        "      decision  - expected deny",
        "                + found    hold",
        "      rules     - expected [gone]",
        "                + found    [destroy]",
    ]
    assert "Access Denied: DROP TABLE on acme.staging.orders needs the approval of data-owners" in failure
    found = json.loads(run("test", default_set / "tests", "--json").stdout)
    (failed,) = [case for case in found["cases"] if not case["passed"]]
    assert (found["passed"], found["failed"]) == (9, 1)
    assert (failed["name"], failed["line"]) == ("dropping waits for a person", line)
    assert failed["differences"][0] == {"what": "decision", "expected": "deny", "found": "hold"}


HEAD = """gatebook_policy_test: 1
policy: [..]
catalog: catalog.json
callers:
  nightly:
    claims: {iss: "https://token.actions.githubusercontent.com", repository: acme/warehouse-etl}
cases:
"""


ASK = "sql: SELECT 1, expect: {decision: allow}"


@pytest.mark.parametrize(
    ("case", "problem"),
    [
        (f"- {{name: x, caller: weekly, {ASK}}}", "'weekly' is none of this file's callers"),
        (f"- {{name: x, caller: nightly, {ASK}}}", "identify nobody: the token lacks the claim"),
        (f"- {{name: x, caller: nightly, claims: {{iss: null}}, {ASK}}}", "lack `iss`"),
        (f"- {{name: x, caller: nightly, claims: {{iss: 'https://x.example'}}, {ASK}}}", "lacks the claim 'sub'"),
        (f"- {{name: x, caller: nightly, call: {{method: bigquery.jobs.get}}, {ASK}}}", "give one of `sql` and `call`"),
        ("- {name: x, caller: nightly, expect: {decision: allow}}", "give one of `sql` and `call`"),
        ("- {name: x, caller: nightly, sql: SELECT 1, expect: {decision: maybe}}", "cases[0].expect.decision: invalid"),
        ("- {name: x, caller: nightly, sql: SELECT 1}", "cases[0]: lacks the key `expect`"),
        (f"- {{name: x, caller: nightly, sq: x, {ASK}}}", "cases[0].sq: is no key that belongs here"),
        (" []", "there are no cases"),
    ],
)
def test_cases_that_cannot_be_asked(default_set: Path, case: str, problem: str) -> None:
    (default_set / "tests" / "default.yaml").write_text(HEAD + case + "\n")
    tested = run("test", default_set / "tests")
    assert tested.exit_code == 2
    assert problem in tested.output


def test_a_policy_with_errors_is_not_tested(default_set: Path) -> None:
    edit(default_set / "rules.yaml", "id: read\n", "id: Read\n")
    tested = run("test", default_set / "tests")
    assert tested.exit_code == 2
    assert "the policy that it tests has errors" in tested.output
    assert "rules[0].id: is no name" in tested.output


def test_refusals_before_the_policy_and_api_calls(default_set: Path) -> None:
    cases = default_set / "tests" / "default.yaml"
    head = cases.read_text().partition("cases:")[0]
    cases.write_text(
        head
        + """cases:
  - name: bad SQL
    caller: nightly
    sql: SELECT FROM WHERE
    expect: {decision: refused, reason: sql_invalid}
  - name: no such table
    caller: nightly
    sql: SELECT * FROM raw.gone
    expect: {decision: refused, reason: table_not_found, message: raw.gone}
  - name: parameters and a default dataset
    caller: nightly
    dataset: raw
    sql: SELECT id FROM orders WHERE customer = @who
    parameters: [{name: who, parameterType: {type: STRING}, parameterValue: {value: x}}]
    expect: {decision: allow, statements: [SELECT]}
  - name: legacy SQL by the API
    caller: nightly
    call: {method: bigquery.jobs.query, document: {query: "SELECT 1"}}
    expect: {decision: deny, reason: sql_opaque, opaque: [legacy_sql]}
  - name: a job of the API
    caller: nightly
    call:
      method: bigquery.jobs.insert
      document:
        configuration:
          copy:
            sourceTable: {projectId: acme, datasetId: raw, tableId: orders}
            destinationTable: {projectId: acme, datasetId: staging, tableId: orders}
    expect: {decision: allow, statements: [COPY]}
  - name: another workload
    caller: nightly
    claims: {repository: acme/other, workflow_ref: acme/other/.github/workflows/nightly.yml@refs/heads/main}
    sql: SELECT 1
    expect: {decision: deny, rules: [builtin/unknown-caller], message: repository acme/other}
"""
    )
    tested = run("test", cases)
    assert tested.exit_code == 0, tested.output


def test_a_function_that_stays_is_not_temporary(default_set: Path) -> None:
    cases = default_set / "tests" / "default.yaml"
    head = cases.read_text().partition("cases:")[0]
    case = "{name: x, caller: nightly, sql: 'CREATE FUNCTION staging.f() AS (1)', expect: {decision: deny}}"
    cases.write_text(f"{head}cases:\n  - {case}\n")
    assert run("test", cases).exit_code == 0


@pytest.mark.parametrize(("file", "shape"), [("policy.schema.json", POLICY), ("policy-test.schema.json", CASES)])
def test_the_published_schema_is_the_one_of_the_types(file: str, shape: Shape[Any]) -> None:
    published = (files("gatebook") / "schemas" / file).read_text()
    assert published == schema_text(shape), f"make it anew: gatebook policy schema > src/gatebook/schemas/{file}"
    command = ["schema"] if shape is POLICY else ["schema", "--tests"]
    assert run(*command).stdout == published
    assert json.loads(published)["$schema"].startswith("https://json-schema.org/")


def test_hostile_names_in_files_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text('gatebook_policy: 1\n"\\e[2Jx": 1\n')
    checked = run("check", tmp_path)
    assert checked.exit_code == 1
    assert "\x1b" not in checked.stderr
