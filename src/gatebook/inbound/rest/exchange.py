"""One request and its response on a connection: uvicorn's, with a writer of our own and what the door needs to know."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from gatebook.errors import Fault
from gatebook.inbound.rest.wire import Scope

_WITHOUT_BODY = (204, 304)


class Exchange(RequestResponseCycle):
    """One request and its response on the connection; what the door sees of it is a `Wire`."""

    def __init__(self, protocol: HttpToolsProtocol, scope: Scope, keep_alive: bool) -> None:
        super().__init__(
            cast("Any", scope),
            protocol.transport,
            protocol.flow,
            protocol.logger,
            protocol.access_logger,
            False,  # no access log: the book is the log
            protocol.server_state.default_headers,
            asyncio.Event(),
            protocol.expect_100_continue,
            keep_alive,
            protocol.on_response_complete,
        )
        self.fault: Fault | None = None
        self.on_gone: Callable[[], object] | None = None
        self._head = b""
        self._left_bytes: int | None = None  # of a body whose length was announced

    @property
    def gone(self) -> bool:
        """Tell whether the client went away."""
        return self.disconnected

    @property
    def arrived(self) -> bool:
        """Tell whether the whole request is here already."""
        return not self.more_body

    async def send(self, message: Any) -> None:
        """Write a piece of the response (ASGI); the head waits for the first piece of the body, and goes with it."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        if message["type"] == "http.response.start":
            self._head = self._head_of(message["status"], message["headers"])
            self.response_started = True
            self.waiting_for_100_continue = False
            return
        more = message.get("more_body", False)
        self.transport.writelines([self._head, *self._framed(message["body"], more)])
        self._head = b""
        if not more:
            self._complete()

    def _head_of(self, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
        lines = [STATUS_LINE[status]]
        for name, value in (*self.default_headers, *headers):
            if b"\n" in value or b"\r" in value:
                raise ValueError("a header of the reply holds a line break")
            if name == b"content-length":
                self._left_bytes = int(value)
            lines += (name, b": ", value, b"\r\n")
        if not self.keep_alive:
            lines.append(b"connection: close\r\n")
        bodyless = self.scope["method"] == "HEAD" or status in _WITHOUT_BODY
        self.chunked_encoding = self._left_bytes is None and not bodyless and self.scope["http_version"] == "1.1"
        lines.append(b"transfer-encoding: chunked\r\n\r\n" if self.chunked_encoding else b"\r\n")
        return b"".join(lines)

    def _framed(self, body: bytes, more: bool) -> list[bytes]:
        if self.scope["method"] == "HEAD":
            self._left_bytes = 0
            return []
        if self.chunked_encoding:
            piece = [b"%x\r\n" % len(body), body, b"\r\n"] if body else []
            return piece if more else [*piece, b"0\r\n\r\n"]
        if self._left_bytes is not None:
            self._left_bytes -= len(body)
            if self._left_bytes < 0 or (self._left_bytes and not more):
                raise ValueError("the body of the reply is not as long as announced")
        return [body]

    def _complete(self) -> None:
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()

    def cut(self) -> None:
        """Close the connection without ending the response."""
        self.keep_alive = False
        self.transport.close()

    def lose(self) -> None:
        """Note that the client went away."""
        if self.response_complete:
            return
        self.disconnected = True
        self.message_event.set()
        if self.on_gone is not None:
            self.on_gone()

    def spoil(self, fault: Fault) -> None:
        """Note that the request cannot be read to its end."""
        self.fault = fault
        self.keep_alive = False
        self.message_event.set()
