"""A reply of any size on its way to the client, read as it passes."""

from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Protocol

from gatebook.core.model import Ending
from gatebook.core.replies.facts import ReplyFacts
from gatebook.core.replies.reader import ReplyReader
from gatebook.homeward.endings import ending_of, ending_with
from gatebook.ports import UpstreamReply
from gatebook.whole import coding_of


class Settle(Protocol):
    """Writes down how the call ended (Homeward.settle)."""

    async def __call__(
        self, ending: Ending, facts: ReplyFacts, status: int, byte_count: int, error: BaseException | None = None
    ) -> None:
        """Return when it is durable. Raises Unavailable."""
        ...


class Passage(AsyncGenerator[bytes, None]):
    """A reply's body on its way to the client. One piece is held back until the call is settled.

    A class and not a generator function: closing a generator that was never begun runs nothing of it, and the call
    would stay open in the book.
    """

    def __init__(self, reply: UpstreamReply, settle: Settle) -> None:
        self._reply = reply
        self._settle = settle
        self._chunks = reply.chunks()
        self._reader = ReplyReader(coding_of(reply))
        self._held = b""
        self._bytes = 0
        self._at_end = False
        self._ended = False

    async def asend(self, _value: None) -> bytes:
        """Give the next piece."""
        try:
            while not self._at_end:
                piece = await anext(self._chunks, None)
                if piece is None:
                    await self._end(ending_with(self._reply))
                    self._at_end = True
                    break
                self._bytes += len(piece)
                self._reader.feed(piece)
                ready, self._held = self._held, piece
                if ready:
                    return ready
        except BaseException as error:
            await self._end(ending_of(error), error)
            raise
        last, self._held = self._held, b""
        if not last:
            raise StopAsyncIteration
        return last

    async def athrow(
        self,
        kind: type[BaseException] | BaseException,
        value: BaseException | object = None,
        traceback: TracebackType | None = None,
    ) -> bytes:
        """End early: the client is gone (this is how `aclose` comes in)."""
        await self._end(Ending.CLIENT_GONE)
        raise kind if isinstance(kind, BaseException) else kind()

    async def _end(self, ending: Ending, error: BaseException | None = None) -> None:
        if self._ended:
            return
        self._ended = True
        await self._reply.close()
        await self._settle(ending, self._reader.finish(), self._reply.status, self._bytes, error)
