"""A gateway that is killed: what it said was durable is there, what was not settled is reported, the next goes on."""

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import book_samples as samples
from gatebook.core.book.exchange import Status
from gatebook.core.book.search import Search
from gatebook.outbound.stores.errors import StoreError
from gatebook.outbound.stores.sqlite_reader import SqliteReader
from gatebook.outbound.stores.sqlite_schema import FILE_NAME
from gatebook.outbound.stores.sqlite_store import SqliteStore

SCRIPT = Path(__file__).parent / "killed_gateway.py"
TESTS = Path(__file__).parent.parent.parent


class FixedClock:
    def now_microseconds(self) -> int:
        return samples.NOW


@contextmanager
def gateway(directory: Path, how: str) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    command = [sys.executable, str(SCRIPT), str(directory), how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process
        finally:
            process.kill()


def statuses(directory: Path) -> dict[int, Status]:
    with closing(SqliteReader.open(directory)) as reader:
        return {int(e.id[:8], 16): e.status for e in reader.search(Search(limit=None))}


def test_killed_between_promise_and_settlement(tmp_path: Path) -> None:
    with gateway(tmp_path, "open") as process:
        assert process.stdout is not None
        while process.stdout.readline() != "promised 3\n":
            assert process.poll() is None
        assert statuses(tmp_path) == dict.fromkeys(range(3), Status.ANSWERED) | {3: Status.OPEN}
    assert statuses(tmp_path) == dict.fromkeys(range(3), Status.ANSWERED) | {3: Status.UNSETTLED}
    with closing(SqliteReader.open(tmp_path)) as reader:
        (lost,) = reader.search(Search(status=Status.UNSETTLED))
        assert lost.opening == samples.forgotten(samples.promise(3))
        assert lost.outcome is None


def test_killed_at_work_loses_nothing_that_was_said_to_be_durable(tmp_path: Path) -> None:
    with gateway(tmp_path, "busy") as process:
        assert process.stdout is not None
        seen = process.stdout.readline()
        time.sleep(0.7)
        process.kill()
        seen += process.stdout.read()
    promised = {int(number) for number in re.findall(r"promised (\d+)\n", seen)}
    settled = {int(number) for number in re.findall(r"settled (\d+)\n", seen)}
    assert len(settled) > 50

    found = statuses(tmp_path)
    assert promised <= found.keys()
    assert settled <= {number for number, status in found.items() if status is Status.ANSWERED}
    assert Status.OPEN not in found.values()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    async def go_on() -> None:
        store = SqliteStore.open(tmp_path, FixedClock())
        await store.book.promise(samples.promise(2_000_000))
        await store.book.settle(samples.settlement(2_000_000))
        await store.close()

    asyncio.run(go_on())
    assert statuses(tmp_path) == found | {2_000_000: Status.ANSWERED}


def test_two_gateways_do_not_write_one_book(tmp_path: Path) -> None:
    with gateway(tmp_path, "open") as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(StoreError, match=rf"another gateway \(process {process.pid}\) writes the book here"):
            SqliteStore.open(tmp_path, FixedClock())
        process.kill()
        process.wait()

        async def succeed() -> None:
            await SqliteStore.open(tmp_path, FixedClock()).close()

        asyncio.run(succeed())


def test_readers_that_look_for_a_gateway_do_not_keep_one_from_starting(tmp_path: Path) -> None:
    async def start_and_stop() -> None:
        store = SqliteStore.open(tmp_path, FixedClock())
        assert statuses(tmp_path) == {}
        await store.close()

    for _ in range(3):
        asyncio.run(start_and_stop())
        assert statuses(tmp_path) == {}
