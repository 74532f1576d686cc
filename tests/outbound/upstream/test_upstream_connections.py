"""Connections: kept, shared, queued for, timed out, cancelled, and replaced when found dead."""

import asyncio
import time
from dataclasses import replace

import pytest
import uvloop
from misbehaving import CALLER, GET, QUICK, Peer, answering, body_of, misbehaving, ok, upstream_to

from gatebook.errors import Reason, Unavailable, UpstreamFailed
from gatebook.outbound.upstream.client import HttpUpstream
from gatebook.outbound.upstream.credentials import NoCredentials
from gatebook.outbound.upstream.endpoint import Endpoint
from gatebook.outbound.upstream.pool import Pool
from gatebook.ports import UpstreamRequest

POST = UpstreamRequest("POST", "/bigquery/v2/projects/p/queries", (), b'{"query":"SELECT 1"}')


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def run(request):
    return request.param


async def echo(peer: Peer):
    """Answer each request with its own body, so that a mix-up shows."""
    while True:
        asked = await peer.asked()
        await asyncio.sleep(0.001)
        await peer.say(ok(asked.body))


def test_one_connection_serves_call_after_call(run):
    async def scene():
        async with misbehaving(echo) as stage, upstream_to(stage) as upstream:
            for number in range(20):
                reply = await upstream.forward(replace(POST, body=b"%d" % number), CALLER)
                assert await body_of(reply) == b"%d" % number
            return stage.connections

    assert run(scene()) == 1


def test_many_calls_share_few_connections_without_a_mix_up(run):
    async def call(upstream, number):
        body = b"%d " % number * (number % 50 + 1)
        reply = await upstream.forward(replace(POST, body=body), CALLER)
        return await body_of(reply) == body

    async def scene():
        async with misbehaving(echo) as stage, upstream_to(stage, connections=5) as upstream:
            right = await asyncio.gather(*(call(upstream, number) for number in range(300)))
            return all(right), stage.connections

    assert run(scene()) == (True, 5)


def test_calls_cancelled_at_random_leave_the_rest_whole():
    async def call(upstream, number):
        reply = await upstream.forward(replace(POST, body=b"%d" % number), CALLER)
        return await body_of(reply) == b"%d" % number

    async def scene():
        async with misbehaving(echo) as stage, upstream_to(stage, connections=4) as upstream:
            tasks = [asyncio.create_task(call(upstream, number)) for number in range(200)]
            for index, task in enumerate(tasks):
                if index % 3 == 0:
                    asyncio.get_running_loop().call_later(0.0005 * (index % 40), task.cancel)
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(result is True for result in results if not isinstance(result, asyncio.CancelledError))
            # every place in the pool is free again: four calls at once, on at most four connections
            answers = await asyncio.gather(*(call(upstream, number) for number in range(4)))
            return answers, len(upstream._pool._open) <= 4, upstream._pool._places == len(upstream._pool._open)

    assert uvloop.run(scene()) == ([True] * 4, True, True)


def test_who_waits_for_a_connection_is_served_in_order():
    order = []

    async def call(upstream, number):
        reply = await upstream.forward(replace(POST, body=b"%d" % number), CALLER)
        order.append(int(await body_of(reply)))

    async def scene():
        async with misbehaving(echo) as stage, upstream_to(stage, connections=1) as upstream:
            await asyncio.gather(*(call(upstream, number) for number in range(30)))

    uvloop.run(scene())
    assert order == list(range(30))


def test_waiting_too_long_for_a_connection_is_our_own_overload():
    async def silent(peer: Peer):
        await peer.asked()
        await peer.gone()

    async def scene():
        timeouts = replace(QUICK, queue_seconds=0.1)
        async with misbehaving(silent) as stage, upstream_to(stage, timeouts, connections=1) as upstream:
            first = asyncio.create_task(upstream.forward(GET, CALLER))
            await asyncio.sleep(0.02)
            with pytest.raises(Unavailable) as failure:
                await upstream.forward(GET, CALLER)
            first.cancel()
            return failure.value.reason

    assert uvloop.run(scene()) is Reason.OVERLOADED


@pytest.mark.parametrize("ending", ["given back", "discarded"])
def test_a_turn_that_comes_too_late_goes_to_the_next(ending, run):
    async def scene():
        async with misbehaving(echo) as stage, upstream_to(stage, connections=1) as upstream:
            pool = upstream._pool
            first = await pool.acquire()
            late, next_one = (asyncio.create_task(pool.acquire()) for _ in range(2))
            await asyncio.sleep(0.01)
            if ending == "given back":
                pool.give_back(first)
            else:
                first.abort()
            late.cancel()  # in the same moment: it has its turn, and is gone
            connection = await next_one
            assert late.cancelled()
            pool.give_back(connection)
            return pool._places, len(pool._open), len(pool._waiting), (connection is first) == (ending == "given back")

    assert run(scene()) == (1, 1, 0, True)


