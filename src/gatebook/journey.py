"""The road of a call. Start reading here: everything Gatebook does to a call happens in `travel`, in this order.

    identify    the token proves a Caller and attested Provenance
    understand  the call's SQL, or the method itself, becomes a Footprint
    gather      whose jobs, results, uploads and sessions does it name? (gathering.py, whose.py)
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
from gatebook.core.book.records import Promise, Refusal, Request
from gatebook.core.declared import declared_provenance
from gatebook.core.model import Call, Credential, Ending, Identity, Outcome, Provenance
from gatebook.core.policy.builtin import Question, decide
from gatebook.core.policy.decision import Decision, Deny
from gatebook.errors import Fault, Reason, Refused, Unavailable
from gatebook.gathering import gather
from gatebook.homeward import Homeward
from gatebook.outgoing import outgoing_request
from gatebook.ports import Content, Reply, World


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
        standing = await gather(call, footprint, identity.caller, world)
        decision = account.decision = decide(Question(identity, call, footprint, standing))
        _permit(decision)
        request = outgoing_request(call, identity, content, standing.job_location)
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


async def refused(call: Call, fault: Fault, world: World) -> None:
    """Write down a request that the door refused before it could travel. Raises Unavailable."""
    await _refuse(Account(call, asked(call), declared_provenance(call)), fault, world)


async def _refuse(account: Account, error: BaseException, world: World) -> None:
    """Write down a call that is not forwarded, and note in its fault which record tells of it.

    Raises Unavailable: what cannot be written down is answered as that; and Refused (TOO_MANY_REFUSALS).
    """
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
    fault.record = await asyncio.shield(asyncio.ensure_future(world.book.refuse(refusal)))


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
