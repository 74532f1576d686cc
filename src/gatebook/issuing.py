"""Token exchanges in the book: who was given an access token, and who was refused one."""

from dataclasses import replace

from gatebook.core.analysis.footprint import Footprint, Statement
from gatebook.core.asked import asked
from gatebook.core.book.records import Promise, Refusal, Settlement
from gatebook.core.identity.issuance import Issuance
from gatebook.core.model import Body, Call, Effect, Ending, Method, Outcome, Provenance
from gatebook.core.policy.builtin import POLICY_VERSION
from gatebook.core.policy.decision import Allow
from gatebook.errors import Reason
from gatebook.ports import World

_METHOD = Method("gatebook.token.exchange", "POST", "/v1/token", Effect.UNKNOWN, Body.NONE)
_FOOTPRINT = Footprint((Statement("TOKEN_EXCHANGE"),))
_DECISION = Allow(("builtin/known-caller",), POLICY_VERSION)


async def record_issuance(call: Call, issuance: Issuance, status: int, world: World) -> str:
    """Write down a token exchange before it is answered with `status`; give the id of the record that tells of it.

    Raises Unavailable, and Refused (TOO_MANY_REFUSALS): nothing is given out.
    """
    call, now = replace(call, method=_METHOD), world.clock.now_microseconds()
    request, declared = asked(call), Provenance()
    if issuance.identity is None:
        outcome = Outcome(status=status, ending=Ending.REFUSED)
        reason = issuance.reason or Reason.BODY_MALFORMED
        refusal = Refusal(call, None, declared, request, None, None, reason, issuance.message, outcome, now)
        return await world.book.refuse(refusal)
    await world.book.promise(Promise(call, issuance.identity, declared, request, _FOOTPRINT, _DECISION, now))
    await world.book.settle(Settlement(call.id, Outcome(status=status, ending=Ending.ANSWERED), now))
    return call.id
