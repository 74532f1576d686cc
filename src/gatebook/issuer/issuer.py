"""Issuer: keys that rotate, and tokens of any shape signed with them."""

import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from gatebook.issuer.failures import Failure
from gatebook.issuer.flaws import FLAWED, Flaw
from gatebook.issuer.keys import IssuerKey, generate
from gatebook.issuer.shapes import SHAPES

LIFETIME_SECONDS = 300  # as long as GitHub's tokens live


@dataclass(slots=True)
class Readings:
    """How often the issuer's documents were asked for."""

    discovery: int = 0
    keys: int = 0


class Issuer:
    """An OIDC issuer at `url`. The first algorithm is the one it signs with unless told otherwise."""

    def __init__(self, url: str, algorithms: Iterable[str] = ("RS256",)) -> None:
        self.url = url
        self.failure = Failure.NONE
        self.readings = Readings()
        self._signing = {algorithm: generate(algorithm) for algorithm in algorithms}
        self._previous: dict[str, IssuerKey] = {}
        self._jobs: dict[str, dict[str, Any]] = {}

    def rotate(self, *, keep_previous: bool = True) -> None:
        """Sign with new keys from now on. The previous ones stay published, for tokens that are still about."""
        self._previous = self._signing if keep_previous else {}
        self._signing = {algorithm: generate(algorithm) for algorithm in self._signing}

    def key(self, algorithm: str | None = None) -> IssuerKey:
        """Give the key that signs. Raises ValueError for an algorithm that this issuer does not use."""
        chosen = algorithm or next(iter(self._signing))
        if chosen not in self._signing:
            raise ValueError(f"this issuer does not sign with {chosen}")
        return self._signing[chosen]

    def discovery(self) -> dict[str, Any]:
        """Give the discovery document (OpenID Connect Discovery 1.0 section 3)."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/.well-known/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": list(self._signing),
            "scopes_supported": ["openid"],
        }

    def key_set(self) -> dict[str, Any]:
        """Give the JWK Set: the keys that sign, then those that did before the last rotation."""
        return {"keys": [key.jwk() for key in (*self._signing.values(), *self._previous.values())]}

    def claims(
        self,
        kind: str = "github_actions",
        *,
        audience: str,
        claims: Mapping[str, Any] | None = None,
        lifetime_seconds: int = LIFETIME_SECONDS,
    ) -> dict[str, Any]:
        """Give the claims of a token of a kind. `claims` overrides any of them, None takes one out.

        Raises ValueError for an unknown kind.
        """
        if kind not in SHAPES:
            raise ValueError(f"unknown kind: {kind}; known are {', '.join(SHAPES)}")
        now = int(time.time())
        full: dict[str, Any] = {
            "iss": self.url,
            "aud": audience,
            "jti": secrets.token_hex(16),
            "iat": now,
            "nbf": now,
            "exp": now + lifetime_seconds,
            **SHAPES[kind](),
            **(claims or {}),
        }
        return {name: value for name, value in full.items() if value is not None}

    def mint(
        self,
        kind: str = "github_actions",
        *,
        audience: str,
        claims: Mapping[str, Any] | None = None,
        algorithm: str | None = None,
        lifetime_seconds: int = LIFETIME_SECONDS,
    ) -> str:
        """Sign a token of a kind; see `claims`."""
        full = self.claims(kind, audience=audience, claims=claims, lifetime_seconds=lifetime_seconds)
        return self.sign(full, algorithm=algorithm)

    def sign(
        self, claims: Mapping[str, Any], *, algorithm: str | None = None, headers: Mapping[str, Any] | None = None
    ) -> str:
        """Sign exactly these claims; `headers` adds to the header or overrides it, None takes a parameter out."""
        key = self.key(algorithm)
        header = {"kid": key.id, **(headers or {})}
        return jwt.encode(
            dict(claims),
            key.private,
            algorithm=key.algorithm,
            headers={name: value for name, value in header.items() if value is not None or name == "typ"},
        )

    def mint_flawed(
        self,
        flaw: Flaw,
        kind: str = "github_actions",
        *,
        audience: str,
        claims: Mapping[str, Any] | None = None,
    ) -> str:
        """Make a token that must not be accepted anywhere, for one reason."""
        return FLAWED[flaw](self.key(), self.claims(kind, audience=audience, claims=claims))

    def start_job(self, claims: Mapping[str, Any] | None = None) -> str:
        """Begin a GitHub Actions job; give the token with which it may ask for identity tokens."""
        request_token = secrets.token_urlsafe(24)
        self._jobs[request_token] = dict(claims or {})
        return request_token

    def mint_for_job(self, request_token: str, audience: str) -> str | None:
        """Give an identity token of the job, as ACTIONS_ID_TOKEN_REQUEST_URL does; None for an unknown job."""
        claims = self._jobs.get(request_token)
        return None if claims is None else self.mint("github_actions", audience=audience, claims=claims)
