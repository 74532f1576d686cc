"""Keys of tokens: one for each domain, and how BigQuery can compute with it without having it in a job's text.

A domain's key is HKDF-SHA256 (RFC 5869) of the secret, with the domain as info: a key that leaks opens one domain.
HMAC-SHA256 (RFC 2104) is SHA256(outer || SHA256(inner || message)), where inner and outer are the key, filled up with
zeros to 64 bytes, XORed with 0x36 and 0x5C. BigQuery has SHA256 but no HMAC: it gets inner and outer as parameters of
the query (decision 0014). They are as good as the domain's key: who hands out a job's configuration leaves them out,
and no caller may name them in a query.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gatebook.core.masking.masks import MaskError

_PARAMETER_PREFIX = "gatebook_token_"
SECRET_BYTES = 32  # the least
_BLOCK_BYTES = 64  # of SHA-256
_KEY_ID = re.compile(r"[a-z0-9]{1,16}")
_PURPOSE = b"gatebook token 1\x00"


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The key of one domain, in the form that HMAC uses. `key_id` stands in front of tokens that are text."""

    key_id: str
    domain: str
    inner: bytes = field(repr=False)
    outer: bytes = field(repr=False)

    def hmac(self) -> Callable[[bytes], bytes]:
        """Give the function that makes HMAC-SHA256, 32 bytes, of a message."""
        begun_inner, begun_outer = hashlib.sha256(self.inner), hashlib.sha256(self.outer)

        def digest(message: bytes) -> bytes:
            inner, outer = begun_inner.copy(), begun_outer.copy()
            inner.update(message)
            outer.update(inner.digest())
            return outer.digest()

        return digest


@dataclass(frozen=True, slots=True)
class MaskingKey:
    """The secret that tokens are made with at one time. To rotate, take another secret with another id.

    MaskError when the id or the secret cannot be one.
    """

    key_id: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not _KEY_ID.fullmatch(self.key_id):
            raise MaskError("a masking key's id must be 1 to 16 small letters and digits")
        if len(self.secret) < SECRET_BYTES:
            raise MaskError(f"the masking key {self.key_id} must have {SECRET_BYTES} random bytes or more")

    def for_domain(self, domain: str) -> TokenKey:
        """Derive the key of a domain."""
        derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE + domain.encode())
        key = derive.derive(self.secret).ljust(_BLOCK_BYTES, b"\x00")
        return TokenKey(self.key_id, domain, bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key))


def is_reserved(parameter: str) -> bool:
    """Tell whether a query parameter of a caller would be one of these: to name it is to ask for a key."""
    return parameter.lower().startswith(_PARAMETER_PREFIX)  # BigQuery compares them without regard to case


def parameter_names(domain: str) -> tuple[str, str]:
    """Give the names of the query parameters with a domain's inner and outer pad."""
    return f"{_PARAMETER_PREFIX}{domain}_inner", f"{_PARAMETER_PREFIX}{domain}_outer"


def query_parameters(key: MaskingKey, domains: Iterable[str]) -> list[dict[str, Any]]:
    """Give what a query with tokens of these domains needs in `queryParameters` (BigQuery's REST API v2)."""
    parameters = []
    for domain in sorted(domains):
        token_key = key.for_domain(domain)
        for name, pad in zip(parameter_names(domain), (token_key.inner, token_key.outer), strict=True):
            value = {"value": base64.b64encode(pad).decode()}
            parameters.append({"name": name, "parameterType": {"type": "BYTES"}, "parameterValue": value})
    return parameters
