"""Whose a job is: what replies have taught, or else what the job and the book say together.

The reply to a new job tells whose it is. A gateway that is killed, or a client that hangs up, before that reply leaves
a job that nobody is known to own. Its promise is in the book all the same, and the job carries the record's id in a
label that callers cannot set: the job is whose the promise is (docs/decisions/0008).
"""

from gatebook.core import documents
from gatebook.core.belongings import Job, Learned
from gatebook.core.methods import METHODS
from gatebook.core.model import Caller, JsonObject
from gatebook.core.policy.standing import NamedJob
from gatebook.core.replies.facts import job_of
from gatebook.core.replies.jobs import belongings_in, parent_of
from gatebook.core.replies.promised import is_promised
from gatebook.core.stamping import RECORD_LABEL
from gatebook.core.targets import target
from gatebook.errors import Reason, UpstreamFailed
from gatebook.ports import UpstreamRequest, World
from gatebook.whole import document_in, read_whole

(_GET,) = [method for method in METHODS if method.name == "bigquery.jobs.get"]
_HEADERS = (("accept", "application/json"),)
_NOT_THERE = (400, 403, 404)


async def owner_of(resource: JsonObject, world: World) -> str | None:
    """Give the key of the Caller whose a job resource is; a child belongs to whom its script belongs to."""
    job, parent = job_of(resource), parent_of(resource)
    for known in (job, parent):
        owner = None if known is None else await world.ownership.job_owner(known)
        if owner is not None:
            return owner
    record = documents.text(resource, "configuration", "labels", RECORD_LABEL)
    if job is None or parent is not None or record is None:
        return None
    promised = await world.book.promised(record)
    if promised is None or not is_promised(resource, promised):
        return None
    return promised.promise.identity.caller.key


async def adopted(named: NamedJob, caller: Caller, world: World) -> Job | None:
    """Look at a job that no reply has taught of; when it is the caller's, make that known for good and give it.

    Raises UpstreamFailed, Unavailable.
    """
    resource = await _looked_at(named, caller, world)
    job = job_of(resource)
    if job is None or not _is(job, named) or await owner_of(resource, world) != caller.key:
        return None
    await world.ownership.learn(Learned(caller, belongings_in(resource)))
    return job if await world.ownership.job_owner(job) == caller.key else None


def _is(job: Job, named: NamedJob) -> bool:
    return job == Job.at(named.project, named.location or job.location, named.id)


async def _looked_at(named: NamedJob, caller: Caller, world: World) -> JsonObject:
    where = () if named.location is None else (("location", named.location),)
    path = target(_GET, {"projectId": named.project, "jobId": named.id}, where)
    reply = await world.upstream.forward(UpstreamRequest("GET", path, _HEADERS, repeatable=True), caller)
    try:
        if reply.status in _NOT_THERE:
            return {}
        if reply.status != 200:
            raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery did not say whose the job is. Try again.")
        return document_in(await read_whole(reply))
    finally:
        await reply.close()
