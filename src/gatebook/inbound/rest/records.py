"""`GET /v1/records/ID`: what the book says of a call, for whoever made it. Refusals say this address."""

import re
from collections.abc import Awaitable, Callable

import msgspec

from gatebook.core.book.exchange import Exchange
from gatebook.core.model import Credential
from gatebook.errors import Fault, Reason
from gatebook.inbound.exchange_json import exchange_json
from gatebook.inbound.rest.headers import bearer, read_head
from gatebook.inbound.rest.wire import Wire
from gatebook.ports import Reply

_PREFIX = "/v1/records/"
_PATH = re.compile(_PREFIX.encode() + rb"([0-9a-f]{32})")
_HEADERS = (("content-type", "application/json; charset=UTF-8"), ("cache-control", "no-store"))
# Refusals that a person will want to look into; what is wrong with a token or a request is in their messages already.
_LINKED = frozenset({Reason.DENIED, Reason.HELD, Reason.LIMIT, Reason.SQL_OPAQUE, Reason.SQL_CONTRADICTED})

# Gives the caller's own Exchange. Raises Fault.
OwnRecord = Callable[[str, Credential | None], Awaitable[Exchange]]


def record_asked_for(wire: Wire) -> str | None:
    """Give the id of the record that a request asks for, None when it asks for something else."""
    matched = _PATH.fullmatch(wire.path) if wire.verb == "GET" else None
    return None if matched is None else matched[1].decode()


async def record_reply(wire: Wire, record_id: str, own_record: OwnRecord) -> Reply:
    """Give the record as JSON. Raises Fault."""
    credential = bearer(read_head(wire.headers, wire.http_version).authorization)
    exchange = await own_record(record_id, credential)
    return Reply(200, _HEADERS, msgspec.json.encode(exchange_json(exchange)))


def with_link(fault: Fault, public_url: str) -> str:
    """Give the message of a fault, with the address of its record where that helps."""
    if fault.record is None or fault.reason not in _LINKED:
        return fault.message
    return f"{fault.message} Record: {public_url}{_PREFIX}{fault.record}"