def test_a_connection_lost_while_it_opened_keeps_no_place(run, monkeypatch):
    async def scene():
        async with misbehaving(echo) as stage, upstream_to(stage, connections=1) as upstream:
            dial = Pool._dial

            async def dial_a_dead_one(pool):
                connection = await dial(pool)
                connection.abort()
                return connection

            monkeypatch.setattr(Pool, "_dial", dial_a_dead_one)
            with pytest.raises(UpstreamFailed) as failure:
                await upstream.forward(POST, CALLER)
            return failure.value.reason, upstream._pool._places

    assert run(scene()) == (Reason.UPSTREAM_UNREACHABLE, 0)


def test_a_refused_connection_is_unreachable_and_frees_its_place(run):
    async def scene():
        async with misbehaving(echo) as stage:
            pass  # its port is free now, and nobody listens
        async with upstream_to(stage, connections=1) as upstream:
            reasons = []
            for _ in range(3):
                with pytest.raises(UpstreamFailed) as failure:
                    await upstream.forward(POST, CALLER)
                reasons.append(failure.value.reason)
            return reasons, failure.value.message

    reasons, message = run(scene())
    assert reasons == [Reason.UPSTREAM_UNREACHABLE] * 3
    assert "Nothing was sent" in message


def test_a_host_that_does_not_exist_is_unreachable():
    async def scene():
        upstream = HttpUpstream(Endpoint.of("http://does-not-exist.invalid"), NoCredentials(), QUICK, 1)
        with pytest.raises(UpstreamFailed) as failure:
            await upstream.forward(GET, CALLER)
        return failure.value.reason

    assert uvloop.run(scene()) is Reason.UPSTREAM_UNREACHABLE


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"", "did not answer in time"),
        (b"HTTP/1.1 200 OK\r\nContent-", "did not answer in time"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", "did not go on"),
    ],
    ids=["no answer", "half a head", "half a body"],
)
def test_a_slow_upstream_times_out(said, words, run):
    async def slow(peer: Peer):
        await peer.asked()
        await peer.say(said)
        assert await peer.gone(), "the connection is closed, which ends upstream's work"

    async def scene():
        timeouts = replace(QUICK, reply_seconds=0.2, idle_seconds=0.2)
        async with misbehaving(slow) as stage, upstream_to(stage, timeouts) as upstream:
            begun = time.monotonic()
            with pytest.raises(UpstreamFailed, match=words) as failure:
                await body_of(await upstream.forward(GET, CALLER))
            await asyncio.sleep(0.01)
            return failure.value.reason, time.monotonic() - begun

    reason, seconds = run(scene())
    assert reason is Reason.UPSTREAM_TIMEOUT
    assert 0.2 <= seconds < 0.6


def test_a_slow_drip_is_not_idle():
    async def drip(peer: Peer):
        await peer.asked()
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            await asyncio.sleep(0.06)
            await peer.say(b"x")

    async def scene():
        timeouts = replace(QUICK, reply_seconds=0.2, idle_seconds=0.2)
        async with misbehaving(drip) as stage, upstream_to(stage, timeouts) as upstream:
            return await body_of(await upstream.forward(GET, CALLER))

    assert uvloop.run(scene()) == b"x" * 8


def test_a_slow_reader_pauses_upstream_and_is_not_taken_for_an_idle_upstream(run):
    sent = 0

    async def flood(peer: Peer):
        nonlocal sent
        await peer.asked()
        total = 64 * 1024 * 1024
        await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % total)
        while sent < total:
            await peer.say(b"x" * 65536)
            sent += 65536

    async def scene():
        timeouts = replace(QUICK, idle_seconds=0.2)
        async with misbehaving(flood) as stage, upstream_to(stage, timeouts) as upstream:
            reply = await upstream.forward(GET, CALLER)
            await asyncio.sleep(0.6)  # three times the idle limit
            held = sent
            size = 0
            async for piece in reply.chunks():
                size += len(piece)
            return held, size

    held, size = run(scene())
    assert held < 24 * 1024 * 1024, "what was not read stays with upstream, apart from the sockets' buffers"
    assert size == 64 * 1024 * 1024


