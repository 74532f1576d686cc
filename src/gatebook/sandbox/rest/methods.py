"""The methods of BigQuery v2, in one table; those without a handler answer `notImplemented` by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gatebook.sandbox.rest import datasets, iam, projects, routines, tabledata, tables
from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.rest.jobs import insert, query_method
from gatebook.sandbox.rest.jobs import methods as jobs
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource

Handler = Callable[[Services, Call], Resource | None] | Callable[[Services, Call], Awaitable[Resource]]
"""Synchronous handlers run in a worker thread; those that wait for jobs are coroutines."""


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its name in the discovery document, HTTP verb, and path below `/bigquery/v2`."""

    name: str
    verb: str
    path: str
    handler: Handler | None = None


_PROJECT = "/projects/{projectId}"
_JOB = f"{_PROJECT}/jobs/{{jobId}}"
_DATASETS = f"{_PROJECT}/datasets"
_DATASET = f"{_DATASETS}/{{datasetId}}"
_TABLE = f"{_DATASET}/tables/{{tableId}}"
_ROUTINE = f"{_DATASET}/routines/{{routineId}}"
_MODEL = f"{_DATASET}/models/{{modelId}}"
_POLICIES = f"{_TABLE}/rowAccessPolicies"
_POLICY = f"{_POLICIES}/{{policyId}}"

METHODS = (
    Method("bigquery.projects.list", "GET", "/projects", projects.list_projects),
    Method("bigquery.projects.getServiceAccount", "GET", f"{_PROJECT}/serviceAccount", projects.get_service_account),
    Method("bigquery.jobs.insert", "POST", f"{_PROJECT}/jobs", insert.insert_job),
    Method("bigquery.jobs.list", "GET", f"{_PROJECT}/jobs", jobs.list_jobs),
    Method("bigquery.jobs.get", "GET", _JOB, jobs.get_job),
    Method("bigquery.jobs.cancel", "POST", f"{_JOB}/cancel", jobs.cancel_job),
    Method("bigquery.jobs.delete", "DELETE", f"{_JOB}/delete", jobs.delete_job),
    Method("bigquery.jobs.query", "POST", f"{_PROJECT}/queries", query_method.query),
    Method("bigquery.jobs.getQueryResults", "GET", f"{_PROJECT}/queries/{{jobId}}", jobs.get_query_results),
    Method("bigquery.datasets.list", "GET", _DATASETS, datasets.list_datasets),
    Method("bigquery.datasets.insert", "POST", _DATASETS, datasets.insert_dataset),
    Method("bigquery.datasets.undelete", "POST", f"{_DATASET}:undelete"),
    Method("bigquery.datasets.get", "GET", _DATASET, datasets.get_dataset),
    Method("bigquery.datasets.patch", "PATCH", _DATASET, datasets.patch_dataset),
    Method("bigquery.datasets.update", "PUT", _DATASET, datasets.update_dataset),
    Method("bigquery.datasets.delete", "DELETE", _DATASET, datasets.delete_dataset),
    Method("bigquery.tables.list", "GET", f"{_DATASET}/tables", tables.list_tables),
    Method("bigquery.tables.insert", "POST", f"{_DATASET}/tables", tables.insert_table),
    Method("bigquery.tables.getIamPolicy", "POST", f"{_TABLE}:getIamPolicy", iam.get_table_policy),
    Method("bigquery.tables.setIamPolicy", "POST", f"{_TABLE}:setIamPolicy", iam.set_table_policy),
    Method("bigquery.tables.testIamPermissions", "POST", f"{_TABLE}:testIamPermissions", iam.test_table_permissions),
    Method("bigquery.tables.get", "GET", _TABLE, tables.get_table),
    Method("bigquery.tables.patch", "PATCH", _TABLE, tables.patch_table),
    Method("bigquery.tables.update", "PUT", _TABLE, tables.update_table),
    Method("bigquery.tables.delete", "DELETE", _TABLE, tables.delete_table),
    Method("bigquery.tabledata.list", "GET", f"{_TABLE}/data", tabledata.list_rows),
    Method("bigquery.tabledata.insertAll", "POST", f"{_TABLE}/insertAll", tabledata.insert_all),
    Method("bigquery.routines.list", "GET", f"{_DATASET}/routines", routines.list_routines),
    Method("bigquery.routines.insert", "POST", f"{_DATASET}/routines", routines.insert_routine),
    Method("bigquery.routines.getIamPolicy", "POST", f"{_ROUTINE}:getIamPolicy", iam.get_routine_policy),
    Method("bigquery.routines.setIamPolicy", "POST", f"{_ROUTINE}:setIamPolicy", iam.set_routine_policy),
    Method(
        "bigquery.routines.testIamPermissions", "POST", f"{_ROUTINE}:testIamPermissions", iam.test_routine_permissions
    ),
    Method("bigquery.routines.get", "GET", _ROUTINE, routines.get_routine),
    Method("bigquery.routines.update", "PUT", _ROUTINE, routines.update_routine),
    Method("bigquery.routines.delete", "DELETE", _ROUTINE, routines.delete_routine),
    Method("bigquery.models.list", "GET", f"{_DATASET}/models", routines.list_models),
    Method("bigquery.models.get", "GET", _MODEL, routines.no_model),
    Method("bigquery.models.patch", "PATCH", _MODEL, routines.no_model),
    Method("bigquery.models.delete", "DELETE", _MODEL, routines.no_model),
    Method("bigquery.rowAccessPolicies.list", "GET", _POLICIES, tables.list_row_access_policies),
    Method("bigquery.rowAccessPolicies.insert", "POST", _POLICIES),
    Method("bigquery.rowAccessPolicies.batchDelete", "POST", f"{_POLICIES}:batchDelete"),
    Method("bigquery.rowAccessPolicies.getIamPolicy", "POST", f"{_POLICY}:getIamPolicy"),
    Method("bigquery.rowAccessPolicies.testIamPermissions", "POST", f"{_POLICY}:testIamPermissions"),
    Method("bigquery.rowAccessPolicies.get", "GET", _POLICY),
    Method("bigquery.rowAccessPolicies.update", "PUT", _POLICY),
    Method("bigquery.rowAccessPolicies.delete", "DELETE", _POLICY),
)

UPLOAD_PATHS = (
    "/upload/bigquery/v2/projects/{projectId}/jobs",
    "/resumable/upload/bigquery/v2/projects/{projectId}/jobs",
    "/bigquery/v2/upload/bigquery/v2/projects/{projectId}/jobs",  # Node, whose endpoint includes /bigquery/v2
)
