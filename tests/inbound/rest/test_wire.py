"""Slow, half-closed, vanishing and greedy clients; overload; the end of the server."""

import asyncio
import contextlib
import json
import socket
import time

import pytest
from door_harness import JSON, Journey, json_reply
from raw_http import Responses, chunked, exchange, get, post

from gatebook.errors import Reason, Unavailable, UpstreamFailed
from gatebook.inbound.rest import lines
from gatebook.ports import Reply

JOBS = "/bigquery/v2/projects/acme/jobs"
QUERY = "/bigquery/v2/projects/acme/queries"
UPLOAD = "/upload/bigquery/v2/projects/acme/jobs?uploadType=resumable&upload_id=u1"


def eventually(condition, seconds=5.0):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "did not happen"
        time.sleep(0.01)


def refused_reasons(journey):
    return [fault.reason for _, fault in journey.refused]


# Slow clients


def test_headers_that_do_not_come_in_time(open_door):
    door = open_door(header_seconds=0.2)
    with door.connect() as connection:
        connection.sendall(b"GET /bigquery/v2/projects HTTP/1.1\r\nHost: g")
        response = Responses(connection).next()
        assert (response.status, response.reason) == (408, "requestTimeout")
        assert connection.recv(1) == b""
    assert refused_reasons(door.journey) == [Reason.REQUEST_TIMEOUT]


def test_a_silent_connection_is_closed_in_time(open_door):
    door = open_door(header_seconds=0.2)
    with door.connect() as connection:
        assert connection.recv(1) == b""
    assert not door.journey.refused, "nothing was asked"


def test_blank_lines_do_not_keep_a_connection(open_door):
    door = open_door(header_seconds=0.3)
    with door.connect() as connection:
        assert exchange(connection, get("/bigquery/v2/projects")).status == 200
        connection.settimeout(0.1)
        started = time.monotonic()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while time.monotonic() < started + 5:
                connection.sendall(b"\r\n")
                time.sleep(0.05)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    "start",
    [
        post(QUERY, b"{}").replace(b"Length: 2", b"Length: 20"),
        post(QUERY, b"", "Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b""),
        post("/v1/token", b"x").replace(b"Length: 1", b"Length: 20"),
    ],
    ids=["length", "chunks", "form"],
)
def test_a_body_that_does_not_come_in_time(open_door, start):
    door = open_door(body_idle_seconds=0.2)
    with door.connect() as connection:
        response = exchange(connection, start)
    assert (response.status, response.reason) == (408, "requestTimeout")
    assert refused_reasons(door.journey) == [Reason.REQUEST_TIMEOUT]


def test_a_document_cannot_drip_for_ever(open_door):
    door = open_door(body_idle_seconds=0.3)
    with door.connect() as connection:
        connection.sendall(post(QUERY, b"").replace(b"Length: 0", b"Length: 1000"))
        connection.settimeout(0.05)
        started = time.monotonic()
        answer = b""
        while not answer and time.monotonic() < started + 5:
            connection.sendall(b" ")
            try:
                answer = connection.recv(4096)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started < 2


def test_a_file_may_be_slow_but_not_stop(open_door):
    door = open_door(body_idle_seconds=0.3)
    with door.connect() as connection:
        responses = Responses(connection)
        connection.sendall(post(UPLOAD, b"", "Content-Range: bytes 0-4/5").replace(b"Length: 0", b"Length: 5"))
        for byte in b"abcde":
            time.sleep(0.1)
            connection.sendall(bytes([byte]))
        assert responses.next().status == 200
        connection.sendall(post(UPLOAD, b"ab", "Content-Range: bytes 0-4/5").replace(b"Length: 2", b"Length: 5"))
        assert responses.next().reason == "requestTimeout"
    assert door.journey.content_bytes == [b"abcde"]


def test_a_client_that_does_not_read_is_dropped(open_door):
    closed = []

    async def flood(_call, _content):
        async def body():
            try:
                while True:
                    yield b"x" * 65536
            finally:
                closed.append(time.monotonic())

        return Reply(200, JSON, body())

    door = open_door(Journey(answer=flood), write_idle_seconds=0.3)
    with door.connect() as connection:
        connection.sendall(get(JOBS))
        eventually(lambda: closed)


