"""What is sent: heads that cannot smuggle, bodies whole or in pieces, and upstream's early answers to them."""

import asyncio
from dataclasses import replace

import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st
from misbehaving import CALLER, GET, QUICK, Peer, answering, body_of, misbehaving, ok, upstream_to

from gatebook.errors import Reason, Refused, UpstreamFailed
from gatebook.outbound.upstream.heads import render_head
from gatebook.ports import UpstreamRequest

UPLOAD = UpstreamRequest("POST", "/upload/bigquery/v2/projects/p/jobs?uploadType=multipart", ())


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request):
    return request.param


async def in_pieces(*pieces, error=None):
    for piece in pieces:
        await asyncio.sleep(0)
        yield piece
    if error is not None:
        raise error


def sent_for(request):
    async def scene():
        async with misbehaving(answering(ok(b"{}"))) as stage, upstream_to(stage) as upstream:
            await body_of(await upstream.forward(request, CALLER))
            return stage.requests[0], stage.port

    return uvloop.run(scene())


def test_a_request_goes_as_it_is_with_our_host_and_framing():
    headers = (("User-Agent", "gl-python/3.11"), ("Accept-Encoding", "gzip"), ("content-type", "application/json"))
    asked, port = sent_for(UpstreamRequest("POST", "/bigquery/v2/projects/p/queries?a=%20b", headers, b'{"query":"x"}'))
    assert asked.line == "POST /bigquery/v2/projects/p/queries?a=%20b HTTP/1.1"
    assert asked.headers == {
        "host": f"127.0.0.1:{port}",
        "user-agent": "gl-python/3.11",
        "accept-encoding": "gzip",
        "content-type": "application/json",
        "content-length": "13",
    }
    assert asked.body == b'{"query":"x"}'


def test_headers_that_are_ours_or_between_neighbours_are_not_taken_from_the_client():
    theirs = [
        "Host", "Authorization", "Content-Length", "Transfer-Encoding", "Expect", "Connection", "Keep-Alive", "TE",
        "Trailer", "Upgrade", "Proxy-Authorization", "Proxy-Connection", "Cookie",
    ]  # fmt: skip
    asked, _ = sent_for(replace(GET, headers=tuple((name, "7") for name in theirs)))
    assert set(asked.headers) == {"host"}


@pytest.mark.parametrize("verb", ["POST", "PUT", "PATCH"])
def test_an_absent_body_is_said_to_be_empty(verb):
    assert sent_for(UpstreamRequest(verb, "/x", ()))[0].headers["content-length"] == "0"


HEADER_TEXT = st.text(st.characters(codec="latin-1"), max_size=12)


@given(
    headers=st.lists(st.tuples(HEADER_TEXT, HEADER_TEXT), max_size=4),
    target=st.text(max_size=12).map(lambda text: "/" + text),
)
def test_whatever_the_client_sends_makes_one_head_or_none(headers, target):
    request = UpstreamRequest("GET", target, tuple(headers))
    try:
        head = render_head(request, "bigquery.example", "Bearer abc")
    except Refused:
        return
    lines = head.split(b"\r\n")
    assert lines[0] == f"GET {target} HTTP/1.1".encode()
    assert lines[1] == b"host: bigquery.example"
    assert lines[-3:] == [b"authorization: Bearer abc", b"", b""]
    assert not any(character in b"".join(lines) for character in (b"\r", b"\n", b"\0"))
    assert all(b":" in line for line in lines[1:-2])
    assert len(lines) - 5 <= len(headers)


@pytest.mark.parametrize(
    "headers",
    [
        (("x-a", "1\r\nx-evil: 2"),),
        (("x-a", "1\nx-evil: 2"),),
        (("x-a", "1\rx-evil: 2"),),
        (("x-a", "1\0"),),
        (("x-a: 1\r\nx-evil", "2"),),
        (("x a", "1"),),
        (("", "1"),),
        (("x-a", "snow \N{SNOWMAN}"),),
    ],
)
def test_headers_that_would_smuggle_are_refused(headers):
    with pytest.raises(Refused) as failure:
        render_head(UpstreamRequest("GET", "/", headers), "h", None)
    assert failure.value.reason is Reason.HEADERS_MALFORMED


