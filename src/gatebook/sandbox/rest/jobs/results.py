"""What a query gave: the replies of jobs.query and jobs.getQueryResults."""

from gatebook.sandbox.errors import ApiError, invalid
from gatebook.sandbox.rest.arrow_page import arrow_page
from gatebook.sandbox.rest.jobs.job import Job
from gatebook.sandbox.rest.jobs.resource import dml_stats, etag
from gatebook.sandbox.rest.pages import PageRequest, read_page
from gatebook.sandbox.rest.paging import page_token
from gatebook.sandbox.warehouse import QueryOutcome, Resource, Warehouse, bytes_billed


def query_results(warehouse: Warehouse, job: Job, request: PageRequest) -> Resource:
    """Everything about a query's result but the reply's `kind`; raises the job's error when it failed.

    The keys of rows (`schema`, `totalRows`, `rows`, `pageToken`) are absent for statements without rows,
    by which clients tell them apart.
    """
    if job.kind != "query":
        raise invalid(f"Cannot get query results of a {job.kind.upper()} job.")
    reply: Resource = {"jobReference": job.name.rest(), "jobComplete": job.state == "DONE"}
    if job.state != "DONE":
        return reply
    if job.error is not None:
        raise job.error
    if not isinstance(job.outcome, QueryOutcome):
        raise ApiError(500, "internalError", "The job ended without an outcome.")
    return reply | _facts(job, job.outcome) | _rows(warehouse, job.outcome, request)


def _facts(job: Job, outcome: QueryOutcome) -> Resource:
    facts: Resource = {
        "etag": etag(job.name, job.ended_ms),
        "cacheHit": False,
        "totalBytesProcessed": str(outcome.bytes_processed),
        "totalBytesBilled": str(bytes_billed(outcome.bytes_processed)),
        "totalSlotMs": "0",
        "creationTime": str(job.created_ms),
        "startTime": str(job.started_ms),
        "endTime": str(job.ended_ms),
        "location": job.name.location,
        **dml_stats(outcome),
    }
    if outcome.session_id is not None:
        facts["sessionInfo"] = {"sessionId": outcome.session_id}
    return facts


def _rows(warehouse: Warehouse, outcome: QueryOutcome, request: PageRequest) -> Resource:
    if outcome.schema is None or outcome.destination is None or outcome.total_rows is None:
        return {}
    found: Resource = {"schema": {"fields": outcome.schema}, "totalRows": str(outcome.total_rows)}
    if request.arrow_codec is not None:
        limit = outcome.total_rows if request.max_results is None else request.max_results
        rows, count = arrow_page(warehouse, outcome.destination, outcome.schema, limit, request.arrow_codec)
        return found | rows | ({"pageToken": page_token(count)} if count < outcome.total_rows else {})
    page = read_page(warehouse, outcome.destination, outcome.schema, outcome.total_rows, request)
    if page.rows:
        found["rows"] = page.rows
    if page.next_token is not None:
        found["pageToken"] = page.next_token
    return found
