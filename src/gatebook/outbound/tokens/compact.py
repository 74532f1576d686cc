"""The text of a bearer token, taken apart strictly and believed in nothing yet (RFC 7515 compact serialization)."""

import base64
import re
from dataclasses import dataclass, field

from gatebook.core.identity.strict_json import parse_object
from gatebook.errors import Reason, Refused

# Asymmetric only, one per key type: with HS256 an issuer's public key could serve as the secret of a forged token.
ALGORITHMS = frozenset({"RS256", "ES256", "EdDSA"})
NAME_LENGTH = 256  # characters of `kid` and `iss`

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class CompactToken:
    """The parts of a token as its sender wrote them. Nothing here is verified."""

    text: str = field(repr=False)
    algorithm: str
    key_id: str | None
    type: str  # `typ` in lower case without "application/"; "jwt" when the header has none
    claims: dict[str, object] = field(repr=False)
    issuer: str


def parse(text: str) -> CompactToken:
    """Take a token apart. Raises Refused (TOKEN_MALFORMED, TOKEN_ALGORITHM), whose text holds nothing of the token."""
    segments = text.split(".")
    if len(segments) == 5:
        raise _malformed("encrypted tokens (JWE) are not accepted")
    if len(segments) != 3:
        raise _malformed("the bearer token is not a JWT")
    header = _object(segments[0], "header")
    algorithm = _algorithm(header)
    claims = _object(segments[1], "payload")
    _octets(segments[2], "signature")
    return CompactToken(
        text=text,
        algorithm=algorithm,
        key_id=None if "kid" not in header else _name(header["kid"], "header has a key id ('kid') that is no name"),
        type=_type(header),
        claims=claims,
        issuer=_name(claims.get("iss"), "payload names no issuer ('iss')"),
    )


def _algorithm(header: dict[str, object]) -> str:
    """Read the header's `alg`, and refuse what would change how the rest is to be read."""
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Refused(Reason.TOKEN_ALGORITHM, "the token must be signed with RS256, ES256 or EdDSA")
    # RFC 7515 section 4.1.11: what `crit` lists must be understood, and we understand none. `b64` moves the payload
    # out of the token, `enc` and `zip` belong to encryption, a content type of JWT hides a token in the token.
    if not header.keys().isdisjoint({"crit", "b64", "enc", "zip", "cty"}):
        raise _malformed("the token's header has parameters that are not accepted (crit, b64, enc, zip or cty)")
    return algorithm


def _type(header: dict[str, object]) -> str:
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str):
        raise _malformed("the token's header has a type that is not text")
    return kind.lower().removeprefix("application/")  # RFC 7515 section 4.1.9


def _name(value: object, problem: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= NAME_LENGTH:
        raise _malformed(f"the token's {problem}")
    return value


def _object(segment: str, part: str) -> dict[str, object]:
    try:
        return parse_object(_octets(segment, part))
    except ValueError:
        raise _malformed(f"the token's {part} is not a JSON object with unique members") from None


def _octets(segment: str, part: str) -> bytes:
    """Decode base64url without padding, in its one canonical form, so that a token has one text only."""
    if _BASE64URL.fullmatch(segment) and len(segment) % 4 != 1:
        octets = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
        if base64.urlsafe_b64encode(octets).rstrip(b"=") == segment.encode("ascii"):
            return octets
    raise _malformed(f"the token's {part} is not base64url")


def _malformed(problem: str) -> Refused:
    return Refused(Reason.TOKEN_MALFORMED, problem)
