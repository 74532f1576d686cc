"""The gateway's side of group commit: many coroutines hand in records, the scribe writes what has gathered meanwhile.

What a turn of the event loop brings is handed over in few pieces. What comes back is in the order of the handing in.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from gatebook.core.book.entry import Record, call_id_of, write
from gatebook.errors import Reason, Unavailable
from gatebook.outbound.stores.errors import StoreError
from gatebook.outbound.stores.pending import Pending
from gatebook.outbound.stores.sqlite_channel import Channel
from gatebook.outbound.stores.sqlite_frames import Claim, End, Line, Writing, Written, framed
from gatebook.outbound.stores.sqlite_launch import Running

_log = logging.getLogger(__name__)

_RESTART_SECONDS = 0.5
# One by one, the scribe would write the first alone. A whole turn of a busy loop at once, and the two would take turns
# at waiting for each other.
_BURST = 4

Owners = Mapping[tuple[str, str], str]  # (kind, name) -> the key of the Caller that owned it already
NO_OWNERS: Owners = {}


class Writer:
    """Belongs to the event loop that it is made in. Raises as `launch` does when no scribe can be started.

    `capacity` bounds what may wait; `patience_seconds` how long anything waits before its caller is told that the book
    is unavailable. What was handed in is written all the same when the disk comes back: a promise that nobody waited
    for stays unsettled in the book, which is what happened.

    When the scribe ends, whoever waits is told so, and until another runs nothing is taken.

    `on_owned` is told of claims that are written, and of what among them somebody else had already.
    """

    def __init__(
        self,
        launch: Callable[[], Running],
        now_microseconds: Callable[[], int],
        on_owned: Callable[[Sequence[Claim], Owners], None],
        *,
        capacity: int,
        patience_seconds: float,
    ) -> None:
        self._launch = launch
        self._now_microseconds = now_microseconds
        self._on_owned = on_owned
        self._capacity = capacity
        self._patience_seconds = patience_seconds
        self._loop = asyncio.get_running_loop()
        self._burst: list[bytes] = []
        self._waiting: deque[Pending] = deque()
        self._watch: asyncio.TimerHandle | None = None
        self._restart: asyncio.TimerHandle | None = None
        self._closed = False
        self._begin()

    def record(self, record: Record, at_microseconds: int, claims: Sequence[Claim] = ()) -> Pending:
        """Hand in a record and the claims that go with it, to be durable together. Awaiting raises Unavailable."""
        kind, body = write(record)
        return self._hand_in(Line(kind, call_id_of(record), at_microseconds, body), claims, at_microseconds)

    def claim(self, claims: Sequence[Claim]) -> Pending:
        """Hand in claims alone. Awaiting raises Unavailable."""
        return self._hand_in(None, claims, self._now_microseconds())

    async def close(self) -> None:
        """Write what was handed in and end the scribe."""
        if self._closed:
            return
        self._closed = True
        if self._restart is not None:
            self._restart.cancel()
        channel = self._channel
        if channel is not None:
            self._hand_over()
            channel.send(framed(End(self._now_microseconds())))
            if await self._loop.run_in_executor(None, self._scribe.wait, self._patience_seconds):
                channel.drain()
            self._lose()
        if self._watch is not None:
            self._watch.cancel()

    def _begin(self) -> None:
        self._scribe = self._launch()
        self._channel: Channel | None = Channel(self._loop, self._scribe.socket, self._come_back, self._lost)

    def _hand_in(self, line: Line | None, claims: Sequence[Claim], at_microseconds: int) -> Pending:
        pending = Pending(self._loop, claims)
        if self._closed or self._channel is None or len(self._waiting) >= self._capacity:
            pending.finish(_unavailable())
            return pending
        try:
            frame = framed(Writing(line, tuple(claims), at_microseconds))
        except OverflowError as error:
            _log.error("a record cannot be written to the book: %s", error)
            pending.finish(_unavailable())
            return pending
        self._waiting.append(pending)
        if not self._burst:
            self._loop.call_soon(self._hand_over)
        self._burst.append(frame)
        if len(self._burst) >= _BURST:
            self._hand_over()
        if self._watch is None:
            self._watch = self._loop.call_later(self._patience_seconds / 4, self._look_for_stuck)
        return pending

    def _hand_over(self) -> None:
        """Give the scribe what this turn of the event loop brought, or enough of it."""
        if self._burst and self._channel is not None:
            self._channel.send(b"".join(self._burst))
        self._burst.clear()

    def _look_for_stuck(self) -> None:
        """Tell the callers of what a stuck disk keeps: their clients would wait without end."""
        oldest_allowed = self._loop.time() - self._patience_seconds
        for pending in self._waiting:
            if pending.handed_in_at_seconds > oldest_allowed:
                break
            pending.finish(_unavailable())
        self._watch = self._loop.call_later(self._patience_seconds / 4, self._look_for_stuck) if self._waiting else None

    def _come_back(self, written: Written) -> None:
        owners = {(kind, name): owner for kind, name, owner in written.owners} if written.owners else NO_OWNERS
        for place in range(written.count):
            pending = self._waiting.popleft()
            if place in written.failed:
                pending.finish(_unavailable())
                continue
            if pending.claims:
                self._on_owned(pending.claims, owners)
            pending.finish()

    def _lost(self) -> None:
        """The scribe is gone, and nobody knows how much of what waits is on the disk: all of it is told so."""
        self._lose()
        if not self._closed:
            _log.error("the process that writes the book has ended; calls are refused until another runs")
            self._scribe.end()
            self._restart = self._loop.call_later(_RESTART_SECONDS, self._begin_again)

    def _lose(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        self._burst.clear()
        while self._waiting:
            self._waiting.popleft().finish(_unavailable())

    def _begin_again(self) -> None:
        """Start another scribe, when the last can write no more."""
        try:
            if self._scribe.over():
                self._begin()
                _log.warning("another process writes the book now")
                return
        except (OSError, StoreError) as error:
            _log.error("no process that writes the book can be started: %s", error)
        self._restart = self._loop.call_later(_RESTART_SECONDS, self._begin_again)


def _unavailable() -> Unavailable:
    return Unavailable(
        Reason.BOOK_UNAVAILABLE,
        "Gatebook cannot write its book just now, and nothing may pass that is not written down. Try again later.",
    )
