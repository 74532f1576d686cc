"""Jobs as REST resources: https://cloud.google.com/bigquery/docs/reference/rest/v2/Job."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.rest.jobs.job import CopyOutcome, ExtractOutcome, Job, LoadOutcome
from gatebook.sandbox.warehouse import QueryOutcome, Resource, bytes_billed


def job_resource(job: Job, base_url: str) -> Resource:
    """The whole resource. base_url: scheme and authority for `selfLink`."""
    name = job.name
    path = f"/bigquery/v2/projects/{name.project}/jobs/{name.job_id}?location={name.location}"
    resource = {
        "kind": "bigquery#job",
        "id": str(name),
        "selfLink": base_url + path,
        "user_email": job.user_email,
        "jobReference": name.rest(),
        "configuration": job_configuration(job),
        "statistics": _statistics(job),
        "status": job_status(job),
        "jobCreationReason": {"code": job.creation_reason},
    }
    return {**resource, "etag": etag(name, job.state, job.ended_ms)}


def job_configuration(job: Job) -> Resource:
    """The configuration as asked, with what BigQuery fills in: the job type and a query's defaults."""
    configuration = {**job.configuration, "jobType": job.kind.upper()}
    if job.kind == "query":
        anonymous = "destinationTable" not in job.details
        filled = {"priority": "INTERACTIVE", "useLegacySql": False, **job.details}
        if job.destination is not None:
            filled["destinationTable"] = job.destination.rest()
        if anonymous and job.destination is not None:
            filled = {"writeDisposition": "WRITE_TRUNCATE", "createDisposition": "CREATE_IF_NEEDED", **filled}
        configuration["query"] = filled
    return configuration


def job_status(job: Job) -> Resource:
    """State, and the errors of a failed job."""
    if job.error is None:
        return {"state": job.state}
    fatal = error_proto(job.error)
    others = [{"reason": job.error.reason, "message": text} for text in job.errors]
    return {"state": job.state, "errorResult": fatal, "errors": [fatal, *others]}


def error_proto(error: ApiError) -> Resource:
    """An error as jobs carry it (`ErrorProto`): SQL is located at `query` there, at `q` in HTTP errors."""
    proto = {"reason": error.reason, "message": error.message}
    if error.location is not None:
        proto["location"] = "query" if error.location == "q" else error.location
    return proto


def etag(*parts: object) -> str:
    """A tag that changes with the parts."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:22]


def query_statistics(outcome: QueryOutcome, *, dry_run: bool = False) -> Resource:
    """The REST `statistics.query`; BigQuery shows the result's schema there for dry runs only."""
    processed = outcome.bytes_processed
    statistics: Resource = {
        "statementType": outcome.statement_type,
        "cacheHit": False,
        "totalBytesProcessed": str(processed),
        "totalBytesBilled": "0" if dry_run else str(bytes_billed(processed)),
        "totalSlotMs": "0",
        "totalPartitionsProcessed": "0",
        "referencedTables": [table.rest() for table in outcome.referenced_tables],
    }
    if outcome.referenced_routines:
        statistics["referencedRoutines"] = [routine.rest() for routine in outcome.referenced_routines]
    if dry_run:
        statistics["totalBytesProcessedAccuracy"] = "PRECISE"
        statistics["undeclaredQueryParameters"] = list(outcome.undeclared_parameters)
    if dry_run and outcome.schema is not None:
        statistics["schema"] = {"fields": outcome.schema}
    return statistics | dml_stats(outcome) | _ddl(outcome) | _export(outcome)


def dml_stats(outcome: QueryOutcome) -> Resource:
    """The REST `dmlStats` and `numDmlAffectedRows`, empty for other statements."""
    if outcome.dml is None:
        return {}
    counts = {
        "insertedRowCount": outcome.dml.inserted,
        "updatedRowCount": outcome.dml.updated,
        "deletedRowCount": outcome.dml.deleted,
    }
    return {
        "numDmlAffectedRows": str(outcome.dml.affected),
        "dmlStats": {name: str(count) for name, count in counts.items() if count},
    }


def _ddl(outcome: QueryOutcome) -> Resource:
    if outcome.ddl is None:
        return {}
    targets = {
        "ddlTargetTable": outcome.ddl.table,
        "ddlTargetRoutine": outcome.ddl.routine,
        "ddlTargetDataset": outcome.ddl.dataset,
    }
    named = {key: target.rest() for key, target in targets.items() if target is not None}
    return {"ddlOperationPerformed": outcome.ddl.operation, **named}


def _export(outcome: QueryOutcome) -> Resource:
    if outcome.exported_files is None:
        return {}
    counts = {"fileCount": str(outcome.exported_files), "rowCount": str(outcome.exported_rows or 0)}
    return {"exportDataStatistics": counts}


def _statistics(job: Job) -> Resource:
    statistics: Resource = {"creationTime": str(job.created_ms)}
    if job.started_ms is not None:
        statistics["startTime"] = str(job.started_ms)
    if job.ended_ms is not None and job.started_ms is not None:
        duration = str(job.ended_ms - job.started_ms)
        statistics |= {"endTime": str(job.ended_ms), "finalExecutionDurationMs": duration}
    if job.parent_id is not None:
        statistics |= {"parentJobId": job.parent_id, "scriptStatistics": job.script}
    if job.children:
        statistics["numChildJobs"] = str(job.children)
    if job.outcome is not None:
        statistics |= _OUTCOMES[type(job.outcome)](job.outcome)
    return statistics


def _of_query(outcome: QueryOutcome) -> Resource:
    statistics: Resource = {
        "totalBytesProcessed": str(outcome.bytes_processed),
        "totalSlotMs": "0",
        "query": query_statistics(outcome),
    }
    if outcome.session_id is not None:
        statistics["sessionInfo"] = {"sessionId": outcome.session_id}
    if outcome.in_transaction is not None:
        statistics["transactionInfo"] = {"transactionId": outcome.in_transaction}
    return statistics


def _of_load(outcome: LoadOutcome) -> Resource:
    counts = {
        "inputFiles": outcome.files,
        "inputFileBytes": outcome.file_bytes,
        "outputRows": outcome.rows,
        "outputBytes": outcome.file_bytes,
        "badRecords": outcome.bad_records,
    }
    return {"load": {name: str(count) for name, count in counts.items()}}


def _of_copy(outcome: CopyOutcome) -> Resource:
    return {"copy": {"copiedRows": str(outcome.rows)}}


def _of_extract(outcome: ExtractOutcome) -> Resource:
    files = [str(count) for count in outcome.files_per_uri]
    return {"extract": {"destinationUriFileCounts": files, "inputBytes": str(outcome.input_bytes)}}


_OUTCOMES: Mapping[type, Callable[[Any], Resource]] = {
    QueryOutcome: _of_query,
    LoadOutcome: _of_load,
    CopyOutcome: _of_copy,
    ExtractOutcome: _of_extract,
}
