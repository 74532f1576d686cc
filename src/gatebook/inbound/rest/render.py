"""Faults in BigQuery's error shape. What is shown is the fault's own message and nothing from behind it.

Clients decide by `reason`, not by status, whether to try again (Google's Python client repeats `backendError`,
`badGateway`, `internalError` and `rateLimitExceeded` for ten minutes, whatever the status), so that what will not
change by trying again must have another reason. Texts about rates and limits being passed must not come near Java's
pattern `.*exceed.*rate.*limit.*`, which makes it repeat any call.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from gatebook.errors import Fault, Reason
from gatebook.ports import Reply


@dataclass(frozen=True, slots=True)
class Rendering:
    """How a Reason reads in BigQuery's dialect: HTTP status, BigQuery's reason, and the canonical status."""

    http_status: int
    reason: str
    status: str
    location: tuple[str, str] | None = None  # (location, locationType)
    headers: tuple[tuple[str, str], ...] = ()


_TOKEN = Rendering(
    401, "authError", "UNAUTHENTICATED", ("Authorization", "header"), (("www-authenticate", 'Bearer realm="gatebook"'),)
)
_DENIED = Rendering(403, "accessDenied", "PERMISSION_DENIED")
_NOT_FOUND = Rendering(404, "notFound", "NOT_FOUND")
_INVALID = Rendering(400, "invalid", "INVALID_ARGUMENT")
_LATER = Rendering(503, "backendError", "UNAVAILABLE", headers=(("retry-after", "1"),))
_BROKEN = Rendering(500, "internal", "INTERNAL")

RENDERINGS: Mapping[Reason, Rendering] = {
    Reason.TOKEN_MISSING: _TOKEN,
    Reason.TOKEN_MALFORMED: _TOKEN,
    Reason.TOKEN_TOO_LARGE: _TOKEN,
    Reason.TOKEN_ALGORITHM: _TOKEN,
    Reason.TOKEN_SIGNATURE: _TOKEN,
    Reason.TOKEN_UNKNOWN_ISSUER: _TOKEN,
    Reason.TOKEN_AUDIENCE: _TOKEN,
    Reason.TOKEN_EXPIRED: _TOKEN,
    Reason.TOKEN_NOT_YET_VALID: _TOKEN,
    Reason.TOKEN_CLAIMS: _TOKEN,
    # Not 401: clients would renew this credential and try again, and some would hide the help.
    Reason.GOOGLE_CREDENTIAL: _DENIED,
    Reason.PATH_UNKNOWN: _NOT_FOUND,
    Reason.PATH_MALFORMED: _INVALID,
    Reason.ROUTE_CLOSED: _DENIED,
    Reason.PARAMETER_UNKNOWN: _INVALID,
    Reason.HEADERS_TOO_LARGE: Rendering(431, "invalid", "INVALID_ARGUMENT"),
    Reason.HEADERS_MALFORMED: _INVALID,
    Reason.BODY_TOO_LARGE: Rendering(413, "requestTooLarge", "INVALID_ARGUMENT"),
    Reason.BODY_MALFORMED: Rendering(400, "parseError", "INVALID_ARGUMENT"),
    Reason.CONTENT_TYPE: Rendering(415, "badContent", "INVALID_ARGUMENT"),
    Reason.REQUEST_TIMEOUT: Rendering(408, "requestTimeout", "DEADLINE_EXCEEDED"),
    Reason.CLIENT_GONE: Rendering(408, "requestTimeout", "CANCELLED"),
    Reason.SQL_INVALID: Rendering(400, "invalidQuery", "INVALID_ARGUMENT", ("query", "parameter")),
    Reason.SQL_OPAQUE: _DENIED,
    Reason.SQL_CONTRADICTED: _DENIED,
    Reason.TABLE_NOT_FOUND: _NOT_FOUND,
    Reason.JOB_NOT_FOUND: _NOT_FOUND,
    Reason.RECORD_NOT_FOUND: _NOT_FOUND,
    Reason.JOB_DUPLICATE: Rendering(409, "duplicate", "ALREADY_EXISTS"),
    Reason.DENIED: _DENIED,
    Reason.HELD: _DENIED,
    # Not quotaExceeded: what every client of the five takes for final has been seen for accessDenied alone.
    Reason.LIMIT: _DENIED,
    Reason.BOOK_UNAVAILABLE: _LATER,
    Reason.ANALYZER_UNAVAILABLE: _LATER,
    Reason.ISSUER_UNAVAILABLE: _LATER,
    Reason.OVERLOADED: _LATER,
    Reason.TOO_MANY_REFUSALS: Rendering(429, "tooManyRefusals", "RESOURCE_EXHAUSTED", headers=(("retry-after", "60"),)),
    Reason.INTERNAL: _BROKEN,
    Reason.UPSTREAM_UNREACHABLE: _LATER,
    Reason.UPSTREAM_TIMEOUT: Rendering(504, "backendError", "DEADLINE_EXCEEDED"),
    Reason.UPSTREAM_BROKEN: Rendering(502, "badGateway", "UNAVAILABLE"),
    Reason.UPSTREAM_CREDENTIAL: Rendering(502, "gatewayCredential", "UNAVAILABLE"),
}


def render(fault: Fault, message: str | None = None) -> Reply:
    """Give the answer for a fault; `message` is said in place of its own."""
    rendering = RENDERINGS.get(fault.reason, _BROKEN)
    return Reply(
        rendering.http_status,
        (("content-type", "application/json; charset=UTF-8"), *rendering.headers),
        error_body(rendering, message or fault.message),
        fault.record,
    )


def error_body(rendering: Rendering, message: str) -> bytes:
    """Write the error object as BigQuery does."""
    item = {"message": message, "domain": "global", "reason": rendering.reason}
    if rendering.location is not None:
        item["location"], item["locationType"] = rendering.location
    error = {"code": rendering.http_status, "message": message, "errors": [item], "status": rendering.status}
    return msgspec.json.encode({"error": error})


def http_status(fault: Fault) -> int:
    """Give the HTTP status that a fault is answered with."""
    return RENDERINGS.get(fault.reason, _BROKEN).http_status
