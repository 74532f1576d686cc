"""What is true of every reply: shapes, masks, compression, paths."""

import pytest
import requests


@pytest.fixture
def http(sandbox):
    def call(verb, path, **more):
        return requests.request(verb, f"{sandbox.rest_url}{path}", timeout=30, **more)

    return call


DATASET = "/bigquery/v2/projects/demo-project/datasets/shop"


def test_partial_and_pretty_replies(http):
    assert http("GET", DATASET, params={"fields": "datasetReference/datasetId"}).json() == {
        "datasetReference": {"datasetId": "shop"}
    }
    assert "\n" in http("GET", DATASET).text
    assert "\n" not in http("GET", DATASET, params={"prettyPrint": "false"}).text
    assert http("GET", DATASET, params={"fields": "a(b"}).status_code == 400


def test_gzip_when_accepted(http):
    table = f"{DATASET}/tables/customers/data?maxResults=100"
    assert http("GET", table).headers["content-encoding"] == "gzip"
    plain = http("GET", table, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert len(plain.json()["rows"]) == 100


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("GET", "/"),
        ("GET", "/bigquery/v2/nothing"),
        ("DELETE", "/bigquery/v2/projects"),
        ("POST", "/batch/bigquery/v2"),
    ],
)
def test_unknown_paths(http, verb, path):
    reply = http(verb, path)
    assert reply.status_code == 404
    error = reply.json()["error"]
    assert (error["code"], error["status"], error["errors"][0]["reason"]) == (404, "NOT_FOUND", "notFound")


@pytest.mark.parametrize(
    ("verb", "path", "name"),
    [
        ("POST", f"{DATASET}:undelete", "bigquery.datasets.undelete"),
        ("POST", f"{DATASET}/tables/orders/rowAccessPolicies", "bigquery.rowAccessPolicies.insert"),
        ("GET", f"{DATASET}/tables/orders/rowAccessPolicies/x", "bigquery.rowAccessPolicies.get"),
    ],
)
def test_methods_that_are_not_there_say_so_by_name(http, verb, path, name):
    error = http(verb, path).json()["error"]
    assert error["errors"][0]["reason"] == "notImplemented"
    assert name in error["message"]


def test_broken_requests(http):
    jobs = "/bigquery/v2/projects/demo-project/jobs"
    broken = http("POST", jobs, data="{", headers={"content-type": "application/json"})
    assert broken.json()["error"]["errors"][0]["reason"] == "parseError"
    assert http("POST", jobs, data="[]").status_code == 400
    for query in ({"maxResults": "many"}, {"maxResults": "-1"}, {"pageToken": "x"}, {"allUsers": "perhaps"}):
        assert http("GET", jobs, params=query).status_code == 400
    overridden = http("POST", jobs, headers={"x-http-method-override": "GET"})
    assert overridden.json()["error"]["errors"][0]["reason"] == "notImplemented"


def test_timestamps_without_the_option_are_float_seconds(http):
    sql = {"query": "SELECT TIMESTAMP '2014-08-19 12:41:35.220 UTC' AS t", "useLegacySql": False}
    queries = "/bigquery/v2/projects/demo-project/queries"
    assert http("POST", queries, json=sql).json()["rows"] == [{"f": [{"v": "1.40845209522E9"}]}]
    asked = http("POST", queries, json={**sql, "formatOptions": {"useInt64Timestamp": True}})
    assert asked.json()["rows"] == [{"f": [{"v": "1408452095220000"}]}]
    job_id = asked.json()["jobReference"]["jobId"]
    for spelled in ("True", "true"):
        page = http("GET", f"{queries}/{job_id}", params={"formatOptions.useInt64Timestamp": spelled})
        assert page.json()["rows"] == [{"f": [{"v": "1408452095220000"}]}]


def test_timestamp_output_formats(http):
    body = {"query": "SELECT TIMESTAMP '1970-01-01 00:00:01 UTC' AS t", "useLegacySql": False}
    queries = "/bigquery/v2/projects/demo-project/queries"
    wanted = {"INT64": "1000000", "FLOAT64": "1.0"}
    for name, text in wanted.items():
        reply = http("POST", queries, json={**body, "formatOptions": {"timestampOutputFormat": name}}).json()
        assert reply["rows"] == [{"f": [{"v": text}]}]
    refused = http("POST", queries, json={**body, "formatOptions": {"timestampOutputFormat": "ISO8601_STRING"}})
    assert "timestampOutputFormat=ISO8601_STRING" in refused.json()["error"]["message"]
    unknown = http("POST", queries, json={**body, "somethingNew": 1})
    assert "query.somethingNew" in unknown.json()["error"]["message"]


def test_pages_end_by_size(http):
    sql = "SELECT REPEAT('x', 1000000) AS x FROM UNNEST(GENERATE_ARRAY(1, 25))"
    queries = "/bigquery/v2/projects/demo-project/queries"
    reply = http("POST", queries, json={"query": sql, "useLegacySql": False}).json()
    assert reply["totalRows"] == "25"
    counts, token = [len(reply["rows"])], reply.get("pageToken")
    while token:
        page = http("GET", f"{queries}/{reply['jobReference']['jobId']}", params={"pageToken": token})
        assert len(page.content) < 12_000_000
        counts.append(len(page.json()["rows"]))
        token = page.json().get("pageToken")
    assert sum(counts) == 25
    assert len(counts) == 3


def test_no_rows_asked_for_still_tells_schema_and_number(http):
    queries = "/bigquery/v2/projects/demo-project/queries"
    reply = http("POST", queries, json={"query": "SELECT 1 AS x", "useLegacySql": False, "maxResults": 0}).json()
    assert (reply["totalRows"], reply["schema"]["fields"][0]["name"]) == ("1", "x")
    assert "rows" not in reply


def test_errors_are_complete(http):
    reply = http("GET", f"{DATASET}/tables/nope")
    assert reply.headers["content-type"] == "application/json; charset=UTF-8"
    error = reply.json()["error"]
    text = error["message"]
    assert text.startswith("Not found: Table demo-project:shop.nope")
    assert error == {
        "code": 404,
        "message": text,
        "errors": [{"message": text, "domain": "global", "reason": "notFound"}],
        "status": "NOT_FOUND",
    }
