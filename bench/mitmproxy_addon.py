"""A mitmproxy addon that does what Gatebook does to a call, with Gatebook's own parts.

Runs in mitmproxy's own environment. A call that is not allowed ends as an error of the addon, which the bench counts.
"""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from mitmproxy import ctx, http
from mitmproxy.addonmanager import Loader

from gatebook.core.asked import asked
from gatebook.core.belongings import Learned
from gatebook.core.book.records import Promise, Settlement
from gatebook.core.declared import declared_provenance
from gatebook.core.model import Call, Caller, Credential, Ending, Origin
from gatebook.core.policy.builtin import decide
from gatebook.core.policy.decision import Allow
from gatebook.core.policy.question import Question
from gatebook.core.policy.standing import Standing
from gatebook.core.replies.reader import read_reply
from gatebook.inbound.rest.headers import bearer, read_head
from gatebook.inbound.rest.ids import call_id
from gatebook.inbound.rest.json_body import parse_document
from gatebook.inbound.rest.parameters import read_parameters
from gatebook.inbound.rest.paths import match
from gatebook.outgoing import outgoing_request
from gatebook.ports import World
from gatebook.settings import read_settings
from gatebook.wiring import open_world


class Gatebook:
    """The addon. What a call's reply needs to know of its request is kept with the flow."""

    def __init__(self) -> None:
        self._parts = AsyncExitStack()
        self._open = asyncio.Event()  # mitmproxy takes calls before it tells its addons that it runs
        self._world: World

    def load(self, loader: Loader) -> None:
        """Announce the option that names the settings."""
        loader.add_option("gatebook_settings", str, "", "Gatebook's settings file")

    async def running(self) -> None:
        """Open the book, start the analyzer."""
        settings = read_settings(Path(ctx.options.gatebook_settings))
        self._world, _ = await open_world(settings, settings.public_url, self._parts)
        self._open.set()

    async def done(self) -> None:
        """Close the book."""
        await self._parts.aclose()

    async def request(self, flow: http.HTTPFlow) -> None:
        """Take a call as far as its promise."""
        await self._open.wait()
        world = self._world
        call, credential = self._call(flow)
        identity = await world.identifier.identify(credential)
        footprint = await world.analyst.understand(call, identity.caller)
        decision = decide(Question(identity, call, footprint, Standing()))
        if not isinstance(decision, Allow):
            raise PermissionError(decision.message)
        request = outgoing_request(call, identity, None, None)
        now = world.clock.now_microseconds()
        await world.book.promise(
            Promise(call, identity, declared_provenance(call), asked(call), footprint, decision, now)
        )
        flow.request.headers.pop("authorization")
        flow.request.content = request.body
        flow.metadata["gatebook"] = (call.id, identity.caller)

    async def response(self, flow: http.HTTPFlow) -> None:
        """Settle the call and learn whose its job is."""
        if flow.response is None or "gatebook" not in flow.metadata:
            return
        call, caller = flow.metadata["gatebook"]
        await self._settle(call, caller, flow.response)

    def _call(self, flow: http.HTTPFlow) -> tuple[Call, Credential | None]:
        raw = [(name.lower(), value) for name, value in flow.request.headers.fields]
        head = read_head(raw, "1.1")
        path, _, query = flow.request.path.encode().partition(b"?")
        matched = match(flow.request.method, path)
        now = self._world.clock.now_microseconds()
        origin = Origin("127.0.0.1", head.forwarded.get("user-agent", ""))
        if matched.method is None:
            raise ValueError("the bench makes no uploads")
        document = parse_document(flow.request.content or b"")
        parameters = read_parameters(query)
        call = Call(call_id(now), now, matched.method, matched.resource, parameters, head.forwarded, document, origin)
        return call, bearer(head.authorization)

    async def _settle(self, call: str, caller: Caller, response: http.Response) -> None:
        world, content = self._world, response.content or b""
        facts = read_reply(content, "identity")
        outcome = facts.outcome(response.status_code, Ending.ANSWERED, len(content))
        settlement = Settlement(call, outcome, world.clock.now_microseconds())
        await world.book.settle(settlement, Learned(caller, facts.belongings()))


addons = [Gatebook()]
