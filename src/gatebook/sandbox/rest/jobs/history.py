"""The jobs as rows of INFORMATION_SCHEMA.JOBS: https://cloud.google.com/bigquery/docs/information-schema-jobs."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from gatebook.sandbox.rest.jobs.job import Job
from gatebook.sandbox.rest.jobs.store import JobStore
from gatebook.sandbox.warehouse import QueryOutcome, TableName, bytes_billed


def job_rows(store: JobStore) -> Iterator[dict[str, Any]]:
    """One row per job, the last added first."""
    return (_row(job) for job in store.newest_first())


def _row(job: Job) -> dict[str, Any]:
    query = job.outcome if isinstance(job.outcome, QueryOutcome) else None
    is_query = job.kind == "query"
    return {
        "creation_time": _moment(job.created_ms),
        "project_id": job.name.project,
        "user_email": job.user_email,
        "job_id": job.name.job_id,
        "job_type": job.kind.upper(),
        "statement_type": query.statement_type if query else None,
        "priority": job.details.get("priority") or "INTERACTIVE" if is_query else None,
        "start_time": _moment(job.started_ms),
        "end_time": _moment(job.ended_ms),
        "query": job.details.get("query") if is_query else None,
        "state": job.state,
        "total_bytes_processed": query.bytes_processed if query else None,
        "total_bytes_billed": bytes_billed(query.bytes_processed) if query else None,
        "total_slot_ms": 0,
        "error_result": _error(job),
        "cache_hit": False if is_query else None,
        "destination_table": _table(job.destination),
        "referenced_tables": [_table(table) for table in query.referenced_tables] if query else [],
        "labels": [{"key": key, "value": value} for key, value in job.labels.items()],
        "parent_job_id": job.parent_id,
        "dml_statistics": _dml(query),
    }


def _moment(milliseconds: int | None) -> dt.datetime | None:
    return None if milliseconds is None else dt.datetime.fromtimestamp(milliseconds / 1000, dt.UTC)


def _table(table: TableName | None) -> dict[str, str] | None:
    if table is None:
        return None
    return {"project_id": table.project, "dataset_id": table.dataset, "table_id": table.table}


def _error(job: Job) -> dict[str, str | None] | None:
    if job.error is None:
        return None
    error = job.error
    return {"reason": error.reason, "location": error.location, "debug_info": "", "message": error.message}


def _dml(query: QueryOutcome | None) -> dict[str, int] | None:
    if query is None or query.dml is None:
        return None
    dml = query.dml
    return {
        "inserted_row_count": dml.inserted,
        "deleted_row_count": dml.deleted,
        "updated_row_count": dml.updated,
    }
