"""Gatebook's own access tokens: made from an Identity, and verified as strictly as any issuer's.

They exist because CI systems' tokens end after about five minutes and BigQuery jobs do not. A token lives for
`access_token_seconds`, whatever was left of the token it was exchanged for: identity was proven at the exchange, what
was proven then (commit, run, job) does not change, and the setting is how long an operator lets a finished or stolen
job's token be of use. It is made only from an issuer's token, so it cannot be used to prolong itself.
"""

import secrets
from collections.abc import Collection

import jwt

from gatebook.core.identity.access_token import AccessToken, Terms, claims_of, identity_of
from gatebook.core.model import Identity
from gatebook.errors import Reason, Refused
from gatebook.outbound.tokens.compact import CompactToken
from gatebook.outbound.tokens.signing_keys import SigningKeys
from gatebook.outbound.tokens.verify import Trust, verify

TYPE = "at+jwt"  # RFC 9068: no identity token has it, and no issuer of callers may


class AccessTokens:
    """Makes and verifies access tokens. `issuer` is the gateway's public URL, `audience` what callers' tokens name."""

    def __init__(
        self, keys: SigningKeys, *, issuer: str, audience: str, lifetime_seconds: int, caller_issuers: Collection[str]
    ) -> None:
        self.issuer = issuer
        self._keys = keys
        self._audience = audience
        self._lifetime_seconds = lifetime_seconds
        self._caller_issuers = frozenset(caller_issuers)
        self._trust = Trust(
            issuer=issuer,
            audiences=frozenset({audience}),
            algorithms=frozenset({"EdDSA"}),
            types=frozenset({TYPE}),
            find_key=keys.find,
            audience_advice="exchange a new access token",
        )

    def make(self, identity: Identity, now_seconds: int) -> AccessToken:
        """Make an access token for an identity that an issuer's token has just proven."""
        expires = now_seconds + self._lifetime_seconds
        terms = Terms(self.issuer, self._audience, secrets.token_urlsafe(16), now_seconds, expires)
        text = jwt.encode(
            claims_of(identity, terms),
            self._keys.private,
            algorithm="EdDSA",
            headers={"typ": TYPE, "kid": self._keys.key_id},
        )
        granted = Identity(identity.caller, identity.attested, expires)
        return AccessToken(text, terms.token_id, granted, self._lifetime_seconds)

    async def verify(self, token: CompactToken, now_seconds: float, leeway_seconds: float) -> Identity:
        """Prove an access token. Raises Refused (TOKEN_*)."""
        identity = identity_of(await verify(token, self._trust, now_seconds, leeway_seconds))
        # An issuer taken out of the settings takes the tokens exchanged for its own with it.
        if identity.caller.issuer not in self._caller_issuers:
            raise Refused(
                Reason.TOKEN_UNKNOWN_ISSUER, "the access token's caller is from an issuer that is not accepted any more"
            )
        return identity
