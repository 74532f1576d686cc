"""Replies go out: whole or as a stream that never runs ahead of its reader."""

import http
from collections.abc import AsyncGenerator

from gatebook.inbound.rest.wire import Send, Wire
from gatebook.ports import Reply

RECORD_HEADER = b"x-gatebook-record"
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


async def respond(send: Send, wire: Wire, call_id: str, reply: Reply) -> None:
    """Send a reply. Returns early when the client goes away; raises what the body raises."""
    if isinstance(reply.body, bytes):
        await _start(send, call_id, reply, len(reply.body))
        await send({"type": "http.response.body", "body": reply.body})
    else:
        await _stream(send, wire, call_id, reply, reply.body)


async def _start(send: Send, call_id: str, reply: Reply, length: int | None) -> None:
    headers = [(RECORD_HEADER, (reply.record or call_id).encode())]
    for name, value in reply.headers:
        if name in _PASSED and not (length is not None and name == "content-length"):
            headers.append((name.encode(), value.encode("latin-1")))
    if length is not None and reply.status not in _WITHOUT_BODY:
        headers.append((b"content-length", b"%d" % length))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})


async def _stream(send: Send, wire: Wire, call_id: str, reply: Reply, body: AsyncGenerator[bytes, None]) -> None:
    try:
        # The head waits for the first piece: an upstream that breaks off before it can still be answered as an error.
        piece = await anext(body, None)
        await _start(send, call_id, reply, None)
        while piece is not None and not wire.gone:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            piece = await anext(body, None)
        if not wire.gone:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        wire.on_gone = None  # from here on the body settles its Exchange, and must not be interrupted
        await body.aclose()
