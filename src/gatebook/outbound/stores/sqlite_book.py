"""The Book port on SQLite."""

from gatebook.core.book.records import Promise, Refusal, Settlement
from gatebook.outbound.stores.sqlite_writer import Writer


class SqliteBook:
    """Implements `ports.Book`. A coroutine that is cancelled while it waits leaves its record to be written."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def promise(self, promise: Promise) -> None:
        """Return when the promise is on the disk. Raises Unavailable."""
        await self._writer.record(promise, promise.at_microseconds)

    async def settle(self, settlement: Settlement) -> None:
        """Return when the settlement is on the disk. Raises Unavailable."""
        await self._writer.record(settlement, settlement.at_microseconds)

    async def refuse(self, refusal: Refusal) -> None:
        """Return when the refusal is on the disk. Raises Unavailable."""
        await self._writer.record(refusal, refusal.at_microseconds)
