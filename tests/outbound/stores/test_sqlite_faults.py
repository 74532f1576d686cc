"""When the disk is full, gone, slow or lying: exactly the calls that are not known to be durable are told, and later
ones pass again without a restart."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_faults import Faults

import book_samples as samples
from gatebook.core.analysis.footprint import TableRef
from gatebook.core.belongings import Belongings, Job, Learned
from gatebook.core.book.exchange import Status
from gatebook.core.book.search import Search
from gatebook.errors import Reason, Unavailable
from gatebook.outbound.stores.sqlite_postings import IndexTables
from gatebook.outbound.stores.sqlite_reader import SqliteReader
from gatebook.outbound.stores.sqlite_schema import FILE_NAME
from gatebook.outbound.stores.sqlite_store import SqliteStore


class FixedClock:
    def now_microseconds(self) -> int:
        return samples.NOW


def run(
    directory: Path,
    scenario: Callable[[SqliteStore, Faults], Awaitable[None]],
    *,
    capacity: int = 1000,
    patience_seconds: float = 5.0,
) -> None:
    async def go() -> None:
        faults = Faults()
        store = SqliteStore.open(
            directory, FixedClock(), launch=faults.launch, capacity=capacity, patience_seconds=patience_seconds
        )
        try:
            await scenario(store, faults)
        finally:
            faults.disk_moves.set()
            await store.close()

    asyncio.run(go())


def numbers(directory: Path, **filters: object) -> list[int]:
    with closing(SqliteReader.open(directory)) as reader:
        found = reader.search(Search(limit=None, oldest_first=True, **filters))  # type: ignore[arg-type]
        return [int(exchange.id[:8], 16) for exchange in found]


async def is_refused(waiting: Awaitable[None]) -> None:
    with pytest.raises(Unavailable) as caught:
        await waiting
    assert caught.value.reason is Reason.BOOK_UNAVAILABLE


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        ("pragma", "PRAGMA max_page_count = 1"),  # SQLITE_FULL: SQLite takes the present size as the bound
        ("pragma", "PRAGMA query_only = ON"),  # SQLITE_READONLY
        ("fail_before_writing", "disk I/O error"),
    ],
)
def test_a_book_that_cannot_be_written_refuses_and_recovers(tmp_path: Path, fault: str, value: str) -> None:
    async def scenario(store: SqliteStore, faults: Faults) -> None:
        await store.book.promise(samples.promise(1))
        setattr(faults, fault, value)
        big = "x" * 100_000
        await is_refused(store.book.promise(samples.promise(2, sql=big)))
        await is_refused(store.book.settle(samples.settlement(1, error_message=big)))
        await is_refused(store.book.refuse(samples.refusal(3, sql=big)))
        setattr(faults, fault, None)
        await store.book.promise(samples.promise(4))
        await store.book.settle(samples.settlement(4))

    run(tmp_path, scenario)
    assert numbers(tmp_path) == [1, 4]
    assert numbers(tmp_path, status=Status.UNSETTLED) == [1]


def test_what_failed_but_reached_the_disk_stays_in_order(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, faults: Faults) -> None:
        faults.fail_after_writing = "disk I/O error"
        await is_refused(store.book.promise(samples.promise(1)))
        faults.fail_after_writing = None
        await store.book.promise(samples.promise(2))
        await store.book.settle(samples.settlement(2))

    run(tmp_path, scenario)
    assert numbers(tmp_path, status=Status.UNSETTLED) == [1]
    assert numbers(tmp_path, status=Status.ANSWERED) == [2]


@pytest.mark.parametrize("between", [0, 200], ids=["at once", "indexed apart"])
def test_a_refusal_after_an_unknown_promise_closes_it(tmp_path: Path, between: int) -> None:
    async def scenario(store: SqliteStore, faults: Faults) -> None:
        faults.fail_after_writing = "disk I/O error"
        await is_refused(store.book.promise(samples.promise(1)))
        faults.fail_after_writing = None
        others = range(2, 2 + between)
        await asyncio.gather(*(store.book.promise(samples.promise(number)) for number in others))
        await store.book.refuse(samples.refusal(1))

    run(tmp_path, scenario)
    assert numbers(tmp_path, status=Status.REFUSED) == [1]
    assert numbers(tmp_path) == [1, *range(2, 2 + between)]
    with closing(SqliteReader.open(tmp_path)) as reader:
        exchange = reader.exchange(samples.call_id(1))
        assert exchange is not None
        assert exchange.refusal == samples.forgotten(samples.refusal(1))


def test_a_volume_that_goes_and_comes_back(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, faults: Faults) -> None:
        await store.book.promise(samples.promise(1))
        faults.fail_before_writing = faults.fail_to_open = "unable to open database file"
        for number in range(2, 5):
            await is_refused(store.book.promise(samples.promise(number)))
        faults.fail_before_writing = faults.fail_to_open = None
        await store.book.promise(samples.promise(5))

    run(tmp_path, scenario)
    assert numbers(tmp_path) == [1, 5]


def test_a_file_that_somebody_else_locks(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, _faults: Faults) -> None:
        with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await is_refused(store.book.promise(samples.promise(1)))
            other.execute("ROLLBACK")
        await store.book.promise(samples.promise(2))

    run(tmp_path, scenario)
    assert numbers(tmp_path) == [2]


def test_a_file_that_is_taken_away(tmp_path: Path) -> None:
    def take_away() -> None:
        for path in tmp_path.glob("book.sqlite*"):
            path.unlink()

    async def scenario(store: SqliteStore, _faults: Faults) -> None:
        await store.book.promise(samples.promise(1))
        take_away()
        for number in range(2, 30):
            try:
                await store.book.promise(samples.promise(number))
            except Unavailable:
                await is_refused(store.book.promise(samples.promise(number)))
                return
            await asyncio.sleep(0.1)
        pytest.fail("records went on being written to a file that nobody can read")

    run(tmp_path, scenario)


def test_commits_reach_the_disk_after_the_index_was_written_too(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, faults: Faults) -> None:
        ledger = faults.ledger
        for number in range(20):
            await store.book.promise(samples.promise(number))
        for _ in range(100):
            await asyncio.sleep(0.02)
            if ledger.idle_after_seconds is None:
                break
        assert ledger._connection is not None
        assert ledger._connection.execute("SELECT through_seq FROM indexed").fetchone() == (20,)
        assert ledger._connection.execute("PRAGMA synchronous").fetchone() == (2,)

    run(tmp_path, scenario)


@pytest.mark.parametrize("moment", [2**63, 2**70], ids=["for SQLite", "for any frame"])
def test_one_bad_record_does_not_take_its_batch_along(tmp_path: Path, moment: int) -> None:
    async def scenario(store: SqliteStore, faults: Faults) -> None:
        faults.disk_moves.clear()
        first = asyncio.ensure_future(store.book.promise(samples.promise(1)))
        await asyncio.sleep(0.05)  # the others gather behind it
        good = [asyncio.ensure_future(store.book.promise(samples.promise(number))) for number in (2, 3, 5, 6)]
        bad = asyncio.ensure_future(store.book.promise(replace(samples.promise(4), at_microseconds=moment)))
        claim = store.ownership.learn(Learned(samples.NIGHTLY.caller, Belongings(jobs=(Job("p", "US", "j"),))))
        faults.disk_moves.set()
        await asyncio.gather(first, *good, claim)
        await is_refused(bad)
        assert await store.ownership.job_owner(Job("p", "US", "j")) == samples.NIGHTLY.caller.key

    run(tmp_path, scenario)
    assert sorted(numbers(tmp_path)) == [1, 2, 3, 5, 6]


def test_a_disk_that_hangs_lets_nobody_wait_for_ever(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, faults: Faults) -> None:
        faults.disk_moves.clear()
        started = asyncio.get_running_loop().time()
        waiting = [store.book.promise(samples.promise(number)) for number in range(1, 4)]
        await asyncio.gather(*(is_refused(one) for one in waiting))
        assert 0.2 <= asyncio.get_running_loop().time() - started < 2
        faults.disk_moves.set()
        await store.book.promise(samples.promise(9))

    run(tmp_path, scenario, patience_seconds=0.3)
    assert numbers(tmp_path) == [1, 2, 3, 9]  # it was handed in, and nobody can take back what a disk may have


def test_no_more_waits_than_there_is_room_for(tmp_path: Path) -> None:
    async def scenario(store: SqliteStore, faults: Faults) -> None:
        faults.disk_moves.clear()
        waiting = [asyncio.ensure_future(store.book.promise(samples.promise(number))) for number in range(1, 11)]
        await asyncio.sleep(0.05)
        await is_refused(store.book.promise(samples.promise(11)))
        faults.disk_moves.set()
        await asyncio.gather(*waiting)
        await store.book.promise(samples.promise(12))

    run(tmp_path, scenario, capacity=10)
    assert numbers(tmp_path) == [*range(1, 11), 12]


def test_a_closed_store_takes_nothing(tmp_path: Path) -> None:
    async def go() -> None:
        store = SqliteStore.open(tmp_path, FixedClock())
        await store.close()
        await is_refused(store.book.promise(samples.promise(1)))
        with pytest.raises(Unavailable):
            await store.ownership.learn(Learned(samples.NIGHTLY.caller, Belongings(tables=(TableRef("p", "d", "t"),))))

    asyncio.run(go())


def test_an_index_that_fails_stops_neither_writing_nor_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("malformed index")

    async def scenario(store: SqliteStore, _faults: Faults) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(IndexTables, "add", fail)
            await asyncio.gather(*(store.book.promise(samples.promise(number)) for number in range(300)))
        assert len(numbers(tmp_path, table="acme.shop")) == 300

    run(tmp_path, scenario)
    run(tmp_path, lambda store, _: store.book.promise(samples.promise(300)))
    assert len(numbers(tmp_path, table="acme.shop")) == 301
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        assert connection.execute("SELECT through_seq FROM indexed").fetchone() == (301,)
