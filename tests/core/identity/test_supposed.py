"""Identities that claims would prove: kinds told from the claims, and claims that are missing."""

import pytest

from gatebook.core.identity.supposed import supposed_identity
from gatebook.core.model import CallerKind
from gatebook.errors import Refused

GITHUB = {
    "iss": "https://token.actions.githubusercontent.com",
    "repository": "acme/etl",
    "repository_id": "1",
    "repository_owner_id": "2",
    "workflow_ref": "acme/etl/.github/workflows/nightly.yml@refs/heads/main",
    "job_workflow_ref": "acme/etl/.github/workflows/nightly.yml@refs/heads/main",
    "ref": "refs/heads/main",
    "sha": "abc",
    "run_id": "7",
}
ROBOT = "robot@acme.iam.gserviceaccount.com"
POD = {"kubernetes.io": {"namespace": "n", "serviceaccount": {"name": "a"}}}


@pytest.mark.parametrize(
    ("claims", "kind"),
    [
        (GITHUB, CallerKind.GITHUB_ACTIONS),
        ({**GITHUB, "iss": "https://github.acme.example/_services/token"}, CallerKind.GITHUB_ACTIONS),
        ({"iss": "https://gitlab.com"}, CallerKind.GITLAB_CI),
        ({"iss": "https://git.acme.example", "project_path": "a/b", "pipeline_id": "1"}, CallerKind.GITLAB_CI),
        ({"iss": "https://accounts.google.com", "email": ROBOT}, CallerKind.GOOGLE_SERVICE_ACCOUNT),
        ({"iss": "https://k8s.acme.example", "sub": "system:serviceaccount:n:a", **POD}, CallerKind.KUBERNETES),
        ({"iss": "https://idp.acme.example", "sub": "agent"}, CallerKind.WORKLOAD),
    ],
)
def test_the_kind_is_told_from_the_claims(claims: dict[str, object], kind: CallerKind) -> None:
    identity = supposed_identity(claims, missing="not-given")
    assert identity.caller.kind is kind
    assert identity.caller.issuer == claims["iss"]


def test_claims_of_a_workload_are_read_by_the_names_of_provenance() -> None:
    claims = {"iss": "https://idp", "sub": "agent", "repository": "acme/x", "ref_protected": True, "unknown": "x"}
    identity = supposed_identity(claims)
    assert (identity.attested.repository, identity.attested.ref_protected) == ("acme/x", True)
    assert identity.caller.subject == "sub:agent"


def test_a_missing_claim_is_an_error_unless_something_stands_for_it() -> None:
    lacking = {name: value for name, value in GITHUB.items() if name != "sha"}
    with pytest.raises(Refused, match="sha"):
        supposed_identity(lacking)
    supposed = supposed_identity(lacking, missing="not-given")
    assert supposed.attested.commit == "not-given"
    assert supposed.attested.repository == "acme/etl"


@pytest.mark.parametrize("claims", [{}, {"iss": ""}, {"iss": 7}])
def test_without_an_issuer_there_is_nobody(claims: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="iss"):
        supposed_identity(claims, missing="not-given")
