"""The request to upstream: built from what was understood and decided on, never from the client's bytes."""

from collections.abc import AsyncIterator

import msgspec

from gatebook.core.model import Body, Call, Effect, Identity
from gatebook.core.multipart import frame
from gatebook.core.stamping import stamped
from gatebook.core.targets import target
from gatebook.ports import Content, UpstreamRequest

_JSON = "application/json"
_ENCODER = msgspec.json.Encoder()
# Reading again changes nothing; BigQuery makes jobs.query and jobs.insert repeatable by request id and job id only.
_REPEATABLE_VERBS = frozenset({"GET"})

# Members of the reply to a new job that tell whose it is and how it ended: QueryResponse, and Job.
_TOLD_BY_QUERY = (
    "jobReference,jobComplete,sessionInfo,cacheHit,pageToken,totalRows,numDmlAffectedRows,totalBytesProcessed"
)
_TOLD_BY_INSERT = "jobReference,configuration,status,statistics"


def outgoing_request(
    call: Call, identity: Identity, content: Content | None, job_location: str | None
) -> UpstreamRequest:
    """Build the request of a call: its document stamped, its content framed anew, its job where the caller's is.

    Raises Refused (labels are full).
    """
    document = None if call.document is None else _ENCODER.encode(stamped(call, identity))
    headers, body, length = _body(call, document, content)
    verb = call.method.verb
    to = target(call.method, call.resource, _located(_telling(call), job_location))
    return UpstreamRequest(verb, to, (*call.headers.items(), *headers), body, length, verb in _REPEATABLE_VERBS)


def _located(parameters: tuple[tuple[str, str], ...], job_location: str | None) -> tuple[tuple[str, str], ...]:
    return parameters if job_location is None else (*parameters, ("location", job_location))


def _telling(call: Call) -> tuple[tuple[str, str], ...]:
    """Give the parameters, with `fields` widened so that the reply to a new job tells whose and how it ended.

    A client that leaves these out of the reply would leave them out of the book, and could not ask for its own job.
    """
    if call.method.effect is not Effect.JOB:
        return call.parameters
    told = _TOLD_BY_QUERY if call.method.name == "bigquery.jobs.query" else _TOLD_BY_INSERT
    return tuple([(name, f"{value},{told}" if name == "fields" else value) for name, value in call.parameters])


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
