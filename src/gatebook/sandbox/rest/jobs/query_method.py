"""jobs.query: a query in one call, answered with its first page of rows or with a job still running."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool

from gatebook.sandbox.rest.arrow_page import arrow_codec
from gatebook.sandbox.rest.call import Call, unsigned
from gatebook.sandbox.rest.jobs.insert import check_configuration
from gatebook.sandbox.rest.jobs.job import Job, JobName, location_name, new_job_id
from gatebook.sandbox.rest.jobs.methods import wait
from gatebook.sandbox.rest.jobs.queries import query_request
from gatebook.sandbox.rest.jobs.resource import query_statistics
from gatebook.sandbox.rest.jobs.results import query_results
from gatebook.sandbox.rest.pages import PageRequest, int64_timestamps
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource

_DEFAULT_WAIT_MS = 10_000
_CALL_KEYS = frozenset({
    "kind", "dryRun", "location", "maxResults", "timeoutMs", "requestId", "formatOptions", "jobCreationMode",
    "queryResultsFormat", "arrowSerializationOptions", "maxSlots",
})  # fmt: skip
"""Keys of a QueryRequest about the call; all others are those of `configuration` or `configuration.query`."""
_JOB_KEYS = frozenset({"labels", "jobTimeoutMs", "reservation"})


async def query(services: Services, call: Call) -> Resource:
    """Run a query and wait for it up to `timeoutMs`; the same `requestId` is the same query, run once."""
    body = call.body
    page = _page(body)
    configuration = _configuration(body)
    check_configuration(configuration)
    if body.get("dryRun"):
        return await run_in_threadpool(_dry_run, services, call, configuration)
    job = _begin(services, call, configuration)
    await wait(job, unsigned("timeoutMs", body.get("timeoutMs", _DEFAULT_WAIT_MS)))
    return await run_in_threadpool(_reply, services, job, body, page)


def _configuration(body: Mapping[str, Any]) -> Resource:
    job = {key: value for key, value in body.items() if key in _JOB_KEYS}
    query = {key: value for key, value in body.items() if key not in _JOB_KEYS | _CALL_KEYS}
    return {**job, "query": query}


def _name(call: Call) -> JobName:
    return JobName(call.project, location_name(call.body.get("location")), new_job_id())


def _begin(services: Services, call: Call, configuration: Resource) -> Job:
    job = Job(_name(call), call.user_email, configuration)
    request_id = call.body.get("requestId")
    known = services.requests.claim((call.project, call.user_email, request_id), job) if request_id else job
    if known is job:
        services.jobs.add(job)
        services.runner.submit(job)
    return known


def _page(body: Mapping[str, Any]) -> PageRequest:
    most, options = body.get("maxResults"), body.get("formatOptions") or {}
    return PageRequest(
        max_results=None if most is None else unsigned("maxResults", most),
        int64_timestamps=int64_timestamps(options.get("useInt64Timestamp"), options.get("timestampOutputFormat")),
        arrow_codec=arrow_codec(body),
    )


def _reply(services: Services, job: Job, body: Mapping[str, Any], page: PageRequest) -> Resource:
    reply = query_results(services.warehouse, job, page)
    return {"kind": "bigquery#queryResponse", **_job_or_not(services, job, body, reply)}


def _job_or_not(services: Services, job: Job, body: Mapping[str, Any], reply: Resource) -> Resource:
    """JOB_CREATION_OPTIONAL: a query that is over and fits one page leaves no job behind, only an id."""
    if body.get("jobCreationMode") == "JOB_CREATION_OPTIONAL":
        if reply["jobComplete"] and "pageToken" not in reply:
            services.jobs.remove(job)
            return {key: value for key, value in reply.items() if key != "jobReference"} | {"queryId": job.name.job_id}
        job.creation_reason = "LARGE_RESULTS" if reply["jobComplete"] else "LONG_RUNNING"
    return reply | {"queryId": job.name.job_id, "jobCreationReason": {"code": job.creation_reason}}


def _dry_run(services: Services, call: Call, configuration: Resource) -> Resource:
    name = _name(call)
    outcome = services.warehouse.run(query_request(name, call.user_email, configuration, dry_run=True))
    statistics = query_statistics(outcome, dry_run=True)
    kept = ("schema", "totalBytesProcessed", "cacheHit", "statementType", "referencedTables")
    return {
        "kind": "bigquery#queryResponse",
        "jobReference": {"projectId": name.project, "location": name.location},
        "jobComplete": True,
        **{key: statistics[key] for key in kept if key in statistics},
    }
