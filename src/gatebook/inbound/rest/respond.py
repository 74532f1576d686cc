"""Replies go out: whole or as a stream that never runs ahead of its reader."""

import http
import time
from collections.abc import AsyncGenerator
from email.utils import formatdate
from functools import lru_cache

from gatebook.inbound.rest.wire import Wire
from gatebook.ports import Reply

# What a client may learn of upstream's answer. Among those left out: cookies, Alt-Svc (it would lead the client
# around the gateway, to Google's own servers) and everything that is the connection's own.
_PASSED = frozenset(
    {
        "cache-control", "content-disposition", "content-encoding", "content-length", "content-range", "content-type",
        "etag", "expires", "last-modified", "location", "pragma", "range", "retry-after", "vary", "www-authenticate",
        "x-content-type-options", "x-guploader-uploadid", "x-http-status-code-override",
    }
)  # fmt: skip
_WITHOUT_BODY = (http.HTTPStatus.NO_CONTENT, http.HTTPStatus.NOT_MODIFIED)


async def respond(wire: Wire, call_id: str, reply: Reply) -> None:
    """Send a reply. Returns early when the client goes away; raises what the body raises."""
    body = reply.body
    if isinstance(body, bytes):
        _begin(wire, call_id, reply, len(body))
        await wire.write(body, more=False)
    else:
        await _stream(wire, call_id, reply, body)


async def _stream(wire: Wire, call_id: str, reply: Reply, body: AsyncGenerator[bytes, None]) -> None:
    try:
        # The head waits for the first piece: an upstream that breaks off before it can still be answered as an error.
        piece = await anext(body, None)
        _begin(wire, call_id, reply, None)
        while piece is not None and not wire.gone:
            await wire.write(piece, more=True)
            piece = await anext(body, None)
        if not wire.gone:
            await wire.write(b"", more=False)
    finally:
        wire.on_gone = None  # from here on the body settles its Exchange, and must not be interrupted
        await body.aclose()


def _begin(wire: Wire, call_id: str, reply: Reply, length: int | None) -> None:
    """Write the head. `length` is that of a body which is here already."""
    bodiless = reply.status in _WITHOUT_BODY
    lines = [_first_lines(reply.status, int(time.time())), f"x-gatebook-record: {reply.record or call_id}"]
    for name, value in reply.headers:
        if name == "content-length":
            length = int(value) if length is None else length
        elif name in _PASSED:
            lines.append(f"{name}: {value}")
    if length is not None and not bodiless:
        lines.append(f"content-length: {length}")
    chunked = length is None and not bodiless and wire.verb != "HEAD" and wire.http_version == "1.1"
    if chunked:
        lines.append("transfer-encoding: chunked")
    if not wire.keep_alive:
        lines.append("connection: close")
    head = "\r\n".join(lines)
    # A value with CR or LF in it would start a header, or a response, of its own (RFC 9110 section 5.5).
    breaks = len(lines)  # the first of them are two
    if head.count("\n") != breaks or head.count("\r") != breaks:
        raise ValueError("a header of the reply holds a line break")
    wire.begin(head.encode("latin-1") + b"\r\n\r\n", length, chunked=chunked)


@lru_cache(maxsize=8)
def _first_lines(status: int, now_seconds: int) -> str:
    """Give the status line and the date (RFC 9110 section 6.6.1), which are the same for a second."""
    try:
        phrase = http.HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return f"HTTP/1.1 {status} {phrase}\r\ndate: {formatdate(now_seconds, usegmt=True)}"
