"""The Book port on SQLite."""

from collections.abc import Awaitable

from gatebook.core.belongings import Learned
from gatebook.core.book.records import Promise, Refusal, Settlement
from gatebook.outbound.stores.sqlite_ownership import SqliteOwnership
from gatebook.outbound.stores.sqlite_writer import Writer


class SqliteBook:
    """Implements `ports.Book`."""

    def __init__(self, writer: Writer, ownership: SqliteOwnership) -> None:
        self._writer = writer
        self._ownership = ownership

    def promise(self, promise: Promise) -> Awaitable[None]:
        """Hand in a promise; awaiting tells that it is on the disk. Raises Unavailable."""
        return self._writer.record(promise, promise.at_microseconds)

    def settle(self, settlement: Settlement, learned: Learned | None = None) -> Awaitable[None]:
        """Hand in a settlement and what goes with it; awaiting tells that both are on the disk. Raises Unavailable."""
        claims = () if learned is None else self._ownership.claims(learned)
        return self._writer.record(settlement, settlement.at_microseconds, claims)

    def refuse(self, refusal: Refusal) -> Awaitable[None]:
        """Hand in a refusal; awaiting tells that it is on the disk. Raises Unavailable."""
        return self._writer.record(refusal, refusal.at_microseconds)
