"""Request headers: what is understood is read once, what misleads is refused, the rest goes no further.

Only the headers named here ever reach upstream, under names and in forms that are Gatebook's own. Among those left
behind: cookies, X-Goog-User-Project (it would bill and read with another project's quota), forwarding headers, and
Accept (the reply must be the JSON that Gatebook reads).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import msgspec

from gatebook.core.model import Credential
from gatebook.errors import Reason, Refused

MAX_HEADERS = 100
FORWARDED = frozenset(
    {
        "accept-encoding", "content-range", "if-match", "if-none-match", "user-agent", "x-goog-api-client",
        "x-goog-request-reason", "x-guploader-no-308", "x-server-timeout", "x-upload-content-length",
        "x-upload-content-type",
    }
)  # fmt: skip
_READ = FORWARDED | {
    "authorization", "content-encoding", "content-length", "content-type", "host", "transfer-encoding",
}  # fmt: skip
_NAMES = {name.encode(): name for name in _READ}
# What differs from call to call, and the one header that no cache may hold.
_OF_ONE_CALL = frozenset({b"authorization", b"content-length"})
_LISTS = frozenset({"accept-encoding", "x-goog-api-client"})
_OVERRIDE = (
    "the verb cannot be overridden: send the request with its own verb. Google's Python API client does this to "
    "addresses longer than 2048 characters: ask for fewer fields, or use shorter filters."
)
_SWITCH = "only HTTP/1.1 is spoken here, without upgrades."
_CLOSED = {
    b"x-http-method-override": _OVERRIDE,
    b"x-http-method": _OVERRIDE,
    b"x-method-override": _OVERRIDE,
    b"upgrade": _SWITCH,
    b"http2-settings": _SWITCH,
}
_PRINTABLE = bytes((0x09, *range(0x20, 0x7F)))
_UPLOAD_COMMANDS = b"x-goog-upload-"
_HOST = re.compile(r"[A-Za-z0-9.\-_]+(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](?::[0-9]{1,5})?")
_GZIP = re.compile(r"(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))[0-9.]+\s*)?(?:,|$)", re.IGNORECASE)


class Head(msgspec.Struct, frozen=True, gc=False):
    """The headers of a request, as far as they matter. Names are lower case."""

    authorization: str | None
    forwarded: Mapping[str, str]
    content_type: str
    content_length: int | None
    chunked: bool
    gzipped: bool

    @property
    def has_body(self) -> bool:
        """Tell whether a body follows."""
        return self.chunked or bool(self.content_length)


def read_head(raw: Sequence[tuple[bytes, bytes]], http_version: str) -> Head:
    """Read the header lines (names in lower case). Raises Refused."""
    found = _collect([line for line in raw if line[0] in _OF_ONE_CALL])
    length = found.get("content-length")
    usual = tuple([line for line in raw if line[0] not in _OF_ONE_CALL])
    head = _read_usual(usual, http_version, length is not None)
    return Head(
        authorization=found.get("authorization"),
        forwarded=head.forwarded,
        content_type=head.content_type,
        content_length=None if length is None else int(length),
        chunked=head.chunked,
        gzipped=head.gzipped,
    )


@lru_cache(maxsize=256)  # clients say of themselves the same with every call
def _read_usual(lines: tuple[tuple[bytes, bytes], ...], http_version: str, has_length: bool) -> Head:
    found = _collect(lines)
    _check_protocol(found, http_version, has_length)
    return Head(
        authorization=None,
        forwarded=_forwarded(found),
        content_type=found.get("content-type", ""),
        content_length=None,
        chunked="transfer-encoding" in found,
        gzipped=_is_gzipped(found.get("content-encoding", "identity")),
    )


def bearer(authorization: str | None) -> Credential | None:
    """Give the token of an Authorization header (RFC 6750), None without one. Raises Refused(TOKEN_MALFORMED)."""
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    token = token.lstrip(" ")
    if scheme.lower() != "bearer" or not token or " " in token:
        raise Refused(Reason.TOKEN_MALFORMED, "The header authorization must be `Bearer <token>`.")
    return Credential(token)


def _collect(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        known = _NAMES.get(name)
        if known is None:
            if name in _CLOSED:
                raise Refused(Reason.ROUTE_CLOSED, f"Access Denied: {_CLOSED[name]}")
            if name.startswith(_UPLOAD_COMMANDS):
                raise Refused(Reason.ROUTE_CLOSED, "Access Denied: start uploads with ?uploadType=, not with headers.")
        elif known not in found:
            found[known] = _text(known, value)
        elif known in _LISTS:
            found[known] += f", {_text(known, value)}"
        else:
            # The classic of request smuggling: two readers, two values.
            raise Refused(Reason.HEADERS_MALFORMED, f"The header {known} comes twice.")
    return found


def _text(name: str, value: bytes) -> str:
    if value.translate(None, _PRINTABLE):
        raise Refused(Reason.HEADERS_MALFORMED, f"The header {name} holds characters that are not printable ASCII.")
    return value.decode("ascii").strip()


def _check_protocol(found: Mapping[str, str], http_version: str, has_length: bool) -> None:
    if http_version not in ("1.1", "1.0"):
        raise Refused(Reason.HEADERS_MALFORMED, "Only HTTP/1.1 is spoken here.")
    host = found.get("host")
    if (host is None and http_version == "1.1") or (host is not None and not _HOST.fullmatch(host)):
        raise Refused(Reason.HEADERS_MALFORMED, "The header host must name one host.")
    coding = found.get("transfer-encoding")
    if coding is not None and (coding.lower() != "chunked" or http_version != "1.1" or has_length):
        raise Refused(Reason.HEADERS_MALFORMED, "The only transfer-encoding is chunked, in HTTP/1.1, without a length.")
    if found.get("content-type", "").lower().startswith("application/grpc"):
        raise Refused(Reason.ROUTE_CLOSED, "Access Denied: gRPC is not spoken on the REST port.")


def _forwarded(found: Mapping[str, str]) -> Mapping[str, str]:
    forwarded = {name: value for name, value in found.items() if name in FORWARDED}
    # gzip is the one coding that the reply may come in, since it is the one that Gatebook can read.
    forwarded["accept-encoding"] = "gzip" if _GZIP.search(found.get("accept-encoding", "")) else "identity"
    return MappingProxyType(forwarded)  # many calls share it


def _is_gzipped(coding: str) -> bool:
    if coding.lower() not in ("gzip", "x-gzip", "identity"):
        raise Refused(Reason.CONTENT_TYPE, "The only content-encoding of a request is gzip.")
    return coding.lower() != "identity"
