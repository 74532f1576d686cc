"""Google's own Python client against the door, with a journey that answers as BigQuery does."""

import io
import json

import pytest
from door_harness import Journey, json_reply
from google.api_core.exceptions import Forbidden, NotFound
from google.cloud import bigquery
from google.oauth2.credentials import Credentials

from gatebook.core.targets import upload_url
from gatebook.errors import Reason, Refused
from gatebook.ports import Reply

SCHEMA = {"fields": [{"name": "n", "type": "INTEGER"}]}


def job(call, **status):
    reference = {"projectId": "acme", "jobId": "j1", "location": "EU"}
    return {
        "jobReference": reference,
        "configuration": (call.document or {}).get("configuration", {"query": {"query": ""}}),
        "status": {"state": "DONE", **status},
        "statistics": {},
    }


class Warehouse:
    """Answers jobs, results, metadata and uploads."""

    def __init__(self) -> None:
        self.url = ""
        self.file = b""

    async def __call__(self, call, content):
        name = call.method.name
        if name == "bigquery.jobs.insert.resumable":
            location = upload_url(self.url, call.resource["projectId"], "u-1")
            return Reply(200, (("location", location),), b"")
        if name == "bigquery.jobs.insert.continue":
            self.file += content
            last, _, total = call.headers["content-range"].rpartition("-")[2].partition("/")
            if total == "*" or int(last) + 1 < int(total):
                return Reply(308, (("range", f"bytes=0-{last}"),), b"")
            return json_reply(job(call))
        if name in ("bigquery.jobs.insert", "bigquery.jobs.get", "bigquery.jobs.insert.multipart"):
            self.file += content
            return json_reply(job(call))
        if name in ("bigquery.jobs.getQueryResults", "bigquery.jobs.query"):
            return json_reply(
                {
                    "jobReference": job(call)["jobReference"],
                    "jobComplete": True,
                    "schema": SCHEMA,
                    "totalRows": "1",
                    "rows": [{"f": [{"v": "7"}]}],
                }
            )
        if name == "bigquery.tables.get":
            raise Refused(Reason.TABLE_NOT_FOUND, "Not found: Table acme:d.t")
        if name == "bigquery.tabledata.insertAll":
            return json_reply({"kind": "bigquery#tableDataInsertAllResponse"})
        raise Refused(Reason.DENIED, "Access Denied: ask at https://gw.example/help")


@pytest.fixture
def warehouse():
    return Warehouse()


@pytest.fixture
def serving_warehouse(open_door, warehouse):
    door = open_door(Journey(answer=warehouse))
    warehouse.url = door.url
    return door


@pytest.fixture
def client(serving_warehouse):
    return bigquery.Client(
        project="acme",
        credentials=Credentials("header.claims.signature"),
        client_options={"api_endpoint": serving_warehouse.url},
    )


def test_query_and_rows(serving_warehouse, client):
    labels = bigquery.QueryJobConfig(labels={"a_b": "c"})
    assert [row.n for row in client.query("SELECT 7 AS n", job_config=labels).result()] == [7]
    assert [row.n for row in client.query_and_wait("SELECT 7 AS n")] == [7]
    calls = serving_warehouse.journey.calls
    assert calls[0].document["configuration"]["query"]["query"] == "SELECT 7 AS n"
    assert calls[0].document["configuration"]["labels"] == {"a_b": "c"}
    assert {call.method.name for call in calls} >= {"bigquery.jobs.insert", "bigquery.jobs.query"}
    assert {c.text for c in serving_warehouse.journey.credentials} == {"header.claims.signature"}
    assert not serving_warehouse.journey.refused


def test_multipart_load(serving_warehouse, client, warehouse):
    client.load_table_from_file(io.BytesIO(b"n\r\n7\r\n"), "acme.d.t", size=6).result()
    (content, *_) = serving_warehouse.journey.contents
    assert (warehouse.file, content.media_type) == (b"n\r\n7\r\n", "*/*")
    assert serving_warehouse.journey.calls[0].document["configuration"]["load"]["destinationTable"]["tableId"] == "t"


def test_resumable_load(serving_warehouse, client, warehouse):
    data = bytes(range(256)) * 5000
    client.load_table_from_file(io.BytesIO(data), "acme.d.t").result()
    assert warehouse.file == data
    names = [call.method.name for call in serving_warehouse.journey.calls]
    assert names[:2] == ["bigquery.jobs.insert.resumable", "bigquery.jobs.insert.continue"]
    assert serving_warehouse.journey.calls[1].parameters == (("uploadType", "resumable"), ("upload_id", "u-1"))


def test_insert_rows(serving_warehouse, client):
    assert client.insert_rows_json("acme.d.t", [{"n": 1}, {"n": 2}]) == []
    assert serving_warehouse.journey.contents[0].row_count == 2
    assert [row["json"] for row in json.loads(serving_warehouse.journey.content_bytes[0])["rows"]] == [
        {"n": 1},
        {"n": 2},
    ]


def test_errors_reach_the_user_in_full(client):
    with pytest.raises(NotFound, match=r"acme:d\.t"):
        client.get_table("acme.d.t")
    with pytest.raises(Forbidden, match=r"https://gw\.example/help"):
        client.delete_dataset("acme.d")


def test_iam_and_listing_paths(serving_warehouse, client):
    for ask in (
        lambda: client.get_iam_policy("acme.d.t"),
        lambda: list(client.list_jobs(state_filter="done", all_users=True)),
        lambda: list(client.list_tables("acme.d", max_results=5)),
        lambda: client.cancel_job("j1", location="EU"),
    ):
        with pytest.raises(Forbidden):
            ask()
    assert [call.method.name for call in serving_warehouse.journey.calls] == [
        "bigquery.tables.getIamPolicy",
        "bigquery.jobs.list",
        "bigquery.tables.list",
        "bigquery.jobs.cancel",
    ]
    assert serving_warehouse.journey.calls[1].parameter("allUsers") == "True"
