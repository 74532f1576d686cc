"""The book, with a bound on what callers that prove nothing can make it write (docs/decisions/0012)."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress

from gatebook.core.belongings import Learned
from gatebook.core.book.records import Event, Promise, Refusal, Settlement
from gatebook.core.counting import Bounds, Count, Tally, shortened, summary
from gatebook.core.replies.promised import Promised
from gatebook.errors import Reason, Refused, Unavailable
from gatebook.ports import Book, Clock

_LOG = logging.getLogger(__name__)
_LOOK_SECONDS = 5.0


class BoundedBook:
    """Implements `ports.Book` over another one. Only refusals without a proven caller are bounded."""

    def __init__(self, book: Book, clock: Clock, bounds: Bounds) -> None:
        self._book = book
        self._clock = clock
        self._tally = Tally(bounds)
        self._closing = asyncio.Event()
        self._watching = asyncio.get_running_loop().create_task(self._watch())

    def promise(self, promise: Promise) -> Awaitable[None]:
        """Hand in a promise; durable when awaited. Raises Unavailable."""
        return self._book.promise(promise)

    def settle(self, settlement: Settlement, learned: Learned | None = None) -> Awaitable[None]:
        """Hand in a settlement; durable when awaited. Raises Unavailable."""
        return self._book.settle(settlement, learned)

    async def note(self, event: Event) -> None:
        """Return when the event is durable. Raises Unavailable."""
        await self._book.note(event)

    async def promised(self, call_id: str) -> Promised | None:
        """Give the promise of a Call. Raises Unavailable."""
        return await self._book.promised(call_id)

    async def refuse(self, refusal: Refusal) -> str:
        """Write the refusal down, or count it; give the id of the record that tells of it.

        Raises Unavailable, and Refused (TOO_MANY_REFUSALS) in place of what was to be answered.
        """
        if refusal.identity is not None:
            return await self._book.refuse(refusal)
        count = self._tally.note(refusal)
        if count is None:
            return await self._book.refuse(shortened(refusal))
        answered, first = self._tally.is_answered(count), count.first
        if first is None or first.id == refusal.call.id:  # counting has begun: a crash must not hide that
            await self._tell(count)
        record = refusal.call.id if first is None else first.id
        if not answered:
            raise Refused(
                Reason.TOO_MANY_REFUSALS,
                "Too many requests without a proven caller come from this address. Bring a token that is accepted, or"
                " try again in a minute.",
                record,
            )
        return record

    async def close(self) -> None:
        """Tell of everything that was counted."""
        self._closing.set()
        await self._watching
        await self._tell_all(None)

    async def _tell(self, count: Count) -> None:
        told, count.untold = count.untold, Counter()
        if count.last is None:
            return
        try:
            await self._book.refuse(summary(count.source, count.last, told, self._clock.now_microseconds()))
        except Unavailable:
            count.untold += told
            raise

    async def _tell_all(self, now_microseconds: int | None) -> None:
        for count in self._tally.over(now_microseconds):
            await self._tell(count)

    async def _watch(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), _LOOK_SECONDS)
            try:
                await self._tell_all(self._clock.now_microseconds())
            except Unavailable:
                _LOG.warning("counted refusals cannot be written just now; tried again in %s s", _LOOK_SECONDS)
