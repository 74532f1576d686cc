"""Gather: which of the things that a call names are the caller's own. All reading before the decision is here."""

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.belongings import Job
from gatebook.core.book.digests import digest_of_text
from gatebook.core.model import Call, Caller
from gatebook.core.policy.standing import ALL_OWN, NamedJob, References, Standing, references
from gatebook.ports import World
from gatebook.whose import adopted

_NOTHING_NAMED = References()


async def gather(call: Call, footprint: Footprint, caller: Caller, world: World) -> Standing:
    """Find out which of the things that the call names are not the caller's own. Raises Unavailable, UpstreamFailed."""
    named = references(call, footprint)
    if named == _NOTHING_NAMED:
        return ALL_OWN
    ownership = world.ownership
    places = {job: await _places(job, caller, world) for job in named.jobs}
    of_path = places.get(named.jobs[0], ()) if "jobId" in call.resource else ()
    return Standing(
        foreign_jobs=tuple([str(job) for job, found in places.items() if not found]),
        scattered_job=str(named.jobs[0]) if len(of_path) > 1 else None,
        job_location=of_path[0] if len(of_path) == 1 and named.jobs[0].location is None else None,
        taken_job=await _taken(named.new_job, caller, world),
        foreign_tables=tuple([table for table in named.tables if not await ownership.owns_table(caller.key, table)]),
        foreign_uploads=tuple(
            [digest_of_text(u) for u in named.uploads if await ownership.upload_owner(u) != caller.key]
        ),
        foreign_sessions=tuple([s for s in named.sessions if await ownership.session_owner(s) != caller.key]),
    )


async def _places(named: NamedJob, caller: Caller, world: World) -> tuple[str, ...]:
    """Give the locations in which the caller has a job of that name."""
    owners = await _owners(named, world)
    own = tuple(sorted(location for location, owner in owners.items() if owner == caller.key))
    if own or (named.location is not None and owners):
        return own
    job = await adopted(named, caller, world)
    return () if job is None else (job.location,)


async def _taken(new_job: NamedJob | None, caller: Caller, world: World) -> str | None:
    """Give the id that a new job is to have, when it is known as another caller's."""
    if new_job is None or set((await _owners(new_job, world)).values()) <= {caller.key}:
        return None
    return str(new_job)


async def _owners(named: NamedJob, world: World) -> dict[str, str]:
    """Give who is known to have made jobs of that name, by location; the named location only when there is one."""
    if named.location is None:
        return dict(await world.ownership.job_owners(named.project, named.id))
    job = Job.at(named.project, named.location, named.id)
    owner = await world.ownership.job_owner(job)
    return {} if owner is None else {job.location: owner}
