"""Query jobs: the REST configuration as the warehouse's request, and the children of scripts."""

import re
from collections.abc import Mapping
from typing import Any

from gatebook.sandbox.errors import not_implemented
from gatebook.sandbox.rest.call import refuse_unknown, required
from gatebook.sandbox.rest.jobs.job import Job, JobName
from gatebook.sandbox.rest.jobs.store import JobStore
from gatebook.sandbox.warehouse import (
    ChildOutcome,
    DatasetName,
    QueryOutcome,
    QueryRequest,
    Resource,
    TableName,
    Warehouse,
)

_STANDARD_SQL = re.compile(r"\s*#standardSQL\b", re.IGNORECASE)
_DESTINATION_OPTIONS = ("timePartitioning", "rangePartitioning", "clustering", "schemaUpdateOptions")
_UNDERSTOOD = frozenset({
    "connectionProperties", "createDisposition", "createSession", "defaultDataset", "destinationTable",
    "maximumBytesBilled", "query", "queryParameters", "useLegacySql", "writeDisposition", *_DESTINATION_OPTIONS,
    # Without effect on what this sandbox answers:
    "allowLargeResults", "flattenResults", "maximumBillingTier", "parameterMode", "preserveNulls", "priority",
    "useQueryCache",
})  # fmt: skip


def check_query(query: Mapping[str, Any]) -> None:
    """Refuse a query configuration before it becomes a job: no SQL, legacy SQL, unknown options."""
    sql = required(query, "query")
    if query.get("useLegacySql", True) and not _STANDARD_SQL.match(sql):
        raise not_implemented("legacy SQL, which is the API's default: set useLegacySql to false")
    refuse_unknown(query, _UNDERSTOOD, "configuration.query")
    for item in query.get("connectionProperties") or ():
        if item.get("key") != "session_id":
            raise not_implemented(f"connection property {item.get('key')}")


def query_request(
    name: JobName, user_email: str, configuration: Mapping[str, Any], *, dry_run: bool = False
) -> QueryRequest:
    """The warehouse's request for a query job's configuration."""
    query = configuration["query"]
    dataset, table = query.get("defaultDataset"), query.get("destinationTable")
    limit = query.get("maximumBytesBilled")
    properties = {item["key"]: item.get("value") for item in query.get("connectionProperties") or ()}
    return QueryRequest(
        sql=query["query"],
        project=name.project,
        job_id=name.job_id,
        user_email=user_email,
        default_dataset=DatasetName.from_rest(dataset, name.project) if dataset else None,
        parameters=query.get("queryParameters") or (),
        dry_run=dry_run,
        destination=TableName.from_rest(table, name.project) if table else None,
        write_disposition=query.get("writeDisposition") or "WRITE_EMPTY",
        create_disposition=query.get("createDisposition") or "CREATE_IF_NEEDED",
        destination_options={key: query[key] for key in _DESTINATION_OPTIONS if query.get(key)},
        maximum_bytes_billed=int(limit) if limit else None,
        create_session=bool(query.get("createSession")),
        session_id=properties.get("session_id"),
        labels=configuration.get("labels") or {},
    )


def run_query(warehouse: Warehouse, store: JobStore, job: Job) -> QueryOutcome:
    """Run a query job; a script's statements appear as child jobs while it runs."""

    def child_ended(child: ChildOutcome) -> None:
        job.children += 1
        store.add(_child_job(job, child))

    return warehouse.run(query_request(job.name, job.user_email, job.configuration), child_ended)


def _child_job(parent: Job, child: ChildOutcome) -> Job:
    job = Job(
        name=JobName(parent.name.project, parent.name.location, child.job_id),
        user_email=parent.user_email,
        configuration={**_inherited(parent), "query": {"query": child.sql, "useLegacySql": False}},
        parent_id=parent.name.job_id,
        script=_script_statistics(child),
        created_ms=int(child.started_seconds * 1000),
        started_ms=int(child.started_seconds * 1000),
    )
    if child.outcome is not None:
        job.succeed(child.outcome)
    elif child.error is not None:
        job.fail(child.error)
    job.ended_ms = int(child.ended_seconds * 1000)
    return job


def _inherited(parent: Job) -> Resource:
    return {"labels": parent.labels} if parent.labels else {}


def _script_statistics(child: ChildOutcome) -> Resource:
    frame = {"startLine": child.line, "startColumn": child.column, "text": child.sql}
    return {"evaluationKind": child.evaluation_kind, "stackFrames": [frame]}
