"""Jobs as clients start, find, list, wait for and stop them."""

import time
import uuid

import pytest
import requests
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError, NotFound
from google.cloud.bigquery import QueryJobConfig

SLOW = "SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 100000)) a, UNNEST(GENERATE_ARRAY(1, 100000)) b"


@pytest.fixture
def http(sandbox):
    def call(verb, path, **more):
        url = f"{sandbox.rest_url}/bigquery/v2/projects/demo-project{path}"
        return requests.request(verb, url, timeout=30, **more)

    return call


def _query(sql, **more):
    return {"query": sql, "useLegacySql": False, **more}


def test_a_job_id_can_be_used_once(client):
    job_id = f"mine-{uuid.uuid4()}"
    client.query("SELECT 1", job_id=job_id, job_retry=None).result()
    with pytest.raises(Conflict, match=f"Already Exists: Job demo-project:US.{job_id}"):
        client.query("SELECT 1", job_id=job_id, job_retry=None)


def test_a_job_is_found_where_it_ran(client):
    job = client.query("SELECT 1")
    for location in ("US", "us", None):
        assert client.get_job(job.job_id, location=location).location == "US"
    regional = client.query("SELECT 1", location="Europe-West1")
    assert client.get_job(regional.job_id, location="europe-west1").location == "europe-west1"
    for unknown, location in ((job.job_id, "EU"), ("nope", "US"), ("nope", None)):
        with pytest.raises(NotFound, match="Not found: Job demo-project:"):
            client.get_job(unknown, location=location)


def test_cancel(client):
    job = client.query(SLOW)
    assert not job.done()
    job.cancel()
    started = time.monotonic()
    with pytest.raises(GoogleAPICallError, match="User requested cancellation"):
        job.result()
    assert time.monotonic() - started < 5
    assert job.error_result["reason"] == "stopped"
    assert client.cancel_job(job.job_id).state == "DONE"


def test_job_timeout(client):
    job = client.query(SLOW, QueryJobConfig(job_timeout_ms=100))
    with pytest.raises(GoogleAPICallError, match=r"Job timed out after 0\.1 sec"):
        job.result()


def test_waiting_is_bounded_by_the_call(client, http):
    reply = http("POST", "/queries", json=_query(SLOW, timeoutMs=50)).json()
    assert reply["jobComplete"] is False
    assert "rows" not in reply
    job_id = reply["jobReference"]["jobId"]
    started = time.monotonic()
    assert http("GET", f"/queries/{job_id}?timeoutMs=0").json()["jobComplete"] is False
    assert time.monotonic() - started < 1
    started = time.monotonic()
    assert http("GET", f"/queries/{job_id}?timeoutMs=300&maxResults=0").json()["jobComplete"] is False
    assert 0.25 < time.monotonic() - started < 2
    assert http("GET", f"/jobs/{job_id}").json()["status"] == {"state": "RUNNING"}
    client.cancel_job(job_id)
    failed = http("GET", f"/queries/{job_id}")
    assert failed.json()["error"]["errors"][0]["reason"] == "stopped"


def test_insert_answers_before_the_job_ends(http):
    body = {"configuration": {"query": _query(SLOW)}}
    started = time.monotonic()
    job = http("POST", "/jobs", json=body).json()
    assert time.monotonic() - started < 1
    assert job["status"]["state"] in {"PENDING", "RUNNING"}
    job_id = job["jobReference"]["jobId"]
    reply = http("POST", f"/jobs/{job_id}/cancel").json()
    assert reply["kind"] == "bigquery#jobCancelResponse"
    assert reply["job"]["status"]["state"] == "DONE"


def test_the_same_request_id_is_the_same_job(http):
    request_id = str(uuid.uuid4())
    replies = [http("POST", "/queries", json=_query("SELECT RAND() AS r", requestId=request_id)).json() for _ in "ab"]
    assert replies[0]["jobReference"] == replies[1]["jobReference"]
    assert replies[0]["rows"] == replies[1]["rows"]
    other = http("POST", "/queries", json=_query("SELECT RAND() AS r", requestId=str(uuid.uuid4()))).json()
    assert other["jobReference"] != replies[0]["jobReference"]


