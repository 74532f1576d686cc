"""Identities for the sake of argument: what claims would prove if a token carried them.

For `gatebook policy test` and `gatebook explain`, which ask what a policy would say. That the token is good, and that
the settings let its workload in, is taken for granted. Nothing that serves calls may use this (see .importlinter).
"""

from collections.abc import Mapping

from gatebook.core.identity.claims import Claims
from gatebook.core.identity.identify import IssuerRules, supposed
from gatebook.core.identity.workload import PROVENANCE_FIELDS
from gatebook.core.model import CallerKind, Identity

_KINDS = {
    "https://token.actions.githubusercontent.com": CallerKind.GITHUB_ACTIONS,
    "https://gitlab.com": CallerKind.GITLAB_CI,
    "https://accounts.google.com": CallerKind.GOOGLE_SERVICE_ACCOUNT,
}
# Claims that only tokens of a kind have, for issuers of one's own.
_MARKS = {
    CallerKind.KUBERNETES: frozenset({"kubernetes.io"}),
    CallerKind.GITLAB_CI: frozenset({"project_path", "pipeline_id"}),
    CallerKind.GITHUB_ACTIONS: frozenset({"repository", "job_workflow_ref"}),
}


def supposed_identity(
    claims: Mapping[str, object],
    kind: CallerKind | None = None,
    subject_claims: tuple[str, ...] = ("sub",),
    provenance_claims: Mapping[str, str] | None = None,
    *,
    missing: str | None = None,
) -> Identity:
    """Give the Identity that a verified token with these claims, `iss` among them, would prove.

    Without `kind` it is told from the issuer and the claims; for the kind `workload`, claims that are named as a field
    of Provenance then give that field. `missing` stands for claims that every token of the kind has and these lack;
    without it they are an error. Raises ValueError, or Refused (TOKEN_CLAIMS) that names the claim at fault.
    """
    issuer = claims.get("iss")
    if not isinstance(issuer, str) or not issuer:
        raise ValueError("the claims lack `iss`")
    rules = IssuerRules(
        issuer,
        kind or _kind_of(issuer, claims),
        {},
        subject_claims,
        _provenance(claims) if provenance_claims is None else provenance_claims,
    )
    return supposed({**claims, **_standing_in(claims, rules, missing)}, rules)


def _standing_in(claims: Mapping[str, object], rules: IssuerRules, missing: str | None) -> dict[str, object]:
    if missing is None:
        return {}
    lacking = rules.table().required - Claims(claims).names
    # A flag that is required is required to be true.
    return {name: True if name.endswith("_verified") else missing for name in lacking}


def _kind_of(issuer: str, claims: Mapping[str, object]) -> CallerKind:
    if issuer in _KINDS:
        return _KINDS[issuer]
    return next((kind for kind, marks in _MARKS.items() if marks <= claims.keys()), CallerKind.WORKLOAD)


def _provenance(claims: Mapping[str, object]) -> dict[str, str]:
    return {name: name for name in PROVENANCE_FIELDS if name in claims}
