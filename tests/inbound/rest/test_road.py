"""Requests through the door and back: what becomes of a good one."""

import json
import re

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
