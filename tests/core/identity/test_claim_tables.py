"""What tokens of each kind say: golden cases, and what happens when a claim is missing, unknown or changed."""

from collections.abc import Callable
from typing import Any

import pytest

from gatebook.core.identity import github_actions, gitlab_ci, google_service_account, kubernetes, workload
from gatebook.core.identity.claims import VerifiedClaims
from gatebook.core.identity.identify import IssuerRules, Proof, identify
from gatebook.core.identity.table import REGISTERED, ClaimTable
from gatebook.core.model import CallerKind, Identity, Provenance
from gatebook.errors import Reason, Refused
from gatebook.issuer import shapes

SHA = shapes.SHA
NIGHTLY = "acme/warehouse-etl/.github/workflows/nightly.yml@refs/heads/main"
GITHUB = "https://token.actions.githubusercontent.com"
GITLAB = "https://gitlab.example.com"

KINDS: dict[CallerKind, tuple[Callable[[], dict[str, Any]], ClaimTable, str]] = {
    CallerKind.GITHUB_ACTIONS: (shapes.github_actions, github_actions.TABLE, GITHUB),
    CallerKind.GITLAB_CI: (shapes.gitlab_ci, gitlab_ci.TABLE, GITLAB),
    CallerKind.KUBERNETES: (shapes.kubernetes, kubernetes.TABLE, "https://cluster.example"),
    CallerKind.GOOGLE_SERVICE_ACCOUNT: (
        shapes.google_service_account, google_service_account.TABLE, "https://accounts.google.com"),
    CallerKind.WORKLOAD: (shapes.workload, workload.table(("sub",), {}), "https://spire.example"),
}  # fmt: skip


def prove(kind: CallerKind, issuer: str | None = None, rules: dict[str, Any] | None = None, **changes: Any) -> Proof:
    shape, _, usual = KINDS[kind]
    full = {"iss": issuer or usual, "aud": "a", "exp": 2, "iat": 1, "nbf": 1, "jti": "j", **shape(), **changes}
    present = {name: value for name, value in full.items() if value is not None}
    settings = {"require": {"aud": ("a",)}, **(rules or {})}
    return identify(
        VerifiedClaims(issuer or usual, present, 2), IssuerRules(issuer=issuer or usual, kind=kind, **settings)
    )


def proven(kind: CallerKind, **changes: Any) -> Identity:
    return prove(kind, **changes).identity


def github(**changes: Any) -> Identity:
    return proven(CallerKind.GITHUB_ACTIONS, **changes)


