"""The closed surface: every REST method of BigQuery v2 that Gatebook knows, with what it does and carries.

Names, verbs and paths are those of Google's discovery document of BigQuery v2 (revision 20261009), with the variables
named as in its `path` fields. What is not in this table is refused.
"""

from gatebook.core.model import Body, Effect, Method

_PROJECT = "/bigquery/v2/projects/{projectId}"
_DATASET = _PROJECT + "/datasets/{datasetId}"
_TABLE = _DATASET + "/tables/{tableId}"
_ROUTINE = _DATASET + "/routines/{routineId}"
_MODEL = _DATASET + "/models/{modelId}"
_ROW_POLICIES = _TABLE + "/rowAccessPolicies"
_ROW_POLICY = _ROW_POLICIES + "/{policyId}"
_JOB = _PROJECT + "/jobs/{jobId}"
_UPLOAD = "/upload" + _PROJECT + "/jobs"

METHODS: tuple[Method, ...] = (
    Method("bigquery.datasets.delete", "DELETE", _DATASET, Effect.METADATA_WRITE, Body.NONE),
    Method("bigquery.datasets.get", "GET", _DATASET, Effect.METADATA_READ, Body.NONE),
    Method("bigquery.datasets.insert", "POST", _PROJECT + "/datasets", Effect.METADATA_WRITE, Body.JSON),
    Method("bigquery.datasets.list", "GET", _PROJECT + "/datasets", Effect.METADATA_READ, Body.NONE),
    Method("bigquery.datasets.patch", "PATCH", _DATASET, Effect.METADATA_WRITE, Body.JSON),
    Method("bigquery.datasets.undelete", "POST", _DATASET + ":undelete", Effect.METADATA_WRITE, Body.JSON),
    Method("bigquery.datasets.update", "PUT", _DATASET, Effect.METADATA_WRITE, Body.JSON),
    Method("bigquery.jobs.cancel", "POST", _JOB + "/cancel", Effect.JOB_WRITE, Body.NONE),
    Method("bigquery.jobs.delete", "DELETE", _JOB + "/delete", Effect.JOB_WRITE, Body.NONE),
    Method("bigquery.jobs.get", "GET", _JOB, Effect.JOB_READ, Body.NONE),
    Method("bigquery.jobs.getQueryResults", "GET", _PROJECT + "/queries/{jobId}", Effect.DATA_READ, Body.NONE),
    Method("bigquery.jobs.insert", "POST", _PROJECT + "/jobs", Effect.JOB, Body.JSON),
    Method("bigquery.jobs.list", "GET", _PROJECT + "/jobs", Effect.JOB_READ, Body.NONE),
    Method("bigquery.jobs.query", "POST", _PROJECT + "/queries", Effect.JOB, Body.JSON),
    Method("bigquery.models.delete", "DELETE", _MODEL, Effect.METADATA_WRITE, Body.NONE),
    Method("bigquery.models.get", "GET", _MODEL, Effect.METADATA_READ, Body.NONE),
    Method("bigquery.models.list", "GET", _DATASET + "/models", Effect.METADATA_READ, Body.NONE),
    Method("bigquery.models.patch", "PATCH", _MODEL, Effect.METADATA_WRITE, Body.JSON),
    Method("bigquery.projects.getServiceAccount", "GET", _PROJECT + "/serviceAccount", Effect.METADATA_READ, Body.NONE),
    Method("bigquery.projects.list", "GET", "/bigquery/v2/projects", Effect.METADATA_READ, Body.NONE),
    Method("bigquery.routines.delete", "DELETE", _ROUTINE, Effect.METADATA_WRITE, Body.NONE),
    Method("bigquery.routines.get", "GET", _ROUTINE, Effect.METADATA_READ, Body.NONE),
    Method("bigquery.routines.getIamPolicy", "POST", _ROUTINE + ":getIamPolicy", Effect.ACCESS_READ, Body.JSON),
    Method("bigquery.routines.insert", "POST", _DATASET + "/routines", Effect.METADATA_WRITE, Body.JSON),
    Method("bigquery.routines.list", "GET", _DATASET + "/routines", Effect.METADATA_READ, Body.NONE),
    Method("bigquery.routines.setIamPolicy", "POST", _ROUTINE + ":setIamPolicy", Effect.ACCESS_WRITE, Body.JSON),
    Method("bigquery.routines.testIamPermissions", "POST", _ROUTINE + ":testIamPermissions", Effect.ACCESS_READ,
           Body.JSON),
    Method("bigquery.routines.update", "PUT", _ROUTINE, Effect.METADATA_WRITE, Body.JSON),
    Method("bigquery.rowAccessPolicies.batchDelete", "POST", _ROW_POLICIES + ":batchDelete", Effect.ACCESS_WRITE,
           Body.JSON),
    Method("bigquery.rowAccessPolicies.delete", "DELETE", _ROW_POLICY, Effect.ACCESS_WRITE, Body.NONE),
    Method("bigquery.rowAccessPolicies.get", "GET", _ROW_POLICY, Effect.ACCESS_READ, Body.NONE),
    Method("bigquery.rowAccessPolicies.getIamPolicy", "POST", _ROW_POLICY + ":getIamPolicy", Effect.ACCESS_READ,
           Body.JSON),
    Method("bigquery.rowAccessPolicies.insert", "POST", _ROW_POLICIES, Effect.ACCESS_WRITE, Body.JSON),
    Method("bigquery.rowAccessPolicies.list", "GET", _ROW_POLICIES, Effect.ACCESS_READ, Body.NONE),
    Method("bigquery.rowAccessPolicies.testIamPermissions", "POST", _ROW_POLICY + ":testIamPermissions",
           Effect.ACCESS_READ, Body.JSON),
    Method("bigquery.rowAccessPolicies.update", "PUT", _ROW_POLICY, Effect.ACCESS_WRITE, Body.JSON),
    Method("bigquery.tabledata.insertAll", "POST", _TABLE + "/insertAll", Effect.DATA_WRITE, Body.ROWS),
    Method("bigquery.tabledata.list", "GET", _TABLE + "/data", Effect.DATA_READ, Body.NONE),
    Method("bigquery.tables.delete", "DELETE", _TABLE, Effect.METADATA_WRITE, Body.NONE),
    Method("bigquery.tables.get", "GET", _TABLE, Effect.METADATA_READ, Body.NONE),
    Method("bigquery.tables.getIamPolicy", "POST", _TABLE + ":getIamPolicy", Effect.ACCESS_READ, Body.JSON),
    Method("bigquery.tables.insert", "POST", _DATASET + "/tables", Effect.METADATA_WRITE, Body.JSON),
    Method("bigquery.tables.list", "GET", _DATASET + "/tables", Effect.METADATA_READ, Body.NONE),
    Method("bigquery.tables.patch", "PATCH", _TABLE, Effect.METADATA_WRITE, Body.JSON),
    Method("bigquery.tables.setIamPolicy", "POST", _TABLE + ":setIamPolicy", Effect.ACCESS_WRITE, Body.JSON),
    Method("bigquery.tables.testIamPermissions", "POST", _TABLE + ":testIamPermissions", Effect.ACCESS_READ, Body.JSON),
    Method("bigquery.tables.update", "PUT", _TABLE, Effect.METADATA_WRITE, Body.JSON),
)  # fmt: skip

