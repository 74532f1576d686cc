"""More of what a job tries that wants another job's rows, or a road around the gateway, through the whole of it."""

import json
import secrets
import urllib.request
from typing import Any

import pytest
from test_attacks import JOBS, QUERIES, shaped, sql, stranger

from acceptance_gateway import PROJECT, Gateway

ROUTINES = f"/bigquery/v2/projects/{PROJECT}/datasets/shop/routines"
TABLES = f"/bigquery/v2/projects/{PROJECT}/datasets/shop/tables"


@pytest.fixture(scope="module")
def foreign_result(gateway: Gateway, sandbox_url: str) -> dict[str, str]:
    """Another caller's result table, as if its name had leaked."""
    answer = gateway.request("POST", QUERIES, sql("SELECT 'theirs' AS email"))[2]
    with urllib.request.urlopen(f"{sandbox_url}{JOBS}/{answer['jobReference']['jobId']}", timeout=10) as reply:
        table: dict[str, str] = json.load(reply)["configuration"]["query"]["destinationTable"]
    return table


def unused(name: str) -> str:
    return f"{name}_{secrets.token_hex(4)}"


def test_foreign_results_cannot_be_read_by_a_routine_made_for_it(
    gateway: Gateway, foreign_result: dict[str, str]
) -> None:
    source = f"SELECT MAX(email) AS email FROM `{foreign_result['datasetId']}.{foreign_result['tableId']}`"
    routine = unused("r")
    document = {
        "routineReference": {"projectId": PROJECT, "datasetId": "shop", "routineId": routine},
        "routineType": "SCALAR_FUNCTION",
        "definitionBody": f"({source})",
        "returnType": {"typeKind": "STRING"},
    }
    status, _, answer = gateway.request("POST", ROUTINES, document, token=stranger(gateway))
    assert status == 403
    assert "another caller" in shaped(answer, "accessDenied")
    for text in (
        f"CREATE FUNCTION shop.{routine}(x ANY TYPE) AS (({source}))",
        f"CREATE TABLE FUNCTION shop.{routine}(x ANY TYPE) AS ({source})",
        f"CREATE PROCEDURE shop.{routine}() BEGIN {source}; END",
        f"CREATE TEMP FUNCTION f(x ANY TYPE) AS (({source})); SELECT f(1)",
        f"CREATE TABLE shop.{routine} LIKE `{foreign_result['datasetId']}.{foreign_result['tableId']}`",
        f"DROP SCHEMA `{foreign_result['datasetId']}` CASCADE",
    ):
        status, _, answer = gateway.request("POST", QUERIES, sql(text), token=stranger(gateway))
        assert status == 403, text
        shaped(answer, "accessDenied")


def test_foreign_results_cannot_hide_in_a_member_that_is_read_twice(
    gateway: Gateway, foreign_result: dict[str, str]
) -> None:
    orders = {"projectId": PROJECT, "datasetId": "shop", "tableId": "orders"}
    target = {**orders, "tableId": unused("c")}
    hidden = f"SELECT email FROM `{foreign_result['datasetId']}.{foreign_result['tableId']}`"
    attempts: list[tuple[str, dict[str, Any]]] = [
        (JOBS, {"configuration": {"copy": {"sourceTable": orders, "sourceTables": foreign_result,
                                           "destinationTable": target}}}),
        (TABLES, {"tableReference": target, "view": {"query": "SELECT '' AS email", "useLegacySql": False},
                  "materializedView": {"query": hidden}}),
        (TABLES, {"tableReference": {**foreign_result, "tableId": "x"}}),
        (QUERIES, sql("SELECT 1", connectionProperties={"key": "session_id", "value": "another caller's"})),
    ]  # fmt: skip
    for path, document in attempts:
        status, _, answer = gateway.request("POST", path, document, token=stranger(gateway))
        assert status == 400, document
        shaped(answer, "parseError")


