"""jobs.get, list, cancel, delete and getQueryResults."""

import asyncio
from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool

from gatebook.sandbox.errors import invalid
from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.rest.jobs.job import Job
from gatebook.sandbox.rest.jobs.resource import etag, job_resource
from gatebook.sandbox.rest.jobs.results import query_results
from gatebook.sandbox.rest.pages import PageRequest
from gatebook.sandbox.rest.paging import page_offset, page_token
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource

_DEFAULT_WAIT_MS = 10_000
_PAGE = 1000
_MINIMAL = ("kind", "id", "jobReference", "state", "errorResult", "statistics", "status", "user_email")
_STATES = {"pending", "running", "done"}


def get_job(services: Services, call: Call) -> Resource:
    """jobs.get."""
    return job_resource(_job(services, call), call.base_url)


def list_jobs(services: Services, call: Call) -> Resource:
    """jobs.list: newest first; the caller's own unless `allUsers`, parents unless `parentJobId`."""
    chosen = list(_chosen(services, call))[::-1]
    token, size = call.text("pageToken"), call.integer("maxResults")
    # Pages are counted from the oldest job, so that jobs that begin meanwhile move nothing.
    end = min(page_offset(token), len(chosen)) if token else len(chosen)
    start = max(0, end - (size or _PAGE))
    listed = [_listed(job, call) for job in reversed(chosen[start:end])]
    reply: Resource = {"kind": "bigquery#jobList", "etag": etag(listed), "jobs": listed}
    return reply | ({"nextPageToken": page_token(start)} if start else {})


def cancel_job(services: Services, call: Call) -> Resource:
    """jobs.cancel: answers at once, whether or not there was anything left to stop."""
    job = _job(services, call)
    services.runner.cancel(job)
    return {"kind": "bigquery#jobCancelResponse", "job": job_resource(job, call.base_url)}


def delete_job(services: Services, call: Call) -> None:
    """jobs.delete: the metadata of an ended job, with its children's."""
    job = _job(services, call)
    if job.state != "DONE":
        raise invalid(f"Cannot delete job {job.name}: it has not ended")
    for other in list(services.jobs.newest_first()):
        if other is job or (other.parent_id, other.name.project) == (job.name.job_id, job.name.project):
            services.jobs.remove(other)


async def get_query_results(services: Services, call: Call) -> Resource:
    """jobs.getQueryResults: waits up to `timeoutMs` (10 s without it) for the job to end."""
    job = _job(services, call)
    wait_ms = call.integer("timeoutMs")
    await wait(job, _DEFAULT_WAIT_MS if wait_ms is None else wait_ms)
    reply = await run_in_threadpool(query_results, services.warehouse, job, PageRequest.of_call(call))
    return {"kind": "bigquery#getQueryResultsResponse", **reply}


async def wait(job: Job, wait_ms: int) -> None:
    """Return when the job has ended or the time is over."""
    if not job.finished.done() and wait_ms:
        await asyncio.wait([asyncio.wrap_future(job.finished)], timeout=wait_ms / 1000)


def _job(services: Services, call: Call) -> Job:
    return services.jobs.find(call.project, call.path["jobId"], call.text("location"))


def _chosen(services: Services, call: Call) -> Iterator[Job]:
    states = {state.lower() for state in call.texts("stateFilter")}
    if not states <= _STATES:
        raise invalid(f"Invalid value for stateFilter: {', '.join(states - _STATES)}", location="stateFilter")
    parent, everyone = call.text("parentJobId"), call.flag("allUsers")
    earliest = call.integer("minCreationTime") or 0
    latest = call.integer("maxCreationTime")
    for job in services.jobs.newest_first():
        if (
            job.name.project == call.project
            and job.parent_id == parent
            and (everyone or job.user_email == call.user_email)
            and (not states or job.state.lower() in states)
            and earliest <= job.created_ms
            and (latest is None or job.created_ms <= latest)
        ):
            yield job


def _listed(job: Job, call: Call) -> Resource:
    resource = job_resource(job, call.base_url)
    resource["state"] = job.state
    if "errorResult" in resource["status"]:
        resource["errorResult"] = resource["status"]["errorResult"]
    kept = (*_MINIMAL, "configuration") if (call.text("projection") or "").lower() == "full" else _MINIMAL
    return {key: resource[key] for key in kept if key in resource}