GOLDEN: dict[CallerKind, tuple[str, str, Provenance]] = {
    CallerKind.GITHUB_ACTIONS: (
        "repository_owner_id:1015:repository_id:20230117:workflow:.github/workflows/nightly.yml:ref:refs/heads/main",
        "acme/warehouse-etl:nightly.yml",
        Provenance(
            repository="acme/warehouse-etl", commit=SHA, ref="refs/heads/main", ref_protected=True,
            workflow=".github/workflows/nightly.yml", run="7201", job="33151", actor="octo-cat", environment=None,
            run_url="https://github.com/acme/warehouse-etl/actions/runs/7201/attempts/1", reason="schedule",
        ),
    ),
    CallerKind.GITLAB_CI: (
        "project_id:20:ref:refs/heads/main:ci_config:.gitlab-ci.yml",
        "acme/warehouse-etl:.gitlab-ci.yml",
        Provenance(
            repository="acme/warehouse-etl", commit=SHA, ref="refs/heads/main", ref_protected=True,
            workflow=".gitlab-ci.yml", run="574", job="302", actor="dana", environment=None,
            run_url="https://gitlab.example.com/acme/warehouse-etl/-/pipelines/574", reason="schedule",
        ),
    ),
    CallerKind.KUBERNETES: (
        "namespace:etl:serviceaccount:nightly:uid:e6a8680e-d103-4cce-80ea-03acbbeacf7d",
        "etl/nightly",
        Provenance(
            run="0d8b260e-ef0e-45fb-be8e-ff44f97722e8", job="nightly-28911240-x7k2p", environment="etl",
        ),
    ),
    CallerKind.GOOGLE_SERVICE_ACCOUNT: (
        "sub:114455667788990011223",
        "etl@acme-data.iam.gserviceaccount.com",
        Provenance(job="6543210987654321", environment="acme-data"),
    ),
    CallerKind.WORKLOAD: (
        "sub:spiffe%3A//acme.example/agent/analyst", "spiffe://acme.example/agent/analyst", Provenance(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CallerKind)
def test_golden_caller_and_provenance(kind: CallerKind) -> None:
    proof = prove(kind)
    subject, name, attested = GOLDEN[kind]
    assert (proof.identity.caller.subject, proof.identity.caller.name) == (subject, name)
    assert proof.identity.attested == attested
    assert (proof.identity.caller.kind, proof.identity.expires_at_seconds) == (kind, 2)
    assert proof.drift == frozenset()


@pytest.mark.parametrize("kind", CallerKind)
def test_every_claim_of_a_table_is_in_one_set(kind: CallerKind) -> None:
    table = KINDS[kind][1]
    sets = (table.required, table.optional, table.ignored, REGISTERED)
    assert sum(map(len, sets)) == len(frozenset().union(*sets))
    assert table.required


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in CallerKind for name in KINDS[kind][1].required])
def test_missing_required_claim_is_refused_by_name(kind: CallerKind, name: str) -> None:
    claims = KINDS[kind][0]()
    _take(claims, name)
    full = {"aud": "a", "exp": 2, "iat": 1, **claims}
    with pytest.raises(Refused, match=name.replace(".", r"\.")) as refused:
        identify(VerifiedClaims(KINDS[kind][2], full, 2), IssuerRules(KINDS[kind][2], kind, {"aud": ("a",)}))
    assert refused.value.reason == Reason.TOKEN_CLAIMS


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in CallerKind for name in KINDS[kind][1].optional])
def test_missing_optional_claim_is_no_fault(kind: CallerKind, name: str) -> None:
    claims = KINDS[kind][0]()
    _take(claims, name)
    full = {"aud": "a", "exp": 2, "iat": 1, **claims}
    identify(VerifiedClaims(KINDS[kind][2], full, 2), IssuerRules(KINDS[kind][2], kind, {"aud": ("a",)}))


def _take(claims: dict[str, Any], dotted: str) -> None:
    """Remove a claim by its dotted name, where names may hold dots themselves."""
    for name in list(claims):
        if name == dotted:
            del claims[name]
        elif dotted.startswith(f"{name}.") and isinstance(claims[name], dict):
            _take(claims[name], dotted.removeprefix(f"{name}."))


@pytest.mark.parametrize("kind", CallerKind)
def test_unknown_claim_is_drift_and_no_fault(kind: CallerKind) -> None:
    proof = prove(kind, brand_new="1", nested={"new": {"er": 2}}, unset=None)
    assert proof.drift == {"brand_new", "nested.new.er"}
    assert proof.identity == prove(kind).identity


def test_custom_properties_of_repositories_are_not_drift() -> None:
    assert prove(CallerKind.GITHUB_ACTIONS, repo_property_team="data").drift == frozenset()


# The same caller: what changes from run to run, and what only people's names for things are.
SAME_GITHUB = [
    {"run_id": "8", "run_number": "413", "run_attempt": "2", "check_run_id": "9"},
    {"sha": "0" * 40, "workflow_sha": "0" * 40, "job_workflow_sha": "0" * 40},
    {"actor": "someone", "actor_id": "2", "event_name": "workflow_dispatch"},
    {"sub": "repo:acme/warehouse-etl:ref:refs/heads/main"},
    {"sub": "repository_owner:acme", "workflow": "Renamed"},
    {
        "repository": "acme/renamed",
        "workflow_ref": NIGHTLY.replace("warehouse-etl", "renamed"),
        "job_workflow_ref": NIGHTLY.replace("warehouse-etl", "renamed"),
    },
]
OTHER_GITHUB = [
    {"repository_id": "5"},
    {"repository_owner_id": "5"},
    {"workflow_ref": NIGHTLY.replace("nightly", "adhoc"), "job_workflow_ref": NIGHTLY.replace("nightly", "adhoc")},
    {"job_workflow_ref": "acme/shared/.github/workflows/load.yml@refs/tags/v1"},
    {"job_workflow_ref": "acme/shared/.github/workflows/load.yml@refs/tags/v2"},
    {
        "ref": "refs/heads/dev",
        "workflow_ref": NIGHTLY.replace("main", "dev"),
        "job_workflow_ref": NIGHTLY.replace("main", "dev"),
    },
    {"ref": "refs/heads/dev"},
    {"ref": "", "workflow_ref": NIGHTLY.replace("refs/heads/main", SHA)},
    {"environment": "production"},
    {"environment": "staging"},
    {"environment": "production:eu west"},
    {"environment": "production%3Aeu west"},
    # parts that pretend to be other parts
    {"ref": "refs/heads/main:environment:production"},
    {"repository_id": "20230117:workflow:.github/workflows/nightly.yml"},
]