def test_a_kept_connection_that_stays_silent_is_closed(open_door, monkeypatch):
    monkeypatch.setattr(lines, "_KEEP_ALIVE_SECONDS", 0.4)
    monkeypatch.setattr(lines, "_SWEEP_SECONDS", 0.1)

    async def slow(_call, _content):
        await asyncio.sleep(1)
        return json_reply({})

    door = open_door(Journey(answer=slow))
    with door.connect() as silent, door.connect() as busy:
        assert exchange(silent, get("/healthz")).status == 200
        assert exchange(busy, get(JOBS)).status == 200, "what is being answered is not silent"
        assert silent.recv(1) == b""


def test_what_is_sent_on_request_is_asked_for_once(door):
    with door.connect() as connection:
        connection.sendall(post(QUERY, b"", "Expect: 100-continue").replace(b"Length: 0", b"Length: 2"))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert Responses(connection).next().status == 200
        whole = post(QUERY, b"{}", "Expect: 100-continue")
        assert exchange(connection, whole).status == 200, "what is there already is not asked for"


# Clients that go away


def test_half_closed_after_a_whole_request_still_gets_its_answer(door):
    with door.connect() as connection:
        connection.sendall(get(JOBS))
        connection.shutdown(socket.SHUT_WR)
        assert Responses(connection).next().status == 200
        assert connection.recv(1) == b""


@pytest.mark.parametrize(
    "part",
    [
        b"GET /bigquery/v2/projects HTT",
        get(JOBS)[:-2],
        post(QUERY, b"{}").replace(b"Length: 2", b"Length: 20"),
        post(QUERY, b"5\r\n{", "Transfer-Encoding: chunked").replace(b"Content-Length: 4\r\n", b""),
    ],
    ids=["line", "headers", "length", "chunks"],
)
def test_half_closed_in_the_middle_is_told(door, part):
    with door.connect() as connection:
        connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        assert Responses(connection).next().reason == "parseError"
        assert connection.recv(1) == b""
    assert refused_reasons(door.journey) == [Reason.BODY_MALFORMED]


def test_a_client_that_leaves_cancels_the_call(open_door):
    async def never(_call, _content):
        await asyncio.sleep(60)
        raise AssertionError

    door = open_door(Journey(answer=never))
    with door.connect() as connection:
        connection.sendall(get(JOBS))
        eventually(lambda: door.journey.calls)
    started = time.monotonic()
    eventually(lambda: door.journey.gone == ["travel"])
    assert time.monotonic() - started < 2
    with door.connect() as connection:
        assert exchange(connection, get("/healthz")).status == 200


@pytest.mark.parametrize("waiting", [True, False], ids=["while it waits", "while it writes"])
def test_a_client_that_leaves_closes_the_body(open_door, waiting):
    ended = []

    async def answer(_call, _content):
        async def body():
            try:
                yield b"x" * 1000
                if waiting:
                    await asyncio.sleep(60)
                while True:
                    yield b"x" * 65536
            except (asyncio.CancelledError, GeneratorExit) as error:
                await asyncio.sleep(0.05)  # a settlement can still be written
                ended.append(type(error))
                raise

        return Reply(200, JSON, body())

    door = open_door(Journey(answer=answer))
    with door.connect() as connection:
        connection.sendall(get(JOBS))
        connection.recv(100)
        # Closing with unread data sends a reset, as a killed process does.
    eventually(lambda: ended)
    assert ended[0] in (asyncio.CancelledError, GeneratorExit)


def test_a_client_that_leaves_in_its_body_is_written_down(door):
    with door.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # close by reset
        connection.sendall(post(QUERY, b"{").replace(b"Length: 1", b"Length: 20"))
        time.sleep(0.1)
    eventually(lambda: door.journey.refused)
    call, fault = door.journey.refused[0]
    assert (call.method.name, fault.reason) == ("bigquery.jobs.query", Reason.BODY_MALFORMED)


def test_a_client_that_leaves_in_its_file_cancels_the_journey(door):
    with door.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        connection.sendall(post(UPLOAD, b"ab").replace(b"Length: 2", b"Length: 20"))
        eventually(lambda: door.journey.calls)
    eventually(lambda: door.journey.gone)


