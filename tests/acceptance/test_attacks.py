"""Think as a job that wants what is not its own, or to leave no trace. Every answer is BigQuery-shaped and recorded."""

import http.client
import json
import secrets
import signal
import socket
import threading
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from google.cloud import bigquery

from acceptance_gateway import PROJECT, Gateway, free_port, gateway_on
from gatebook.issuer.flaws import Flaw
from gatebook.issuer.serving import ServedIssuer

QUERIES = f"/bigquery/v2/projects/{PROJECT}/queries"
JOBS = f"/bigquery/v2/projects/{PROJECT}/jobs"


def sql(text: str, **members: Any) -> dict[str, Any]:
    return {"query": text, "useLegacySql": False, **members}


def stranger(gateway: Gateway) -> str:
    workflow = "acme/other/.github/workflows/x.yml@refs/heads/main"
    return gateway.token(repository="acme/other", repository_id="777", job_workflow_ref=workflow)


def shaped(answer: Any, reason: str) -> str:
    """Check BigQuery's error shape; give the message."""
    error = answer["error"]
    assert error["errors"][0]["reason"] == reason, error
    assert error["message"] == error["errors"][0]["message"]
    return str(error["message"])


@pytest.mark.parametrize("flaw", list(Flaw))
def test_flawed_tokens_get_401_and_are_recorded(gateway: Gateway, flaw: Flaw) -> None:
    token = gateway.issuer.issuer.mint_flawed(flaw, audience="https://gatebook.test")
    status, headers, answer = gateway.request("POST", QUERIES, sql("SELECT 1"), token=token)
    assert status == 401
    message = shaped(answer, "authError")
    assert token not in message
    record = gateway.record(headers["x-gatebook-record"])
    assert record["status"] == "refused"
    assert record["caller"] is None
    assert token.split(".")[1] not in json.dumps(record)


def test_another_organisations_token_is_not_enough(gateway: Gateway) -> None:
    status, _, answer = gateway.request("POST", QUERIES, sql("SELECT 1"), token=gateway.token(repository_owner="evil"))
    assert status == 401
    assert "repository_owner" in shaped(answer, "authError")


def test_another_callers_job_is_not_there_by_any_method(gateway: Gateway, client: bigquery.Client) -> None:
    job = client.query("SELECT 42 AS secret")
    job.result()
    other = stranger(gateway)
    for verb, path in [
        ("GET", f"{JOBS}/{job.job_id}"),
        ("GET", f"{JOBS}/{job.job_id}?projection=full&location=US"),
        ("GET", f"{QUERIES}/{job.job_id}"),
        ("GET", f"{QUERIES}/{job.job_id}?maxResults=0"),
        ("POST", f"{JOBS}/{job.job_id}/cancel"),
        ("DELETE", f"{JOBS}/{job.job_id}/delete"),
        ("GET", f"{JOBS}?parentJobId={job.job_id}"),
    ]:
        status, _, answer = gateway.request(verb, path, token=other)
        assert status == 404, (verb, path)
        shaped(answer, "notFound")


def test_another_callers_job_id_cannot_be_taken(gateway: Gateway, client: bigquery.Client) -> None:
    job = client.query("SELECT 42")
    job.result()
    document = {
        "jobReference": {"projectId": PROJECT, "jobId": job.job_id},
        "configuration": {"query": sql("SELECT 1")},
    }
    status, _, answer = gateway.request("POST", JOBS, document, token=stranger(gateway))
    assert status == 409
    shaped(answer, "duplicate")
    assert gateway.request("GET", f"{QUERIES}/{job.job_id}", token=stranger(gateway))[0] == 404


def test_another_callers_request_id_gives_no_rows_of_that_caller(gateway: Gateway) -> None:
    request_id = secrets.token_hex(8)
    first = gateway.request("POST", QUERIES, sql("SELECT 'mine' AS x", requestId=request_id))[2]
    again = gateway.request("POST", QUERIES, sql("SELECT 'mine' AS x", requestId=request_id))[2]
    other = gateway.request(
        "POST", QUERIES, sql("SELECT 'theirs' AS x", requestId=request_id), token=stranger(gateway)
    )[2]
    assert first["jobReference"]["jobId"] == again["jobReference"]["jobId"]
    assert other["rows"][0]["f"][0]["v"] == "theirs"