@pytest.mark.parametrize("changes", SAME_GITHUB)
def test_same_workflow_on_the_same_ref_is_the_same_caller(changes: dict[str, str]) -> None:
    assert github(**changes).caller.key == github().caller.key


def test_other_workflows_are_other_callers_each() -> None:
    subjects = [github(**changes).caller.subject for changes in ({}, *OTHER_GITHUB)]
    assert len(set(subjects)) == len(subjects)
    assert not any(" " in subject for subject in subjects)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "acme/warehouse-etl:nightly.yml"),
        ({"workflow_ref": NIGHTLY.replace("main", "x.yml@y/z")}, "acme/warehouse-etl:nightly.yml"),
        ({"workflow_ref": NIGHTLY.replace("nightly.yml", "a@1.yaml")}, "acme/warehouse-etl:a@1.yaml"),
        ({"workflow_ref": "dynamic/pages/pages-build-deployment"}, "acme/warehouse-etl:pages-build-deployment"),
    ],
)
def test_name_of_a_workflow(changes: dict[str, str], name: str) -> None:
    assert github(**changes).caller.name == name


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        (GITHUB, "https://github.com/acme/warehouse-etl/actions/runs/7201/attempts/1"),
        (f"{GITHUB}/acme-corp", "https://github.com/acme/warehouse-etl/actions/runs/7201/attempts/1"),
        ("https://token.actions.acme.ghe.com", "https://acme.ghe.com/acme/warehouse-etl/actions/runs/7201/attempts/1"),
        ("https://ghes.example/_services/token",
         "https://ghes.example/acme/warehouse-etl/actions/runs/7201/attempts/1"),
        ("http://127.0.0.1:8090", "http://127.0.0.1:8090/acme/warehouse-etl/actions/runs/7201/attempts/1"),
    ],
)  # fmt: skip
def test_run_url_of_each_github(issuer: str, url: str) -> None:
    assert github(issuer=issuer).attested.run_url == url


def test_run_url_without_attempt_and_with_odd_names() -> None:
    assert github(run_attempt=None).attested.run_url == "https://github.com/acme/warehouse-etl/actions/runs/7201"
    url = github(repository="acme/a b?c#d").attested.run_url
    assert url == "https://github.com/acme/a%20b%3Fc%23d/actions/runs/7201/attempts/1"


@pytest.mark.parametrize(
    ("value", "read"), [("true", True), ("false", False), (True, True), (False, False), ("", None)]
)
def test_protection_of_the_ref(value: object, read: bool | None) -> None:
    assert github(ref_protected=value).attested.ref_protected is read
    assert proven(CallerKind.GITLAB_CI, ref_protected=value).attested.ref_protected is read


def test_gitlab_callers() -> None:
    usual = proven(CallerKind.GITLAB_CI)
    same = proven(CallerKind.GITLAB_CI, pipeline_id=575, job_id="303", sha="0" * 40, user_login="eve", sub="changed")
    assert same.caller == usual.caller
    assert same.attested.run == "575"
    others = [
        {"project_id": "21"},
        {"ref_path": "refs/heads/dev", "ci_config_ref_uri": "gitlab.example.com/a/b//.gitlab-ci.yml@refs/heads/dev"},
        {"ref_path": "refs/tags/main", "ci_config_ref_uri": "gitlab.example.com/a/b//.gitlab-ci.yml@refs/tags/main"},
        {"ci_config_ref_uri": "gitlab.example.com/a/b//ci/other.yml@refs/heads/main"},
        {"ci_config_ref_uri": None},
        {"environment": "production"},
    ]
    subjects = [proven(CallerKind.GITLAB_CI, **changes).caller.subject for changes in ({}, *others)]
    assert len(set(subjects)) == len(subjects)


