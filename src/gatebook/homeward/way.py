"""The way home of a promised call: forward it, read the reply as it passes, learn from it, settle, hand it to the door.

Job resources are small and edited: they are read whole. Everything else streams, whatever its size. Either way the
client has the last byte only when the settlement, and what the reply taught about ownership, are durable
(docs/decisions/0004). Every way out of here ends in `settle`, once.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

import msgspec

from gatebook.core import documents
from gatebook.core.analysis.footprint import Footprint
from gatebook.core.asked import makes_a_job
from gatebook.core.belongings import Belongings, Learned
from gatebook.core.book.records import Settlement
from gatebook.core.model import Call, Caller, Effect, Ending, JsonObject, Outcome
from gatebook.core.replies.facts import ReplyFacts, facts_of
from gatebook.core.replies.jobs import belongings_in, edited
from gatebook.core.replies.reader import read_reply
from gatebook.core.targets import upload_id_of, upload_url
from gatebook.errors import Fault, Reason, UpstreamFailed
from gatebook.homeward.endings import ending_of, ending_with
from gatebook.homeward.passage import Passage
from gatebook.ports import Reply, UpstreamReply, UpstreamRequest, World
from gatebook.whole import coding_of, document_in, read_whole
from gatebook.whose import owner_of

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
        self._settling: Awaitable[None] | None = None

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
            return Reply(reply.status, reply.headers, Passage(reply, self.settle))
        except BaseException as error:
            if reply is not None:
                await reply.close()
            await self.settle(ending_of(error), ReplyFacts(), reply.status if reply is not None else 0, 0, error)
            raise

    async def settle(
        self, ending: Ending, facts: ReplyFacts, status: int, byte_count: int, error: BaseException | None = None
    ) -> None:
        """Write down how the call ended, and what belongs to the caller because of it; the first ending stands.

        Raises Unavailable. A client that goes away meanwhile does not keep it out of the book.
        """
        if self._settling is None:
            self._world.meter.end(self.call, self._caller, facts)
            outcome = _with_fault(facts.outcome(status, ending, byte_count), error)
            settlement = Settlement(self.call.id, outcome, self._world.clock.now_microseconds())
            # Only the reply to a new job tells whose it is: others may echo a `jobReference` that the client made up.
            made = ending is Ending.ANSWERED and makes_a_job(self.call)
            shown = facts.belongings() if made else _NOTHING
            learned = None if shown == _NOTHING else Learned(self._caller, shown)
            self._settling = self._world.book.settle(settlement, learned)
        try:
            await self._settling
        except asyncio.CancelledError:
            await self._settling  # to its end; then the cancellation goes on
            raise

    async def learn(self, belongings: Belongings) -> None:
        """Make durable what belongs to the caller."""
        await self._world.ownership.learn(Learned(self._caller, belongings))

    async def _at_once(self, reply: UpstreamReply, body: bytes) -> Reply:
        """Settle a reply that is here from its first byte to its last."""
        facts = read_reply(body, coding_of(reply))
        await self.settle(ending_with(reply), facts, reply.status, len(body))
        return Reply(reply.status, reply.headers, body)

    async def _whole(self, reply: UpstreamReply) -> Reply:
        """Take in a job resource, learn whose it is, and give it as the client may see it."""
        content = await read_whole(reply)
        headers = await self._located(reply)
        if not content:
            await self.settle(Ending.ANSWERED, ReplyFacts(), reply.status, 0)
            return Reply(reply.status, headers, b"")
        document = document_in(content)
        if self.call.method.name == "bigquery.jobs.list":
            document = await self._only_own(document)
        if makes_a_job(self.call) or self.call.method.effect is not Effect.JOB:
            await self.learn(belongings_in(document))
        body = _ENCODER.encode(edited(document, self.call.origin.user_agent))
        await self.settle(Ending.ANSWERED, facts_of(document), reply.status, len(body))
        return Reply(reply.status, headers, body)

    async def _only_own(self, document: JsonObject) -> JsonObject:
        entries = [entry for entry in documents.items(document, "jobs") if isinstance(entry, dict)]
        own = [entry for entry in entries if await owner_of(entry, self._world) == self._caller.key]
        return {**document, "jobs": own} if "jobs" in document else document

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


def _with_fault(outcome: Outcome, error: BaseException | None) -> Outcome:
    if not isinstance(error, Fault) or outcome.error_reason is not None:
        return outcome
    return replace(outcome, error_reason=error.reason.value, error_message=error.message)
