"""`gatebook explain`: the decision, its exit status, and the JSON that programs rely on."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gatebook.policies import explain

POLICY = """
gatebook_policy: 1
callers:
  nightly:
    issuer: https://token.actions.githubusercontent.com
    attested: {repository: acme/etl, ref: refs/heads/main}
classifications:
  mail: {columns: ["**.email"]}
reviewers:
  owners: {people: [owners@acme.example]}
rules:
  - {id: read, effect: allow, callers: [known], statement: {types: [SELECT], reads: ["**"]}}
  - {id: no-mail, effect: deny, statement: {columns: ["class:mail"], how: [output, predicate]}}
  - {id: drop, effect: hold, reviewers: [owners], statement: {types: ["DROP_*"]}}
"""
CLAIMS = {
    "iss": "https://token.actions.githubusercontent.com",
    "repository": "acme/etl",
    "ref": "refs/heads/main",
    "sha": "abc",
}
CUSTOMERS = {
    "tableReference": {"projectId": "acme", "datasetId": "shop", "tableId": "customers"},
    "schema": {
        "fields": [
            {"name": "id", "type": "INTEGER"},
            {"name": "contact", "type": "RECORD", "fields": [{"name": "email", "type": "STRING"}]},
        ]
    },
}
VIEW = {
    "tableReference": {"projectId": "acme", "datasetId": "shop", "tableId": "mails"},
    "view": {"query": "SELECT UPPER(contact.email) AS m FROM acme.shop.customers", "useLegacySql": False},
    "schema": {"fields": [{"name": "m", "type": "STRING"}]},
}


def deep_schema(levels: int) -> str:
    fields: list[dict[str, Any]] = [{"name": "x", "type": "STRING"}]
    for _ in range(levels):
        fields = [{"name": "x", "type": "RECORD", "fields": fields}]
    reference = {"projectId": "acme", "datasetId": "shop", "tableId": "deep"}
    return json.dumps([{"tableReference": reference, "schema": {"fields": fields}}])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "claims.json").write_text(json.dumps(CLAIMS))
    (tmp_path / "catalog.json").write_text(json.dumps([CUSTOMERS, VIEW]))
    return tmp_path


def run(files: Path, *arguments: str, sql: str | None = None) -> Result:
    given = ["--policy", f"{files}/policy.yaml", "--catalog", f"{files}/catalog.json"]
    return CliRunner().invoke(explain, [*given, "--claims", f"{files}/claims.json", *arguments], input=sql)


def explained(files: Path, sql: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    result = run(files, "--json", *arguments, sql=sql)
    assert result.stderr == ""
    return result.exit_code, json.loads(result.stdout)


def test_an_allowed_query_is_explained_as_it_would_be_sent(files: Path) -> None:
    sql = "SELECT c.id, 1 AS one FROM shop.customers c WHERE c.id > 3"
    status, told = explained(files, sql)
    assert status == 0
    assert (told["decision"], told["rules"], told["executed_sql"]) == ("allow", ["read"], sql)
    (statement,) = told["statements"]
    assert statement["type"] == "SELECT"
    assert statement["tables_read"] == ["acme.shop.customers"]
    assert statement["outputs"] == [
        {"name": "id", "type": "INT64", "sources": ["acme.shop.customers.id"]},
        {"name": "one", "type": "INT64", "sources": []},
    ]
    assert statement["uses"] == {
        "predicate": ["acme.shop.customers.id"], "join": [], "group": [], "order": [], "window": [],
    }  # fmt: skip
    assert statement["opaque"] == []


def test_a_denied_query_names_rule_and_reason(files: Path) -> None:
    status, told = explained(files, "SELECT m FROM shop.mails")
    assert status == 3
    assert (told["decision"], told["rules"], told["executed_sql"]) == ("deny", ["no-mail"], None)
    assert "no-mail" in told["reason"]
    (statement,) = told["statements"]
    assert statement["tables_read"] == ["acme.shop.customers", "acme.shop.mails"]
    assert statement["outputs"][0]["sources"] == ["acme.shop.customers.contact.email"]


def test_a_held_call_of_the_api(files: Path) -> None:
    names = {"projectId": "acme", "datasetId": "shop", "tableId": "customers"}
    (files / "call.json").write_text(json.dumps({"method": "bigquery.tables.delete", "resource": names}))
    status, told = explained(files, "", "--call", f"{files}/call.json")
    assert status == 4
    assert (told["decision"], told["reviewers"]) == ("hold", ["owners"])
    assert told["statements"][0]["tables_written"] == ["acme.shop.customers"]


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ({"method": "bigquery.nothing"}, "is no method"),
        ({"method": "bigquery.tables.delete", "resource": {"datasetId": "shop"}}, "needs tableId"),
        ({"method": "bigquery.models.delete"}, "needs datasetId"),
        ({"method": "bigquery.datasets.delete", "resource": {"datasetId": "shop", "tableId": "x"}}, "has no tableId"),
        ({"method": "bigquery.datasets.delete", "resource": {"datasetId": "shop.x"}}, "is not a datasetId"),
        ({"method": "bigquery.jobs.list", "resource": {"projectId": "12345"}}, "is not a projectId"),
        ({"method": "bigquery.jobs.list", "parameters": {"all_users": "true"}}, "is no parameter"),
    ],
)
def test_a_call_that_no_client_can_make_is_explained(files: Path, call: dict[str, Any], problem: str) -> None:
    result = run(files, "--call", "-", sql=json.dumps(call))
    assert (result.exit_code, result.stdout) == (2, "")
    assert problem in result.stderr


@pytest.mark.parametrize(
    ("sql", "reason"), [("SELECT nope FROM shop.customers", "nope"), ("SELECT 1 FROM shop.gone", "gone")]
)
def test_what_bigquery_would_refuse_is_refused(files: Path, sql: str, reason: str) -> None:
    status, told = explained(files, sql)
    assert (status, told["decision"], told["rules"]) == (3, "deny", ["builtin/valid"])
    assert reason in told["reason"]


def test_what_cannot_be_read_is_refused_with_its_reason(files: Path) -> None:
    status, told = explained(files, "EXECUTE IMMEDIATE CONCAT('SELECT ', UPPER('a'))")
    assert (status, told["decision"]) == (3, "deny")
    assert [item["reason"] for item in told["statements"][0]["opaque"]] == ["dynamic_sql"]


def test_another_branch_is_another_caller(files: Path) -> None:
    (files / "claims.json").write_text(json.dumps({**CLAIMS, "ref": "refs/heads/x"}))
    status, told = explained(files, "SELECT 1")
    assert (status, told["rules"]) == (3, ["builtin/unknown-caller"])


def test_names_belong_to_the_dataset_that_is_given(files: Path) -> None:
    assert explained(files, "SELECT id FROM customers", "--dataset", "shop")[0] == 0
    assert explained(files, "SELECT id FROM customers")[0] == 3


def test_people_are_told_in_sentences(files: Path) -> None:
    result = run(files, sql="SELECT contact.email FROM shop.customers")
    assert result.exit_code == 3
    assert result.stdout.startswith("deny  Access Denied")
    assert "gives  email from customers.contact.email" in " ".join(result.stdout.split("\n")).replace("       ", "  ")


@pytest.mark.parametrize(
    ("file", "text", "status", "problem"),
    [
        ("policy.yaml", "gatebook_policy: 1\nrules:\n  - {id: x, effect: allow}\n", 1, "policy.yaml:3"),
        ("claims.json", "[]", 1, "claims.json"),
        ("claims.json", "{}", 1, "lack `iss`"),
        ("catalog.json", "{}", 2, "is no JSON array"),
        ("catalog.json", '[{"tableReference": {}}]', 1, "resource 1"),
        ("catalog.json", '[{"a":' + '{"a":' * 5000, 2, "is no JSON array"),
        ("catalog.json", deep_schema(20), 1, "nested deeper than 15 levels"),
        ("claims.json", '{"a":' * 5000, 1, "claims.json"),
    ],
)
def test_bad_files_are_named(files: Path, file: str, text: str, status: int, problem: str) -> None:
    (files / file).write_text(text)
    result = run(files, "--json", sql="SELECT 1")
    assert (result.exit_code, result.stdout) == (status, "")
    assert problem in result.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--call", "-", "--sql", "-"], "one of --sql and --call"),
        (["--sql", "nowhere.sql"], "cannot be read"),
        (["--kind", "robot"], "'robot' is not one of"),
        (["--bytes", "-1"], "-1 is not in the range"),
    ],
)
def test_mistakes_on_the_command_line_are_explained(files: Path, arguments: list[str], problem: str) -> None:
    result = run(files, *arguments, sql="SELECT 1")
    assert result.exit_code in (1, 2)
    assert problem in result.stderr