# jobs.insert in the forms that carry a file. One path serves them all: the query string and headers tell which.
UPLOAD_MULTIPART = Method("bigquery.jobs.insert.multipart", "POST", _UPLOAD, Effect.JOB, Body.MEDIA)
UPLOAD_RESUMABLE = Method("bigquery.jobs.insert.resumable", "POST", _UPLOAD, Effect.JOB, Body.JSON)
UPLOAD_CONTINUE = Method("bigquery.jobs.insert.continue", "PUT", _UPLOAD, Effect.DATA_WRITE, Body.FILE)
UPLOAD_STATUS = Method("bigquery.jobs.insert.status", "PUT", _UPLOAD, Effect.JOB_READ, Body.NONE)
UPLOADS: tuple[Method, ...] = (UPLOAD_MULTIPART, UPLOAD_RESUMABLE, UPLOAD_CONTINUE, UPLOAD_STATUS)

# Query-string parameters of these methods and of Google's front end; `projection` of jobs.get is sent by its clients
# and in no document. Google's servers also read a parameter by its protocol-buffer name (`all_users`), so that a name
# that is not exactly one of these could ask for something that nobody looked at.
PARAMETERS = frozenset(
    {
        "accessPolicyVersion", "all", "allUsers", "autodetect_schema", "datasetView", "deleteContents", "filter",
        "force", "formatOptions.timestampOutputFormat", "formatOptions.useInt64Timestamp", "location",
        "maxCreationTime", "maxResults", "minCreationTime", "pageSize", "pageToken", "parentJobId", "projection",
        "readMask", "selectedFields", "startIndex", "stateFilter", "timeoutMs", "updateMode", "view",
        "alt", "fields", "prettyPrint", "quotaUser",
    }
)  # fmt: skip
UPLOAD_PARAMETERS = frozenset({"uploadType", "upload_id"})
REPEATED_PARAMETERS = frozenset({"stateFilter"})


def unknown_method(verb: str, path: str) -> Method:
    """Give the row that stands in the book for a request refused before its method was known."""
    return Method("unknown", verb, path, Effect.UNKNOWN, Body.NONE)
