"""What the settings say of issuers, made into verifiers: rules, trust and keys of each."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from gatebook.core.identity.identify import IssuerRules, identify
from gatebook.core.model import CallerKind, Identity
from gatebook.outbound.tokens.advice import audience_advice
from gatebook.outbound.tokens.compact import CompactToken
from gatebook.outbound.tokens.fetch import KeySource, fetch_keys
from gatebook.outbound.tokens.issuer_keys import Freshness, IssuerKeys
from gatebook.outbound.tokens.verify import Trust, verify
from gatebook.settings import Identity as IdentitySettings
from gatebook.settings import Issuer, SettingsError

DRIFT_NAMES = 256  # claim names that are logged for one issuer, each once
_TYPES = frozenset({"jwt", "at+jwt"})  # not logout tokens, DPoP proofs and whatever else an issuer signs

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IssuerVerifier:
    """Proves the tokens of one issuer."""

    rules: IssuerRules
    trust: Trust
    keys: IssuerKeys
    _logged: set[str] = field(default_factory=set, repr=False)

    async def prove(self, token: CompactToken, now_seconds: float, leeway_seconds: float) -> Identity:
        """Give what the token proves. Raises Refused (TOKEN_*) or Unavailable (ISSUER_UNAVAILABLE)."""
        proof = identify(await verify(token, self.trust, now_seconds, leeway_seconds), self.rules)
        if proof.drift - self._logged:
            self._log_drift(proof.drift - self._logged)
        return proof.identity

    def _log_drift(self, names: frozenset[str]) -> None:
        """Say once that the issuer's tokens have claims which the table does not know: somebody should judge them."""
        if len(self._logged) < DRIFT_NAMES:
            _log.warning("tokens of issuer %s have unknown claims: %a", self.rules.issuer, sorted(names)[:16])
            self._logged.update(names)


def verifiers_for(settings: IdentitySettings, monotonic: Callable[[], float]) -> Mapping[str, IssuerVerifier]:
    """Make the verifier of every configured issuer, by issuer. Raises SettingsError."""
    freshness = Freshness(
        cool_down_seconds=settings.keys_cool_down_seconds,
        fresh_seconds=settings.keys_fresh_seconds,
        stale_seconds=settings.keys_stale_seconds,
        patience_seconds=2 * settings.request_timeout_seconds + 1.0,
    )
    verifiers = {}
    for issuer in settings.issuers:
        audiences = issuer.audiences or (settings.audience,)
        fetch = partial(fetch_keys, _key_source(issuer, settings.request_timeout_seconds))
        keys = IssuerKeys(issuer.issuer, fetch, freshness, monotonic)
        trust = Trust(
            issuer=issuer.issuer,
            audiences=frozenset(audiences),
            algorithms=frozenset(issuer.algorithms),
            types=_TYPES,
            find_key=keys.find,
            audience_advice=audience_advice(audiences[0]),
        )
        verifiers[issuer.issuer] = IssuerVerifier(_rules(issuer), trust, keys)
    return verifiers


def _rules(issuer: Issuer) -> IssuerRules:
    return IssuerRules(
        issuer=issuer.issuer,
        kind=CallerKind(issuer.kind),
        require={name: (value,) if isinstance(value, str) else value for name, value in issuer.require.items()},
        subject_claims=issuer.subject_claims,
        provenance_claims=issuer.claims,
    )


def _key_source(issuer: Issuer, timeout_seconds: float) -> KeySource:
    if issuer.ca_file is not None and not issuer.ca_file.is_file():
        raise SettingsError(f"identity.issuers: {issuer.issuer}: ca_file {issuer.ca_file} cannot be read")
    # Discovery section 4.1: a "/" at the end of the issuer goes before the path is appended
    discovery_url = issuer.discovery_url or f"{issuer.issuer.rstrip('/')}/.well-known/openid-configuration"
    return KeySource(issuer.issuer, discovery_url, issuer.ca_file, timeout_seconds)