# Greedy clients


@pytest.mark.parametrize(
    ("start", "filler", "status"),
    [
        (b"GET /", b"a", 431),
        (b"GET / HTTP/1.1\r\nX: ", b"a", 431),
        (b"GET / HTTP/1.1\r\n", b"a", 431),
        (post(QUERY, b"", "Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"") + b"1;", b"a", 400),
        (
            post(QUERY, b"", "Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")
            + chunked(b"{}")[:-2]
            + b"X: ",
            b"a",
            400,
        ),
    ],
    ids=["target", "header value", "header name", "chunk extension", "trailer"],
)
def test_what_never_ends_is_cut(open_door, start, filler, status):
    door = open_door()
    with door.connect() as connection:
        connection.sendall(start)
        try:
            for _ in range(400):
                connection.sendall(filler * 4096)
                time.sleep(0.0005)
        except (BrokenPipeError, ConnectionResetError):
            pass
        else:
            pytest.fail("it took all of it")
    assert len(door.journey.refused) == 1
    assert RENDERED[door.journey.refused[0][1].reason] == status


RENDERED = {Reason.HEADERS_TOO_LARGE: 431, Reason.HEADERS_MALFORMED: 400}


def test_many_pipelined_requests_are_bounded(open_door):
    async def slow(_call, _content):
        await asyncio.sleep(0.02)
        return json_reply({})

    door = open_door(Journey(answer=slow))
    with door.connect() as connection:
        connection.sendall(get(JOBS) * 200)
        responses, answered = Responses(connection), 0
        while responses.next() is not None:
            answered += 1
    assert 1 <= answered <= 18
    assert len(door.journey.calls) <= 18


def test_a_refused_upload_is_told_before_the_connection_goes(open_door):
    door = open_door(Journey(stranger=True))
    with door.connect() as connection:
        responses = Responses(connection)
        connection.sendall(post(UPLOAD, b"").replace(b"Length: 0", b"Length: 3000000"))
        connection.sendall(b"x" * 3_000_000)
        assert responses.next().status == 401
        connection.sendall(get("/healthz"))
        assert responses.next().status == 200
        connection.sendall(post(UPLOAD, b"").replace(b"Length: 0", b"Length: 300000000"))
        sent = 0
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while sent < 300_000_000:
                connection.sendall(b"x" * 1_000_000)
                sent += 1_000_000
    assert sent < 50_000_000
    assert refused_reasons(door.journey) == [Reason.TOKEN_SIGNATURE] * 2
    assert not door.journey.calls


def test_strangers_cannot_make_the_gateway_hold_large_documents(open_door):
    door = open_door(Journey(stranger=True))
    with door.connect() as connection:
        responses = Responses(connection)
        connection.sendall(post(QUERY, b'{"a":"' + b"x" * 100_000 + b'"}'))
        assert responses.next().status == 401
        connection.sendall(post(QUERY, b"{}"))
        assert responses.next().status == 200, "a small one is read, and judged with all that is known"


# The rest of Gatebook fails


def test_overload_is_answered_and_passes(open_door):
    release = asyncio.Event()

    async def held(_call, _content):
        await release.wait()
        return json_reply({})

    door = open_door(Journey(answer=held), concurrent_calls=2)
    with door.connect() as first, door.connect() as second, door.connect() as third:
        first.sendall(get(JOBS))
        second.sendall(get(JOBS))
        eventually(lambda: len(door.journey.calls) == 2)
        response = exchange(third, get(JOBS))
        assert (response.status, response.reason, response.headers["retry-after"]) == (503, "backendError", "1")
        assert exchange(third, get("/healthz")).status == 200
        door.loop.call_soon_threadsafe(release.set)
        assert Responses(first).next().status == 200
        assert exchange(third, get(JOBS)).status == 200
    assert refused_reasons(door.journey) == [Reason.OVERLOADED]


def test_what_cannot_be_written_down_is_not_answered_as_if_it_were(open_door):
    journey = Journey(book_fault=Unavailable(Reason.BOOK_UNAVAILABLE, "The book cannot be written."))
    with open_door(journey).connect() as connection:
        assert exchange(connection, get("/nowhere")).status == 503


def test_a_failure_of_our_own_tells_nothing(open_door, caplog):
    async def fails(_call, _content):
        raise ValueError("secret row value")

    door = open_door(Journey(answer=fails))
    with door.connect() as connection:
        response = exchange(connection, get(JOBS))
        assert (response.status, response.reason) == (500, "internal")
        assert response.headers["x-gatebook-record"] in response.error["message"]
        assert b"secret" not in response.body
        assert exchange(connection, get("/healthz")).status == 200
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("sent", [0, 1, 3])
def test_a_reply_that_breaks_off(open_door, sent):
    async def breaks(_call, _content):
        async def body():
            for _ in range(sent):
                yield b"x" * 10
            raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's answer broke off.")

        return Reply(200, JSON, body())

    door = open_door(Journey(answer=breaks))
    with door.connect() as connection:
        connection.sendall(get(JOBS))
        if sent == 0:
            assert Responses(connection).next().reason == "badGateway"
            return
        received = b""
        while piece := connection.recv(4096):
            received += piece
    assert received.startswith(b"HTTP/1.1 200 ")
    assert not received.endswith(b"0\r\n\r\n"), "the end of a reply that has no end"


def test_a_reply_that_is_shorter_than_it_says(open_door):
    async def lies(_call, _content):
        async def body():
            yield b"abc"

        return Reply(200, (*JSON, ("content-length", "10")), body())

    with open_door(Journey(answer=lies)).connect() as connection:
        connection.sendall(get(JOBS))
        with pytest.raises(AssertionError, match="cut short"):
            Responses(connection).next()


def test_reply_headers_are_chosen(open_door):
    async def answer(_call, _content):
        headers = {
            "content-type": "application/json",
            "content-encoding": "gzip",
            "etag": "abc",
            "location": "http://gw/upload",
            "set-cookie": "a=b",
            "alt-svc": 'h3=":443"',
            "server": "ESF",
            "connection": "close",
            "transfer-encoding": "gzip",
        }
        return Reply(200, tuple(headers.items()), b"zzz")

    with open_door(Journey(answer=answer)).connect() as connection:
        headers = exchange(connection, get(JOBS)).headers
    assert headers.keys() == {
        "date", "x-gatebook-record", "content-type", "content-encoding", "etag", "location", "content-length",
    }  # fmt: skip


# The end of the server


def test_calls_in_flight_finish_at_the_end(open_door):
    async def slow(_call, _content):
        await asyncio.sleep(0.5)
        return json_reply({"done": True})

    door = open_door(Journey(answer=slow), drain_seconds=5.0)
    idle = door.connect()
    with door.connect() as connection:
        connection.sendall(get(JOBS))
        eventually(lambda: door.journey.calls)
        door.stop()
        response = Responses(connection).next()
        assert json.loads(response.body) == {"done": True}
        assert response.headers["connection"] == "close"
        assert idle.recv(1) == b""
        idle.close()
    door.join()
    with pytest.raises(ConnectionRefusedError):
        door.connect()


def test_calls_that_do_not_finish_are_cancelled_and_settled(open_door):
    settled = []

    async def never(_call, _content):
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.2)
            settled.append(True)
        raise AssertionError

    door = open_door(Journey(answer=never), drain_seconds=0.5)
    with door.connect() as connection:
        connection.sendall(get(JOBS))
        eventually(lambda: door.journey.calls)
        door.stop()
        response = Responses(connection).next()
        assert (response.status, response.reason) == (503, "backendError")
    door.join()
    assert settled == [True]


def test_an_old_client_gets_a_stream_to_the_end_of_the_connection(open_door):
    async def streams(_call, _content):
        async def body():
            yield b"abc"
            yield b"def"

        return Reply(200, JSON, body())

    with open_door(Journey(answer=streams)).connect() as connection:
        connection.sendall(get(JOBS).replace(b"HTTP/1.1", b"HTTP/1.0"))
        received = b""
        while piece := connection.recv(4096):
            received += piece
    assert received.endswith(b"\r\n\r\nabcdef")
