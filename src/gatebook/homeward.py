"""The way home of a promised call: forward it, read the reply as it passes, learn from it, settle, hand it to the door.

Job resources are small and edited: they are read whole. Everything else streams, whatever its size. Either way the
client has the last byte only when the settlement, and what the reply taught about ownership, are durable
(docs/decisions/0004). Every way out of here ends in `_settle`, once.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator
from dataclasses import replace
from types import TracebackType
from typing import Any

import msgspec

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.asked import makes_a_job
from gatebook.core.belongings import Belongings, Learned
from gatebook.core.book.records import Settlement
from gatebook.core.model import Call, Caller, Effect, Ending, JsonObject, Outcome
from gatebook.core.replies.facts import ReplyFacts, facts_of
from gatebook.core.replies.jobs import belongings_in, edited, jobs_in, only_owned
from gatebook.core.replies.reader import ReplyReader
from gatebook.core.targets import upload_id_of, upload_url
from gatebook.errors import Fault, Reason, Unavailable, UpstreamFailed
from gatebook.ports import Reply, UpstreamReply, UpstreamRequest, World

# Replies that hold job resources.
_JOB_REPLIES = frozenset(
    {
        "bigquery.jobs.cancel",
        "bigquery.jobs.get",
        "bigquery.jobs.insert",
        "bigquery.jobs.insert.continue",
        "bigquery.jobs.insert.multipart",
        "bigquery.jobs.insert.resumable",
        "bigquery.jobs.insert.status",
        "bigquery.jobs.list",
    }
)
_WHOLE_BYTES = 64 * 1024 * 1024
_FRAMING = frozenset({"content-length", "content-encoding", "transfer-encoding"})
_ENCODER = msgspec.json.Encoder()
_NOTHING = Belongings()


class Homeward:
    """One promised call between its promise and its settlement."""

    def __init__(self, call: Call, caller: Caller, footprint: Footprint, world: World) -> None:
        self.call = call
        self._caller = caller
        self._footprint = footprint
        self._world = world
        self._settling: asyncio.Future[object] | None = None

    async def forward(self, request: UpstreamRequest) -> Reply:
        """Send the request and give the reply. Raises Fault; the call is settled then."""
        reply: UpstreamReply | None = None
        try:
            reply = await self._world.upstream.forward(request, self._caller)
            self._world.analyst.observe(self.call, self._footprint)
            if reply.status < 400 and self.call.method.name in _JOB_REPLIES:
                return await self._whole(reply)
            body = reply.arrived()
            if body is not None:
                return await self._at_once(reply, body)
            return Reply(reply.status, reply.headers, _Passage(self, reply))
        except BaseException as error:
            if reply is not None:
                await reply.close()
            await self.settle(_ending_of(error), ReplyFacts(), reply.status if reply is not None else 0, 0, error)
            raise

    async def settle(
        self, ending: Ending, facts: ReplyFacts, status: int, byte_count: int, error: BaseException | None = None
    ) -> None:
        """Write down how the call ended, and what belongs to the caller because of it; the first ending stands.

        Raises Unavailable. A client that goes away meanwhile does not keep it out of the book.
        """
        if self._settling is None:
            outcome = _with_fault(facts.outcome(status, ending, byte_count), error)
            settlement = Settlement(self.call.id, outcome, self._world.clock.now_microseconds())
            # Only the reply to a new job tells whose it is: others may echo a `jobReference` that the client made up.
            made = ending is Ending.ANSWERED and makes_a_job(self.call)
            shown = facts.belongings() if made else _NOTHING
            learned = None if shown == _NOTHING else Learned(self._caller, shown)
            self._settling = asyncio.ensure_future(self._world.book.settle(settlement, learned))
        await _through(self._settling)

    async def learn(self, belongings: Belongings) -> None:
        """Make durable what belongs to the caller."""
        await self._world.ownership.learn(Learned(self._caller, belongings))

    async def _at_once(self, reply: UpstreamReply, body: bytes) -> Reply:
        """Settle a reply that is here from its first byte to its last."""
        reader = ReplyReader(_coding(reply))
        reader.feed(body)
        await self.settle(_ending_with(reply), reader.finish(), reply.status, len(body))
        return Reply(reply.status, reply.headers, body)

    async def _whole(self, reply: UpstreamReply) -> Reply:
        """Take in a job resource, learn whose it is, and give it as the client may see it."""
        content = await _read_whole(reply)
        headers = await self._located(reply)
        if not content:
            await self.settle(Ending.ANSWERED, ReplyFacts(), reply.status, 0)
            return Reply(reply.status, headers, b"")
        document = _document(content)
        if self.call.method.name == "bigquery.jobs.list":
            document = await self._only_own(document)
        if makes_a_job(self.call) or self.call.method.effect is not Effect.JOB:
            await self.learn(belongings_in(document))
        body = _ENCODER.encode(edited(document))
        await self.settle(Ending.ANSWERED, facts_of(document), reply.status, len(body))
        return Reply(reply.status, headers, body)

    async def _only_own(self, document: JsonObject) -> JsonObject:
        owners = {job: await self._world.ownership.job_owner(job) for job in jobs_in(document)}
        return only_owned(document, lambda job: owners.get(job) == self._caller.key)

    async def _located(self, reply: UpstreamReply) -> tuple[tuple[str, str], ...]:
        """Give the reply's headers without framing; the URL of an upload leads back to the gateway."""
        kept = []
        for name, value in reply.headers:
            if name in _FRAMING:
                continue
            if name != "location":
                kept.append((name, value))
                continue
            upload_id = upload_id_of(value)
            if upload_id is None:
                raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's reply names an upload that cannot be read.")
            await self.learn(Belongings(uploads=(upload_id,)))
            kept.append((name, upload_url(self._world.public_url, self.call.resource["projectId"], upload_id)))
        return tuple(kept)


