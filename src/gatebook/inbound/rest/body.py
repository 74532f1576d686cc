"""Request bodies: taken from the wire piece by piece, within limits of size and time."""

import asyncio
from collections.abc import AsyncGenerator

from gatebook.errors import Reason, Refused
from gatebook.inbound.rest.gunzip import gunzip
from gatebook.inbound.rest.headers import Head
from gatebook.inbound.rest.wire import Wire


class BodyReader:
    """Reads the body of one request. `document_bytes` bounds what is held in memory."""

    def __init__(self, head: Head, wire: Wire, document_bytes: int, idle_seconds: float) -> None:
        self.head = head
        self.wire = wire
        self.document_bytes = document_bytes
        self.idle_seconds = idle_seconds

    async def whole(self) -> bytes:
        """Read all of a body that is held in memory; it must be here within `idle_seconds`, however it drips.

        Raises Refused (BODY_TOO_LARGE, BODY_MALFORMED, REQUEST_TIMEOUT).
        """
        if (self.head.content_length or 0) > self.document_bytes:
            raise self._too_large()
        if self.wire.arrived and not self.head.gzipped:
            body, _ = await self.wire.read()
            if len(body) > self.document_bytes:
                raise self._too_large()
            return body
        try:
            async with asyncio.timeout(self.idle_seconds):
                return await self._gather()
        except TimeoutError:
            raise _timed_out() from None

    def pieces(self) -> AsyncGenerator[bytes, None]:
        """Give the body as it comes, unpacked; no longer than `idle_seconds` may pass between two pieces."""
        pieces = self._pieces()
        return gunzip(pieces, self.document_bytes) if self.head.gzipped else pieces

    async def _gather(self) -> bytes:
        gathered = bytearray()
        async for piece in self.pieces():
            gathered += piece
            if len(gathered) > self.document_bytes:
                raise self._too_large()
        return bytes(gathered)

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        more = True
        while more:
            try:
                async with asyncio.timeout(self.idle_seconds):
                    piece, more = await self.wire.read()
            except TimeoutError:
                raise _timed_out() from None
            if piece:
                yield piece

    def _too_large(self) -> Refused:
        return Refused(Reason.BODY_TOO_LARGE, f"The body is longer than {self.document_bytes} bytes.")


async def single(body: bytes) -> AsyncGenerator[bytes, None]:
    """Give bytes that are whole already as a stream of one piece."""
    yield body


def _timed_out() -> Refused:
    return Refused(Reason.REQUEST_TIMEOUT, "The body of the request did not arrive in time.")
