"""A JWK Set (RFC 7517) becomes the keys that may verify tokens, each with the one algorithm that it fits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

KEYS = 100  # more than any issuer publishes
RSA_BITS = range(2048, 8193)  # NIST SP 800-131A; above, one verification costs milliseconds

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
_Loader = type[RSAAlgorithm] | type[ECAlgorithm] | type[OKPAlgorithm]
_KINDS: dict[str, tuple[str, _Loader]] = {
    "RSA": ("RS256", RSAAlgorithm),
    "EC": ("ES256", ECAlgorithm),
    "OKP": ("EdDSA", OKPAlgorithm),
}


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key and its algorithm. The key decides the algorithm, never the token (RFC 8725 section 3.1)."""

    id: str
    algorithm: str
    public: PublicKey = field(repr=False)


def read_keys(document: Mapping[str, object]) -> dict[str, VerificationKey]:
    """Give the usable keys by id; what is not a signature key of ours is passed over (RFC 7517 section 5).

    Raises ValueError when the document is not a key set, or holds no usable key: an empty set is a fault of the
    issuer, and believing it would lock out every caller.
    """
    entries = document.get("keys")
    if not isinstance(entries, list) or len(entries) > KEYS:
        raise ValueError("the document is not a key set")
    keys: dict[str, VerificationKey] = {}
    for entry in entries:
        key = _read_key(entry) if isinstance(entry, dict) else None
        if key is not None:
            keys.setdefault(key.id, key)
    if not keys:
        raise ValueError("the key set has no key for RS256, ES256 or EdDSA signatures")
    return keys


def _read_key(entry: dict[str, object]) -> VerificationKey | None:
    key_id, kind, operations = entry.get("kid"), entry.get("kty"), entry.get("key_ops", ["verify"])
    if not isinstance(key_id, str) or not isinstance(kind, str) or kind not in _KINDS or "d" in entry:
        return None  # "d": a private key that was published, which anyone may have
    if entry.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        return None
    algorithm, loader = _KINDS[kind]
    if entry.get("alg", algorithm) != algorithm:
        return None
    try:
        public = loader.from_jwk(entry)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return VerificationKey(key_id, algorithm, public) if _is_sound(public) else None


def _is_sound(public: object) -> TypeGuard[PublicKey]:
    if isinstance(public, RSAPublicKey):
        return public.key_size in RSA_BITS
    if isinstance(public, EllipticCurvePublicKey):
        return isinstance(public.curve, SECP256R1)
    return isinstance(public, Ed25519PublicKey)
