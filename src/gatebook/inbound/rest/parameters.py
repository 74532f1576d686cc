"""The query string: decoded once, every name known, none twice."""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from gatebook.core.methods import PARAMETERS, REPEATED_PARAMETERS, UPLOAD_PARAMETERS
from gatebook.errors import Reason, Refused

MAX_PARAMETERS = 64
_SHORT_BYTES = 256
_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_NOT_A_QUERY = re.compile(rb"[^\x21\x22\x24-\x7e]")
_ON_UPLOADS = PARAMETERS | UPLOAD_PARAMETERS
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CREDENTIALS = "a credential in a URL ends up in logs. Send it as `Authorization: Bearer <token>`."
_CLOSED = {
    "access_token": _CREDENTIALS,
    "oauth_token": _CREDENTIALS,
    "bearer_token": _CREDENTIALS,
    "key": "API keys prove nobody. Send an OIDC token as `Authorization: Bearer <token>`.",
    "callback": "JSONP is closed: it hands answers to any page that asks.",
    "jsonp": "JSONP is closed: it hands answers to any page that asks.",
    "httpMethod": "the verb cannot be overridden: send the request with its own verb.",
    "upload_protocol": "uploads are told apart by uploadType=multipart or uploadType=resumable.",
}

Parameters = tuple[tuple[str, str], ...]


def read_parameters(query: bytes, *, upload: bool = False) -> Parameters:
    """Decode a query string in order. `upload` admits the parameters of the upload path.

    Raises Refused (PATH_MALFORMED, PARAMETER_UNKNOWN, ROUTE_CLOSED).
    """
    # Clients repeat themselves: what they send with every call is read once.
    return _read_short(query, upload) if len(query) <= _SHORT_BYTES else _read(query, upload)


def _read(query: bytes, upload: bool) -> Parameters:
    if not query:
        return ()
    if _NOT_A_QUERY.search(query) or _BROKEN_ESCAPE.search(query):
        raise Refused(Reason.PATH_MALFORMED, "The query string is not percent-encoded as RFC 3986 asks.")
    pieces = query.split(b"&")
    if len(pieces) > MAX_PARAMETERS:
        raise Refused(Reason.PATH_MALFORMED, f"The query string has more than {MAX_PARAMETERS} parameters.")
    parameters = tuple(_pair(piece) for piece in pieces if piece)
    _check_names([name for name, _ in parameters], _ON_UPLOADS if upload else PARAMETERS)
    for name, value in parameters:
        if name == "alt" and value != "json":
            raise Refused(Reason.ROUTE_CLOSED, "Access Denied: alt may be json only.")
    return parameters


_read_short = lru_cache(maxsize=1024)(_read)


def _pair(piece: bytes) -> tuple[str, str]:
    name, _, value = piece.partition(b"=")
    return _text(name), _text(value)


def _text(raw: bytes) -> str:
    if b"%" in raw or b"+" in raw:
        raw = unquote_to_bytes(raw.replace(b"+", b" "))
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(Reason.PATH_MALFORMED, "The query string is not UTF-8.") from None
    if _CONTROL.search(text):
        raise Refused(Reason.PATH_MALFORMED, "The query string holds a control character.")
    return text


def _check_names(names: list[str], known: frozenset[str]) -> None:
    seen: set[str] = set()
    for name in names:
        closed = _CLOSED.get(name.removeprefix("$"))  # Google's servers take `$callback` for `callback`
        if closed is not None:
            raise Refused(Reason.ROUTE_CLOSED, f"Access Denied: {closed}")
        if name not in known:
            raise Refused(Reason.PARAMETER_UNKNOWN, f"Unknown query parameter: {_shown(name)}.")
        # Two readers of a name that comes twice may believe different values (HTTP parameter pollution).
        if name in seen and name not in REPEATED_PARAMETERS:
            raise Refused(Reason.PARAMETER_UNKNOWN, f"The query parameter {name} comes twice.")
        seen.add(name)


def _shown(name: str) -> str:
    return f"`{name[:64]}`" if name.isprintable() and name.isascii() else "a name that is not plain ASCII"
