"""Tokens that are wrong in one way each, for tests of whoever verifies them."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gatebook.issuer.keys import IssuerKey, generate

Claims = dict[str, Any]


class Flaw(StrEnum):
    """What is wrong with a token."""

    UNSIGNED = "unsigned"  # alg none
    HMAC_WITH_PUBLIC_KEY = "hmac_with_public_key"  # alg HS256, the public key as its secret
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN_KEY = "unknown_key"
    STRANGERS_KEY = "strangers_key"  # signed with another key under the right key id
    WRONG_AUDIENCE = "wrong_audience"
    EXPIRED = "expired"
    NO_EXPIRY = "no_expiry"
    NOT_YET_VALID = "not_yet_valid"


def compact(header: Claims, claims: Claims, signature: bytes) -> str:
    """Write a token from its parts, whatever they are."""
    return f"{_segment(header)}.{_segment(claims)}.{_base64url(signature)}"


def _sign(key: IssuerKey, claims: Claims, key_id: str | None = None) -> str:
    return jwt.encode(claims, key.private, algorithm=key.algorithm, headers={"kid": key_id or key.id})


def _unsigned(key: IssuerKey, claims: Claims) -> str:
    return compact({"alg": "none", "typ": "JWT", "kid": key.id}, claims, b"")


def _hmac_with_public_key(key: IssuerKey, claims: Claims) -> str:
    secret = key.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_segment({'alg': 'HS256', 'typ': 'JWT', 'kid': key.id})}.{_segment(claims)}"
    return f"{signed}.{_base64url(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"


def _bad_signature(key: IssuerKey, claims: Claims) -> str:
    head, _, signature = _sign(key, claims).rpartition(".")
    octets = bytearray(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
    octets[0] ^= 1
    return f"{head}.{_base64url(bytes(octets))}"


def _segment(value: Claims) -> str:
    return _base64url(json.dumps(value, separators=(",", ":")).encode())


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


FLAWED: dict[Flaw, Callable[[IssuerKey, Claims], str]] = {
    Flaw.UNSIGNED: _unsigned,
    Flaw.HMAC_WITH_PUBLIC_KEY: _hmac_with_public_key,
    Flaw.BAD_SIGNATURE: _bad_signature,
    Flaw.UNKNOWN_KEY: lambda key, claims: _sign(generate(key.algorithm), claims),
    Flaw.STRANGERS_KEY: lambda key, claims: _sign(generate(key.algorithm), claims, key.id),
    Flaw.WRONG_AUDIENCE: lambda key, claims: _sign(key, {**claims, "aud": "https://elsewhere.example"}),
    Flaw.EXPIRED: lambda key, claims: _sign(key, {**claims, **_shifted(claims, -86400)}),
    Flaw.NO_EXPIRY: lambda key, claims: _sign(key, {k: v for k, v in claims.items() if k != "exp"}),
    Flaw.NOT_YET_VALID: lambda key, claims: _sign(key, {**claims, **_shifted(claims, 86400)}),
}


def _shifted(claims: Claims, seconds: int) -> Claims:
    return {name: claims[name] + seconds for name in ("iat", "nbf", "exp")}
