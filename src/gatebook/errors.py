"""Faults, by whose they are. Doors turn a Reason into their own dialect; nothing else renders errors."""

from enum import StrEnum


class Reason(StrEnum):
    """Stable codes of refusals and failures. Never reused; every door has a rendering for each."""

    # the caller's credential (401)
    TOKEN_MISSING = "token_missing"  # noqa: S105 - a code, not a secret
    TOKEN_MALFORMED = "token_malformed"  # noqa: S105 - a code, not a secret
    TOKEN_TOO_LARGE = "token_too_large"  # noqa: S105 - a code, not a secret
    TOKEN_ALGORITHM = "token_algorithm"  # noqa: S105 - a code, not a secret
    TOKEN_SIGNATURE = "token_signature"  # noqa: S105 - a code, not a secret
    TOKEN_UNKNOWN_ISSUER = "token_unknown_issuer"  # noqa: S105 - a code, not a secret
    TOKEN_AUDIENCE = "token_audience"  # noqa: S105 - a code, not a secret
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a code, not a secret
    TOKEN_NOT_YET_VALID = "token_not_yet_valid"  # noqa: S105 - a code, not a secret
    TOKEN_CLAIMS = "token_claims"  # noqa: S105 - a code, not a secret
    GOOGLE_CREDENTIAL = "google_credential"
    # the request
    PATH_UNKNOWN = "path_unknown"
    PATH_MALFORMED = "path_malformed"
    ROUTE_CLOSED = "route_closed"  # batch, method override, JSONP, query-string credentials, gRPC on the REST port
    PARAMETER_UNKNOWN = "parameter_unknown"
    HEADERS_TOO_LARGE = "headers_too_large"
    HEADERS_MALFORMED = "headers_malformed"
    BODY_TOO_LARGE = "body_too_large"
    BODY_MALFORMED = "body_malformed"
    CONTENT_TYPE = "content_type"
    REQUEST_TIMEOUT = "request_timeout"
    CLIENT_GONE = "client_gone"
    # what the request asks
    SQL_INVALID = "sql_invalid"
    SQL_OPAQUE = "sql_opaque"
    SQL_CONTRADICTED = "sql_contradicted"  # upstream reads it otherwise
    TABLE_NOT_FOUND = "table_not_found"
    JOB_NOT_FOUND = "job_not_found"
    JOB_DUPLICATE = "job_duplicate"
    DENIED = "denied"
    HELD = "held"  # a person must approve
    LIMIT = "limit"  # one of the policy's limits for the caller
    RECORD_NOT_FOUND = "record_not_found"
    # us
    BOOK_UNAVAILABLE = "book_unavailable"
    ANALYZER_UNAVAILABLE = "analyzer_unavailable"
    ISSUER_UNAVAILABLE = "issuer_unavailable"
    OVERLOADED = "overloaded"
    TOO_MANY_REFUSALS = "too_many_refusals"
    INTERNAL = "internal"
    # them
    UPSTREAM_UNREACHABLE = "upstream_unreachable"
    UPSTREAM_TIMEOUT = "upstream_timeout"
    UPSTREAM_BROKEN = "upstream_broken"
    UPSTREAM_CREDENTIAL = "upstream_credential"


class Fault(Exception):
    """A call that cannot go on. `message` is shown to the caller: it helps, and tells nothing secret.

    `record` is the id of the record that tells of it, where that is not the call's own.
    """

    def __init__(self, reason: Reason, message: str, record: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.record = record


class Refused(Fault):
    """The caller's fault, or the policy's will."""


class Unavailable(Fault):
    """A fault of Gatebook's own or of something it depends on; the call was not forwarded."""


class UpstreamFailed(Fault):
    """Upstream could not be reached, or did not answer as BigQuery does."""
