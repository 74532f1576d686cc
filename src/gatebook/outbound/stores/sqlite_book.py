"""The Book port on SQLite."""

from collections.abc import Awaitable

from gatebook.core.belongings import Learned
from gatebook.core.book.entry import Unreadable, read
from gatebook.core.book.records import Event, Promise, Refusal, Settlement
from gatebook.core.replies.promised import Promised
from gatebook.outbound.stores.sqlite_lookup import SqliteLookup
from gatebook.outbound.stores.sqlite_ownership import SqliteOwnership
from gatebook.outbound.stores.sqlite_writer import Writer

# The index of calls follows behind: what it has not come to yet is looked through.
_ENTRIES_OF = """
SELECT body FROM entries WHERE call_id = ?1 AND (
    seq IN (SELECT seq FROM calls WHERE call_id = ?1) OR seq > (SELECT through_seq FROM indexed)
) ORDER BY seq
"""


class SqliteBook:
    """Implements `ports.Book`."""

    def __init__(self, writer: Writer, ownership: SqliteOwnership, lookup: SqliteLookup) -> None:
        self._writer = writer
        self._ownership = ownership
        self._lookup = lookup

    def promise(self, promise: Promise) -> Awaitable[None]:
        """Hand in a promise; awaiting tells that it is on the disk. Raises Unavailable."""
        return self._writer.record(promise, promise.at_microseconds)

    def settle(self, settlement: Settlement, learned: Learned | None = None) -> Awaitable[None]:
        """Hand in a settlement and what goes with it; awaiting tells that both are on the disk. Raises Unavailable."""
        claims = () if learned is None else self._ownership.claims(learned)
        return self._writer.record(settlement, settlement.at_microseconds, claims)

    async def refuse(self, refusal: Refusal) -> str:
        """Return when the refusal is on the disk; gives its id. Raises Unavailable."""
        await self._writer.record(refusal, refusal.at_microseconds)
        return refusal.call.id

    async def note(self, event: Event) -> None:
        """Return when the event is on the disk. Raises Unavailable."""
        await self._writer.record(event, event.at_microseconds)

    async def promised(self, call_id: str) -> Promised | None:
        """Give the promise of a Call, None when there is none that can be read to its end. Raises Unavailable."""
        bodies = await self._lookup.rows(_ENTRIES_OF, (call_id,))
        try:
            records = [read(body) for (body,) in bodies]
        except Unreadable:
            return None
        match records:
            case [Promise() as promise]:
                return Promised(promise, None)
            case [Promise() as promise, Settlement() as settlement]:
                return Promised(promise, settlement)
        return None
