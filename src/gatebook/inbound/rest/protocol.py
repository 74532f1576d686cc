"""HTTP/1.1 on one connection: bytes to requests, one answered after the other, with limits and deadlines.

The parser is httptools' llhttp without leniency. Added here: bounds on header size and count, deadlines for headers and
for readers that do not read, no trailers, and faults that are answered by the door, in BigQuery's shape.
"""

import asyncio
import enum
from collections import deque
from typing import cast

import httptools

from gatebook.errors import Fault, Reason, Refused
from gatebook.inbound.rest.headers import MAX_HEADERS
from gatebook.inbound.rest.lines import Lines
from gatebook.inbound.rest.wire import Headers, Wire
from gatebook.settings import Limits

_HEADER_OVERHEAD_BYTES = 4  # ": " and CRLF
# A client that has closed its side may still be listening, or be gone: it gets this long for a reply to begin.
_HALF_CLOSED_SECONDS = 0.5
# What a client may still send after it was refused, so that it gets to read why before the connection closes.
_DISCARDED_BYTES = 4 * 1024 * 1024
_MAX_PIPELINED = 16


class _Phase(enum.Enum):
    """Where the parser stands in the current message."""

    BETWEEN = enum.auto()
    HEADERS = enum.auto()
    BODY = enum.auto()


