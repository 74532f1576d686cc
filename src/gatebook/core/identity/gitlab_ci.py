"""GitLab CI: the claims of https://docs.gitlab.com/ci/secrets/id_token_authentication/.

A Caller is one project, on one ref, with one pipeline definition, in one environment; `sub` is not used, since its
components can be configured per project. In merge requests from forks `project_id` is the fork's, which is why
`job_project_*` (the project where the pipeline runs) is not what names the Caller.
"""

from urllib.parse import quote

from gatebook.core.identity.claims import Claims
from gatebook.core.identity.table import ClaimTable, Reading, subject_of
from gatebook.core.model import Provenance


def read(issuer: str, claims: Claims) -> Reading:
    """Give the caller and the provenance of a pipeline job."""
    project = claims.required("project_path")
    path = _definition(claims)
    subject = subject_of(
        ("project_id", claims.required("project_id")),
        ("ref", claims.required("ref_path")),
        ("ci_config", path),
        ("environment", claims.optional("environment")),
    )
    return Reading(subject, f"{project}:{path}" if path else project, _provenance(issuer, claims, path))


def _definition(claims: Claims) -> str | None:
    """Give the path of the pipeline definition, from HOST/GROUP/PROJECT//PATH@REF.

    GitLab sends null when the definition lies in another project; the Caller is then the project's without one.
    """
    uri = claims.optional("ci_config_ref_uri")
    if uri is None:
        return None
    return uri.partition("//")[2].removesuffix(f"@{claims.required('ref_path')}") or uri


def _provenance(issuer: str, claims: Claims, path: str | None) -> Provenance:
    project, pipeline = claims.required("project_path"), claims.required("pipeline_id")
    return Provenance(
        repository=project,
        commit=claims.required("sha"),
        ref=claims.required("ref_path"),
        ref_protected=claims.optional_bool("ref_protected"),
        workflow=path,
        run=pipeline,
        job=claims.optional("job_id"),
        actor=claims.optional("user_login"),
        environment=claims.optional("environment"),
        run_url=f"{issuer.rstrip('/')}/{quote(project)}/-/pipelines/{quote(pipeline)}",
        reason=claims.optional("pipeline_source"),
    )


TABLE = ClaimTable(
    required=frozenset({"pipeline_id", "project_id", "project_path", "ref_path", "sha"}),
    optional=frozenset({
        "ci_config_ref_uri", "environment", "job_id", "pipeline_source", "ref_protected", "user_login",
    }),
    ignored=frozenset({
        "ci_config_sha", "deployment_action", "deployment_tier", "environment_action", "environment_protected",
        "groups_direct", "job_namespace_id", "job_namespace_path", "job_policy_ref_sha", "job_policy_ref_uri",
        "job_project_id", "job_project_path", "job_source", "jti", "namespace_id", "namespace_path",
        "project_visibility", "ref", "ref_type", "runner_environment", "runner_id", "sub", "user_access_level",
        "user_email", "user_id", "user_identities",
    }),
    read=read,
)  # fmt: skip