def test_list_jobs(client, sandbox):
    before = client.query("SELECT 'before'")
    before.result()
    jobs = [client.query(f"SELECT {n} AS list_jobs") for n in range(3)]
    for job in jobs:
        job.result()
    with pytest.raises(BadRequest):
        client.query("SELECT nope").result()
    listed = list(client.list_jobs(min_creation_time=jobs[0].created, max_results=100))
    assert [job.job_id for job in listed if job.job_id in {job.job_id for job in jobs}] == [
        job.job_id for job in reversed(jobs)
    ]
    assert all(job.created >= jobs[0].created for job in listed)
    assert any(job.error_result for job in listed)
    assert len(list(client.list_jobs(page_size=1, max_results=3))) == 3
    assert all(job.state == "DONE" for job in client.list_jobs(state_filter="done"))
    assert listed[-1].query.startswith("SELECT")


def test_pages_of_jobs_stay_put_while_jobs_begin(http, client):
    jobs = [client.query(f"SELECT {n} AS paged") for n in range(4)]
    first = http("GET", "/jobs?maxResults=2").json()
    client.query("SELECT 'meanwhile'").result()
    second = http("GET", "/jobs", params={"maxResults": 2, "pageToken": first["nextPageToken"]}).json()
    listed = [job["jobReference"]["jobId"] for page in (first, second) for job in page["jobs"]]
    assert listed == [job.job_id for job in reversed(jobs)]


def test_list_jobs_shows_ones_own(http):
    headers = {"x-sandbox-user": "someone@example.com"}
    reply = http("POST", "/queries", json=_query("SELECT 1"), headers=headers).json()
    job_id = reply["jobReference"]["jobId"]
    own = http("GET", "/jobs", headers=headers).json()["jobs"]
    assert [job["jobReference"]["jobId"] for job in own] == [job_id]
    assert own[0]["user_email"] == "someone@example.com"
    assert "configuration" not in own[0]

    def ids(**query):
        return {job["jobReference"]["jobId"] for job in http("GET", "/jobs", params=query).json()["jobs"]}

    assert job_id not in ids()
    assert job_id in ids(allUsers="true")


def test_delete_job(client, http):
    job = client.query("SELECT 1")
    job.result()
    client.delete_job_metadata(job.job_id, location="US")
    assert http("GET", f"/jobs/{job.job_id}").status_code == 404


def test_jobs_are_rows_of_the_information_schema(client):
    job = client.query("SELECT 1 AS seen", QueryJobConfig(labels={"seen": "yes"}))
    job.result()
    sql = (
        "SELECT query, state, statement_type, user_email, labels, error_result "
        f"FROM `region-us`.INFORMATION_SCHEMA.JOBS WHERE job_id = '{job.job_id}'"
    )
    (row,) = client.query(sql).result()
    assert dict(row) == {
        "query": "SELECT 1 AS seen",
        "state": "DONE",
        "statement_type": "SELECT",
        "user_email": "sandbox@example.com",
        "labels": [{"key": "seen", "value": "yes"}],
        "error_result": None,
    }


@pytest.mark.parametrize(
    ("body", "reason", "text"),
    [
        ({}, "required", "configuration"),
        ({"configuration": {}}, "required", "configuration"),
        ({"configuration": {"query": {}}}, "required", "query"),
        ({"configuration": {"load": {}}}, "required", "destinationTable.tableId"),
        ({"configuration": {"query": _query("SELECT 1"), "copy": {}}}, "required", "Exactly one"),
        ({"configuration": {"query": {"query": "SELECT 1"}}}, "notImplemented", "legacy SQL"),
        ({"configuration": {"query": _query("1", tableDefinitions={"x": {}})}}, "notImplemented", "tableDefinitions"),
        ({"configuration": {"query": _query("1", somethingNew=1)}}, "notImplemented", "query.somethingNew"),
        ({"configuration": {"query": _query("1"), "somethingNew": 1}}, "notImplemented", "configuration.somethingNew"),
        ({"configuration": {"query": _query("1")}, "jobReference": {"projectId": "x"}}, "invalid", "project"),
        ({"configuration": {"query": _query("1")}, "jobReference": {"jobId": "a b"}}, "invalid", "Invalid job ID"),
        ({"configuration": {"query": _query("SELECT 1"), "jobTimeoutMs": "soon"}}, "invalid", "jobTimeoutMs"),
    ],
)  # fmt: skip
def test_jobs_that_are_refused_at_once(http, body, reason, text):
    error = http("POST", "/jobs", json=body).json()["error"]
    assert error["errors"][0]["reason"] == reason
    assert text in error["message"]
