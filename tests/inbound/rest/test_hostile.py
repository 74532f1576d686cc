"""Hostile requests, byte for byte: each is refused with its reason, in BigQuery's shape, and written down."""

import contextlib
import gzip
import json

import pytest
from door_harness import Journey, Running
from raw_http import Response, Responses, chunked, get, post

from gatebook.errors import Reason
from gatebook.inbound.rest.render import RENDERINGS
from gatebook.settings import Limits, Listen

P = "/bigquery/v2/projects/acme"
D = f"{P}/datasets/d"
T = f"{D}/tables/t"
QUERY = f"{P}/queries"
UPLOAD = "/upload/bigquery/v2/projects/acme/jobs"
GOOD = b'{"query":"SELECT 1"}'
PARTS = "multipart/related; boundary=b"


def head(*lines: str, first: str = f"GET {P}/jobs HTTP/1.1", host: str = "Host: gw") -> bytes:
    return "\r\n".join([first, *([host] if host else []), *lines, "", ""]).encode("latin-1")


def te(*lines: str, body: bytes = b"0\r\n\r\n", path: str = QUERY) -> bytes:
    return head("Content-Type: application/json", *lines, first=f"POST {path} HTTP/1.1") + body


def related(*parts: str, kind: str = PARTS, path: str = f"{UPLOAD}?uploadType=multipart") -> bytes:
    return post(path, "\r\n".join(parts).encode("latin-1"), content_type=kind)


JOB = "--b\r\nContent-Type: application/json\r\n\r\n{}"
FILE = "--b\r\nContent-Type: text/csv\r\n\r\na,b"

