"""The door: a request is read, travels, and its reply or fault is rendered. Nothing else.

What the door needs from the rest of Gatebook comes in as callables, named in `Door`.
"""

import asyncio
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from gatebook.core.model import Call, Credential
from gatebook.errors import Fault, Reason, Refused, Unavailable
from gatebook.inbound.rest.body import BodyReader
from gatebook.inbound.rest.discovery import discovery_document, is_discovery
from gatebook.inbound.rest.headers import read_head
from gatebook.inbound.rest.ids import call_id
from gatebook.inbound.rest.records import OwnRecord, record_asked_for, record_reply, with_link
from gatebook.inbound.rest.render import render
from gatebook.inbound.rest.request import Admit, Asked, Draft, read_request
from gatebook.inbound.rest.respond import respond
from gatebook.inbound.rest.wire import Wire
from gatebook.ports import Clock, Content, Reply
from gatebook.settings import Limits

_LOG = logging.getLogger(__name__)
_FORM_BYTES = 64 * 1024
_FORM_PATHS = frozenset({b"/v1/token", b"/v1/introspect"})
_PLAIN = (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store"))
_JSON = (("content-type", "application/json; charset=UTF-8"), ("cache-control", "no-store"))


class Travel(Protocol):
    """Takes a Call all the way (journey.travel)."""

    async def __call__(self, call: Call, credential: Credential | None, content: Content | None) -> Reply:
        """Give the reply. Raises Fault; a refused Call is then in the book already.

        When the client goes away, the task is cancelled once, wherever it waits: here, or in the reply's body. The
        Exchange is to be settled as client_gone, and the cancellation let through. A body that is not being waited
        for is closed (`aclose`) instead. Neither is interrupted a second time before the server's last deadline.
        """
        ...


class Refuse(Protocol):
    """Writes a request into the book that was refused before it travelled (its Call is as far as it was read)."""

    async def __call__(self, call: Call, fault: Fault) -> None:
        """Return when it is written. Raises Unavailable, which is then the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Form:
    """A POST to the token endpoint (RFC 8693) or the introspection endpoint (RFC 7662)."""

    path: str  # /v1/token or /v1/introspect
    authorization: str | None
    content_type: str
    body: bytes = field(repr=False)
    call: Call  # as the book may know it


class FormEndpoint(Protocol):
    """Answers the endpoints of the token exchange, errors included."""

    async def __call__(self, form: Form) -> Reply:
        """Give the reply."""
        ...


@dataclass(slots=True)
class Door:
    """The REST door. `admit` verifies a credential before a large body is read; it raises what `travel` would."""

    travel: Travel
    admit: Admit
    refuse: Refuse
    exchange: FormEndpoint
    own_record: OwnRecord
    ready: Callable[[], bool]
    clock: Clock
    limits: Limits
    public_url: str
    _in_flight: int = field(default=0, init=False)

    async def __call__(self, wire: Wire) -> None:
        """Answer one request."""
        wire.on_gone = wire.task.cancel
        now = self.clock.now_microseconds()
        record = call_id(now)
        self._in_flight += 1
        try:
            await respond(wire, record, await self._reply(wire, record, now))
        except asyncio.CancelledError:
            # By the client, who is gone, or by the end of the server's drain.
            await self._answer(wire, record, Unavailable(Reason.OVERLOADED, "Gatebook is shutting down. Try again."))
        except Exception as error:  # noqa: BLE001 - the door answers every failure, and tells nothing of it
            await self._answer(wire, record, _as_fault(error, record))
        finally:
            wire.on_gone = None
            self._in_flight -= 1

    async def _reply(self, wire: Wire, record: str, now_microseconds: int) -> Reply:
        own = await self._own_reply(wire)
        if own is not None:
            return own
        draft = Draft(record, now_microseconds, wire)
        try:
            asked = await self._read(draft)
        except asyncio.CancelledError:
            await self.refuse(draft.call(), Refused(Reason.BODY_MALFORMED, "The client went away before the end."))
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it is written down and answered
            fault = _as_fault(error, record)
            await self.refuse(draft.call(), fault)
            raise fault from None
        if isinstance(asked, Form):
            return await self.exchange(asked)
        return await self.travel(asked.call, asked.credential, asked.content)

    async def _read(self, draft: Draft) -> Asked | Form:
        wire = draft.wire
        if wire.fault is not None:
            raise wire.fault
        if self._in_flight > self.limits.concurrent_calls:
            raise Unavailable(Reason.OVERLOADED, "Gatebook has as many calls as it takes at once. Try again.")
        if wire.path in _FORM_PATHS and wire.verb == "POST":
            return await self._form(draft)
        return await read_request(draft, self.limits, self.admit)

    async def _own_reply(self, wire: Wire) -> Reply | None:
        """Answer what is not BigQuery's: health, readiness, the discovery document, a caller's own record."""
        if wire.verb not in ("GET", "HEAD") or wire.fault is not None or wire.path.startswith(b"/bigquery/"):
            return None
        if wire.path == b"/healthz":
            return Reply(200, _PLAIN, b"ok\n")
        if wire.path == b"/readyz":
            return Reply(200, _PLAIN, b"ready\n") if self.ready() else Reply(503, _PLAIN, b"not ready\n")
        if is_discovery(wire.path, wire.query):
            return Reply(200, _JSON, discovery_document(self.public_url))
        record_id = record_asked_for(wire)
        return None if record_id is None else await record_reply(wire, record_id, self.own_record)

    async def _answer(self, wire: Wire, record: str, fault: Fault) -> None:
        """Answer with a fault, or cut the reply short when it has begun already."""
        if wire.response_started:
            wire.cut()
        else:
            await respond(wire, record, render(fault, with_link(fault, self.public_url)))

    async def _form(self, draft: Draft) -> Form:
        wire = draft.wire
        head = read_head(wire.headers, wire.http_version)
        reader = BodyReader(head, wire, _FORM_BYTES, self.limits.body_idle_seconds)
        return Form(
            wire.path.decode("ascii"), head.authorization, head.content_type, await reader.whole(), draft.call()
        )


def _as_fault(error: Exception, record: str) -> Fault:
    """Give what the client may know of a failure. Of a fault of ours, the log gets where it was, never its text."""
    if isinstance(error, Fault):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
    _LOG.error("record %s: %s in %s", record, type(error).__name__, where)
    return Unavailable(Reason.INTERNAL, f"Gatebook failed at this call. Its record is {record}.")
