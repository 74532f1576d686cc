"""Group commit: many coroutines hand in records, one thread writes whatever has gathered while it last synced.

Nothing lingers to fill a batch: alone, a record is written at once; under load, batches form by themselves. A batch
goes to the thread in as many hops as the event loop took turns to bring it, and comes back in one.
"""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from gatebook.core.book.entry import Record, call_id_of, write
from gatebook.errors import Reason, Unavailable
from gatebook.outbound.stores.sqlite_ledger import NO_OWNERS, Claim, Ledger, Line, Owners

_log = logging.getLogger(__name__)

_BATCH = 256

# Faults of one record rather than of the file: the others of its batch are written without it.
_FAULTS_OF_A_RECORD = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, ValueError, OverflowError)


@dataclass(slots=True, eq=False)
class _Writing:
    """What was handed in, and the future that tells when it is durable."""

    future: asyncio.Future[Owners]
    handed_in_at_seconds: float
    line: Line | None
    claims: Sequence[Claim]


class Writer:
    """Belongs to the event loop that it is made in, but for `_run` and what it calls.

    `capacity` bounds what may wait; `patience_seconds` how long anything waits before its caller is told that the book
    is unavailable. What was handed in is written all the same when the disk comes back: a promise that nobody waited
    for stays unsettled in the book, which is what happened.
    """

    def __init__(self, ledger: Ledger, *, capacity: int, patience_seconds: float) -> None:
        self._ledger = ledger
        self._capacity = capacity
        self._patience_seconds = patience_seconds
        self._loop = asyncio.get_running_loop()
        self._queue: queue.SimpleQueue[list[_Writing] | None] = queue.SimpleQueue()
        self._burst: list[_Writing] = []
        self._waiting: deque[_Writing] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._closed = False
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="gatebook-book", daemon=True)
        self._thread.start()

    def record(self, record: Record, at_microseconds: int, claims: Sequence[Claim] = ()) -> asyncio.Future[Owners]:
        """Hand in a record and the claims that go with it; the future is done when all is durable, as `claim`'s."""
        kind, body = write(record)
        return self._hand_in(Line(kind, call_id_of(record), at_microseconds, body), claims)

    def claim(self, claims: Sequence[Claim]) -> asyncio.Future[Owners]:
        """Hand in claims; the future gives who owns what was claimed. Raises Unavailable, as the future does."""
        return self._hand_in(None, claims)

    async def close(self) -> None:
        """Write what was handed in and end the thread."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            self._queue.put(None)
        await self._loop.run_in_executor(None, self._thread.join, self._patience_seconds)
        if self._watch is not None:
            self._watch.cancel()

    def _hand_in(self, line: Line | None, claims: Sequence[Claim]) -> asyncio.Future[Owners]:
        if self._closed or len(self._waiting) >= self._capacity:
            raise _unavailable()
        writing = _Writing(self._loop.create_future(), self._loop.time(), line, claims)
        self._waiting.append(writing)
        if not self._burst:
            self._loop.call_soon(self._hand_over)
        self._burst.append(writing)
        if self._watch is None:
            self._watch = self._loop.call_later(self._patience_seconds / 4, self._look_for_stuck)
        return writing.future

    def _hand_over(self) -> None:
        """Give the thread what this turn of the event loop brought. One by one, it would take the first alone."""
        if self._burst:
            self._queue.put(self._burst)
            self._burst = []

    def _look_for_stuck(self) -> None:
        """Tell the callers of what a stuck disk keeps: their clients would wait without end."""
        oldest_allowed = self._loop.time() - self._patience_seconds
        for writing in self._waiting:
            if writing.handed_in_at_seconds > oldest_allowed:
                break
            if not writing.future.done():
                writing.future.set_exception(_unavailable())
        self._watch = self._loop.call_later(self._patience_seconds / 4, self._look_for_stuck) if self._waiting else None

    def _come_back(self, batch: list[_Writing], owners: Owners, failed: frozenset[int]) -> None:
        for place, writing in enumerate(batch):
            self._waiting.popleft()
            if writing.future.done():
                continue
            if place in failed:
                writing.future.set_exception(_unavailable())
            else:
                writing.future.set_result(owners)

    def _run(self) -> None:
        self._ledger.open()
        going = True
        while going:
            batch, going = self._gather()
            if batch:
                owners, failed = self._commit(batch)
                try:
                    self._loop.call_soon_threadsafe(self._come_back, batch, owners, failed)
                except RuntimeError:
                    going = False  # the loop was closed without us: nobody waits any more
            self._ledger.tend(idle=not batch)
        self._ledger.close()

    def _gather(self) -> tuple[list[_Writing], bool]:
        """Take what waits, at least one unless there is something to tend meanwhile; and whether to go on after it."""
        batch: list[_Writing] = []
        try:
            burst = self._queue.get(timeout=self._ledger.idle_after_seconds)
            while burst is not None:
                batch += burst
                if len(batch) >= _BATCH:
                    return batch, True
                burst = self._queue.get_nowait()
        except queue.Empty:
            return batch, True
        return batch, False

    def _commit(self, batch: list[_Writing]) -> tuple[Owners, frozenset[int]]:
        """Write a batch; give who owns what it claims, and the places of those that are not known to be durable."""
        try:
            owners = self._write(batch)
        except _FAULTS_OF_A_RECORD as error:
            if len(batch) > 1:
                return self._commit_one_by_one(batch)
            _log.error("a record cannot be written to the book: %s", error)
            return NO_OWNERS, frozenset((0,))
        except Exception as error:  # noqa: BLE001 - whatever it is, the callers must hear of it and the thread go on
            if not self._failing:
                _log.error("the book cannot be written: %s", error)
            self._failing = True
            return NO_OWNERS, frozenset(range(len(batch)))
        if self._failing:
            _log.warning("the book can be written again")
            self._failing = False
        return owners, frozenset()

    def _commit_one_by_one(self, batch: list[_Writing]) -> tuple[Owners, frozenset[int]]:
        owners: dict[tuple[str, str], str] = {}
        failed: set[int] = set()
        for place, writing in enumerate(batch):
            own, wrong = self._commit([writing])
            owners.update(own)
            failed.update({place} if wrong else ())
        return owners, frozenset(failed)

    def _write(self, batch: list[_Writing]) -> Owners:
        lines = [writing.line for writing in batch if writing.line is not None]
        claims = [claim for writing in batch for claim in writing.claims]
        return self._ledger.commit(lines, claims)


def _unavailable() -> Unavailable:
    return Unavailable(
        Reason.BOOK_UNAVAILABLE,
        "Gatebook cannot write its book just now, and nothing may pass that is not written down. Try again later.",
    )
