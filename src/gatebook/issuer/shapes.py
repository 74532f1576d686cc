"""What the tokens of each kind of issuer look like: their claims, with the values of one believable workload."""

from collections.abc import Callable
from typing import Any

Claims = dict[str, Any]

SHA = "8fe1b322a576d59fe6257052a4107df7dc1b8c78"


def github_actions() -> Claims:
    """Give the claims of a job of acme/warehouse-etl's nightly workflow, run by a schedule on main."""
    workflow_ref = "acme/warehouse-etl/.github/workflows/nightly.yml@refs/heads/main"
    return {
        "sub": "repo:acme@1015/warehouse-etl@20230117:ref:refs/heads/main",
        "repository": "acme/warehouse-etl",
        "repository_id": "20230117",
        "repository_owner": "acme",
        "repository_owner_id": "1015",
        "repository_visibility": "private",
        "ref": "refs/heads/main",
        "ref_type": "branch",
        "ref_protected": "true",
        "base_ref": "",
        "head_ref": "",
        "sha": SHA,
        "workflow": "Nightly warehouse load",
        "workflow_ref": workflow_ref,
        "workflow_sha": SHA,
        "job_workflow_ref": workflow_ref,
        "job_workflow_sha": SHA,
        "event_name": "schedule",
        "run_id": "7201",
        "run_number": "412",
        "run_attempt": "1",
        "check_run_id": "33151",
        "runner_environment": "github-hosted",
        "actor": "octo-cat",
        "actor_id": "583231",
    }


def gitlab_ci() -> Claims:
    """Give the claims of a job of acme/warehouse-etl's pipeline, run by a schedule on main."""
    return {
        "sub": "project_path:acme/warehouse-etl:ref_type:branch:ref:main",
        "namespace_id": "72",
        "namespace_path": "acme",
        "project_id": "20",
        "project_path": "acme/warehouse-etl",
        "project_visibility": "private",
        "user_id": "1",
        "user_login": "dana",
        "user_email": "dana@acme.example",
        "user_access_level": "maintainer",
        "pipeline_id": "574",
        "pipeline_source": "schedule",
        "job_id": "302",
        "ref": "main",
        "ref_type": "branch",
        "ref_path": "refs/heads/main",
        "ref_protected": "true",
        "groups_direct": ["acme", "acme/data"],
        "runner_id": 1,
        "runner_environment": "self-hosted",
        "sha": SHA,
        "ci_config_ref_uri": "gitlab.example.com/acme/warehouse-etl//.gitlab-ci.yml@refs/heads/main",
        "ci_config_sha": SHA,
    }


def kubernetes() -> Claims:
    """Give the claims of a projected token of the service account etl/nightly."""
    return {
        "sub": "system:serviceaccount:etl:nightly",
        "kubernetes.io": {
            "namespace": "etl",
            "node": {"name": "node-4", "uid": "517eb86e-b863-451b-bf70-86cb61439a3a"},
            "pod": {"name": "nightly-28911240-x7k2p", "uid": "0d8b260e-ef0e-45fb-be8e-ff44f97722e8"},
            "serviceaccount": {"name": "nightly", "uid": "e6a8680e-d103-4cce-80ea-03acbbeacf7d"},
        },
    }


def google_service_account() -> Claims:
    """Give the claims of an identity token of a service account on Compute Engine."""
    return {
        "sub": "114455667788990011223",
        "azp": "114455667788990011223",
        "email": "etl@acme-data.iam.gserviceaccount.com",
        "email_verified": True,
        "google": {
            "compute_engine": {
                "instance_creation_timestamp": 1751328000,
                "instance_id": "6543210987654321",
                "instance_name": "etl-1",
                "project_id": "acme-data",
                "project_number": 1234567890,
                "zone": "europe-west1-b",
            }
        },
    }


def workload() -> Claims:
    """Give the claims of a SPIFFE workload."""
    return {"sub": "spiffe://acme.example/agent/analyst"}


SHAPES: dict[str, Callable[[], Claims]] = {
    "github_actions": github_actions,
    "gitlab_ci": gitlab_ci,
    "kubernetes": kubernetes,
    "google_service_account": google_service_account,
    "workload": workload,
}