class DoorProtocol(asyncio.Protocol):
    """The server's side of one connection."""

    transport: asyncio.Transport

    def __init__(self, lines: Lines, limits: Limits) -> None:
        self.loop = asyncio.get_running_loop()
        self.write_paused = False
        self.silent_since_seconds: float | None = self.loop.time()  # None while anything is under way
        self._lines = lines
        self._limits = limits
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(self)
        self._target = b""
        self._headers: Headers = []
        self._awaits_continue = False
        self._phase = _Phase.BETWEEN
        self._latest: Wire | None = None  # whose request was read last
        self._active: Wire | None = None  # which is being answered
        self._pipeline: deque[Wire] = deque()
        self._client = ""
        self._broken = False
        self._read_paused = False
        self._writable: asyncio.Future[None] | None = None
        self._fed_bytes = 0  # at least as many as the current head has so far, or as the parser holds of the body
        self._discarded_bytes = 0
        self._read_deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._half_closed: asyncio.TimerHandle | None = None

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: the first request's headers must come in time."""
        self.transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self._client = str(peer[0]) if peer else ""
        self._lines.connections.add(self)
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """End: what was being answered is cancelled."""
        for deadline in (self._read_deadline, self._write_deadline, self._half_closed):
            if deadline is not None:
                deadline.cancel()
        self._broken = True
        self._parser = None  # it refers to this object, which refers to it
        self._pipeline.clear()
        self._lines.discard(self)
        self._allow_writing()
        if self._active is not None:
            self._active.lose()
        self._active = self._latest = None

    def eof_received(self) -> bool:
        """Answer what was cut short; wait a little with what is being answered."""
        if self._phase is not _Phase.BETWEEN:
            self._break(Refused(Reason.BODY_MALFORMED, "The request is cut short."))
        elif self._active is not None:
            self._active.keep_alive = False
            self._half_closed = self.loop.call_later(_HALF_CLOSED_SECONDS, self._give_up)
        # TLS has no half-closed connections.
        return self._active is not None and self.transport.get_extra_info("sslcontext") is None

    def _give_up(self) -> None:
        if self._active is not None and not self._active.response_started:
            self.transport.abort()

    def finish(self) -> None:
        """Close, when what is being answered is answered: the server ends."""
        if self._active is None:
            self.transport.close()
        else:
            self._active.keep_alive = False

    # What comes in

    def data_received(self, data: bytes) -> None:
        """Feed the parser, whose callbacks follow below."""
        if self._broken or self._parser is None:
            return
        self.silent_since_seconds = None
        before = self._phase
        self._fed_bytes = len(data) if before is _Phase.BETWEEN else self._fed_bytes + len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._end_after_current()  # the door refuses Upgrade and CONNECT; what follows is another protocol
        except httptools.HttpParserError as error:
            refused = error.__context__
            self._break(refused if isinstance(refused, Fault) else _malformed())
        else:
            self._check_progress(before)

    def _check_progress(self, before: _Phase) -> None:
        """Bound what the parser holds without telling: an endless header line, chunk extension or trailer."""
        if self._phase is _Phase.BODY and before is not _Phase.BODY:
            self._fed_bytes = 0
        elif self._fed_bytes > self._limits.header_bytes and self._phase is before is not _Phase.BETWEEN:
            self._break(self._headers_too_large() if before is _Phase.HEADERS else _malformed())
        if self._phase is not _Phase.BODY and self._active is None:
            self._expect_headers()

    def on_message_begin(self) -> None:
        """Begin a message."""
        self._phase = _Phase.HEADERS
        self._target = b""
        self._headers = []
        self._awaits_continue = False

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request target."""
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header line. Trailers are dropped: they would add to headers that were checked already."""
        if self._phase is not _Phase.HEADERS:
            return
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._awaits_continue = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Hand the request to the door; its body follows."""
        parser = self._parser
        if parser is None:
            return
        if len(self._headers) > MAX_HEADERS or self._head_is_too_large():
            raise self._headers_too_large()
        self._phase = _Phase.BODY
        self._stop_read_deadline()
        version = parser.get_http_version()
        wire = self._wire(parser.get_method().decode("ascii"), version)
        wire.keep_alive = version == "1.1" and parser.should_keep_alive()
        if self._awaits_continue:
            wire.expect_continue()
        if self._active is None:
            self._answer(wire)
        else:
            self.pause_reading()
            self._pipeline.append(wire)
            if len(self._pipeline) > _MAX_PIPELINED:
                raise Refused(Reason.HEADERS_MALFORMED, "Too many requests were sent before the first was answered.")

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; after the reply it is discarded, within bounds."""
        self._fed_bytes = 0
        if self._latest is not None and not self._latest.complete:
            self._latest.feed(body)
            return
        self._discarded_bytes += len(body)
        if self._discarded_bytes > _DISCARDED_BYTES:
            self.transport.abort()

    def on_message_complete(self) -> None:
        """End a message."""
        self._phase = _Phase.BETWEEN
        self._stop_read_deadline()
        if self._latest is not None:
            self._latest.end()

    def pause_reading(self) -> None:
        """Take nothing more for now."""
        if not self._read_paused:
            self._read_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Take more again."""
        if self._read_paused:
            self._read_paused = False
            self.transport.resume_reading()

    # What goes out

    def answered(self) -> None:
        """Go on with the next request of the connection, or wait for one."""
        self._active = None
        if self._phase is _Phase.BODY:  # the client may finish what it was sending, but not take for ever
            self._read_deadline = self.loop.call_later(self._limits.header_seconds, self.transport.abort)
        if self.transport.is_closing():
            return
        self.resume_reading()
        if self._pipeline:
            self._answer(self._pipeline.popleft())
        else:
            self.silent_since_seconds = self.loop.time()

    def pause_writing(self) -> None:
        """Note that the client does not read as fast as it is written to, and for how long it may not."""
        self.write_paused = True
        self._write_deadline = self.loop.call_later(self._limits.write_idle_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Note that the client reads again."""
        self._allow_writing()
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None

    async def drain(self) -> None:
        """Wait until the client reads again, or is gone."""
        if self.write_paused:
            self._writable = self.loop.create_future()
            await self._writable

    def _allow_writing(self) -> None:
        self.write_paused = False
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    # Faults

    def _break(self, fault: Fault) -> None:
        """Read no more of this connection, and let the door answer for it."""
        self._broken = True
        if self._phase is _Phase.BODY and self._latest is not None:
            self._latest.spoil(fault)
            if self._latest.complete:
                self.transport.close()
        elif self._active is not None:
            self._end_after_current()
        else:
            wire = self._wire(self._verb_so_far(), "1.1")
            wire.spoil(fault)
            self._answer(wire)

    def _end_after_current(self) -> None:
        """Close when the latest request that was read whole is answered."""
        self._broken = True
        if self._latest is not None:
            self._latest.keep_alive = False

    def _headers_late(self) -> None:
        if self._phase is _Phase.BETWEEN:
            self.transport.close()  # nothing was asked, so there is nothing to answer or to write down
            return
        self._break(Refused(Reason.REQUEST_TIMEOUT, "The headers of the request did not arrive in time."))

    def _head_is_too_large(self) -> bool:
        if 0 < self._fed_bytes <= self._limits.header_bytes:
            return False  # not even with everything else that was fed along with it
        lines = sum(len(name) + len(value) + _HEADER_OVERHEAD_BYTES for name, value in self._headers)
        return len(self._target) + lines > self._limits.header_bytes

    def _headers_too_large(self) -> Refused:
        return Refused(
            Reason.HEADERS_TOO_LARGE,
            f"The headers are longer than {self._limits.header_bytes} bytes, or more than {MAX_HEADERS}.",
        )

    def _stop_read_deadline(self) -> None:
        if self._read_deadline is not None:
            self._read_deadline.cancel()
            self._read_deadline = None

    def _expect_headers(self) -> None:
        if self._read_deadline is None and not self._broken:
            self._read_deadline = self.loop.call_later(self._limits.header_seconds, self._headers_late)

    # Wires

    def _wire(self, verb: str, http_version: str) -> Wire:
        self._latest = wire = Wire(self, self._client, verb, self._target, http_version, self._headers)
        self._discarded_bytes = 0
        return wire

    def _answer(self, wire: Wire) -> None:
        self._active = wire
        self._lines.answer(wire)

    def _verb_so_far(self) -> str:
        """Give the verb of a message whose head is not complete; the parser knows it from the target on."""
        return self._parser.get_method().decode("ascii") if self._target and self._parser is not None else ""


def _malformed() -> Refused:
    return Refused(Reason.HEADERS_MALFORMED, "The request is not HTTP/1.1 as RFC 9112 has it.")
