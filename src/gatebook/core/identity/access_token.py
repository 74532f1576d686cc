"""Gatebook's own access token as claims: an Identity written down, and read back exactly.

The token follows RFC 9068 (`typ` at+jwt, client_id, jti); what is ours lies under the one claim `gatebook`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from gatebook.core.identity.claims import VerifiedClaims, refusal
from gatebook.core.identity.workload import PROVENANCE_FIELDS
from gatebook.core.model import Caller, CallerKind, Identity, Provenance

REQUIRED = frozenset({"iss", "aud", "exp", "iat", "jti", "sub", "client_id", "gatebook"})


@dataclass(frozen=True, slots=True)
class AccessToken:
    """An access token that Gatebook gave out. Its text is a secret; its `id` (the `jti`) is what records name it by."""

    text: str = field(repr=False)
    id: str
    identity: Identity
    expires_in_seconds: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What a new access token is bound to."""

    issuer: str
    audience: str
    token_id: str
    issued_at_seconds: int
    expires_at_seconds: int


def claims_of(identity: Identity, terms: Terms) -> dict[str, object]:
    """Write an identity down as the claims of an access token."""
    caller = identity.caller
    attested = {name: value for name, value in asdict(identity.attested).items() if value is not None}
    return {
        "iss": terms.issuer,
        "aud": terms.audience,
        "sub": caller.key,
        "client_id": caller.name,
        "jti": terms.token_id,
        "iat": terms.issued_at_seconds,
        "exp": terms.expires_at_seconds,
        "gatebook": {
            "issuer": caller.issuer,
            "subject": caller.subject,
            "kind": caller.kind.value,
            "attested": attested,
        },
    }


def identity_of(verified: VerifiedClaims) -> Identity:
    """Read the identity of an access token. Raises Refused (TOKEN_CLAIMS) for anything `claims_of` would not write."""
    claims = verified.claims
    ours = claims.get("gatebook")
    if claims.keys() != REQUIRED or not isinstance(ours, Mapping):
        raise _not_ours()
    issuer, subject, kind, attested = (ours.get(name) for name in ("issuer", "subject", "kind", "attested"))
    name = claims["client_id"]
    texts = isinstance(issuer, str) and isinstance(subject, str) and isinstance(name, str)
    if not texts or kind not in tuple(CallerKind) or not isinstance(attested, Mapping):
        raise _not_ours()
    caller = Caller(str(issuer), str(subject), CallerKind(kind), str(name))
    if claims["sub"] != caller.key:
        raise _not_ours()
    return Identity(caller, _provenance(attested), verified.expires_at_seconds)


def _provenance(attested: Mapping[str, object]) -> Provenance:
    for name, value in attested.items():
        wanted = bool if name == "ref_protected" else str
        if name not in PROVENANCE_FIELDS or not isinstance(value, wanted):
            raise _not_ours()
    return Provenance(**cast("dict[str, Any]", attested))


def _not_ours() -> Exception:
    return refusal("the access token's claims are not as this version of Gatebook writes them: exchange a new one")
