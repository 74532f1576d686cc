"""Gatebook's own questions to upstream: one small JSON request, one JSON answer read whole."""

from dataclasses import dataclass

import msgspec

from gatebook.core.model import Caller
from gatebook.errors import Reason, UpstreamFailed
from gatebook.ports import Upstream, UpstreamRequest

_REPLY_BYTES = 32 * 1024 * 1024
_HEADERS = (("accept", "application/json"), ("accept-encoding", "identity"))


@dataclass(frozen=True, slots=True)
class Answer:
    """The HTTP status, and the JSON value of the body."""

    status: int
    document: object


async def ask(upstream: Upstream, caller: Caller, verb: str, target: str, document: object = None) -> Answer:
    """Ask upstream with the credential that stands for the caller; the question must change nothing.

    Raises UpstreamFailed, also for an answer that is no JSON, and what `Upstream.forward` raises.
    """
    body = None if document is None else msgspec.json.encode(document)
    headers = _HEADERS if body is None else (*_HEADERS, ("content-type", "application/json"))
    reply = await upstream.forward(UpstreamRequest(verb, target, headers, body, repeatable=True), caller)
    try:
        content = bytearray()
        async for chunk in reply.chunks():
            content += chunk
            if len(content) > _REPLY_BYTES:
                raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's answer to a question of Gatebook is too long.")
    finally:
        await reply.close()
    try:
        return Answer(reply.status, msgspec.json.decode(content) if content else None)
    except msgspec.DecodeError as error:
        raise UpstreamFailed(
            Reason.UPSTREAM_BROKEN, "BigQuery's answer to a question of Gatebook is no JSON."
        ) from error