def test_a_made_up_job_in_another_resource_gives_no_job(gateway: Gateway, sandbox_url: str) -> None:
    """The job is upstream, but nobody here made it."""
    job = unused("direct")
    reference = {"projectId": PROJECT, "jobId": job}
    document = {"jobReference": reference, "configuration": {"query": sql("SELECT 'secret'")}}
    request = urllib.request.Request(
        sandbox_url + JOBS, json.dumps(document).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert reply.status == 200
    assert gateway.request("POST", JOBS, document)[0] == 409
    dataset = {"datasetReference": {"projectId": PROJECT, "datasetId": unused("d")}, "jobReference": reference}
    gateway.request("POST", f"/bigquery/v2/projects/{PROJECT}/datasets", dataset)
    assert gateway.request("GET", f"{QUERIES}/{job}")[0] == 404


@pytest.mark.parametrize("verb", ["PATCH", "PUT"])
def test_a_dataset_is_not_shared_through_the_gateway(gateway: Gateway, verb: str) -> None:
    access = {"access": [{"role": "OWNER", "userByEmail": "someone@example.com"}]}
    status, _, answer = gateway.request(verb, f"/bigquery/v2/projects/{PROJECT}/datasets/shop", access)
    assert status == 403
    assert "who may reach data" in shaped(answer, "accessDenied")


@pytest.mark.parametrize(
    "text",
    [
        "GRANT `roles/bigquery.dataViewer` ON TABLE shop.{table} TO 'user:a@example.com'",
        "GRANT `roles/bigquery.dataViewer` ON SCHEMA shop TO 'user:a@example.com'",
        "REVOKE `roles/bigquery.dataViewer` ON TABLE shop.{table} FROM 'user:a@example.com'",
        "CREATE ROW ACCESS POLICY p ON shop.{table} GRANT TO ('user:a@example.com') FILTER USING (x > 1)",
        "DROP ALL ROW ACCESS POLICIES ON shop.{table}",
        "SELECT 1; GRANT `roles/bigquery.dataViewer` ON TABLE shop.{table} TO 'user:a@example.com'",
    ],
)
def test_what_upstream_would_share_the_gateway_does_not(gateway: Gateway, sandbox_url: str, text: str) -> None:
    table = unused("shared")
    assert gateway.request("POST", QUERIES, sql(f"CREATE TABLE shop.{table} (x INT64)"))[0] == 200
    text = text.format(table=table)
    status, _, answer = gateway.request("POST", QUERIES, sql(text))
    assert status == 403
    assert "who may reach data" in shaped(answer, "accessDenied")
    request = urllib.request.Request(
        sandbox_url + QUERIES, json.dumps(sql(text)).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert json.load(reply)["jobComplete"], "it was the gateway that said no"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ARRAY(SELECT email FROM shop.customers)",
        "SELECT 'x' IN (SELECT email FROM shop.customers)",
        "SELECT * FROM UNNEST(ARRAY(SELECT email FROM shop.customers)) LIMIT 1",
        "CREATE TEMP FUNCTION f(x ANY TYPE) AS ((SELECT MAX(email) FROM shop.customers)); SELECT f(1)",
    ],
)
def test_columns_read_in_passing_are_in_the_book(gateway: Gateway, text: str) -> None:
    _, headers, _ = gateway.request("POST", QUERIES, sql(text))
    found = gateway.book("--column", f"{PROJECT}.shop.customers.email")
    assert headers["x-gatebook-record"] in [row["id"] for row in found]


def test_rows_listed_without_sql_are_found_by_column(gateway: Gateway) -> None:
    _, headers, _ = gateway.request("GET", f"{TABLES}/customers/data?maxResults=1")
    found = gateway.book("--column", f"{PROJECT}.shop.customers.email")
    assert headers["x-gatebook-record"] in [row["id"] for row in found]


@pytest.mark.parametrize(
    ("path", "document"), [(QUERIES, sql("SELECT 5")), (JOBS, {"configuration": {"query": sql("SELECT 5")}})]
)
def test_a_job_is_known_whatever_fields_are_asked_for(gateway: Gateway, path: str, document: dict[str, Any]) -> None:
    _, headers, answer = gateway.request("POST", f"{path}?fields=kind", document)
    job = gateway.record(headers["x-gatebook-record"])["outcome"]["job_id"]
    assert job == answer["jobReference"]["jobId"]
    assert gateway.request("GET", f"{QUERIES}/{job}")[0] == 200


def test_requests_without_a_request_id_are_not_one(gateway: Gateway) -> None:
    for value in ("a", "b"):
        answer = gateway.request("POST", QUERIES, sql(f"SELECT '{value}'", requestId=""))[2]
        assert answer["rows"][0]["f"][0]["v"] == value