PATHS = {
    "empty segment": "//bigquery/v2/projects",
    "empty segment inside": "/bigquery/v2//projects",
    "trailing slash": "/bigquery/v2/projects/",
    "dot segment": "/bigquery/v2/./projects",
    "dot dot": "/bigquery/v2/projects/acme/../other/jobs",
    "dot dot encoded": "/bigquery/v2/projects/acme/%2e%2e/other/jobs",
    "dot dot half encoded": "/bigquery/v2/projects/acme/.%2E/other/jobs",
    "slash encoded": "/bigquery/v2/projects/acme%2Fjobs",
    "slash encoded twice": "/bigquery/v2/projects/acme%252Fjobs",
    "backslash encoded": "/bigquery/v2/projects/acme%5cjobs",
    "backslash": "/bigquery/v2\\projects",
    "nul encoded": "/bigquery/v2/projects/acme%00/jobs",
    "newline encoded": "/bigquery/v2/projects/acme%0d%0aX:/jobs",
    "delete encoded": "/bigquery/v2/projects/acme%7f/jobs",
    "broken escape": "/bigquery/v2/projects/acme%zz/jobs",
    "cut escape": "/bigquery/v2/projects/acme%2",
    "overlong utf-8": f"{D}/tables/%c0%ae",
    "not utf-8": f"{D}/tables/%ff",
    "surrogate in utf-8": f"{D}/tables/%ed%a0%80",
    "fragment": "/bigquery/v2/projects#/x",
    "iis escape": "/bigquery/v2/projects/acme%u002fjobs",
    "project number": "/bigquery/v2/projects/123456/jobs",
    "upper-case project": "/bigquery/v2/projects/ACME/jobs",
    "path parameter": "/bigquery/v2/projects/acme;x=1/jobs",
    "snapshot decorator": f"{D}/tables/t@-3600000/data",
    "wildcard": f"{D}/tables/events_*",
    "two decorators": f"{D}/tables/t$1$2/data",
    "job with location": f"{P}/jobs/US.j",
    "dataset of another project": f"{P}/datasets/other:d",
    "unknown custom verb": f"{D}/tables/t:drop",
    "encoded custom verb": f"{D}/tables/t%3AgetIamPolicy",
    "zero width space": f"{D}/tables/t%E2%80%8B",
    "absolute form": "http://bigquery.googleapis.com/bigquery/v2/projects",
    "asterisk": "*",
    "endless": "/bigquery/v2/projects/" + "a" * 9000,
    "upload elsewhere": "/upload/bigquery/v2/projects/123/jobs?uploadType=multipart",
}
UNKNOWN = {
    "root": "/",
    "other api": "/storage/v1/b",
    "other version": "/bigquery/v1/projects",
    "prefixless": "/projects/acme/queries",
    "deeper": f"{P}/jobs/j/x/y",
    "collection": f"{P}/secrets",
    "project itself": P,
    "encoded literal": "/bigquery/v2/%70rojects",
    "case": "/BigQuery/v2/projects",
    "upload prefix only": "/upload/bigquery/v2/projects/acme/datasets",
    "upload twice": "/upload/upload/bigquery/v2/projects/acme/jobs",
    "grpc path": "/google.cloud.bigquery.v2.JobService/Query",
    "discovery of another api": "/discovery/v1/apis/storage/v1/rest",
    "discovery of another version": "/$discovery/rest?version=v1",
    "metrics": "/metrics",
    "upload without type": f"{UPLOAD}",
    "upload of bare media": f"{UPLOAD}?uploadType=media",
}
QUERIES = {
    "access_token": (Reason.ROUTE_CLOSED, "access_token=ya29.x"),
    "oauth_token": (Reason.ROUTE_CLOSED, "oauth_token=x"),
    "key": (Reason.ROUTE_CLOSED, "alt=json&key=AIza"),
    "encoded key": (Reason.ROUTE_CLOSED, "%6bey=AIza"),
    "callback": (Reason.ROUTE_CLOSED, "callback=evil"),
    "dollar callback": (Reason.ROUTE_CLOSED, "$callback=evil"),
    "method in query": (Reason.ROUTE_CLOSED, "$httpMethod=DELETE"),
    "upload protocol": (Reason.ROUTE_CLOSED, "upload_protocol=resumable"),
    "media": (Reason.ROUTE_CLOSED, "alt=media"),
    "protobuf": (Reason.ROUTE_CLOSED, "alt=proto"),
    "jsonp": (Reason.ROUTE_CLOSED, "alt=jsonp"),
    "headers in query": (Reason.PARAMETER_UNKNOWN, "$httpHeaders=a"),
    "error format": (Reason.PARAMETER_UNKNOWN, "$.xgafv=1"),
    "protocol-buffer name": (Reason.PARAMETER_UNKNOWN, "all_users=true"),
    "case": (Reason.PARAMETER_UNKNOWN, "allusers=true"),
    "twice": (Reason.PARAMETER_UNKNOWN, "maxResults=1&maxResults=2"),
    "upload id off the upload path": (Reason.PARAMETER_UNKNOWN, "upload_id=x"),
    "no name": (Reason.PARAMETER_UNKNOWN, "=x"),
    "control": (Reason.PATH_MALFORMED, "pageToken=%00"),
    "line break": (Reason.PATH_MALFORMED, "pageToken=a%0d%0ab"),
    "not utf-8": (Reason.PATH_MALFORMED, "pageToken=%ff"),
    "broken escape": (Reason.PATH_MALFORMED, "pageToken=%f"),
    "fragment": (Reason.PATH_MALFORMED, "alt=json#x"),
    "many": (Reason.PATH_MALFORMED, "&".join("stateFilter=done" for _ in range(100))),
}
HEADERS = {
    "method override": (Reason.ROUTE_CLOSED, ["X-HTTP-Method-Override: DELETE"]),
    "method override, lower": (Reason.ROUTE_CLOSED, ["x-http-method-override: get"]),
    "method override, other": (Reason.ROUTE_CLOSED, ["X-Method-Override: PUT"]),
    "http method": (Reason.ROUTE_CLOSED, ["X-HTTP-Method: PUT"]),
    "upload commands": (Reason.ROUTE_CLOSED, ["X-Goog-Upload-Command: start"]),
    "websocket": (Reason.ROUTE_CLOSED, ["Connection: Upgrade", "Upgrade: websocket"]),
    "h2c": (Reason.ROUTE_CLOSED, ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"]),
    "upgrade unconnected": (Reason.ROUTE_CLOSED, ["Upgrade: h2c"]),
    "grpc": (Reason.ROUTE_CLOSED, ["Content-Type: application/grpc+proto", "TE: trailers"]),
    "two authorizations": (Reason.HEADERS_MALFORMED, ["Authorization: Bearer a", "Authorization: Bearer b"]),
    "two hosts": (Reason.HEADERS_MALFORMED, ["Host: other"]),
    "two content types": (Reason.HEADERS_MALFORMED, ["Content-Type: a/b", "Content-Type: application/json"]),
    "not ascii": (Reason.HEADERS_MALFORMED, ["User-Agent: \xff\xfe"]),
    "space before colon": (Reason.HEADERS_MALFORMED, ["Authorization : Bearer a"]),
    "folded": (Reason.HEADERS_MALFORMED, ["User-Agent: a\r\n b"]),
    "nul": (Reason.HEADERS_MALFORMED, ["User-Agent: a\x00b"]),
    "bare return": (Reason.HEADERS_MALFORMED, ["User-Agent: a\rAuthorization: Bearer x"]),
    "no colon": (Reason.HEADERS_MALFORMED, ["nonsense"]),
    "empty name": (Reason.HEADERS_MALFORMED, [": x"]),
    "basic": (Reason.TOKEN_MALFORMED, ["Authorization: Basic YTpi"]),
    "token with spaces": (Reason.TOKEN_MALFORMED, ["Authorization: Bearer a b"]),
    "no token": (Reason.TOKEN_MALFORMED, ["Authorization: Bearer"]),
    "many": (Reason.HEADERS_TOO_LARGE, [f"X-{n}: a" for n in range(120)]),
    "large": (Reason.HEADERS_TOO_LARGE, ["X-Large: " + "a" * 40_000]),
    "large name": (Reason.HEADERS_TOO_LARGE, ["X" * 40_000 + ": a"]),
    "large together": (Reason.HEADERS_TOO_LARGE, [f"X-{n}: {'a' * 1000}" for n in range(60)]),
}
FRAMING = {
    "length and chunks": te("Content-Length: 3", "Transfer-Encoding: chunked"),
    "chunks and length": te("Transfer-Encoding: chunked", "Content-Length: 3"),
    "two lengths": te("Content-Length: 20", "Content-Length: 21", body=GOOD),
    "same length twice": te("Content-Length: 20", "Content-Length: 20", body=GOOD),
    "list of lengths": te("Content-Length: 20, 20", body=GOOD),
    "signed length": te("Content-Length: +20", body=GOOD),
    "negative length": te("Content-Length: -1", body=GOOD),
    "hex length": te("Content-Length: 0x14", body=GOOD),
    "empty length": te("Content-Length: ", body=GOOD),
    "length overflow": te("Content-Length: 99999999999999999999", body=GOOD),
    "coded and chunked": te("Transfer-Encoding: gzip, chunked"),
    "chunked twice": te("Transfer-Encoding: chunked, chunked"),
    "chunked in two lines": te("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
    "coding with vertical tab": te("Transfer-Encoding:\x0bchunked"),
    "coding in http/1.0": te("Transfer-Encoding: chunked").replace(b"HTTP/1.1", b"HTTP/1.0"),
    "http/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http/2.0 in a line": head(first=f"GET {P}/jobs HTTP/2.0"),
    "http/0.9": f"GET {P}/jobs\r\n\r\n".encode(),
    "http/1.2": head(first=f"GET {P}/jobs HTTP/1.2"),
    "no host": head(host=""),
    "odd host": head(host="Host: a/b@c"),
    "unknown verb": head(first=f"FROB {P}/jobs HTTP/1.1"),
    "lower-case verb": head(first=f"get {P}/jobs HTTP/1.1"),
    "line feeds only": f"GET {P}/jobs HTTP/1.1\nHost: gw\n\n".encode(),
    "space in target": head(first=f"GET {P}/jobs x HTTP/1.1"),
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,
    "binary": bytes(range(128, 256)),
    "raw utf-8 target": head(first="GET /bigquery/v2/projects/\xc3\xa4 HTTP/1.1"),
}
BODIES = {
    "get with a body": (Reason.BODY_MALFORMED, head("Content-Length: 2") + b"{}"),
    "delete with chunks": (
        Reason.BODY_MALFORMED,
        head("Transfer-Encoding: chunked", first=f"DELETE {T} HTTP/1.1") + chunked(b"x"),
    ),
    "cancel with a body": (Reason.BODY_MALFORMED, post(f"{P}/jobs/j/cancel", b"{}")),
    "no body": (Reason.BODY_MALFORMED, post(QUERY, b"")),
    "not json": (Reason.BODY_MALFORMED, post(QUERY, b"query=SELECT")),
    "cut json": (Reason.BODY_MALFORMED, post(QUERY, b'{"query":')),
    "two values": (Reason.BODY_MALFORMED, post(QUERY, b"{}{}")),
    "array": (Reason.BODY_MALFORMED, post(QUERY, b"[]")),
    "string": (Reason.BODY_MALFORMED, post(QUERY, b'"x"')),
    "null": (Reason.BODY_MALFORMED, post(QUERY, b"null")),
    "byte order mark": (Reason.BODY_MALFORMED, post(QUERY, b"\xef\xbb\xbf{}")),
    "utf-16": (Reason.BODY_MALFORMED, post(QUERY, '{"query":"x"}'.encode("utf-16"))),
    "not utf-8": (Reason.BODY_MALFORMED, post(QUERY, b'{"query":"\xff"}')),
    "half a surrogate": (Reason.BODY_MALFORMED, post(QUERY, b'{"query":"\\ud800"}')),
    "member twice": (Reason.BODY_MALFORMED, post(QUERY, b'{"useLegacySql":false,"useLegacySql":true}')),
    "member twice, escaped": (Reason.BODY_MALFORMED, post(QUERY, b'{"query":"a","quer\\u0079":"b"}')),
    "member twice, deep": (Reason.BODY_MALFORMED, post(QUERY, b'{"a":[{"b":{"c":1,"c":2}}]}')),
    "protocol-buffer name": (Reason.BODY_MALFORMED, post(QUERY, b'{"query":"x","use_legacy_sql":true}')),
    "protocol-buffer name, deep": (Reason.BODY_MALFORMED, post(QUERY, b'{"defaultDataset":{"dataset_id":"x"}}')),
    "nan": (Reason.BODY_MALFORMED, post(QUERY, b'{"maxResults":NaN}')),
    "infinity": (Reason.BODY_MALFORMED, post(QUERY, b'{"maxResults":1e999}')),
    "large integer": (Reason.BODY_MALFORMED, post(QUERY, b'{"maxResults":18446744073709551616}')),
    "digits": (Reason.BODY_MALFORMED, post(QUERY, b'{"maxResults":' + b"9" * 100_000 + b"}")),
    "single quotes": (Reason.BODY_MALFORMED, post(QUERY, b"{'query':'x'}")),
    "comment": (Reason.BODY_MALFORMED, post(QUERY, b'{/**/"query":"x"}')),
    "trailing comma": (Reason.BODY_MALFORMED, post(QUERY, b'{"query":"x",}')),
    "deep": (Reason.BODY_MALFORMED, post(QUERY, b'{"a":' * 100 + b"1" + b"}" * 100)),
    "very deep": (Reason.BODY_MALFORMED, post(QUERY, b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}")),
    "form": (Reason.CONTENT_TYPE, post(QUERY, GOOD, content_type="application/x-www-form-urlencoded")),
    "text": (Reason.CONTENT_TYPE, post(QUERY, GOOD, content_type="text/plain")),
    "json in utf-16": (Reason.CONTENT_TYPE, post(QUERY, GOOD, content_type="application/json; charset=utf-16")),
    "no content type": (Reason.CONTENT_TYPE, post(QUERY, GOOD).replace(b"Content-Type", b"X-Type")),
    "brotli": (Reason.CONTENT_TYPE, post(QUERY, GOOD, "Content-Encoding: br")),
    "gzip twice": (Reason.CONTENT_TYPE, post(QUERY, GOOD, "Content-Encoding: gzip, gzip")),
    "not gzip": (Reason.BODY_MALFORMED, post(QUERY, GOOD, "Content-Encoding: gzip")),
    "cut gzip": (Reason.BODY_MALFORMED, post(QUERY, gzip.compress(GOOD)[:-4], "Content-Encoding: gzip")),
    "gzip and more": (Reason.BODY_MALFORMED, post(QUERY, gzip.compress(GOOD) * 2, "Content-Encoding: gzip")),
    "declared too large": (Reason.BODY_TOO_LARGE, te("Content-Length: 99999999", body=b"{")),
    "too large": (Reason.BODY_TOO_LARGE, post(QUERY, b" " * 300_000 + GOOD)),
    "too large in chunks": (
        Reason.BODY_TOO_LARGE,
        te("Transfer-Encoding: chunked", body=chunked(*[b" " * 50_000] * 6)),
    ),
    "gzip bomb": (
        Reason.BODY_TOO_LARGE,
        post(QUERY, gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip"),
    ),
    "bad chunk size": (Reason.HEADERS_MALFORMED, te("Transfer-Encoding: chunked", body=b"xyz\r\n")),
    "chunk size overflow": (Reason.HEADERS_MALFORMED, te("Transfer-Encoding: chunked", body=b"F" * 17 + b"\r\n")),
    "chunk without end": (Reason.HEADERS_MALFORMED, te("Transfer-Encoding: chunked", body=b"2\r\n{}XX")),
    "rows with another member": (Reason.BODY_MALFORMED, post(f"{T}/insertAll", b'{"rows":[],"template_suffix":"x"}')),
    "rows missing": (Reason.BODY_MALFORMED, post(f"{T}/insertAll", b"{}")),
    "rows not json": (Reason.BODY_MALFORMED, post(f"{T}/insertAll", b'{"rows":[{"json":{]}')),
    "rows not utf-8": (Reason.BODY_MALFORMED, post(f"{T}/insertAll", b'{"rows":[{"json":{"a":"\xff"}}]}')),
    "upload not related": (Reason.CONTENT_TYPE, related(JOB, FILE, "--b--", kind="multipart/form-data; boundary=b")),
    "upload without boundary": (Reason.CONTENT_TYPE, related(JOB, FILE, "--b--", kind="multipart/related")),
    "upload with two boundaries": (Reason.CONTENT_TYPE, related(JOB, FILE, "--b--", kind=f"{PARTS}; boundary=c")),
    "upload with a start": (Reason.CONTENT_TYPE, related(JOB, FILE, "--b--", kind=f'{PARTS}; start="<x>"')),
    "upload of another document": (Reason.CONTENT_TYPE, related(JOB.replace("json", "xml"), FILE, "--b--")),
    "upload with a preamble": (Reason.BODY_MALFORMED, related("hello", JOB, FILE, "--b--")),
    "upload without a file": (Reason.BODY_MALFORMED, related(JOB, "--b--")),
    "upload cut short": (Reason.BODY_MALFORMED, related(JOB, FILE)),
    "upload with a third part": (Reason.BODY_MALFORMED, related(JOB, FILE, FILE, "--b--")),
    "upload with an epilogue": (Reason.BODY_MALFORMED, related(JOB, FILE, "--b--", "more")),
    "upload coded": (
        Reason.BODY_MALFORMED,
        related(JOB, FILE.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n"), "--b--"),
    ),
    "upload with a misread boundary": (Reason.BODY_MALFORMED, related(JOB, FILE.replace("a,b", "a\r\n--bc"), "--b--")),
    "upload of a large job": (Reason.BODY_TOO_LARGE, related(JOB.replace("{}", " " * 300_000), FILE, "--b--")),
    "upload with member twice": (Reason.BODY_MALFORMED, related(JOB.replace("{}", '{"a":1,"a":2}'), FILE, "--b--")),
    "odd range": (
        Reason.HEADERS_MALFORMED,
        post(f"{UPLOAD}?upload_id=x", b"", "Content-Range: bytes 0-1,3-4/5").replace(b"POST", b"PUT"),
    ),
}
VERBS = {
    "options": head(first=f"OPTIONS {P}/jobs HTTP/1.1"),
    "trace": head(first=f"TRACE {P}/jobs HTTP/1.1"),
    "patch": head(first=f"PATCH {P}/jobs HTTP/1.1"),
    "put": head("Content-Length: 0", first=f"PUT {QUERY} HTTP/1.1"),
    "upload by get": head(first=f"GET {UPLOAD}?uploadType=multipart HTTP/1.1"),
    "upload cancelled": head(first=f"DELETE {UPLOAD}?uploadType=resumable&upload_id=x HTTP/1.1"),
}
CASES = [
    *[(f"path: {k}", Reason.PATH_MALFORMED, head(first=f"GET {v} HTTP/1.1")) for k, v in PATHS.items()],
    *[(f"unknown: {k}", Reason.PATH_UNKNOWN, head(first=f"POST {v} HTTP/1.1")) for k, v in UNKNOWN.items()],
    *[(f"query: {k}", r, head(first=f"GET {P}/jobs?{v} HTTP/1.1")) for k, (r, v) in QUERIES.items()],
    *[(f"header: {k}", r, head(*v)) for k, (r, v) in HEADERS.items()],
    *[(f"framing: {k}", Reason.HEADERS_MALFORMED, v) for k, v in FRAMING.items()],
    *[(f"body: {k}", r, v) for k, (r, v) in BODIES.items()],
    *[(f"verb: {k}", Reason.PATH_UNKNOWN, v) for k, v in VERBS.items()],
    ("batch", Reason.ROUTE_CLOSED, post("/batch/bigquery/v2", b"--b--", content_type="multipart/mixed; boundary=b")),
    ("batch root", Reason.ROUTE_CLOSED, post("/batch", b"")),
    ("connect", Reason.PATH_MALFORMED, head(first="CONNECT bigquery.googleapis.com:443 HTTP/1.1")),
]


@pytest.fixture(scope="module")
def hostile_door():
    running = Running(Journey(), Limits(document_bytes=256 * 1024, drain_seconds=1.0), Listen(port=0))
    yield running
    running.stop()
    running.join()


def answer(door: Running, request: bytes) -> Response:
    with door.connect() as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may answer before the end
            connection.sendall(request)
        response = Responses(connection).next()
    assert response is not None, "no answer"
    return response


def test_there_are_enough_cases():
    assert len(CASES) >= 80
    assert len({name for name, _, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("reason", "request_bytes"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_hostile_request(hostile_door, reason, request_bytes):
    journey = hostile_door.journey
    seen = len(journey.refused)
    response = answer(hostile_door, request_bytes)
    rendering = RENDERINGS[reason]
    faults = [fault.reason for _, fault in journey.refused[seen:]] or ["in the journey"]
    if faults == ["in the journey"]:  # a broken file is found while the journey reads it
        assert journey.content_bytes == [] or len(journey.content_bytes) < len(journey.calls)
    else:
        assert faults == [reason]
        assert response.headers["x-gatebook-record"] == journey.refused[-1][0].id
    assert (response.status, response.reason) == (rendering.http_status, rendering.reason)
    assert response.error["status"] == rendering.status
    assert ("www-authenticate" in response.headers) == (response.status == 401)
    for secret in ("ya29", "AIza", "SELECT", "stolen"):
        assert secret not in response.error["message"]
        assert secret not in json.dumps([repr(call) for call, _ in journey.refused[seen:]])


def test_the_door_still_serves_after_all_that(hostile_door):
    response = answer(hostile_door, post(QUERY, GOOD))
    assert response.status == 200


def test_nothing_hostile_reached_upstream(hostile_door):
    """Uploads whose file breaks off are the journey's, which aborts them; nothing else got there."""
    assert {call.method.name for call in hostile_door.journey.calls} <= {
        "bigquery.jobs.insert.multipart",
        "bigquery.jobs.query",
    }
    assert sum(call.method.name == "bigquery.jobs.query" for call in hostile_door.journey.calls) <= 1


def test_head_gets_no_body(hostile_door):
    with hostile_door.connect() as connection:
        connection.sendall(get(f"{P}/jobs", verb="HEAD") + get("/healthz"))
        responses = Responses(connection)
        assert responses.next(head_only=True).status == 404
        assert responses.next().body == b"ok\n"
