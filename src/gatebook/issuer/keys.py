"""Signing keys of the issuer, and their public halves as JWKs."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

ALGORITHMS = ("RS256", "ES256", "EdDSA")


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A signing key and the algorithm that it is published for."""

    id: str
    algorithm: str
    private: PrivateKey = field(repr=False)

    def jwk(self) -> dict[str, Any]:
        """Give the public half as it stands in a key set."""
        public = _public_jwk(self.private)
        public.pop("key_ops", None)
        return {**public, "kid": self.id, "alg": self.algorithm, "use": "sig"}


def generate(algorithm: str) -> IssuerKey:
    """Make a key. Raises ValueError for an algorithm that is not in ALGORITHMS."""
    private: PrivateKey
    if algorithm == "RS256":
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elif algorithm == "ES256":
        private = ec.generate_private_key(ec.SECP256R1())
    elif algorithm == "EdDSA":
        private = ed25519.Ed25519PrivateKey.generate()
    else:
        raise ValueError(f"unknown algorithm: {algorithm}")
    return IssuerKey(f"{algorithm.lower()}-{secrets.token_hex(4)}", algorithm, private)


def _public_jwk(private: PrivateKey) -> dict[str, Any]:
    if isinstance(private, rsa.RSAPrivateKey):
        return dict(RSAAlgorithm.to_jwk(private.public_key(), as_dict=True))
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return dict(ECAlgorithm.to_jwk(private.public_key(), as_dict=True))
    return dict(OKPAlgorithm.to_jwk(private.public_key(), as_dict=True))