@pytest.mark.parametrize("when", ["before the head", "in the body", "between pieces", "given up"])
def test_going_away_closes_the_connection_so_that_upstream_stops(when, run):
    async def read(upstream):
        async for _ in (await upstream.forward(GET, CALLER)).chunks():
            if when == "between pieces":
                await asyncio.sleep(5)

    async def scene():
        stopped = asyncio.Event()

        async def worker(peer: Peer):
            await peer.asked()
            if when != "before the head":
                await peer.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            assert await peer.gone()
            stopped.set()

        async with misbehaving(worker) as stage, upstream_to(stage) as upstream:
            if when == "given up":
                await (await upstream.forward(GET, CALLER)).close()
            else:
                task = asyncio.create_task(read(upstream))
                await asyncio.sleep(0.05)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            await asyncio.wait_for(stopped.wait(), 0.5)
            return upstream._pool._places

    assert run(scene()) == 0


def test_a_reply_read_to_its_end_keeps_its_connection_when_closed():
    async def scene():
        async with misbehaving(echo) as stage, upstream_to(stage) as upstream:
            for _ in range(3):
                reply = await upstream.forward(POST, CALLER)
                await body_of(reply)
                await reply.close()
            return stage.connections

    assert uvloop.run(scene()) == 1


def test_connection_close_is_obeyed(run):
    async def scene():
        script = answering(ok(b"a", b"Connection: close"), ok(b"never"))
        async with misbehaving(script) as stage, upstream_to(stage) as upstream:
            bodies = [await body_of(await upstream.forward(GET, CALLER)) for _ in range(3)]
            return bodies, stage.connections

    assert run(scene()) == ([b"a"] * 3, 3)


def test_an_unused_connection_is_closed_after_a_while():
    async def scene():
        timeouts = replace(QUICK, keep_alive_seconds=0.2)
        async with misbehaving(echo) as stage, upstream_to(stage, timeouts) as upstream:
            await body_of(await upstream.forward(POST, CALLER))
            assert len(upstream._pool._open) == 1
            await asyncio.sleep(0.5)
            return len(upstream._pool._open), upstream._pool._places, upstream._pool._sweeping

    assert uvloop.run(scene()) == (0, 0, None)


def hangs_up(*, on_request: int) -> object:
    """Serve each connection up to the given request, which gets no answer."""

    async def script(peer: Peer):
        for number in range(1, on_request + 1):
            asked = await peer.asked()
            if number == on_request and peer.number == 1:
                return
            await peer.say(ok(asked.body))

    return script


def test_a_dead_kept_connection_is_replaced_once_for_what_may_be_repeated(run):
    async def scene():
        async with misbehaving(hangs_up(on_request=2)) as stage, upstream_to(stage) as upstream:
            await body_of(await upstream.forward(POST, CALLER))
            reply = await upstream.forward(replace(POST, repeatable=True), CALLER)
            return await body_of(reply), len(stage.requests), stage.connections

    assert run(scene()) == (POST.body, 3, 2)


@pytest.mark.parametrize("case", ["not repeatable", "first on its connection", "a stream", "part of the answer seen"])
def test_nothing_else_is_ever_sent_twice(case, run):
    async def pieces():
        yield POST.body

    async def cuts(peer: Peer):
        await peer.asked()
        await peer.say(ok(b"1"))
        await peer.asked()
        await peer.say(b"H")

    script = cuts if case.startswith("part") else hangs_up(on_request=1 if case.startswith("first") else 2)
    request = replace(POST, repeatable=case != "not repeatable", body=pieces() if case == "a stream" else POST.body)

    async def scene():
        async with misbehaving(script) as stage, upstream_to(stage) as upstream:
            if not case.startswith("first"):
                await body_of(await upstream.forward(POST, CALLER))
            asked_before = len(stage.requests)
            with pytest.raises(UpstreamFailed) as failure:
                await body_of(await upstream.forward(request, CALLER))
            await asyncio.sleep(0.02)
            return failure.value.reason, len(stage.requests) - asked_before

    assert run(scene()) == (Reason.UPSTREAM_BROKEN, 1)


def test_upstream_that_dies_twice_is_not_asked_a_third_time():
    async def script(peer: Peer):
        await peer.asked()
        if peer.number == 1:
            await peer.say(ok(b"1"))
            await peer.asked()

    async def scene():
        async with misbehaving(script) as stage, upstream_to(stage) as upstream:
            await body_of(await upstream.forward(GET, CALLER))
            with pytest.raises(UpstreamFailed):
                await upstream.forward(replace(GET, repeatable=True), CALLER)
            return len(stage.requests)

    assert uvloop.run(scene()) == 3
