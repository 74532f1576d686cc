"""jobs.insert and uploads: a configuration becomes a job that runs, or a dry run's answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Any

from gatebook.sandbox.errors import ApiError, invalid
from gatebook.sandbox.rest.call import Call, bad_value, refuse_unknown, required
from gatebook.sandbox.rest.jobs.copies import check_copy
from gatebook.sandbox.rest.jobs.extracts import check_extract
from gatebook.sandbox.rest.jobs.job import Job, JobName, location_name, new_job_id
from gatebook.sandbox.rest.jobs.loads import check_load
from gatebook.sandbox.rest.jobs.queries import check_query, query_request
from gatebook.sandbox.rest.jobs.resource import job_resource, query_statistics
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource

_JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,1024}")
_UNDERSTOOD = frozenset({
    "query", "load", "copy", "extract", "jobType", "dryRun", "jobTimeoutMs", "labels", "reservation", "maxSlots",
})  # fmt: skip
_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "query": check_query,
    "load": check_load,
    "copy": check_copy,
    "extract": check_extract,
}


def insert_job(services: Services, call: Call) -> Resource:
    """jobs.insert: the job starts, and its resource is the answer at once."""
    return start_job(services, call, call.body)


def start_job(services: Services, call: Call, body: Resource, files: Sequence[IO[bytes]] = ()) -> Resource:
    """Begin the job of a REST job resource; files: those uploaded with it, closed here unless a job takes them."""
    with ExitStack() as closing:
        for file in files:
            closing.enter_context(file)
        resource = _start(services, call, body, files)
        closing.pop_all()
    return resource


def _start(services: Services, call: Call, body: Resource, files: Sequence[IO[bytes]]) -> Resource:
    configuration = required(body, "configuration")
    name = _name(call, body.get("jobReference") or {})
    check_configuration(configuration)
    if configuration.get("dryRun"):
        return _dry_run(services, call, name, configuration)
    job = Job(name, call.user_email, configuration, files=tuple(files))
    services.jobs.add(job)
    services.runner.submit(job)
    return job_resource(job, call.base_url)


def check_configuration(configuration: Mapping[str, Any]) -> None:
    """Refuse a configuration that is of no kind, of several, or wrong for its kind."""
    refuse_unknown(configuration, _UNDERSTOOD, "configuration")
    kinds = [kind for kind in _CHECKS if kind in configuration]
    if len(kinds) != 1:
        raise ApiError(400, "required", "Exactly one of configuration.query, load, copy and extract is required")
    reservation = configuration.get("reservation")
    if reservation not in (None, "", "none"):
        raise invalid(f"Not found: Reservation {reservation}", location="configuration.reservation")
    timeout = configuration.get("jobTimeoutMs") or 0
    if not str(timeout).isdecimal():
        raise bad_value("jobTimeoutMs", "integer", timeout)
    _CHECKS[kinds[0]](configuration[kinds[0]])


def _name(call: Call, reference: Mapping[str, Any]) -> JobName:
    project = reference.get("projectId") or call.project
    if project != call.project:
        raise invalid(f"Job reference project {project} does not match the request's project {call.project}")
    job_id = reference.get("jobId") or new_job_id()
    if not _JOB_ID.fullmatch(job_id):
        raise invalid(f'Invalid job ID "{job_id}". Job IDs must be alphanumeric (plus underscores and dashes)')
    return JobName(project, location_name(reference.get("location") or call.text("location")), job_id)


def _dry_run(services: Services, call: Call, name: JobName, configuration: Resource) -> Resource:
    """A job resource without an id: nothing ran and nothing is kept."""
    if "query" not in configuration:
        raise invalid("Only query jobs can be dry-run.")
    request = query_request(name, call.user_email, configuration, dry_run=True)
    outcome = services.warehouse.run(request)
    resource = job_resource(Job(name, call.user_email, configuration), call.base_url)
    resource["jobReference"] = {"projectId": name.project, "location": name.location}
    resource["status"] = {"state": "DONE"}
    resource["statistics"] |= {
        "totalBytesProcessed": str(outcome.bytes_processed),
        "query": query_statistics(outcome, dry_run=True),
    }
    return resource
