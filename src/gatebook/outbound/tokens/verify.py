"""One token against one issuer: the only place that makes VerifiedClaims.

(1) the type and the algorithm are among those that this issuer uses;
(2) the audience is this gateway, and nobody else;
(3) the token's time has come and has not passed;
(4) the key that the token names is the issuer's, and fits the algorithm;
(5) the signature holds.

Steps 1 to 3 judge claims that are not proven yet. They can only refuse, they cost nothing, and they keep tokens that
could never be accepted from making the gateway ask an issuer for keys.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jwt

from gatebook.core.identity.claims import VerifiedClaims
from gatebook.core.identity.registered import check_audience, check_times
from gatebook.errors import Reason, Refused
from gatebook.outbound.tokens.compact import CompactToken
from gatebook.outbound.tokens.jwks import VerificationKey

if TYPE_CHECKING:
    from jwt.types import Options

# Every option is written down, also where it is PyJWT's default: what is not checked here is checked above, with the
# gateway's clock and stricter rules.
_OPTIONS: "Options" = {
    "verify_signature": True,
    "verify_iss": True,
    "verify_sub": True,  # its type
    "verify_jti": True,  # its type
    "verify_aud": False,  # step 2: PyJWT accepts our audience among others
    "verify_exp": False,  # step 3
    "verify_nbf": False,  # step 3
    "verify_iat": False,  # step 3
    "strict_aud": False,
    "require": ["iss", "aud", "exp", "iat"],
    "enforce_minimum_key_length": True,
}


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose tokens are accepted, and on what terms."""

    issuer: str
    audiences: frozenset[str]
    algorithms: frozenset[str]
    types: frozenset[str]
    find_key: Callable[[str], Awaitable[VerificationKey]]  # by key id; raises Refused or Unavailable
    audience_advice: str


async def verify(token: CompactToken, trust: Trust, now_seconds: float, leeway_seconds: float) -> VerifiedClaims:
    """Prove a token. Raises Refused (TOKEN_*) or Unavailable (ISSUER_UNAVAILABLE)."""
    # (1) RFC 8725 sections 3.1 and 3.11
    if token.algorithm not in trust.algorithms:
        raise Refused(Reason.TOKEN_ALGORITHM, "the token's algorithm is not one that this issuer's tokens may use here")
    if token.type not in trust.types:
        raise Refused(Reason.TOKEN_MALFORMED, "the token's type ('typ') is not one that can be presented here")
    # (2) RFC 8725 section 3.9
    check_audience(token.claims, trust.audiences, trust.audience_advice)
    # (3) RFC 7519 sections 4.1.4 to 4.1.6
    expires_at_seconds = check_times(token.claims, now_seconds, leeway_seconds)
    # (4) RFC 8725 section 3.1: the key fixes the algorithm
    if token.key_id is None:
        raise Refused(Reason.TOKEN_MALFORMED, "the token's header does not say which key signed it ('kid')")
    key = await trust.find_key(token.key_id)
    if key.algorithm != token.algorithm:
        raise Refused(Reason.TOKEN_ALGORITHM, "the token's algorithm does not fit the key that it names")
    # (5) RFC 7515 section 5.2
    claims = _proven_claims(token, key, trust.issuer)
    return VerifiedClaims(issuer=trust.issuer, claims=claims, expires_at_seconds=expires_at_seconds)


def _proven_claims(token: CompactToken, key: VerificationKey, issuer: str) -> dict[str, object]:
    try:
        decoded = jwt.decode_complete(
            token.text, key=key.public, algorithms=[key.algorithm], options=_OPTIONS, issuer=issuer
        )
    except jwt.InvalidSignatureError:
        raise Refused(Reason.TOKEN_SIGNATURE, "the token's signature does not match its issuer's key") from None
    except jwt.PyJWTError:
        raise Refused(Reason.TOKEN_MALFORMED, "the token is not a well-formed JWT") from None
    payload: dict[str, object] = decoded["payload"]
    return payload
