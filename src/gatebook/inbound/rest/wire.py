"""Wire: one request and its response on a connection, as the door reads, writes and knows of it."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from gatebook.errors import Fault, Reason, Refused

Headers = list[tuple[bytes, bytes]]

_HIGH_WATER_BYTES = 64 * 1024  # of a body that nobody reads yet
_SMALL_BYTES = 64 * 1024  # copied into one piece with its head, which is cheaper than two


class Line(Protocol):
    """What a Wire needs of its connection."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    write_paused: bool

    def pause_reading(self) -> None:
        """Take nothing more for now."""

    def resume_reading(self) -> None:
        """Take more again."""

    async def drain(self) -> None:
        """Wait until the client has read enough of what was written."""

    def answered(self) -> None:
        """Go on with the next request."""


class Wire:
    """One request's side of its connection.

    `task` answers it. `fault` is what broke the request after its headers were read; its body will not come. `on_gone`
    is called once, when the client goes away before the response is complete.
    """

    task: asyncio.Task[None]
    keep_alive = False
    fault: Fault | None = None
    on_gone: Callable[[], object] | None = None
    gone = False
    arrived = False  # the whole request is here
    response_started = False
    complete = False
    _waiting_bytes = 0
    _arrival: asyncio.Future[None] | None = None
    _awaits_continue = False
    _head = b""
    _chunked = False
    _left_bytes: int | None = None  # of a response whose length was announced

    def __init__(self, line: Line, client: str, verb: str, target: bytes, http_version: str, headers: Headers) -> None:
        self.client = client  # the address
        self.verb = verb
        self.path, _, self.query = target.partition(b"?")
        self.http_version = http_version
        self.headers = headers  # names in lower case
        self._line = line
        self._pieces: list[bytes] = []

    # What the door reads.

    async def read(self) -> tuple[bytes, bool]:
        """Give what came of the body since the last time, or waits for it, and whether more is to come.

        Raises Refused (BODY_MALFORMED) or `fault` when no more of it will come.
        """
        if self._awaits_continue and not self.arrived:
            self._awaits_continue = False
            self._line.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._line.resume_reading()
        while not (self._pieces or self.arrived or self.fault or self.gone or self.complete):
            self._arrival = self._line.loop.create_future()
            await self._arrival
        if self.fault is not None:
            raise self.fault
        if self.gone or self.complete:
            raise Refused(Reason.BODY_MALFORMED, "The client went away before the end of the body.")
        pieces, self._pieces = self._pieces, []
        self._waiting_bytes = 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces), not self.arrived

    # What the door writes.

    def begin(self, head: bytes, left_bytes: int | None, *, chunked: bool) -> None:
        """Begin the response; its head waits for the first piece of the body, and goes with it."""
        self._head, self._left_bytes, self._chunked = head, left_bytes, chunked
        self.response_started = True
        self._awaits_continue = False

    async def write(self, body: bytes, *, more: bool) -> None:
        """Write a piece of the response; does nothing when the client is gone.

        Raises ValueError for a body that is not as long as announced.
        """
        if self._line.write_paused and not self.gone:
            await self._line.drain()
        if self.gone:
            return
        pieces = self._framed(body, more)
        if self._head:
            pieces.insert(0, self._head)
            self._head = b""
        if len(body) < _SMALL_BYTES:
            self._line.transport.write(b"".join(pieces))
        else:
            self._line.transport.writelines(pieces)
        if not more:
            self._end()

    def cut(self) -> None:
        """Close the connection so that the client cannot take a part of the response for the whole."""
        self.keep_alive = False
        self._line.transport.close()

    def _framed(self, body: bytes, more: bool) -> list[bytes]:
        if self.verb == "HEAD":
            return []
        if self._chunked:
            piece = [b"%x\r\n" % len(body), body, b"\r\n"] if body else []
            return piece if more else [*piece, b"0\r\n\r\n"]
        if self._left_bytes is not None:
            self._left_bytes -= len(body)
            if self._left_bytes < 0 or (self._left_bytes and not more):
                raise ValueError("the body of the reply is not as long as announced")
        return [body]

    def _end(self) -> None:
        self.complete = True
        self._wake()
        if not self.keep_alive:
            self._line.transport.close()
        self._line.answered()

    # What the connection tells.

    def expect_continue(self) -> None:
        """Note that the client waits to be told before it sends the body (RFC 9110 section 10.1.1)."""
        self._awaits_continue = True

    def feed(self, piece: bytes) -> None:
        """Take a piece of the body."""
        self._pieces.append(piece)
        self._waiting_bytes += len(piece)
        if self._waiting_bytes > _HIGH_WATER_BYTES:
            self._line.pause_reading()
        self._wake()

    def end(self) -> None:
        """Note the end of the request."""
        self.arrived = True
        self._wake()

    def spoil(self, fault: Fault) -> None:
        """Note that the request cannot be read to its end."""
        self.fault = fault
        self.keep_alive = False
        self._wake()

    def lose(self) -> None:
        """Note that the client went away."""
        if self.complete:
            return
        self.gone = True
        self._wake()
        if self.on_gone is not None:
            self.on_gone()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)