class _Passage(AsyncGenerator[bytes, None]):
    """A reply's body on its way to the client. One piece is held back until the call is settled.

    A class and not a generator function: closing a generator that was never begun runs nothing of it, and the call
    would stay open in the book.
    """

    def __init__(self, homeward: Homeward, reply: UpstreamReply) -> None:
        self._homeward = homeward
        self._reply = reply
        self._chunks = reply.chunks()
        self._reader = ReplyReader(_coding(reply))
        self._held = b""
        self._bytes = 0
        self._at_end = False
        self._ended = False

    async def asend(self, _value: None) -> bytes:
        """Give the next piece."""
        try:
            while not self._at_end:
                piece = await anext(self._chunks, None)
                if piece is None:
                    await self._end(_ending_with(self._reply))
                    self._at_end = True
                    break
                self._bytes += len(piece)
                self._reader.feed(piece)
                ready, self._held = self._held, piece
                if ready:
                    return ready
        except BaseException as error:
            await self._end(_ending_of(error), error)
            raise
        last, self._held = self._held, b""
        if not last:
            raise StopAsyncIteration
        return last

    async def athrow(
        self,
        kind: type[BaseException] | BaseException,
        value: BaseException | object = None,
        traceback: TracebackType | None = None,
    ) -> bytes:
        """End early: the client is gone (this is how `aclose` comes in)."""
        await self._end(Ending.CLIENT_GONE)
        raise kind if isinstance(kind, BaseException) else kind()

    async def _end(self, ending: Ending, error: BaseException | None = None) -> None:
        if self._ended:
            return
        self._ended = True
        await self._reply.close()
        await self._homeward.settle(ending, self._reader.finish(), self._reply.status, self._bytes, error)


async def _read_whole(reply: UpstreamReply) -> bytes:
    content = bytearray()
    async for chunk in reply.chunks():
        content += chunk
        if len(content) > _WHOLE_BYTES:
            raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a job is too large.")
    await reply.close()
    return _plain(bytes(content), _coding(reply))


def _coding(reply: UpstreamReply) -> str:
    return next((value for name, value in reply.headers if name == "content-encoding"), "identity")


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


def _document(content: bytes) -> JsonObject:
    try:
        document: Any = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a job is not JSON.") from error
    if not isinstance(document, dict):
        raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a job is not an object.")
    return document


def _ending_with(reply: UpstreamReply) -> Ending:
    return Ending.ANSWERED if reply.status < 400 else Ending.UPSTREAM_ERROR


def _ending_of(error: BaseException) -> Ending:
    match error:
        case UpstreamFailed():
            return Ending.UPSTREAM_FAILED
        case Unavailable():
            return Ending.FAILED
        case Fault():
            return Ending.REFUSED
        case asyncio.CancelledError() | GeneratorExit():
            return Ending.CLIENT_GONE
        case _:
            return Ending.FAILED


def _with_fault(outcome: Outcome, error: BaseException | None) -> Outcome:
    if not isinstance(error, Fault) or outcome.error_reason is not None:
        return outcome
    return replace(outcome, error_reason=error.reason.value, error_message=error.message)


async def _through(settling: "asyncio.Future[object]") -> None:
    """Wait for it to its end, also when this is cancelled; then let the cancellation go on."""
    try:
        await asyncio.shield(settling)
    except asyncio.CancelledError:
        await settling
        raise
