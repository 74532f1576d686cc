"""A caller reads what the book says of a call of its own: where the link in a refusal leads.

Only the book is read, and nothing but the call that the caller made itself: this is not a call, and not written down.
"""

import asyncio
from collections.abc import Callable
from contextlib import closing

from gatebook.core.book.exchange import Exchange
from gatebook.core.model import Credential
from gatebook.errors import Reason, Refused
from gatebook.ports import BookReader, Identifier

OpenBook = Callable[[], BookReader]  # Raises Unavailable.


async def own_record(
    record_id: str, credential: Credential | None, identifier: Identifier, open_book: OpenBook
) -> Exchange:
    """Give the Exchange. Raises Refused; NOT_FOUND also where it is another caller's. Raises Unavailable."""
    identity = await identifier.identify(credential)
    exchange = await asyncio.to_thread(_read, open_book, record_id)
    owner = None if exchange is None else exchange.opening.identity
    if exchange is None or owner is None or owner.caller.key != identity.caller.key:
        raise Refused(Reason.RECORD_NOT_FOUND, f"Not found: {identity.caller.name} has made no call {record_id}.")
    return exchange


def _read(open_book: OpenBook, record_id: str) -> Exchange | None:
    with closing(open_book()) as reader:
        return reader.exchange(record_id)
