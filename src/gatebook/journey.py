"""The road of a call. Start reading here: everything Gatebook does to a call happens in `travel`, in this order.

    identify    the token proves a Caller and attested Provenance
    understand  the call's SQL, or the method itself, becomes a Footprint
    gather      whose jobs, results, uploads and sessions does it name?
    decide      one pure call: Allow or Deny, with the rules that decided
    promise     the intent is durable in the book
    forward     the request, stamped with the record's id, goes to upstream
    return      the reply passes by, is read, and is settled before its last byte leaves (homeward/)

A call that ends before its promise is written down as a refusal. Nothing is forwarded without a promise.
"""

import asyncio
from dataclasses import dataclass

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.asked import asked
from gatebook.core.belongings import Job
from gatebook.core.book.digests import digest_of_text
from gatebook.core.book.records import Promise, Refusal, Request
from gatebook.core.declared import declared_provenance
from gatebook.core.model import Call, Caller, Credential, Ending, Identity, Outcome, Provenance
from gatebook.core.policy.builtin import decide
from gatebook.core.policy.decision import Decision, Deny, Hold
from gatebook.core.policy.question import Question
from gatebook.core.policy.standing import ALL_OWN, References, Standing, references
from gatebook.errors import Fault, Reason, Refused, Unavailable
from gatebook.homeward import Homeward
from gatebook.outgoing import outgoing_request
from gatebook.ports import Content, Ownership, Reply, World

_NOTHING_NAMED = References()


@dataclass(slots=True)
class Account:
    """What is known of a call so far; a refusal writes down as much as there is."""

    call: Call
    request: Request
    declared: Provenance
    identity: Identity | None = None
    footprint: Footprint | None = None
    decision: Decision | None = None


async def travel(call: Call, credential: Credential | None, content: Content | None, world: World) -> Reply:
    """Take one call all the way. Raises Fault when it is refused or cannot go on; either way it is in the book."""
    account = Account(call, asked(call), declared_provenance(call))
    try:
        identity = account.identity = await world.identifier.identify(credential)
        footprint = account.footprint = await world.analyst.understand(call, identity.caller)
        standing = await _gather(call, footprint, identity.caller, world.ownership)
        decision = account.decision = decide(Question(identity, call, footprint, standing))
        _permit(decision)
        request = outgoing_request(call, identity, content)
        await world.book.promise(
            Promise(
                call, identity, account.declared, account.request, footprint, decision, world.clock.now_microseconds()
            )
        )
    except BaseException as error:
        await _refuse(account, error, world)
        raise
    return await Homeward(call, identity.caller, footprint, world).forward(request)


def _permit(decision: Decision) -> None:
    if isinstance(decision, Deny):
        raise Refused(decision.reason, decision.message)
    if isinstance(decision, Hold):
        raise Refused(Reason.HELD, decision.message)


async def refused(call: Call, fault: Fault, world: World) -> None:
    """Write down a request that the door refused before it could travel. Raises Unavailable."""
    await _refuse(Account(call, asked(call), declared_provenance(call)), fault, world)


async def _refuse(account: Account, error: BaseException, world: World) -> None:
    """Write down a call that is not forwarded. Raises Unavailable: what cannot be written down is answered as that."""
    fault = _as_fault(error)
    if fault.reason is Reason.BOOK_UNAVAILABLE:
        return
    refusal = Refusal(
        call=account.call,
        identity=account.identity,
        declared=account.declared,
        request=account.request,
        footprint=account.footprint,
        decision=account.decision,
        reason=fault.reason,
        message=fault.message,
        outcome=Outcome(status=0, ending=_ending_of(fault)),
        at_microseconds=world.clock.now_microseconds(),
    )
    # A client that hangs up on its refusal must not keep the refusal out of the book.
    await asyncio.shield(asyncio.ensure_future(world.book.refuse(refusal)))


def _as_fault(error: BaseException) -> Fault:
    match error:
        case Fault():
            return error
        case asyncio.CancelledError():
            return Refused(Reason.CLIENT_GONE, "The client went away before the call was forwarded.")
        case _:
            return Unavailable(Reason.INTERNAL, f"{type(error).__name__} in Gatebook")


def _ending_of(fault: Fault) -> Ending:
    if fault.reason is Reason.CLIENT_GONE:
        return Ending.CLIENT_GONE
    return Ending.REFUSED if isinstance(fault, Refused) else Ending.FAILED


async def _gather(call: Call, footprint: Footprint, caller: Caller, ownership: Ownership) -> Standing:
    """Find out which of the things that the call names are not the caller's own."""
    named = references(call, footprint)
    if named == _NOTHING_NAMED:
        return ALL_OWN
    return Standing(
        foreign_jobs=tuple([f"{p}:{j}" for p, j in named.jobs if await ownership.job_owner(Job(p, j)) != caller.key]),
        taken_job=await _taken(named.new_job, caller, ownership),
        foreign_tables=tuple([table for table in named.tables if not await ownership.owns_table(caller.key, table)]),
        foreign_uploads=tuple(
            [digest_of_text(u) for u in named.uploads if await ownership.upload_owner(u) != caller.key]
        ),
        foreign_sessions=tuple([s for s in named.sessions if await ownership.session_owner(s) != caller.key]),
    )


async def _taken(new_job: tuple[str, str] | None, caller: Caller, ownership: Ownership) -> str | None:
    if new_job is None:
        return None
    owner = await ownership.job_owner(Job(*new_job))
    return None if owner in (None, caller.key) else ":".join(new_job)
