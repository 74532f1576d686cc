"""Bodies of the token endpoint become parameters: the form post of RFC 6749, or Google's JSON with camelCase names."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from gatebook.core.identity.strict_json import parse_object
from gatebook.errors import Reason, Refused

PARAMETERS = 32  # in one request

_JSON_NAMES = {  # as google-github-actions/auth sends them
    "audience": "audience",
    "grantType": "grant_type",
    "requestedTokenType": "requested_token_type",
    "scope": "scope",
    "subjectToken": "subject_token",
    "subjectTokenType": "subject_token_type",
}


def read_parameters(headers: Mapping[str, str], body: bytes) -> dict[str, str]:
    """Read the parameters of a request; empty ones count as left out (RFC 6749 section 3.2).

    `headers` have lower-case names. Raises Refused (CONTENT_TYPE, BODY_MALFORMED), which repeats nothing of the body.
    """
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded":
        return _form(body)
    if media_type == "application/json":
        return _json(body)
    raise Refused(Reason.CONTENT_TYPE, "the content type must be application/x-www-form-urlencoded or application/json")


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=PARAMETERS,
        )
    except ValueError:
        raise Refused(Reason.BODY_MALFORMED, "the body is not a form") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):  # RFC 6749 section 3.2; two readers could take different ones
        raise Refused(Reason.BODY_MALFORMED, "a parameter comes twice")
    return {name: value for name, value in parameters.items() if value}


def _json(body: bytes) -> dict[str, str]:
    try:
        members = parse_object(body)
    except ValueError:
        raise Refused(Reason.BODY_MALFORMED, "the body is not a JSON object with unique members") from None
    known = {_JSON_NAMES[name]: value for name, value in members.items() if name in _JSON_NAMES}
    if any(not isinstance(value, str) for value in known.values()):
        raise Refused(Reason.BODY_MALFORMED, "a parameter is not text")
    return {name: str(value) for name, value in known.items() if value}
