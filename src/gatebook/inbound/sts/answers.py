"""Answers of the token endpoint: JSON, never to be cached (RFC 6749 sections 5.1 and 5.2)."""

from dataclasses import dataclass

import msgspec

from gatebook.core.identity.issuance import Issuance
from gatebook.errors import Fault, Reason
from gatebook.ports import Reply

RETRY_SECONDS = 5

_HEADERS = (
    ("content-type", "application/json; charset=utf-8"),
    ("cache-control", "no-store"),
    ("pragma", "no-cache"),
)
_STATUS = {
    Reason.BODY_TOO_LARGE: 413,
    Reason.CONTENT_TYPE: 415,
    Reason.ISSUER_UNAVAILABLE: 503,
    Reason.BOOK_UNAVAILABLE: 503,
    Reason.TOO_MANY_REFUSALS: 429,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the door sends, and what the book is told: `issuance` is None when no exchange was asked for."""

    reply: Reply
    issuance: Issuance | None = None


def answer(status: int, document: dict[str, object], headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """Make an answer of a JSON document."""
    return Reply(status, (*_HEADERS, *headers), msgspec.json.encode(document))


def error(status: int, code: str, description: str, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """Make an error of RFC 6749 section 5.2. Google's clients show the description to their users as it is."""
    allowed = "".join(letter if " " <= letter <= "~" and letter not in '"\\' else "'" for letter in description)
    return answer(status, {"error": code, "error_description": allowed}, headers)


def fault(found: Fault) -> Reply:
    """Make the error of a refused credential or request, or of a fault on our side.

    RFC 8693 section 2.2.2: a subject token that is invalid "for any reason", or unacceptable by policy, is an
    invalid_request with status 400. 401 would speak of the client's own authentication, which there is none of.
    """
    status = _STATUS.get(found.reason, 400)
    if status == 503:
        return error(503, "temporarily_unavailable", found.message, (("retry-after", str(RETRY_SECONDS)),))
    return error(status, "invalid_request", found.message)
