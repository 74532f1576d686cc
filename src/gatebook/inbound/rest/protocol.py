"""HTTP/1.1 on one connection: uvicorn's protocol on httptools (llhttp), with limits, deadlines and faults of our own.

uvicorn parses, queues and writes. Added here: bounds on header size and count, a deadline for headers and for readers
that do not read, no leniency in parsing, no trailers, and faults that are answered by the door, in BigQuery's shape,
instead of by the server in plain text.
"""

import asyncio
import enum
from typing import Any, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from gatebook.errors import Fault, Reason, Refused
from gatebook.inbound.rest.exchange import Exchange
from gatebook.inbound.rest.headers import MAX_HEADERS
from gatebook.inbound.rest.wire import WIRE, Scope
from gatebook.settings import Limits

_HEADER_OVERHEAD_BYTES = 4  # ": " and CRLF
# A client that has closed its side may still be listening, or be gone: it gets this long for a reply to begin.
_HALF_CLOSED_SECONDS = 0.5
# What a client may still send after it was refused, so that it gets to read why before the connection closes.
_DISCARDED_BYTES = 4 * 1024 * 1024
_MAX_PIPELINED = 16


class DoorConfig(uvicorn.Config):
    """uvicorn's configuration, and the limits of the door."""

    limits: Limits


class _Phase(enum.Enum):
    """Where the parser stands in the current message."""

    BETWEEN = enum.auto()
    HEADERS = enum.auto()
    BODY = enum.auto()


class DoorProtocol(HttpToolsProtocol):
    """The server's side of one connection."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.parser = httptools.HttpRequestParser(self)  # without the leniency that uvicorn gives its own
        self._limits = cast("DoorConfig", config).limits
        self.url = b""
        self.headers = []
        self._phase = _Phase.BETWEEN
        self._active: Exchange | None = None
        self._broken = False
        self._fed_bytes = 0  # at least as many as the current head has so far, or as the parser holds of the body
        self._discarded_bytes = 0
        self._read_deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._half_closed: asyncio.TimerHandle | None = None

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn declares it
        """Begin: the first request's headers must come in time."""
        super().connection_made(transport)
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """End: what was being answered is cancelled."""
        for deadline in (self._read_deadline, self._write_deadline, self._half_closed):
            if deadline is not None:
                deadline.cancel()
        self._broken = True
        super().connection_lost(exc)
        if self._active is not None:
            self._active.lose()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio reads the result: true keeps it open
        """Answer what was cut short; wait a little with what is being answered."""
        if self._phase is not _Phase.BETWEEN:
            self._break(Refused(Reason.BODY_MALFORMED, "The request is cut short."))
        elif self._active is not None:
            self._active.keep_alive = False
            self._half_closed = self.loop.call_later(_HALF_CLOSED_SECONDS, self._give_up)
        return self._active is not None and self.scheme == "http"  # TLS has no half-closed connections

    def _give_up(self) -> None:
        if self._active is not None and not self._active.response_started:
            self.transport.abort()

    # What comes in

    def data_received(self, data: bytes) -> None:
        """Feed the parser, whose callbacks follow below."""
        if self._broken:
            return
        self._unset_keepalive_if_required()
        before = self._phase
        self._fed_bytes = len(data) if before is _Phase.BETWEEN else self._fed_bytes + len(data)
        try:
            self.parser.feed_data(data)
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
        self.url = b""
        self.headers = []
        self.expect_100_continue = False

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request target."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header line. Trailers are dropped: uvicorn would add them to headers that were checked already."""
        if self._phase is not _Phase.HEADERS:
            return
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Hand the request to the door; its body follows."""
        if len(self.headers) > MAX_HEADERS or self._head_is_too_large():
            raise self._headers_too_large()
        self._phase = _Phase.BODY
        self._stop_read_deadline()
        exchange = self._exchange(
            self.parser.get_method().decode("ascii"), self.parser.get_http_version(), self.parser.should_keep_alive()
        )
        if self._active is None:
            self._start_asgi_task(exchange, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((exchange, self.app))
            if len(self.pipeline) > _MAX_PIPELINED:
                raise Refused(Reason.HEADERS_MALFORMED, "Too many requests were sent before the first was answered.")

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body; after the reply it is discarded, within bounds."""
        self._fed_bytes = 0
        super().on_body(body)
        if self.cycle.response_complete:
            self._discarded_bytes += len(body)
            if self._discarded_bytes > _DISCARDED_BYTES:
                self.transport.abort()

    def on_message_complete(self) -> None:
        """End a message."""
        self._phase = _Phase.BETWEEN
        self._stop_read_deadline()
        super().on_message_complete()

    # What goes out

    def on_response_complete(self) -> None:
        """Go on with the next request of the connection, or wait for one."""
        self._active = None
        if self._phase is _Phase.BODY:  # the client may finish what it was sending, but not take for ever
            self._read_deadline = self.loop.call_later(self._limits.header_seconds, self.transport.abort)
        super().on_response_complete()

    def pause_writing(self) -> None:
        """Note that the client does not read as fast as it is written to, and for how long it may not."""
        super().pause_writing()
        self._write_deadline = self.loop.call_later(self._limits.write_idle_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Note that the client reads again."""
        super().resume_writing()
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None

    # Faults

    def _break(self, fault: Fault) -> None:
        """Read no more of this connection, and let the door answer for it."""
        self._broken = True
        if self._phase is _Phase.BODY:
            cast("Exchange", self.cycle).spoil(fault)
            if self.cycle.response_complete:
                self.transport.close()
        elif self._active is not None:
            self._end_after_current()
        else:
            exchange = self._exchange(self._verb_so_far(), "1.1", keep_alive=False)
            exchange.spoil(fault)
            self._start_asgi_task(exchange, self.app)

    def _end_after_current(self) -> None:
        """Close when the latest request that was read whole is answered."""
        self._broken = True
        self.cycle.keep_alive = False

    def _headers_late(self) -> None:
        if self._phase is _Phase.BETWEEN:
            self.transport.close()  # nothing was asked, so there is nothing to answer or to write down
            return
        self._break(Refused(Reason.REQUEST_TIMEOUT, "The headers of the request did not arrive in time."))

    def _head_is_too_large(self) -> bool:
        if 0 < self._fed_bytes <= self._limits.header_bytes:
            return False  # not even with everything else that was fed along with it
        lines = sum(len(name) + len(value) + _HEADER_OVERHEAD_BYTES for name, value in self.headers)
        return len(self.url) + lines > self._limits.header_bytes

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

    # Exchanges

    def _exchange(self, verb: str, http_version: str, keep_alive: bool) -> Exchange:
        path, _, query = self.url.partition(b"?")
        scope: Scope = {
            "type": "http",
            "http_version": http_version,
            "method": verb,
            "raw_path": path,
            "query_string": query,
            "headers": self.headers,
            "client": self.client,
        }
        self.cycle = scope[WIRE] = exchange = Exchange(self, scope, keep_alive and http_version == "1.1")
        self._discarded_bytes = 0
        return exchange

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._active = cast("Exchange", cycle)
        super()._start_asgi_task(cycle, app)

    def _verb_so_far(self) -> str:
        """Give the verb of a message whose head is not complete; the parser knows it from the target on."""
        return self.parser.get_method().decode("ascii") if self.url else ""


def _malformed() -> Refused:
    return Refused(Reason.HEADERS_MALFORMED, "The request is not HTTP/1.1 as RFC 9112 has it.")