def test_kubernetes_account_that_was_made_again_is_another_caller() -> None:
    claims = shapes.kubernetes()["kubernetes.io"]
    again = {**claims, "serviceaccount": {"name": "nightly", "uid": "another"}}
    usual, other = proven(CallerKind.KUBERNETES), proven(CallerKind.KUBERNETES, **{"kubernetes.io": again})
    assert (usual.caller.name, usual.caller.key != other.caller.key) == (other.caller.name, True)


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (CallerKind.KUBERNETES, {"sub": "system:serviceaccount:kube-system:nightly"}),
        (CallerKind.KUBERNETES, {"kubernetes.io": "etl"}),
        (CallerKind.GOOGLE_SERVICE_ACCOUNT, {"email_verified": False}),
        (CallerKind.GOOGLE_SERVICE_ACCOUNT, {"email_verified": None}),
        (CallerKind.GOOGLE_SERVICE_ACCOUNT, {"email": "person@gmail.com"}),
        (CallerKind.GOOGLE_SERVICE_ACCOUNT, {"email": "x@iam.gserviceaccount.com.evil.example"}),
    ],
)
def test_contradictions_and_people_are_refused(kind: CallerKind, changes: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        prove(kind, **changes)
    assert refused.value.reason == Reason.TOKEN_CLAIMS


def test_workload_with_configured_claims() -> None:
    rules = {
        "subject_claims": ("organization_id", "pipeline_slug"),
        "provenance_claims": {"commit": "build_commit", "run": "build_number", "ref_protected": "protected"},
    }
    claims = {"organization_id": "o:1", "pipeline_slug": "etl", "build_commit": SHA, "build_number": 77}
    proof = prove(CallerKind.WORKLOAD, rules=rules, protected="true", **claims)
    assert proof.identity.caller.subject == "organization_id:o%3A1:pipeline_slug:etl"
    assert proof.identity.caller.name == "o:1:etl"
    assert proof.identity.attested == Provenance(commit=SHA, run="77", ref_protected=True)
    with pytest.raises(Refused, match="pipeline_slug"):
        prove(CallerKind.WORKLOAD, rules=rules, organization_id="o")


def test_workload_table_needs_a_subject_and_fields_that_exist() -> None:
    for subject_claims, provenance in (((), {}), (("sub",), {"shoe_size": "x"})):
        with pytest.raises(ValueError, match="workload issuer"):
            workload.table(subject_claims, provenance)


REQUIREMENTS: list[tuple[dict[str, tuple[str, ...]], bool]] = [
    ({"repository_id": ("20230117",)}, True),
    ({"repository_id": ("1", "20230117")}, True),
    ({"repository_id": ("20230117",), "ref": ("refs/heads/main",)}, True),
    ({"repo_property_team": ("data",)}, True),
    ({"nested.deep": ("1",)}, True),
    ({"event_name": ("schedule", "workflow_dispatch")}, True),
    ({}, False),
    ({"repository_id": ()}, False),
    ({"repository_id": ("1",)}, False),
    ({"repository_id": ("2023011",)}, False),
    ({"repository_id": ("20230117",), "ref": ("refs/heads/dev",)}, False),
    ({"repository": ("acme/*",)}, False),
    ({"repository": ("ACME/warehouse-etl",)}, False),
    ({"environment": ("",)}, False),
    ({"environment": ("None",)}, False),
    ({"groups": ("a",)}, False),
    ({"nested": ("{'deep': 1}",)}, False),
]


@pytest.mark.parametrize(("require", "met"), REQUIREMENTS)
def test_requirements_of_the_settings(require: dict[str, tuple[str, ...]], met: bool) -> None:
    def attempt() -> Proof:
        extra = {"repo_property_team": "data", "nested": {"deep": 1}, "groups": ["a"]}
        return prove(CallerKind.GITHUB_ACTIONS, rules={"require": require}, **extra)

    if met:
        attempt()
        return
    with pytest.raises(Refused) as refused:
        attempt()
    assert refused.value.reason == Reason.TOKEN_CLAIMS
    assert "20230117" not in refused.value.message


def test_rules_of_another_issuer_are_not_applied() -> None:
    verified = VerifiedClaims("https://evil.example", {**shapes.github_actions(), "aud": "a"}, 2)
    with pytest.raises(Refused):
        identify(verified, IssuerRules(GITHUB, CallerKind.GITHUB_ACTIONS, {"aud": ("a",)}))
