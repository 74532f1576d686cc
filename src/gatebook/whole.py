"""Replies that hold job resources, taken in whole: unpacked, and read as a JSON object."""

import zlib
from typing import Any

import msgspec

from gatebook.core.model import JsonObject
from gatebook.errors import Reason, UpstreamFailed
from gatebook.ports import UpstreamReply

_WHOLE_BYTES = 64 * 1024 * 1024


async def read_whole(reply: UpstreamReply) -> bytes:
    """Give the body of a reply, unpacked, and release its connection. Raises UpstreamFailed."""
    content = bytearray()
    async for chunk in reply.chunks():
        content += chunk
        if len(content) > _WHOLE_BYTES:
            raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a job is too large.")
    await reply.close()
    return _plain(bytes(content), coding_of(reply))


def _plain(content: bytes, coding: str) -> bytes:
    if coding.lower() == "identity":
        return content
    try:
        unpacking = zlib.decompressobj(31)
        plain = unpacking.decompress(content, _WHOLE_BYTES)
    except zlib.error as error:
        raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's reply cannot be unpacked.") from error
    if not unpacking.eof or unpacking.unused_data:
        raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's reply cannot be unpacked.")
    return plain


def document_in(content: bytes) -> JsonObject:
    """Read a JSON object. Raises UpstreamFailed for anything else."""
    try:
        document: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a job is not JSON.") from error
    if not isinstance(document, dict):
        raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a job is not an object.")
    return document


def coding_of(reply: UpstreamReply) -> str:
    """Give the content coding of a reply."""
    return next((value for name, value in reply.headers if name == "content-encoding"), "identity")
