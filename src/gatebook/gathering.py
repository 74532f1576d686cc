"""Gather: everything that a decision rests on and that must be asked of others. All reading before it is here."""

from gatebook.core.analysis.dry_run import DryRun
from gatebook.core.analysis.footprint import Footprint
from gatebook.core.analysis.second_opinion import SecondOpinion, contradictions
from gatebook.core.belongings import Job
from gatebook.core.book.digests import digest_of_text
from gatebook.core.book.records import NO_EVIDENCE, Evidence
from gatebook.core.model import Call, Caller, Identity
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import NO_TABLES, NOTHING_ESTIMATED, NOTHING_USED, Estimate, Question, Tables, Usage
from gatebook.core.policy.standing import ALL_OWN, NamedJob, References, Standing, references
from gatebook.ports import World
from gatebook.whose import adopted

_NOTHING_NAMED = References()


async def gather(call: Call, identity: Identity, footprint: Footprint, policy: Policy | None, world: World) -> Evidence:
    """Give the evidence for a decision. Usage comes last: nothing may be awaited between it and `Meter.begin`.

    Raises Unavailable, UpstreamFailed, and Refused where upstream refuses the query's dry run.
    """
    standing = await _standing(call, footprint, identity.caller, world)
    tables = await _known_tables(call, identity.caller, footprint, policy, world)
    asked = Question(identity, call, footprint, standing, tables=tables)
    dry_run = await _dry_run(asked, policy, world)
    usage = await _usage(asked, policy, world)
    if standing is ALL_OWN and tables is NO_TABLES and dry_run is None and usage is NOTHING_USED:
        return NO_EVIDENCE
    return Evidence(
        standing=standing,
        tables=tables,
        estimate=NOTHING_ESTIMATED if dry_run is None else Estimate(dry_run.bytes_processed),
        usage=usage,
        contradictions=() if dry_run is None else contradictions(footprint, dry_run),
    )


async def _known_tables(
    call: Call, caller: Caller, footprint: Footprint, policy: Policy | None, world: World
) -> Tables:
    if policy is None or not policy.needs_tables or not footprint.tables:
        return NO_TABLES
    return await world.analyst.known_tables(call, caller, footprint)


async def _dry_run(asked: Question, policy: Policy | None, world: World) -> DryRun | None:
    """Ask upstream when the policy looks at the estimate, or a second opinion is wanted on what the query touches."""
    wanted = policy is not None and policy.needs_estimate(asked)
    if wanted or _second_opinion_wanted(asked, policy, world.second_opinion):
        return await world.dry_runs.dry_run(asked.call, asked.identity.caller)
    return None


def _second_opinion_wanted(asked: Question, policy: Policy | None, when: SecondOpinion) -> bool:
    if when is SecondOpinion.AT_STAKE:
        return policy is not None and policy.standpoint(asked.identity).guarded
    return when is SecondOpinion.ALWAYS


async def _usage(asked: Question, policy: Policy | None, world: World) -> Usage:
    limits = () if policy is None else policy.standpoint(asked.identity).limits
    if not limits:
        return NOTHING_USED
    caller, now = asked.identity.caller, world.clock.now_microseconds()
    running = min((limit.running_jobs for limit in limits if limit.running_jobs is not None), default=None)
    await world.meter.prepare(caller, now, running)
    return world.meter.usage(caller, now)


async def _standing(call: Call, footprint: Footprint, caller: Caller, world: World) -> Standing:
    """Find out which of the things that the call names are not the caller's own."""
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
