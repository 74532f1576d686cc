"""What a policy would have said of a recorded Call: the record holds all that a decision rests on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gatebook.core.book.exchange import Exchange
from gatebook.core.book.records import Promise, Refusal
from gatebook.core.model import Call, Effect, JsonObject
from gatebook.core.policy.deciding import decide
from gatebook.core.policy.decision import Allow, Decision, effect_of
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import Question

_QUERY = "bigquery.jobs.query"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A recorded Call with what was decided of it and what the other policy decides, its shadow mode set aside.

    `would` is None where there is nothing to compare: calls that were refused before they were decided on (a bad
    token, SQL that is not valid).
    """

    exchange: Exchange
    was: Decision | None
    would: Decision | None

    @property
    def changes(self) -> bool:
        """Tell whether the call would fare differently."""
        return self.was is not None and self.would is not None and effect_of(self.was) != effect_of(self.would)


def compare(exchanges: Iterable[Exchange], policy: Policy) -> Iterator[Comparison]:
    """Ask the policy about every exchange that policies decide on, in order; token exchanges are none of them."""
    for exchange in exchanges:
        if exchange.opening.call.method.effect is not Effect.UNKNOWN:
            question = question_of(exchange.opening)
            would = None if question is None else _without_shadow(decide(question, policy))
            yield Comparison(exchange, exchange.opening.decision, would)


def _without_shadow(decision: Decision) -> Decision:
    return decision.instead or decision if isinstance(decision, Allow) else decision


def question_of(opening: Promise | Refusal) -> Question | None:
    """Give the question that was decided, None when the Call was refused before there was one."""
    if opening.identity is None or opening.footprint is None or opening.decision is None:
        return None
    evidence = opening.evidence
    return Question(
        identity=opening.identity,
        call=_call(opening),
        footprint=opening.footprint,
        standing=evidence.standing,
        estimate=evidence.estimate,
        tables=evidence.tables,
        now_microseconds=opening.at_microseconds,
        usage=evidence.usage,
        contradictions=evidence.contradictions,
    )


def _call(opening: Promise | Refusal) -> Call:
    """Give the Call with as much of its document as decisions look at; the rest was not written down."""
    call = opening.call
    return replace(call, document=_document(opening)) if call.method.effect is Effect.JOB else call


def _document(opening: Promise | Refusal) -> JsonObject:
    request = opening.request
    if opening.call.method.name == _QUERY:
        return {"query": request.sql, "dryRun": request.dry_run}
    query = {} if request.sql is None else {"query": {"query": request.sql}}
    return {"configuration": {**query, "dryRun": request.dry_run}}
