"""Requests through the door and back: what becomes of a good one."""

import gzip
import json
import re

import pytest
from raw_http import Responses, chunked, exchange, get, post

QUERIES = "/bigquery/v2/projects/acme-prod/queries"


def test_a_query_becomes_a_call(door):
    body = json.dumps({"query": "SELECT 'ü'", "useLegacySql": False, "labels": {"dbt_invocation_id": "x"}}).encode()
    with door.connect() as connection:
        response = exchange(
            connection,
            post(
                f"{QUERIES}?prettyPrint=false&alt=json",
                body,
                "Authorization: bearer abc.def",
                "User-Agent: gl-python/3.11",
                "X-Goog-Request-Reason: nightly",
                "X-Goog-Api-Client: gl-python/3.11",
                "X-Goog-User-Project: other",
                "Cookie: a=b",
                "X-Forwarded-For: 1.2.3.4",
                "Accept: application/x-protobuf",
                "Accept-Encoding: gzip, deflate",
            ),
        )
    assert response is not None
    assert (response.status, json.loads(response.body)) == (200, {"kind": "bigquery.jobs.query"})
    (call,) = door.journey.calls
    assert call.resource == {"projectId": "acme-prod"}
    assert call.parameters == (("prettyPrint", "false"), ("alt", "json"))
    assert call.document == json.loads(body)
    assert call.headers == {
        "user-agent": "gl-python/3.11",
        "x-goog-request-reason": "nightly",
        "x-goog-api-client": "gl-python/3.11",
        "accept-encoding": "gzip",
    }
    assert (call.origin.address, call.origin.user_agent, call.origin.request_reason) == (
        "127.0.0.1",
        "gl-python/3.11",
        "nightly",
    )
    assert door.journey.credentials[0].text == "abc.def"
    assert "abc" not in repr(door.journey.credentials[0])
    assert response.headers["x-gatebook-record"] == call.id
    assert re.fullmatch(r"[0-9a-f]{32}", call.id)
    assert "server" not in response.headers


def test_a_connection_serves_many_requests_in_order(door):
    with door.connect() as connection:
        responses = Responses(connection)
        for number in range(3):
            connection.sendall(get(f"/bigquery/v2/projects/p/jobs/j{number}"))
            assert responses.next().status == 200
        connection.sendall(b"".join(get(f"/bigquery/v2/projects/p/jobs/p{number}") for number in range(5)))
        records = [responses.next().headers["x-gatebook-record"] for _ in range(5)]
    assert records == [call.id for call in door.journey.calls[3:]] == sorted(records)
    assert [call.resource["jobId"] for call in door.journey.calls] == ["j0", "j1", "j2", "p0", "p1", "p2", "p3", "p4"]


def test_absent_credential_is_for_the_journey_to_judge(door):
    with door.connect() as connection:
        assert exchange(connection, get("/bigquery/v2/projects")).status == 200
    assert door.journey.credentials == [None]


def test_chunked_json_and_expect_continue(door):
    head = post(QUERIES, b"", "Transfer-Encoding: chunked", "Expect: 100-continue").replace(
        b"Content-Length: 0\r\n", b""
    )
    with door.connect() as connection:
        responses = Responses(connection)
        connection.sendall(head)
        assert responses.next().status == 100
        connection.sendall(chunked(b'{"query":', b'"SELECT 1"}'))
        assert responses.next().status == 200
    assert door.journey.calls[0].document == {"query": "SELECT 1"}
    assert len(door.journey.admitted) == 1


def test_trailers_are_dropped(door):
    head = post(QUERIES, b"", "Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")
    trailed = chunked(b"{}")[:-2] + b"Authorization: Bearer stolen\r\nX-HTTP-Method-Override: GET\r\n\r\n"
    with door.connect() as connection:
        responses = Responses(connection)
        connection.sendall(head + trailed)
        assert responses.next().status == 200
        connection.sendall(get("/bigquery/v2/projects"))
        assert responses.next().status == 200
    assert door.journey.credentials == [None, None]


def test_insert_all_is_counted_and_framed_anew(door):
    body = b'{"rows": [{"insertId":"1","json":{"a": 1.50}}, {"json":{"b_c":"\\u00e4"}}], "ignoreUnknownValues":true}'
    with door.connect() as connection:
        assert exchange(connection, post("/bigquery/v2/projects/p/datasets/d/tables/t/insertAll", body)).status == 200
    (content,) = door.journey.contents
    assert content.row_count == 2
    assert door.journey.calls[0].document == {"ignoreUnknownValues": True}
    (sent,) = door.journey.content_bytes
    assert content.byte_count == len(sent)
    assert json.loads(sent) == json.loads(body)
    assert b"1.50" in sent


def test_own_endpoints(door):
    with door.connect() as connection:
        responses = Responses(connection)
        connection.sendall(get("/healthz"))
        assert responses.next().body == b"ok\n"
        connection.sendall(get("/healthz", verb="HEAD"))
        assert responses.next(head_only=True).headers["content-length"] == "3"
        connection.sendall(get("/readyz"))
        assert responses.next().status == 200
        door.journey.ready = False
        connection.sendall(get("/readyz"))
        assert responses.next().status == 503
        connection.sendall(post("/v1/token", b"grant_type=x", "Authorization: Basic abc", content_type="a/b"))
        assert json.loads(responses.next().body) == {"access_token": "t"}
    (form,) = door.journey.forms
    assert (form.path, form.authorization, form.content_type, form.body) == (
        "/v1/token",
        "Basic abc",
        "a/b",
        b"grant_type=x",
    )
    assert "grant_type" not in repr(form)
    assert not door.journey.refused
    assert not door.journey.calls


