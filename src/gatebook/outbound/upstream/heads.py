"""Request heads as bytes. What would let one request smuggle another is refused here, whoever sent it."""

import re
from functools import lru_cache

from gatebook.errors import Reason, Refused
from gatebook.ports import UpstreamRequest

_VERBS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_BODY_EXPECTED = frozenset({"POST", "PUT", "PATCH"})
_TARGET = re.compile(r"/[\x21-\x7e]*")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 5.6.2

# Ours alone to send: routing, credential and framing. A client's own would end a message early or name another host.
_OURS = frozenset(
    {"host", "authorization", "content-length", "transfer-encoding", "expect", "cookie", "proxy-authorization"}
)
# RFC 9110 7.6.1: between two neighbours only.
HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-connection", "te", "trailer", "upgrade"}
)


def render_head(request: UpstreamRequest, authority: str, authorization: str | None) -> bytes:
    """Give the bytes of a request's head.

    Raises Refused when the verb, the target or a header cannot stand in HTTP/1.1 (RFC 9112).
    """
    if request.verb not in _VERBS or not _TARGET.fullmatch(request.target):
        raise Refused(Reason.PATH_MALFORMED, "The request's method or path cannot be sent to BigQuery.")
    lines = [f"{request.verb} {request.target} HTTP/1.1", f"host: {authority}"]
    lines += [f"{name}: {value}" for name, value in request.headers if _may_go_on(name)]
    if authorization is not None:
        lines.append(f"authorization: {authorization}")
    framing = _framing(request)
    if framing is not None:
        lines.append(framing)
    try:
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    except UnicodeEncodeError as error:
        raise _header_refused() from error
    # A value with CR, LF or NUL in it would start a header, or a request, of its own (RFC 9110 5.5).
    breaks = len(lines) + 1
    if head.count(b"\n") != breaks or head.count(b"\r") != breaks or b"\0" in head:
        raise _header_refused()
    return head


def _framing(request: UpstreamRequest) -> str | None:
    body = request.body
    if body is None:
        return "content-length: 0" if request.verb in _BODY_EXPECTED else None
    if isinstance(body, bytes):
        return f"content-length: {len(body)}"
    if request.content_length is not None:
        return f"content-length: {request.content_length}"
    return "transfer-encoding: chunked"


@lru_cache(maxsize=512)
def _may_go_on(name: str) -> bool:
    if not _TOKEN.fullmatch(name):
        raise _header_refused()
    lowered = name.lower()
    return lowered not in _OURS and lowered not in HOP_BY_HOP


def _header_refused() -> Refused:
    return Refused(Reason.HEADERS_MALFORMED, "A header of the request holds characters that HTTP does not allow.")
