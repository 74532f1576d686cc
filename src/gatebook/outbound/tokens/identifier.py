"""Tokens: the Identifier of the journey, and the exchange of the token endpoint.

(1) the size; (2) what was verified before is known by its digest; (3) Google's own credentials are turned away with
help; (4) the token is taken apart; (5) its `iss`, not proven yet, chooses the one verifier that may prove it; (6) that
verifier proves it and makes the Identity.
"""

import time
from collections.abc import Callable

from gatebook.core.identity.access_token import AccessToken
from gatebook.core.model import Credential, Identity
from gatebook.errors import Reason, Refused
from gatebook.outbound.tokens.access import AccessTokens
from gatebook.outbound.tokens.advice import advice_for
from gatebook.outbound.tokens.compact import CompactToken, parse
from gatebook.outbound.tokens.issuers import verifiers_for
from gatebook.outbound.tokens.signing_keys import SigningKeys
from gatebook.outbound.tokens.verified import VerifiedTokens, digest_of
from gatebook.ports import Clock
from gatebook.settings import Identity as IdentitySettings
from gatebook.settings import SettingsError

_GOOGLE_ACCESS_TOKEN = "ya29."  # noqa: S105 - a prefix, not a secret
_GOOGLE_KEY_ISSUER = ".gserviceaccount.com"  # a service account's key signs tokens with its address as `iss`


class Tokens:
    """Implements ports.Identifier and ports.TokenExchange. Holds no token, only digests of verified ones."""

    def __init__(
        self,
        settings: IdentitySettings,
        signing_keys: SigningKeys,
        clock: Clock,
        *,
        public_url: str,
        token_bytes: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._advice = advice_for(public_url, settings.audience)
        self._issuers = verifiers_for(settings, monotonic)
        if public_url in self._issuers:
            raise SettingsError("identity.issuers: the gateway's own public URL cannot be an issuer of its callers")
        self._access = AccessTokens(
            signing_keys,
            issuer=public_url,
            audience=settings.audience,
            lifetime_seconds=settings.access_token_seconds,
            caller_issuers=self._issuers.keys(),
        )
        self._leeway_seconds = settings.leeway_seconds
        self._token_bytes = token_bytes
        self._clock = clock
        self._verified = VerifiedTokens()

    async def identify(self, credential: Credential | None) -> Identity:
        """Give what the credential proves. Raises Refused (TOKEN_*, GOOGLE_CREDENTIAL) or Unavailable."""
        text = self._text(credential)  # (1)
        now = self._now()
        digest = digest_of(text)
        known = self._verified.get(digest, now)  # (2)
        if known is not None:
            return known
        identity, until = await self._prove(self._parsed(text), now)
        self._verified.put(digest, identity, until)
        return identity

    async def exchange(self, credential: Credential) -> AccessToken:
        """Give an access token for an issuer's token (RFC 8693). Raises as `identify` does.

        The same token may be exchanged again while it lasts: clients whose credential is a file do so for each process.
        """
        token, now = self._parsed(self._text(credential)), self._now()
        if token.issuer == self._access.issuer:
            raise Refused(Reason.TOKEN_UNKNOWN_ISSUER, self._advice.not_exchangeable)
        identity, _ = await self._prove(token, now)
        return self._access.make(identity, int(now))

    async def introspect(self, credential: Credential) -> Identity | None:
        """Give the identity of a good access token of Gatebook's own, None for any other text. Asks no issuer."""
        try:
            token = self._parsed(self._text(credential))
            if token.issuer != self._access.issuer:
                return None
            return await self._access.verify(token, self._now(), self._leeway_seconds)
        except Refused:
            return None

    def _text(self, credential: Credential | None) -> str:
        if credential is None or not credential.text:
            raise Refused(Reason.TOKEN_MISSING, self._advice.missing)
        if len(credential.text) > self._token_bytes:
            raise Refused(Reason.TOKEN_TOO_LARGE, f"the bearer token is larger than {self._token_bytes} bytes")
        if not credential.text.isascii():
            raise Refused(Reason.TOKEN_MALFORMED, "the bearer token is not a JWT")
        return credential.text

    def _parsed(self, text: str) -> CompactToken:
        if text.startswith(_GOOGLE_ACCESS_TOKEN):  # (3)
            raise Refused(Reason.GOOGLE_CREDENTIAL, self._advice.google_credential)
        token = parse(text)  # (4)
        if token.issuer.endswith(_GOOGLE_KEY_ISSUER):  # (3)
            raise Refused(Reason.GOOGLE_CREDENTIAL, self._advice.google_credential)
        return token

    async def _prove(self, token: CompactToken, now: float) -> tuple[Identity, float]:
        """Give the identity, and until when (seconds since the epoch) it need not be proven again."""
        if token.issuer == self._access.issuer:  # (5)
            own = await self._access.verify(token, now, self._leeway_seconds)  # (6)
            return own, own.expires_at_seconds + self._leeway_seconds
        verifier = self._issuers.get(token.issuer)  # (5) to the letter: RFC 8725 section 3.8
        if verifier is None:
            raise Refused(Reason.TOKEN_UNKNOWN_ISSUER, self._advice.unknown_issuer)
        identity = await verifier.prove(token, now, self._leeway_seconds)  # (6)
        end = identity.expires_at_seconds + self._leeway_seconds
        return identity, min(end, now + verifier.keys.believed_for_seconds())

    def _now(self) -> float:
        return self._clock.now_microseconds() / 1_000_000
