"""Reply: one answer of upstream, from the first byte of its head to the last of its body.

The parser of its connection calls the `on_...` methods; the journey reads `status`, `headers` and `chunks()`. Each
exchange has a Reply and a parser of its own, so nothing of one answer can be taken for a part of another.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import httptools

from gatebook.errors import Fault, Reason, UpstreamFailed
from gatebook.outbound.upstream.heads import HOP_BY_HOP

HEAD_BYTES = 64 * 1024
HIGH_WATER_BYTES = 256 * 1024
_HEAD_FIELDS = 256
_BODILESS = (204, 304)
# Content-Encoding stays: bodies pass as they are. Alt-Svc would advertise upstream's other doors as the gateway's.
_NOT_PASSED = HOP_BY_HOP | {"transfer-encoding", "alt-svc"}
_NAMES: dict[bytes, str] = {}  # header names as upstream writes them -> lower case; bounded in `_lowered`


class Line(Protocol):
    """What a Reply needs of the connection it comes over."""

    def go_on(self) -> None:
        """Read again after a pause."""

    def abort(self) -> None:
        """Close at once, whatever is under way."""


class Reply:
    """Implements ports.UpstreamReply. `complete` and `failure` tell the connection how the exchange ended."""

    __slots__ = (
        "_arrival", "_fields", "_head_may_be_large", "_head_only", "_line", "_parser", "_pieces", "_quiet_bytes",
        "buffered_bytes", "complete", "failure", "headers", "keep_alive", "status", "surplus",
    )  # fmt: skip

    def __init__(self, line: Line, verb: str) -> None:
        self.status = 0
        self.headers: tuple[tuple[str, str], ...] = ()
        self.buffered_bytes = 0
        self.complete = False
        self.keep_alive = False
        self.surplus = False  # more came than was asked for: the connection is not to be trusted again
        self.failure: BaseException | None = None
        self._line = line
        self._head_only = verb == "HEAD"
        self._fields: list[tuple[bytes, bytes]] = []
        self._pieces: list[bytes] = []
        self._head_may_be_large = False
        self._quiet_bytes = 0  # since the last piece of head or body
        self._arrival: asyncio.Future[None] | None = None
        self._parser: httptools.HttpResponseParser | None = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Take bytes off the wire. Sets `failure` when they are not an answer to the request."""
        parser = self._parser
        if parser is None:
            self.surplus = True
            return
        self._head_may_be_large = self._quiet_bytes + len(data) > HEAD_BYTES
        before = (len(self._pieces), self.status)
        try:
            parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self.complete:  # what came behind the answer is no part of it
                self.surplus = True
            else:
                self.fail(_reading_failure(error))
        if self.complete:
            self._parser = None  # ends the reference cycle through the parser's callbacks
        elif before == (len(self._pieces), self.status):
            self._quiet_bytes += len(data)
            if self._quiet_bytes > HEAD_BYTES:
                self.fail(broken("sent headers or framing without end"))
        else:
            self._quiet_bytes = 0
        if self._pieces or self.status or self.failure:
            self._wake()

    def fail(self, failure: BaseException) -> None:
        """End the reply; whoever reads it is told after the pieces that came before."""
        if not self.complete and self.failure is None:
            self.failure = failure
            self._parser = None
            self._wake()

    async def head(self) -> None:
        """Return when status and headers are there. Raises the failure when they never will be."""
        while not self.status:
            if self.failure is not None:
                raise self.failure
            await self._next_arrival()

    def arrived(self) -> bytes | None:
        """Give the body when all of it is here already, None when more is on its way."""
        return self._take_pieces() if self.complete else None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the body as it comes, content-encoding untouched. Raises UpstreamFailed when it breaks off.

        A reader that stops early, or is cancelled, gives the reply up.
        """
        try:
            while not self.complete or self._pieces:
                if self._pieces:
                    yield self._take_pieces()
                elif self.failure is not None:
                    raise self.failure
                else:
                    await self._next_arrival()
        finally:
            await self.close()

    async def close(self) -> None:
        """Give the reply up; before its end, this closes the connection, which cancels upstream's work on it."""
        if not self.complete and self.failure is None:
            self._line.abort()
        self._pieces.clear()

    def _take_pieces(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        if self.buffered_bytes >= HIGH_WATER_BYTES and not self.complete and self.failure is None:
            self._line.go_on()
        self.buffered_bytes = 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    # What the parser calls, in the order of a message.

    def on_message_begin(self) -> None:  # noqa: D102 - httptools' protocol
        if self.complete:
            self.surplus = True

    def on_header(self, name: bytes, value: bytes) -> None:  # noqa: D102 - httptools' protocol
        self._fields.append((name, value))  # trailers too, which nobody reads

    def on_headers_complete(self) -> None:  # noqa: D102 - httptools' protocol
        if self.surplus or self._parser is None:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self._skip_interim(status)
            return
        self.keep_alive = self._parser.should_keep_alive() and not self._head_only
        if len(self._fields) > _HEAD_FIELDS or (self._head_may_be_large and _size(self._fields) > HEAD_BYTES):
            raise broken("sent headers that are too large")
        self.headers = _checked_head(self._fields, framed=self._head_only or status in _BODILESS)
        self._fields.clear()
        if status > 599:
            raise broken(f"answered with the status {status}")
        self.status = status
        if self._head_only:
            self.complete = True

    def on_body(self, piece: bytes) -> None:  # noqa: D102 - httptools' protocol
        if not self.complete:
            self._pieces.append(piece)
            self.buffered_bytes += len(piece)

    def on_message_complete(self) -> None:  # noqa: D102 - httptools' protocol
        if self.status:
            self.complete = True

    def _skip_interim(self, status: int) -> None:
        """Interim answers say nothing to us (RFC 9110 15.2); a change of protocol was never asked for."""
        if status == 101 or status < 100:
            raise broken("switched protocols unasked" if status == 101 else f"answered with the status {status}")
        self._fields.clear()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def _next_arrival(self) -> None:
        self._arrival = asyncio.get_running_loop().create_future()
        await self._arrival


def broken(what: str) -> UpstreamFailed:
    """Say that upstream does not answer as BigQuery does."""
    return UpstreamFailed(Reason.UPSTREAM_BROKEN, f"BigQuery's endpoint {what}. The call may have been carried out.")


def _reading_failure(error: Exception) -> Fault:
    cause = error.__context__
    if isinstance(cause, Fault):
        return cause
    if isinstance(error, httptools.HttpParserUpgrade):
        return broken("switched protocols unasked")
    return broken(f"sent an answer that is not HTTP/1.1 ({error})")  # the parser's texts are fixed, without data


def _checked_head(fields: list[tuple[bytes, bytes]], *, framed: bool) -> tuple[tuple[str, str], ...]:
    """Decode a head. A reply whose end only a closed connection would tell is refused: it could be cut unseen.

    The parser has already refused contradictory, repeated and malformed lengths (RFC 9112 6.3).
    """
    headers: list[tuple[str, str]] = []
    nominated: list[str] = []  # RFC 9110 7.6.1: a Connection header names others that end here
    for name, value in fields:
        lowered = _NAMES.get(name) or _lowered(name)
        text = value.decode("latin-1")
        if lowered not in _NOT_PASSED:
            headers.append((lowered, text))
        elif lowered == "transfer-encoding":
            if text.lower() != "chunked":
                raise broken("sent a transfer coding that was not asked for")
            framed = True
        elif lowered == "connection":
            nominated = text.lower().replace(" ", "").split(",")
    if not framed and all(name != "content-length" for name, _ in headers):
        raise broken("sent an answer without saying where it ends")
    return tuple(header for header in headers if header[0] not in nominated) if nominated else tuple(headers)


def _size(fields: list[tuple[bytes, bytes]]) -> int:
    return sum(len(name) + len(value) for name, value in fields)


def _lowered(name: bytes) -> str:
    lowered = name.decode("latin-1").lower()
    if len(_NAMES) < 512 and len(name) < 64:
        _NAMES[name] = lowered
    return lowered
