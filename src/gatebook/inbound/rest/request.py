"""A request becomes a Call: its path, query string, headers and body are read, in this order, or it is refused."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from gatebook.core.methods import (
    UPLOAD_CONTINUE,
    UPLOAD_MULTIPART,
    UPLOAD_RESUMABLE,
    UPLOAD_STATUS,
    unknown_method,
)
from gatebook.core.model import Body, Call, Credential, JsonObject, Method, Origin
from gatebook.errors import Reason, Refused
from gatebook.inbound.rest.body import BodyReader, single
from gatebook.inbound.rest.headers import Head, bearer, read_head
from gatebook.inbound.rest.json_body import parse_document
from gatebook.inbound.rest.multipart import MEDIA_TYPE, read_related
from gatebook.inbound.rest.parameters import Parameters, read_parameters
from gatebook.inbound.rest.paths import match
from gatebook.inbound.rest.row_body import parse_rows
from gatebook.inbound.rest.wire import Wire
from gatebook.ports import Content
from gatebook.settings import Limits

_JSON = re.compile(r"application/json(?:\s*;\s*charset=\"?utf-8\"?)?", re.IGNORECASE)
# RFC 9110 section 14.4; with `*` for the range it asks how much has arrived.
_CONTENT_RANGE = re.compile(r"bytes (?:[0-9]{1,19}-[0-9]{1,19}|(\*))/([0-9]{1,19}|\*)")
_ANY_FILE = "application/octet-stream"
_EAGER_BYTES = 64 * 1024
_KEPT_PATH_CHARACTERS = 512

Admit = Callable[[Credential | None], Awaitable[object]]


@dataclass(slots=True)
class Draft:
    """A Call in the making. What is known of it when it is refused is what the book gets to know."""

    id: str
    received_at_microseconds: int
    wire: Wire
    method: Method | None = None
    resource: Mapping[str, str] = field(default_factory=dict)
    parameters: Parameters = ()
    headers: Mapping[str, str] | None = None
    document: JsonObject | None = None

    def call(self) -> Call:
        """Give the Call as it stands."""
        headers = self.headers if self.headers is not None else _told(self.wire)
        return Call(
            self.id,
            self.received_at_microseconds,
            self.method or _unknown(self.wire),
            self.resource,
            self.parameters,
            headers,
            self.document,
            Origin(self.wire.client, headers.get("user-agent", ""), headers.get("x-goog-request-reason")),
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read: the Call, the credential it came with, and what follows its document."""

    call: Call
    credential: Credential | None
    content: Content | None


async def read_request(draft: Draft, limits: Limits, admit: Admit) -> Asked:
    """Read the request into the draft.

    `admit` is asked whether the credential is good before more than a little of a body is read, so that strangers
    cannot make the gateway hold much. Raises Fault.
    """
    wire = draft.wire
    verb = wire.verb
    matched = match(verb, wire.path)
    draft.method = matched.method
    draft.resource = matched.resource
    draft.parameters = read_parameters(wire.query, upload=matched.method is None)
    head = read_head(wire.headers, wire.http_version)
    draft.headers = head.forwarded
    method = draft.method = matched.method or _upload_method(verb, draft.parameters, head)
    credential = bearer(head.authorization)
    if head.chunked or (head.content_length or 0) > _EAGER_BYTES:
        await admit(credential)
    reader = BodyReader(head, wire, limits.document_bytes, limits.body_idle_seconds)
    content = await _READERS[method.body](draft, head, reader)
    return Asked(draft.call(), credential, content)


def _upload_method(verb: str, parameters: Parameters, head: Head) -> Method:
    """Tell the forms of an upload apart, as Google's upload servers do."""
    given = dict(parameters)
    kind = given.get("uploadType")
    if "upload_id" in given:
        if verb not in ("PUT", "POST") or kind not in (None, "resumable") or not given["upload_id"]:
            raise Refused(Reason.PATH_UNKNOWN, "Not found: a resumable upload goes on by PUT with its upload_id.")
        return UPLOAD_STATUS if _asks_status(head) else UPLOAD_CONTINUE
    method = {"multipart": UPLOAD_MULTIPART, "resumable": UPLOAD_RESUMABLE}.get(kind or "")
    if verb != "POST" or method is None:
        raise Refused(
            Reason.PATH_UNKNOWN, "Not found: uploads begin by POST with uploadType=multipart or uploadType=resumable."
        )
    return method


def _asks_status(head: Head) -> bool:
    given = head.forwarded.get("content-range")
    if given is None:
        return False
    asked = _CONTENT_RANGE.fullmatch(given)
    if asked is None:
        raise Refused(Reason.HEADERS_MALFORMED, "The header content-range cannot be read.")
    # `bytes */0` is how an empty file is finished.
    return asked[1] is not None and asked[2] != "0" and not head.has_body


async def _read_nothing(_draft: Draft, head: Head, _reader: BodyReader) -> None:
    # A body where none belongs is read by one server and taken for the next request by another.
    if head.has_body:
        raise Refused(Reason.BODY_MALFORMED, "This method takes no body.")


async def _read_document(draft: Draft, head: Head, reader: BodyReader) -> None:
    _expect_json(head)
    draft.document = parse_document(await reader.whole())


async def _read_rows(draft: Draft, head: Head, reader: BodyReader) -> Content:
    _expect_json(head)
    draft.document, count, framed = parse_rows(await reader.whole())
    return Content(single(framed), "application/json", len(framed), count)


async def _read_media(draft: Draft, head: Head, reader: BodyReader) -> Content:
    related = await read_related(head.content_type, reader.pieces(), reader.document_bytes)
    draft.document = parse_document(related.document)
    return Content(related.content, related.media_type)


async def _read_file(_draft: Draft, head: Head, reader: BodyReader) -> Content:
    media_type = head.content_type or _ANY_FILE
    if not MEDIA_TYPE.fullmatch(media_type):
        raise Refused(Reason.CONTENT_TYPE, "The content-type of the file cannot be read.")
    known = None if head.gzipped or head.chunked else head.content_length or 0
    return Content(reader.pieces(), media_type, known)


_READERS: Mapping[Body, Callable[[Draft, Head, BodyReader], Awaitable[Content | None]]] = {
    Body.NONE: _read_nothing,
    Body.JSON: _read_document,
    Body.ROWS: _read_rows,
    Body.MEDIA: _read_media,
    Body.FILE: _read_file,
}


def _expect_json(head: Head) -> None:
    if head.content_type != "application/json" and not _JSON.fullmatch(head.content_type):
        raise Refused(Reason.CONTENT_TYPE, "The body must be JSON: send content-type: application/json.")


def _told(wire: Wire) -> dict[str, str]:
    """Give what the client says of itself in headers that were not, or could not be, read."""
    told = ("user-agent", "x-goog-request-reason")
    return {name.decode(): _plain(value) for name, value in wire.headers if name.decode("latin-1") in told}


def _unknown(wire: Wire) -> Method:
    """Give the method of a request whose path was not understood; its query string may hold credentials."""
    return unknown_method(_plain(wire.verb.encode()), _plain(wire.path)[:_KEPT_PATH_CHARACTERS])


def _plain(raw: bytes) -> str:
    """Give text that can be written down anywhere: printable ASCII, the rest replaced."""
    text = raw.decode("latin-1")
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if " " <= character <= "~" else "?" for character in text)