def test_result_tables_of_others_are_out_of_reach(gateway: Gateway, sandbox_url: str) -> None:
    """The anonymous table's name is taken from upstream itself, as if it had leaked."""
    answer = gateway.request("POST", QUERIES, sql("SELECT 42 AS secret"))[2]
    job_url = f"{sandbox_url}{JOBS}/{answer['jobReference']['jobId']}"
    with urllib.request.urlopen(job_url, timeout=10) as reply:
        table = json.load(reply)["configuration"]["query"]["destinationTable"]
    dataset, name = table["datasetId"], table["tableId"]
    assert dataset.startswith("_")
    path = f"/bigquery/v2/projects/{PROJECT}/datasets/{dataset}/tables/{name}"
    for reach in (path, f"{path}/data", f"/bigquery/v2/projects/{PROJECT}/datasets/{dataset}/tables"):
        assert gateway.request("GET", reach, token=stranger(gateway))[0] == 403, reach
    status, _, refused = gateway.request(
        "POST", QUERIES, sql(f"SELECT * FROM `{dataset}.{name}`"), token=stranger(gateway)
    )
    assert status == 403
    shaped(refused, "accessDenied")
    copy = {"configuration": {"copy": {"sourceTable": table, "destinationTable": {**table, "datasetId": "shop"}}}}
    assert gateway.request("POST", JOBS, copy, token=stranger(gateway))[0] == 403
    gateway.request("GET", f"{JOBS}/{answer['jobReference']['jobId']}")  # here the caller's own job tells its table
    assert gateway.request("GET", f"{path}/data")[0] == 200


def test_uploads_of_others_cannot_be_continued(gateway: Gateway) -> None:
    table = {"projectId": PROJECT, "datasetId": "shop", "tableId": f"u_{secrets.token_hex(4)}"}
    load = {"configuration": {"load": {"destinationTable": table, "sourceFormat": "CSV",
                                       "schema": {"fields": [{"name": "a", "type": "STRING"}]}}}}  # fmt: skip
    start = f"/upload/bigquery/v2/projects/{PROJECT}/jobs?uploadType=resumable"
    status, headers, _ = gateway.request("POST", start, load)
    assert status == 200
    location = headers["location"]
    assert location.startswith(gateway.url), "the upload goes on through the gateway"
    path = location.removeprefix(gateway.url)
    assert gateway.request("PUT", path, token=stranger(gateway), **{"content-range": "bytes */*"})[0] == 404


@pytest.mark.parametrize(
    ("verb", "path", "headers", "status"),
    [
        ("POST", "/batch/bigquery/v2", {}, 403),
        ("POST", f"{QUERIES}?access_token=x", {}, 403),
        ("GET", f"{JOBS}?callback=x", {}, 403),
        ("POST", JOBS, {"x-http-method-override": "GET"}, 403),
        ("GET", "/bigquery/v2/projects/p/../projects", {}, 400),
        ("GET", "/bigquery/v2//projects", {}, 400),
        ("GET", "/bigquery/v2/projects/p/datasets/d%2ftables", {}, 400),
        ("GET", "/bigquery/v3/projects", {}, 404),
        ("GET", "/storage/v1/b", {}, 404),
    ],
)
def test_closed_routes_are_refused_and_recorded(
    gateway: Gateway, verb: str, path: str, headers: dict[str, str], status: int
) -> None:
    got, told, answer = gateway.request(verb, path, {} if verb == "POST" else None, **headers)
    assert got == status
    assert answer["error"]["code"] == status
    assert gateway.record(told["x-gatebook-record"])["status"] == "refused"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM `region-us`.INFORMATION_SCHEMA.JOBS",
        "SELECT query FROM `region-us.INFORMATION_SCHEMA.JOBS_BY_PROJECT`",
        "SELECT * FROM INFORMATION_SCHEMA.JOBS_BY_USER",
        f"SELECT * FROM `{PROJECT}.region-us.INFORMATION_SCHEMA.JOBS`",
    ],
)
def test_other_callers_sql_is_not_shown(gateway: Gateway, text: str) -> None:
    status, _, answer = gateway.request("POST", QUERIES, sql(text))
    assert status in (400, 403, 404), answer
    assert "rows" not in answer


