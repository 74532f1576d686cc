"""The process that writes the book: when it is killed, stopped, slow to end or cannot be started, calls are refused,
nothing that was said to be durable is lost, and another goes on where it ended."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from test_sqlite_crash import FixedClock, gateway

import book_samples as samples
from gatebook.core.belongings import Belongings, Job, Learned
from gatebook.core.book.exchange import Status
from gatebook.core.book.search import Search
from gatebook.errors import Reason, Unavailable
from gatebook.outbound.stores import sqlite_launch
from gatebook.outbound.stores.errors import StoreError
from gatebook.outbound.stores.sqlite_reader import SqliteReader
from gatebook.outbound.stores.sqlite_store import SqliteStore

Scenario = Callable[[SqliteStore, int], Coroutine[Any, Any, None]]


def run(directory: Path, scenario: Scenario, *, patience_seconds: float = 10.0) -> None:
    async def go() -> None:
        store = SqliteStore.open(directory, FixedClock(), patience_seconds=patience_seconds)
        try:
            await scenario(store, scribe_of(store))
        finally:
            await store.close()

    asyncio.run(go())


def scribe_of(store: SqliteStore) -> int:
    running = store._writer._scribe
    assert isinstance(running, sqlite_launch.ScribeProcess)
    return running.process.pid


def found(directory: Path) -> dict[int, Status]:
    with closing(SqliteReader.open(directory)) as reader:
        exchanges = list(reader.search(Search(limit=None, oldest_first=True)))
        assert not reader.unreadable
    return {int(exchange.id[:8], 16): exchange.status for exchange in exchanges}


async def is_refused(waiting: Awaitable[object]) -> None:
    with pytest.raises(Unavailable) as caught:
        await waiting
    assert caught.value.reason is Reason.BOOK_UNAVAILABLE


async def is_taken(store: SqliteStore, number: int) -> bool:
    try:
        await store.book.promise(samples.promise(number))
    except Unavailable:
        return False
    return True


async def until_taken(store: SqliteStore, number: int) -> None:
    """Promise until it is durable."""
    for _ in range(400):
        if await is_taken(store, number):
            return
        await asyncio.sleep(0.05)
    pytest.fail("no other scribe was started")


def test_a_killed_scribe_refuses_who_waits_and_another_goes_on(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, scribe: int) -> None:
        await store.book.promise(samples.promise(1))
        os.kill(scribe, signal.SIGSTOP)
        promised = [asyncio.ensure_future(store.book.promise(samples.promise(number))) for number in (2, 3)]
        claim = asyncio.ensure_future(
            store.ownership.learn(Learned(samples.NIGHTLY.caller, Belongings(jobs=(Job("p", "US", "j"),))))
        )
        await asyncio.sleep(0.05)
        assert not any(waiting.done() for waiting in (*promised, claim))
        os.kill(scribe, signal.SIGKILL)
        for waiting in (*promised, claim):
            await is_refused(waiting)
        await is_refused(store.book.promise(samples.promise(4)))
        await until_taken(store, 5)
        assert scribe_of(store) != scribe
        await store.book.settle(samples.settlement(1))
        assert await store.ownership.job_owner(Job("p", "US", "j")) is None

    run(tmp_path, scenario)
    assert found(tmp_path) == {1: Status.ANSWERED, 5: Status.UNSETTLED}


def test_scribes_killed_at_work_lose_nothing_that_was_said_to_be_durable(tmp_path: Path) -> None:
    durable: set[int] = set()

    async def scenario(store: SqliteStore, _scribe: int) -> None:
        async def promises(start: int) -> None:
            for number in range(start, start + 10_000):
                if await is_taken(store, number):
                    durable.add(number)
                else:
                    await asyncio.sleep(0.01)

        work = [asyncio.create_task(promises(10_000 * worker)) for worker in range(20)]
        for round_number in range(3):
            await until_taken(store, 900_000 + round_number)
            await asyncio.sleep(0.3)
            os.kill(scribe_of(store), signal.SIGKILL)
        await until_taken(store, 999_999)
        for task in work:
            task.cancel()
        await asyncio.wait(work)

    run(tmp_path, scenario)
    assert len(durable) > 100
    assert durable <= found(tmp_path).keys()


def test_a_stopped_scribe_lets_nobody_wait_for_ever_and_writes_when_it_goes_on(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, scribe: int) -> None:
        await store.book.promise(samples.promise(1))
        os.kill(scribe, signal.SIGSTOP)
        big = "x" * 3_000_000  # more than a socket holds
        waiting = [store.book.promise(samples.promise(number, sql=big)) for number in range(2, 5)]
        await asyncio.gather(*(is_refused(one) for one in waiting))
        os.kill(scribe, signal.SIGCONT)
        await until_taken(store, 9)
        assert scribe_of(store) == scribe

    run(tmp_path, scenario, patience_seconds=0.5)
    assert found(tmp_path).keys() == {1, 2, 3, 4, 9}


def test_a_scribe_goes_by_its_gateway_and_not_by_signals_to_all(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, scribe: int) -> None:
        await store.book.promise(samples.promise(1))
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(scribe, number)
        await store.book.promise(samples.promise(2))
        assert scribe_of(store) == scribe

    run(tmp_path, scenario)
    assert found(tmp_path).keys() == {1, 2}


def test_what_a_killed_gateway_had_handed_in_is_written(tmp_path: Path) -> None:
    with gateway(tmp_path, "handing in") as process:
        assert process.wait(30) == -signal.SIGKILL
    deadline = time.monotonic() + 20
    while len(found(tmp_path)) < 50 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found(tmp_path) == dict.fromkeys(range(50), Status.UNSETTLED)


def test_the_next_gateway_waits_for_what_the_last_has_left(tmp_path: Path) -> None:
    with gateway(tmp_path, "open") as process:
        assert process.stdout is not None
        while process.stdout.readline() != "promised 3\n":
            assert process.poll() is None
        scribe = int(Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
        os.kill(scribe, signal.SIGSTOP)
        process.kill()
        process.wait()
    try:
        with pytest.raises(StoreError, match="still being written"):
            SqliteStore.open(tmp_path, FixedClock())
    finally:
        os.kill(scribe, signal.SIGCONT)
    run(tmp_path, lambda store, _: store.book.promise(samples.promise(4)))
    assert found(tmp_path).keys() == {0, 1, 2, 3, 4}


def test_while_no_scribe_can_be_started_everything_is_refused(tmp_path: Path) -> None:
    starts: list[str] = []

    def launch(path: Path, epoch: int) -> sqlite_launch.Running:
        starts.append("fails" if len(starts) == 1 else "dies" if len(starts) == 2 else "runs")
        if starts[-1] == "fails":
            raise OSError("cannot fork")
        if starts[-1] == "dies":
            ours, its = socket.socketpair()
            with its:
                return sqlite_launch.ScribeProcess(subprocess.Popen([sys.executable, "-c", "pass"]), ours)
        return sqlite_launch.launch(path, epoch)

    async def go() -> None:
        store = SqliteStore.open(tmp_path, FixedClock(), launch=launch)
        await store.book.promise(samples.promise(1))
        os.kill(scribe_of(store), signal.SIGKILL)
        await until_taken(store, 2)
        await store.close()

    asyncio.run(go())
    assert starts == ["runs", "fails", "dies", "runs"]
    assert found(tmp_path).keys() >= {1, 2}


def test_a_store_without_a_scribe_closes(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, scribe: int) -> None:
        os.kill(scribe, signal.SIGKILL)
        await asyncio.sleep(0.2)
        await is_refused(store.book.promise(samples.promise(1)))

    run(tmp_path, scenario)
    run(tmp_path, lambda store, _: store.book.promise(samples.promise(2)))
    assert 2 in found(tmp_path)