def test_discovery_leads_back_to_the_gateway(door):
    with door.connect() as connection:
        responses = Responses(connection)
        for path in ("/$discovery/rest?version=v2", "/discovery/v1/apis/bigquery/v2/rest"):
            connection.sendall(get(path, "Authorization: Bearer x"))
            document = json.loads(responses.next().body)
            assert document["rootUrl"] == f"{door.url}/"
            assert "google" not in json.dumps(document)
    assert {m["id"] for r in document["resources"].values() for m in r["methods"].values()} >= {"bigquery.jobs.query"}
    assert sum(len(r["methods"]) for r in document["resources"].values()) == 47
    assert not door.journey.calls


def test_compressed_documents_rows_and_uploads(door):
    job = b"--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b\r\nContent-Type: text/csv\r\n\r\na,b\r\n--b--"
    upload = "/upload/bigquery/v2/projects/p/jobs?uploadType=multipart"
    with door.connect() as connection:
        responses = Responses(connection)
        for path, body, kind in (
            (QUERIES, b'{"query":"SELECT 1"}', "application/json; charset=UTF-8"),
            ("/bigquery/v2/projects/p/datasets/d/tables/t/insertAll", b'{"rows":[{"json":{}}]}', "application/json"),
            (upload, job, "multipart/related; boundary=b"),
        ):
            connection.sendall(post(path, gzip.compress(body), "Content-Encoding: gzip", content_type=kind))
            assert responses.next().status == 200
    query, rows, load = door.journey.calls
    assert query.document == {"query": "SELECT 1"}
    assert (rows.document, door.journey.contents[1].row_count) == ({}, 1)
    assert (load.document, door.journey.content_bytes[2]) == ({}, b"a,b")
    assert "content-encoding" not in {name for call in door.journey.calls for name in call.headers}


@pytest.mark.parametrize(
    ("request_bytes", "name"),
    [
        (
            post("/upload/bigquery/v2/projects/p/jobs?uploadType=resumable", b"{}", "X-Upload-Content-Type: text/csv"),
            "bigquery.jobs.insert.resumable",
        ),
        (
            post("/resumable/upload/bigquery/v2/projects/p/jobs?uploadType=resumable", b"{}"),
            "bigquery.jobs.insert.resumable",
        ),
        (
            post("/bigquery/v2/upload/bigquery/v2/projects/p/jobs?uploadType=resumable", b"{}"),
            "bigquery.jobs.insert.resumable",
        ),
        (post("/upload/bigquery/v2/projects/p/jobs?upload_id=u", b"ab"), "bigquery.jobs.insert.continue"),
        (
            post("/upload/bigquery/v2/projects/p/jobs?upload_id=u", b"ab", "Content-Range: bytes 0-1/*"),
            "bigquery.jobs.insert.continue",
        ),
        (
            post("/upload/bigquery/v2/projects/p/jobs?upload_id=u", b"", "Content-Range: bytes */9"),
            "bigquery.jobs.insert.status",
        ),
        (
            post("/upload/bigquery/v2/projects/p/jobs?upload_id=u", b"", "Content-Range: bytes */0"),
            "bigquery.jobs.insert.continue",
        ),
    ],
)
def test_the_steps_of_a_resumable_upload(door, request_bytes, name):
    with door.connect() as connection:
        assert exchange(connection, request_bytes).status == 200
    (call,) = door.journey.calls
    assert call.method.name == name
    assert call.method.template == "/upload/bigquery/v2/projects/{projectId}/jobs"
    assert call.resource == {"projectId": "p"}
    assert call.headers.get("content-range") == (
        request_bytes.partition(b"Content-Range: ")[2].partition(b"\r\n")[0].decode() or None
    )


def test_old_clients_without_keep_alive(door):
    request = get("/bigquery/v2/projects").replace(b"HTTP/1.1", b"HTTP/1.0")
    with door.connect() as connection:
        response = exchange(connection, request)
        assert (response.status, response.headers["connection"]) == (200, "close")
        assert connection.recv(1) == b""


def test_gzip_is_asked_of_upstream_only_for_clients_that_read_it(door):
    with door.connect() as connection:
        responses = Responses(connection)
        for given, expected in (
            ("gzip, deflate", "gzip"),
            ("deflate, gzip;q=0.5", "gzip"),
            ("gzip;q=0", "identity"),
            ("gzip;q=0.0, br", "identity"),
            ("br, zstd", "identity"),
            ("x-gzipped", "identity"),
        ):
            connection.sendall(get("/bigquery/v2/projects", f"Accept-Encoding: {given}"))
            responses.next()
            assert door.journey.calls[-1].headers["accept-encoding"] == expected, given
        connection.sendall(get("/bigquery/v2/projects"))
        responses.next()
        assert door.journey.calls[-1].headers["accept-encoding"] == "identity"