def test_names_cannot_be_made_to_mean_something_else(gateway: Gateway) -> None:
    """A temporary table that may not exist must not hide the read of a real one from the book."""
    trick = "IF FALSE THEN CREATE TEMP TABLE customers AS SELECT 1 AS id; END IF; SELECT * FROM customers"
    status, _, answer = gateway.request("POST", QUERIES, sql(trick, defaultDataset={"datasetId": "shop"}))
    assert status == 403
    assert "may not run" in shaped(answer, "accessDenied")
    status, _, answer = gateway.request("POST", QUERIES, sql("SET @@dataset_id = 'shop'; SELECT * FROM customers"))
    assert status in (403, 404)


def test_no_token_and_no_row_value_is_in_the_data_directory(gateway: Gateway) -> None:
    canary = secrets.token_hex(12)
    token = gateway.token()
    name = f"shop.c_{secrets.token_hex(4)}"
    gateway.request("POST", QUERIES, sql(f"CREATE TABLE {name} (a STRING)"), token=token)
    path = f"/bigquery/v2/projects/{PROJECT}/datasets/shop/tables/{name.removeprefix('shop.')}"
    inserted = gateway.request("POST", f"{path}/insertAll", {"rows": [{"json": {"a": canary}}]}, token=token)
    assert inserted[0] == 200
    answer = gateway.request("POST", QUERIES, sql(f"SELECT a FROM {name}"), token=token)[2]
    assert answer["rows"][0]["f"][0]["v"] == canary
    kept = b"".join(file.read_bytes() for file in (gateway.directory / "book").iterdir() if file.is_file())
    kept += (gateway.directory / "gateway.log").read_bytes()
    assert canary.encode() not in kept
    assert token.encode() not in kept
    assert token.split(".")[2].encode() not in kept


def test_a_rotated_key_is_found_and_the_old_one_serves_on(gateway: Gateway) -> None:
    old = gateway.token()
    gateway.issuer.issuer.rotate()
    time.sleep(0.2)  # the cool-down between two readings of the issuer's keys
    assert gateway.request("POST", QUERIES, sql("SELECT 1"), token=gateway.token())[0] == 200
    assert gateway.request("POST", QUERIES, sql("SELECT 2"), token=old)[0] == 200


def ask_in_vain(gateway: Gateway) -> None:
    with suppress(OSError, http.client.HTTPException):
        gateway.request("POST", QUERIES, sql("SELECT 1"))


def test_after_a_kill_the_promise_is_reported(tmp_path: Path, issuer: ServedIssuer) -> None:
    """Upstream takes the call and never answers; the gateway is killed meanwhile."""
    with socket.create_server(("127.0.0.1", free_port())) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with gateway_on(tmp_path / "first", issuer, url) as first:
            asking = threading.Thread(target=ask_in_vain, args=(first,))
            asking.start()
            silent.settimeout(20)
            taken = silent.accept()  # kept open: an upstream that hangs up would be an outcome
            first.process.send_signal(signal.SIGKILL)
            first.process.wait(10)
            asking.join(10)
            taken[0].close()
            (row,) = first.book()
    assert row["status"] == "unsettled"
    assert row["request"]["sql"] == "SELECT 1"


def test_upstream_down_is_told_and_recorded(tmp_path: Path, issuer: ServedIssuer) -> None:
    with gateway_on(tmp_path / "g", issuer, f"http://127.0.0.1:{free_port()}") as gateway:
        status, headers, answer = gateway.request("POST", QUERIES, sql("SELECT 1"))
        assert status == 503
        shaped(answer, "backendError")
        assert gateway.record(headers["x-gatebook-record"])["status"] == "upstream_failed"
