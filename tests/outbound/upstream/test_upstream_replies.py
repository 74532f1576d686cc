"""What upstream may answer, rightly and wrongly, byte for byte; on asyncio's own loop and on uvloop."""

import asyncio
import contextlib
import socket
import threading

import pytest
import uvloop
from misbehaving import CALLER, GET, QUICK, Peer, answering, body_of, misbehaving, ok, upstream_to

from gatebook.errors import Reason, UpstreamFailed
from gatebook.outbound.upstream.client import HttpUpstream
from gatebook.outbound.upstream.credentials import NoCredentials
from gatebook.outbound.upstream.endpoint import Endpoint
from gatebook.ports import UpstreamRequest

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

GOOD = {
    "content length": (ok(b'{"a":1}'), 200, b'{"a":1}'),
    "chunked": (CHUNKED + b"3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\n\r\n", 200, b"abcdefg"),
    "chunked with a trailer": (CHUNKED + b"3\r\nabc\r\n0\r\nX-Late: 1\r\n\r\n", 200, b"abc"),
    "empty body": (ok(b""), 200, b""),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "not modified, length of what is not sent": (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, b""),
    "resume incomplete": (b"HTTP/1.1 308 X\r\nRange: bytes=0-9\r\nContent-Length: 0\r\n\r\n", 308, b""),
    "an error, whole": (b"HTTP/1.1 503 X\r\nContent-Length: 4\r\n\r\noops", 503, b"oops"),
    "interim answers first": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + ok(b"late"),
        200,
        b"late",
    ),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, b"hi"),
}

BAD = {
    "not HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "HTTP/0.9": b"<html>hello</html>",
    "cut head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "cut body": b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
    "cut chunk": CHUNKED + b"a\r\nabc",
    "no last chunk": CHUNKED + b"3\r\nabc\r\n",
    "no length": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhow long is this",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "length in words": b"HTTP/1.1 200 OK\r\nContent-Length: three\r\n\r\nabc",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
    "another coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "chunk size in words": CHUNKED + b"zz\r\nabc\r\n0\r\n\r\n",
    "chunk longer than its size": CHUNKED + b"3\r\nabcdef\r\n0\r\n\r\n",
    "chunk size overflow": CHUNKED + b"fffffffffffffffff\r\nabc",
    "switching protocols": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nabc",
    "bare switching": b"HTTP/1.1 101 Switching Protocols\r\n\r\nabc",
    "status 999": b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n",
    "status 099": b"HTTP/1.1 099 What\r\nContent-Length: 0\r\n\r\n",
    "folded header": b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n",
    "NUL in a header": b"HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
    "one huge header": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000 + b"\r\nContent-Length: 0\r\n\r\n",
    "a header without end": b"HTTP/1.1 200 OK\r\nA: " + b"x" * 1_000_000,
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 1000 + b"Content-Length: 0\r\n\r\n",
    "interim answers without end": b"HTTP/1.1 103 X\r\nA: b\r\n\r\n" * 10_000,
    "a trailer without end": CHUNKED + b"0\r\nA: " + b"x" * 1_000_000,
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n",
    "a permanent redirect": b"HTTP/1.1 308 X\r\nLocation: https://elsewhere.example/\r\nContent-Length: 0\r\n\r\n",
}


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request):
    return request.param


@pytest.mark.parametrize("name", GOOD)
def test_good_answers_pass_whole(name, run):
    answer, status, body = GOOD[name]

    async def scene():
        async with misbehaving(answering(answer)) as stage, upstream_to(stage) as upstream:
            reply = await upstream.forward(GET, CALLER)
            return reply.status, await body_of(reply)

    assert run(scene()) == (status, body)


@pytest.mark.parametrize("pause", [0, 0.002])
@pytest.mark.parametrize("name", ["content length", "chunked with a trailer", "interim answers first"])
def test_good_answers_pass_whole_byte_by_byte(name, pause):
    answer, status, body = GOOD[name]

    async def drip(peer: Peer):
        await peer.asked()
        for at in range(len(answer)):
            await peer.say(answer[at : at + 1])
            await asyncio.sleep(pause)

    async def scene():
        async with misbehaving(drip) as stage, upstream_to(stage) as upstream:
            reply = await upstream.forward(GET, CALLER)
            return reply.status, await body_of(reply)

    assert uvloop.run(scene()) == (status, body)


@pytest.mark.parametrize("name", BAD)
def test_bad_answers_fail_and_the_connection_is_dropped(name, run):
    async def liar(peer: Peer):
        await peer.asked()
        if peer.number == 1:
            await peer.say(BAD[name])
        else:
            await peer.say(ok(b"honest"))

    async def scene():
        async with misbehaving(liar) as stage, upstream_to(stage) as upstream:
            with pytest.raises(UpstreamFailed) as failure:
                await body_of(await upstream.forward(GET, CALLER))
            reply = await upstream.forward(GET, CALLER)
            assert (await body_of(reply), stage.connections) == (b"honest", 2)
            return failure.value

    failed = run(scene())
    assert failed.reason is Reason.UPSTREAM_BROKEN
    assert "xxxx" not in failed.message