@pytest.mark.parametrize(
    ("verb", "target"),
    [
        ("GET", "/a b"), ("GET", "/a\r\nHost: x"), ("GET", "http://evil.example/"), ("GET", ""), ("GET", "/ä"),
        ("GET /x HTTP/1.1\r\n\r\nGET", "/"), ("CONNECT", "/"), ("TRACE", "/"), ("get", "/"), ("GET", "/a\n"),
    ],
)  # fmt: skip
def test_lines_that_would_smuggle_are_refused(verb, target):
    with pytest.raises(Refused) as failure:
        render_head(UpstreamRequest(verb, target, ()), "h", None)
    assert failure.value.reason is Reason.PATH_MALFORMED


def test_a_refused_head_opens_no_connection():
    async def scene():
        async with misbehaving(answering(ok())) as stage, upstream_to(stage) as upstream:
            with pytest.raises(Refused):
                await upstream.forward(replace(GET, headers=(("a", "\r\n"),)), CALLER)
            return stage.connections

    assert uvloop.run(scene()) == 0


def test_a_stream_of_unknown_length_goes_in_chunks(run):
    async def scene():
        async with misbehaving(answering(ok(b"{}"), ok(b"{}"))) as stage, upstream_to(stage) as upstream:
            for _ in range(2):
                request = replace(UPLOAD, body=in_pieces(b"one", b"", b"two" * 50_000, b"three"))
                await body_of(await upstream.forward(request, CALLER))
            return [(r.headers["transfer-encoding"], r.body) for r in stage.requests], stage.connections

    assert run(scene()) == ([("chunked", b"one" + b"two" * 50_000 + b"three")] * 2, 1)


def test_a_stream_of_known_length_goes_as_it_is(run):
    async def scene():
        async with misbehaving(answering(ok(b"{}"), ok(b"{}"))) as stage, upstream_to(stage) as upstream:
            for _ in range(2):
                request = replace(UPLOAD, body=in_pieces(b"abc", b"de"), content_length=5)
                await body_of(await upstream.forward(request, CALLER))
            return [(r.headers["content-length"], r.body) for r in stage.requests], stage.connections

    assert run(scene()) == ([("5", b"abcde")] * 2, 1)


@pytest.mark.parametrize("pieces", [(b"abc",), (b"abc", b"def"), (b"abcdef",), ()])
def test_a_stream_that_is_not_as_long_as_announced_never_becomes_a_request(pieces, run):
    async def scene():
        async with misbehaving(answering(ok(b"{}"))) as stage, upstream_to(stage) as upstream:
            with pytest.raises(Refused) as failure:
                await upstream.forward(replace(UPLOAD, body=in_pieces(*pieces), content_length=5), CALLER)
            await asyncio.sleep(0.01)
            return failure.value.reason, stage.requests, upstream._pool._places

    assert run(scene()) == (Reason.BODY_MALFORMED, [], 0)


@pytest.mark.parametrize("length", [None, 9])
def test_a_client_that_breaks_off_its_body_breaks_off_the_request(length, run):
    lost = Refused(Reason.REQUEST_TIMEOUT, "the client stopped sending")

    async def scene():
        async with misbehaving(answering(ok(b"{}"))) as stage, upstream_to(stage) as upstream:
            request = replace(UPLOAD, body=in_pieces(b"abc", error=lost), content_length=length)
            with pytest.raises(Refused) as failure:
                await upstream.forward(request, CALLER)
            await asyncio.sleep(0.01)
            return failure.value is lost, stage.requests, upstream._pool._places

    assert run(scene()) == (True, [], 0)


