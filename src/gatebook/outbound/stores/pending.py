"""Pending: something that was handed in to be written, and who waits for it."""

import asyncio
from collections.abc import Generator, Sequence

from gatebook.errors import Unavailable
from gatebook.outbound.stores.sqlite_frames import Claim


class Pending:
    """Done when what was handed in is durable, or not known to be. May be awaited any number of times.

    A task that is cancelled while it waits takes nothing with it: what it waited for goes on, and can be awaited again.
    """

    __slots__ = ("_loop", "_waiters", "claims", "done", "fault", "handed_in_at_seconds")

    def __init__(self, loop: asyncio.AbstractEventLoop, claims: Sequence[Claim]) -> None:
        self.claims = claims
        self.handed_in_at_seconds = loop.time()
        self.done = False
        self.fault: Unavailable | None = None
        self._loop = loop
        self._waiters: list[asyncio.Future[None]] = []

    def finish(self, fault: Unavailable | None = None) -> None:
        """Tell who waits, once; later calls change nothing."""
        if self.done:
            return
        self.done, self.fault = True, fault
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    def __await__(self) -> Generator[object, None, None]:
        if not self.done:
            waiter = self._loop.create_future()
            self._waiters.append(waiter)
            yield from waiter
        if self.fault is not None:
            raise self.fault