ENDLESS = {
    "header": (b"HTTP/1.1 200 OK\r\nA: ", b"x" * 1000),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n" * 100),
    "interim answers": (b"", b"HTTP/1.1 103 X\r\nA: b\r\n\r\n" * 100),
    "chunk extension": (CHUNKED + b"3;", b"x" * 1000),
    "trailer": (CHUNKED + b"0\r\nA: ", b"x" * 1000),
    "trailers": (CHUNKED + b"0\r\n", b"A: b\r\n" * 100),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_has_no_end_is_cut(name, run):
    begin, more = ENDLESS[name]
    sent = 0

    async def endless(peer: Peer):
        nonlocal sent
        await peer.asked()
        await peer.say(begin)
        while True:
            await peer.say(more)
            sent += len(more)

    async def scene():
        async with misbehaving(endless) as stage, upstream_to(stage) as upstream:
            with pytest.raises(UpstreamFailed) as failure:
                await body_of(await upstream.forward(GET, CALLER))
            return failure.value.reason

    assert run(scene()) is Reason.UPSTREAM_BROKEN
    assert sent < 20_000_000, "what the sockets hold, not more"


def test_an_answer_without_an_end_is_refused_before_any_of_it_is_passed_on():
    async def scene():
        async with misbehaving(answering(BAD["no length"])) as stage, upstream_to(stage) as upstream:
            with pytest.raises(UpstreamFailed, match="where it ends"):
                await upstream.forward(GET, CALLER)

    uvloop.run(scene())


def test_what_came_before_a_cut_is_delivered_before_the_failure():
    async def scene():
        async with misbehaving(answering(BAD["cut body"])) as stage, upstream_to(stage) as upstream:
            reply = await upstream.forward(GET, CALLER)
            chunks = reply.chunks()
            assert await anext(chunks) == b"abc"
            with pytest.raises(UpstreamFailed, match="broke off"):
                await anext(chunks)

    uvloop.run(scene())


def test_a_body_that_is_here_to_its_end_can_be_taken_at_once(run):
    async def scene():
        async with misbehaving(answering(ok(b"whole"))) as stage, upstream_to(stage) as upstream:
            reply = await upstream.forward(GET, CALLER)
            return reply.arrived(), await body_of(reply)

    assert run(scene()) == (b"whole", b"")


def test_a_body_that_is_not_here_to_its_end_cannot_be_taken_at_once(run):
    async def scene():
        async with misbehaving(answering(BAD["cut body"])) as stage, upstream_to(stage) as upstream:
            return (await upstream.forward(GET, CALLER)).arrived()

    assert run(scene()) is None


def test_head_has_no_body_whatever_its_length_says(run):
    async def scene():
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
        async with misbehaving(answering(answer)) as stage, upstream_to(stage) as upstream:
            reply = await upstream.forward(UpstreamRequest("HEAD", "/x", ()), CALLER)
            return dict(reply.headers)["content-length"], await body_of(reply)

    assert run(scene()) == ("5", b"")


def test_headers_are_lower_case_without_those_between_neighbours():
    answer = ok(
        b"{}",
        b"Connection: keep-alive, X-Between",
        b"X-Between: 1",
        b"Keep-Alive: timeout=5",
        b'Alt-Svc: h3=":443"',
        b"Content-Encoding: gzip",
        b"X-Name: caf\xe9",
    )

    async def scene():
        async with misbehaving(answering(answer)) as stage, upstream_to(stage) as upstream:
            return (await upstream.forward(GET, CALLER)).headers

    assert uvloop.run(scene()) == (
        ("content-type", "application/json"),
        ("content-length", "2"),
        ("content-encoding", "gzip"),
        ("x-name", "café"),
    )


@pytest.mark.parametrize(
    "behind",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", b"poison", b"HTTP/1.1 200 OK\r\nConte", b"\0"],
    ids=["a second answer", "text", "half an answer", "a byte"],
)
@pytest.mark.parametrize("moment", ["at once", "later"])
def test_an_answer_to_nothing_never_reaches_the_next_call(behind, moment, run):
    async def poisoner(peer: Peer):
        await peer.asked()
        if moment == "at once":
            await peer.say(ok(b"first") + behind)
        else:
            await peer.say(ok(b"first"))
            await peer.say(behind)
        await peer.asked()
        await peer.say(ok(b"second"))

    async def scene():
        async with misbehaving(poisoner) as stage, upstream_to(stage) as upstream:
            first = await body_of(await upstream.forward(GET, CALLER))
            await asyncio.sleep(0.02)
            second = await body_of(await upstream.forward(GET, CALLER))
            return first, second, stage.connections

    first, second, connections = run(scene())
    assert first == b"first"
    assert second == b"first", "a new connection, whose first answer this is"
    assert connections == 2


def test_bytes_that_wait_unread_in_the_socket_are_found_before_the_next_call(run):
    """They arrive while the event loop is busy, so nothing has told the connection of them yet."""
    listener = socket.create_server(("127.0.0.1", 0))
    may_poison, poisoned = threading.Event(), threading.Event()

    def serve():
        for behind in (ok(b"poison"), b""):
            peer, _ = listener.accept()
            with peer:
                peer.recv(65536)
                peer.sendall(ok(b"first"))
                may_poison.wait(5)
                peer.sendall(behind)
                poisoned.set()
                with contextlib.suppress(ConnectionError):
                    peer.recv(65536)

    async def scene():
        upstream = HttpUpstream(
            Endpoint.of(f"http://127.0.0.1:{listener.getsockname()[1]}"), NoCredentials(), QUICK, connections=1
        )
        assert await body_of(await upstream.forward(GET, CALLER)) == b"first"
        may_poison.set()
        assert poisoned.wait(5)  # blocks the loop on purpose
        second = await body_of(await upstream.forward(GET, CALLER))
        await upstream.close()
        return second

    server = threading.Thread(target=serve)
    server.start()
    try:
        assert run(scene()) == b"first"
    finally:
        server.join(5)
        listener.close()