def test_an_early_answer_ends_the_sending_and_the_connection(run):
    async def refuses(peer: Peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        await peer.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        assert await peer.gone(), "half a request has been sent on it: it can carry no other"

    async def endless(taken):
        while True:
            taken.append(1)
            yield b"x" * 10_000
            await asyncio.sleep(0.001)

    async def scene():
        taken = []
        async with misbehaving(refuses) as stage, upstream_to(stage) as upstream:
            reply = await upstream.forward(replace(UPLOAD, body=endless(taken)), CALLER)
            body = await body_of(reply)
            count = len(taken)
            await asyncio.sleep(0.02)
            return reply.status, body, len(taken) == count, upstream._pool._places

    assert run(scene()) == (413, b"big", True, 0)


def test_an_answer_to_half_of_a_document_ends_the_connection_too(run):
    async def refuses(peer: Peer):
        await peer.reader.readuntil(b"\r\n\r\n")
        peer.writer.transport.pause_reading()
        await peer.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        await asyncio.sleep(0.3)

    async def scene():
        async with misbehaving(refuses) as stage, upstream_to(stage) as upstream:
            for _ in range(2):
                reply = await upstream.forward(replace(UPLOAD, body=b"x" * 10_000_000), CALLER)
                assert (reply.status, await body_of(reply)) == (413, b"big")
            return stage.connections, upstream._pool._places

    assert run(scene()) == (2, 0)


def test_an_upstream_that_does_not_read_times_out(run):
    async def deaf(peer: Peer):
        peer.writer.transport.pause_reading()
        await asyncio.sleep(1)

    async def endless():
        while True:
            yield b"x" * 1_000_000

    async def scene():
        timeouts = replace(QUICK, idle_seconds=0.2)
        async with misbehaving(deaf) as stage, upstream_to(stage, timeouts) as upstream:
            with pytest.raises(UpstreamFailed) as failure:
                await upstream.forward(replace(UPLOAD, body=endless()), CALLER)
            return failure.value.reason

    assert run(scene()) is Reason.UPSTREAM_TIMEOUT


def test_a_slow_client_is_not_taken_for_an_idle_upstream(run):
    async def slowly():
        for _ in range(5):
            await asyncio.sleep(0.1)
            yield b"x"

    async def scene():
        timeouts = replace(QUICK, idle_seconds=0.15, reply_seconds=0.15, keep_alive_seconds=0.15)
        async with misbehaving(answering(ok(b"1"), ok(b"2"))) as stage, upstream_to(stage, timeouts) as upstream:
            await body_of(await upstream.forward(GET, CALLER))
            return await body_of(await upstream.forward(replace(UPLOAD, body=slowly()), CALLER))

    assert run(scene()) == b"2"


def test_a_client_that_pauses_after_upstream_was_slow_is_not_taken_for_an_idle_upstream(run):
    async def slow(peer: Peer):
        peer.writer.transport.pause_reading()
        await asyncio.sleep(0.05)
        peer.writer.transport.resume_reading()
        await peer.asked()
        await peer.say(ok(b"done"))

    async def body():
        yield b"x" * 8_000_000  # more than the sockets hold
        await asyncio.sleep(0.5)
        yield b"y"

    async def scene():
        timeouts = replace(QUICK, idle_seconds=0.2)
        async with misbehaving(slow) as stage, upstream_to(stage, timeouts) as upstream:
            return await body_of(await upstream.forward(replace(UPLOAD, body=body()), CALLER))

    assert run(scene()) == b"done"


def test_a_client_that_goes_away_in_its_body_ends_the_request(run):
    async def scene():
        gone = asyncio.Event()

        async def waits(peer: Peer):
            await peer.reader.readuntil(b"abc")
            await peer.gone()
            gone.set()

        async def stuck():
            try:
                yield b"abc"
                await asyncio.sleep(60)
            finally:
                await asyncio.sleep(0.02)

        async with misbehaving(waits) as stage, upstream_to(stage) as upstream:
            body = stuck()
            task = asyncio.create_task(upstream.forward(replace(UPLOAD, body=body), CALLER))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await body.aclose()  # fails if anything still read it
            await asyncio.wait_for(gone.wait(), 0.5)
            return upstream._pool._places

    assert run(scene()) == 0
