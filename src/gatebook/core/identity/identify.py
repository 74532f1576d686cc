"""Verified claims and an issuer's rules become an Identity: the only place that makes a Caller from a foreign token."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatebook.core.identity import github_actions, gitlab_ci, google_service_account, kubernetes, workload
from gatebook.core.identity.claims import Claims, VerifiedClaims, refusal
from gatebook.core.identity.table import ClaimTable
from gatebook.core.model import Caller, CallerKind, Identity

_TABLES = {
    CallerKind.GITHUB_ACTIONS: github_actions.TABLE,
    CallerKind.GITLAB_CI: gitlab_ci.TABLE,
    CallerKind.KUBERNETES: kubernetes.TABLE,
    CallerKind.GOOGLE_SERVICE_ACCOUNT: google_service_account.TABLE,
}


@dataclass(frozen=True, slots=True)
class IssuerRules:
    """What the settings say of one issuer's tokens: their kind, and what their claims must be.

    `require` maps dotted claim names to the values of which a token must have one. `subject_claims` and
    `provenance_claims` are for workload issuers.
    """

    issuer: str
    kind: CallerKind
    require: Mapping[str, tuple[str, ...]]
    subject_claims: tuple[str, ...] = ("sub",)
    provenance_claims: Mapping[str, str] = field(default_factory=dict)

    def table(self) -> ClaimTable:
        """Give the claims that tokens of this issuer are known to have. Raises ValueError for impossible rules."""
        return _TABLES.get(self.kind) or workload.table(self.subject_claims, self.provenance_claims)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a token proved, and the claims in it that nobody knows yet (for the log; they decide nothing)."""

    identity: Identity
    drift: frozenset[str]


def identify(verified: VerifiedClaims, rules: IssuerRules) -> Proof:
    """Turn verified claims into an Identity. Raises Refused (TOKEN_CLAIMS), which names the claim at fault."""
    if verified.issuer != rules.issuer:
        raise refusal("the token's issuer is not the one whose rules are applied")
    claims = Claims(verified.claims)
    _check_requirements(claims, rules)
    return Proof(_identity(claims, rules, verified.expires_at_seconds), rules.table().drift(claims.names))


def supposed(claims: Mapping[str, object], rules: IssuerRules) -> Identity:
    """Give the Identity that a good token with these claims would prove, to try a policy on. Raises as `identify` does.

    Nothing is proven by it: only `supposed.py` may ask for it.
    """
    return _identity(Claims(claims), rules, 0)


def _identity(claims: Claims, rules: IssuerRules, expires_at_seconds: int) -> Identity:
    reading = rules.table().read(rules.issuer, claims)
    caller = Caller(issuer=rules.issuer, subject=reading.subject, kind=rules.kind, name=reading.name)
    return Identity(caller, reading.attested, expires_at_seconds)


def _check_requirements(claims: Claims, rules: IssuerRules) -> None:
    """Check what the settings require. Requiring nothing would let in whatever the issuer signs for anyone."""
    if not rules.require or not all(rules.require.values()):
        raise refusal("the gateway's settings do not say which workloads of this issuer may call")
    for name, accepted in rules.require.items():
        if claims.optional(name) not in accepted:
            raise refusal(f"the token's claim {name!r} is not among the values that this gateway accepts")
