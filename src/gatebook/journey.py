"""The road of a call. Start reading here: everything Gatebook does to a call happens in `travel`, in this order.

    identify    the token proves a Caller and attested Provenance
    understand  the call's SQL, or the method itself, becomes a Footprint
    gather      whose things does it name, what would it cost, what has its caller used? (gathering.py, whose.py)
    decide      one pure call: Allow, Deny or Hold, with the rules that decided
    promise     the intent is durable in the book
    forward     the request, stamped with the record's id, goes to upstream
    return      the reply passes by, is read, and is settled before its last byte leaves (homeward/)

A call that ends before its promise is written down as a refusal. Nothing is forwarded without a promise.
"""

import asyncio
from dataclasses import dataclass

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.asked import asked
from gatebook.core.book.records import NO_EVIDENCE, Evidence, Promise, Refusal, Request
from gatebook.core.declared import declared_provenance
from gatebook.core.model import Call, Credential, Ending, Identity, Outcome, Provenance
from gatebook.core.policy.deciding import decide
from gatebook.core.policy.decision import Allow, Decision, Deny, Hold
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import Question
from gatebook.core.replies.facts import ReplyFacts
from gatebook.errors import Fault, Reason, Refused, Unavailable
from gatebook.gathering import gather
from gatebook.homeward import Homeward
from gatebook.metering import begin
from gatebook.outgoing import outgoing_request
from gatebook.ports import Content, Reply, World

_NOTHING_DONE = ReplyFacts(whole=True)


@dataclass(slots=True)
class Account:
    """What is known of a call so far; a refusal writes down as much as there is."""

    call: Call
    request: Request
    declared: Provenance
    identity: Identity | None = None
    footprint: Footprint | None = None
    evidence: Evidence = NO_EVIDENCE
    decision: Decision | None = None


async def travel(call: Call, credential: Credential | None, content: Content | None, world: World) -> Reply:
    """Take one call all the way. Raises Fault when it is refused or cannot go on; either way it is in the book."""
    account = Account(call, asked(call), declared_provenance(call))
    try:
        identity = account.identity = await world.identifier.identify(credential)
        policy = world.policies.current()
        footprint = account.footprint = await world.analyst.understand(call, identity.caller)
        evidence = account.evidence = await gather(call, identity, footprint, policy, world)
        decision = account.decision = decide(_question(account, identity, footprint, world), policy)
        allowed = _permitted(decision)
        outgoing = _within_limits(account, identity, allowed, policy, world)
        request = outgoing_request(outgoing, identity, content, evidence.standing.job_location)
        await world.book.promise(_promise(account, identity, footprint, allowed, world))
    except BaseException as error:
        await _refuse(account, error, world)
        raise
    return await Homeward(call, identity.caller, footprint, world).forward(request)


def _question(account: Account, identity: Identity, footprint: Footprint, world: World) -> Question:
    evidence = account.evidence
    return Question(
        identity=identity,
        call=account.call,
        footprint=footprint,
        standing=evidence.standing,
        estimate=evidence.estimate,
        tables=evidence.tables,
        now_microseconds=world.clock.now_microseconds(),
        usage=evidence.usage,
        contradictions=evidence.contradictions,
    )


def _permitted(decision: Decision) -> Allow:
    match decision:
        case Allow():
            return decision
        case Deny():
            raise Refused(decision.reason, decision.message)
        case Hold():
            raise Refused(Reason.HELD, decision.message)


def _within_limits(account: Account, identity: Identity, allowed: Allow, policy: Policy | None, world: World) -> Call:
    if policy is None or not policy.standpoint(identity).limits:
        return account.call
    now, expected = world.clock.now_microseconds(), account.evidence.estimate.bytes_processed
    return begin(account.call, identity.caller, allowed.limits, expected, world.meter, now)


def _promise(account: Account, identity: Identity, footprint: Footprint, allowed: Allow, world: World) -> Promise:
    return Promise(
        call=account.call,
        identity=identity,
        declared=account.declared,
        request=account.request,
        footprint=footprint,
        decision=allowed,
        at_microseconds=world.clock.now_microseconds(),
        evidence=account.evidence,
    )


async def refused(call: Call, fault: Fault, world: World) -> None:
    """Write down a request that the door refused before it could travel. Raises Unavailable."""
    await _refuse(Account(call, asked(call), declared_provenance(call)), fault, world)


async def _refuse(account: Account, error: BaseException, world: World) -> None:
    """Write down a call that is not forwarded, and note in its fault which record tells of it.

    Raises Unavailable: what cannot be written down is answered as that; and Refused (TOO_MANY_REFUSALS).
    """
    fault = _as_fault(error)
    if account.identity is not None:
        world.meter.end(account.call, account.identity.caller, _NOTHING_DONE)
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
        evidence=account.evidence,
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
