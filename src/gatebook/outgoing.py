"""The request to upstream: built from what was understood and decided on, never from the client's bytes."""

from collections.abc import AsyncIterator

import msgspec

from gatebook.core.model import Body, Call, Identity
from gatebook.core.multipart import frame
from gatebook.core.stamping import stamped
from gatebook.core.targets import target
from gatebook.ports import Content, UpstreamRequest

_JSON = "application/json"
_ENCODER = msgspec.json.Encoder()
# Reading again changes nothing; BigQuery makes jobs.query and jobs.insert repeatable by request id and job id only.
_REPEATABLE_VERBS = frozenset({"GET"})


def outgoing_request(call: Call, identity: Identity, content: Content | None) -> UpstreamRequest:
    """Build the request of a call: its document stamped, its content framed anew. Raises Refused (labels are full)."""
    document = None if call.document is None else _ENCODER.encode(stamped(call, identity))
    headers, body, length = _body(call, document, content)
    return UpstreamRequest(
        verb=call.method.verb,
        target=target(call.method, call.resource, call.parameters),
        headers=(*call.headers.items(), *headers),
        body=body,
        content_length=length,
        repeatable=call.method.verb in _REPEATABLE_VERBS,
    )


def _body(
    call: Call, document: bytes | None, content: Content | None
) -> tuple[tuple[tuple[str, str], ...], bytes | AsyncIterator[bytes] | None, int | None]:
    if content is None:
        if document is None:
            return (), None, None
        return (("content-type", _JSON),), document, len(document)
    if call.method.body is not Body.MEDIA:
        return (("content-type", content.media_type),), content.chunks, content.byte_count
    # The record's id cannot be known to the client before it is answered, so no file can hold this boundary.
    framed = frame(document or b"{}", content.media_type, f"gatebook_{call.id}")
    whole = None if content.byte_count is None else len(framed.head) + content.byte_count + len(framed.tail)
    return (("content-type", framed.content_type),), _around(framed.head, content.chunks, framed.tail), whole


async def _around(head: bytes, chunks: AsyncIterator[bytes], tail: bytes) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk
    yield tail
