"""GitHub Actions: the claims of https://docs.github.com/en/actions/reference/security/oidc.

The subject is built from claims and never from `sub`: owners choose the shape of `sub`, and GitHub itself changed it
for repositories created since July 2026 (`repo:OWNER@ID/REPO@ID:...`), so one text can mean different things.
A Caller is one workflow file of one repository, on one ref, in one environment:

- the ids of repository and owner, since names can be given up and taken by others, and repositories change hands;
- the workflow with its ref, since who may push to a ref decides what the workflow does there;
- the reusable workflow that holds the job, when there is one: it is other code;
- the environment, since GitHub guards environments with approvals, and a job without them must not read the results
  of one that had them.

Run, attempt, commit, trigger and actor are not part of it: a re-run is the same Caller and finds its jobs again.
"""

import re
from urllib.parse import quote, urlsplit

from gatebook.core.identity.claims import Claims
from gatebook.core.identity.table import ClaimTable, Reading, subject_of
from gatebook.core.model import Provenance

_END_OF_FILE = re.compile(r"\.ya?ml(?=@)")  # in OWNER/REPO/.github/workflows/FILE@REF, whose REF may hold "@" too
_HOSTED = "token.actions.githubusercontent.com"


def read(issuer: str, claims: Claims) -> Reading:
    """Give the caller and the provenance of a workflow job."""
    repository = claims.required("repository")
    workflow_ref = claims.required("workflow_ref")
    job_workflow_ref = claims.required("job_workflow_ref")
    ref = claims.optional("ref")
    in_repository = workflow_ref.removeprefix(f"{repository}/")
    end = _END_OF_FILE.search(in_repository)
    path = in_repository[: end.end()] if end else in_repository
    subject = subject_of(
        ("repository_owner_id", claims.required("repository_owner_id")),
        ("repository_id", claims.required("repository_id")),
        ("workflow", in_repository if ref is None else in_repository.removesuffix(f"@{ref}")),
        ("ref", ref),
        ("job_workflow", job_workflow_ref if job_workflow_ref != workflow_ref else None),
        ("environment", claims.optional("environment")),
    )
    return Reading(subject, f"{repository}:{path.rsplit('/', 1)[-1]}", _provenance(issuer, claims, path))


def _provenance(issuer: str, claims: Claims, path: str) -> Provenance:
    return Provenance(
        repository=claims.required("repository"),
        commit=claims.required("sha"),
        ref=claims.optional("ref"),
        ref_protected=claims.optional_bool("ref_protected"),
        workflow=path,
        run=claims.required("run_id"),
        job=claims.optional("check_run_id"),
        actor=claims.optional("actor"),
        environment=claims.optional("environment"),
        run_url=_run_url(issuer, claims),
        reason=claims.optional("event_name"),
    )


def _run_url(issuer: str, claims: Claims) -> str:
    run = f"{quote(claims.required('repository'))}/actions/runs/{quote(claims.required('run_id'))}"
    attempt = claims.optional("run_attempt")
    return f"{_server(issuer)}/{run}" + (f"/attempts/{quote(attempt)}" if attempt else "")


def _server(issuer: str) -> str:
    """Give the site that belongs to an issuer: github.com, a tenant of ghe.com, or the GitHub Enterprise Server."""
    parts = urlsplit(issuer)
    if parts.netloc == _HOSTED:
        return "https://github.com"
    if parts.netloc.startswith("token.actions.") and parts.netloc.endswith(".ghe.com"):
        return f"https://{parts.netloc.removeprefix('token.actions.')}"
    return f"{parts.scheme}://{parts.netloc}"


TABLE = ClaimTable(
    required=frozenset({
        "job_workflow_ref", "repository", "repository_id", "repository_owner_id", "run_id", "sha", "workflow_ref",
    }),
    optional=frozenset({"actor", "check_run_id", "environment", "event_name", "ref", "ref_protected", "run_attempt"}),
    ignored=frozenset({
        "actor_id", "base_ref", "enterprise", "enterprise_id", "environment_node_id", "head_ref", "job_workflow_sha",
        "jti", "ref_type", "repository_owner", "repository_visibility", "run_number", "runner_environment", "sub",
        "workflow", "workflow_sha",
    }),
    ignored_prefixes=("repo_property_",),  # custom properties that an organisation adds; `require` may name them
    read=read,
)  # fmt: skip
