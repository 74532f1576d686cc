"""Rules as they are evaluated.

What depends on caller, method and statement alone is asked apart from what also depends on the time, the estimate or a
condition: the first is remembered for footprints that come again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gatebook.core.model import Provenance
from gatebook.core.policy.attested import NO_FACTS, Facts
from gatebook.core.policy.cel import Condition
from gatebook.core.policy.conditions import Covered, Matched
from gatebook.core.policy.costs import bytes_of, rows_of
from gatebook.core.policy.question import Question
from gatebook.core.policy.seen import Seen
from gatebook.core.policy.windows import TimeWindow


class Effect(StrEnum):
    """What a rule does."""

    ALLOW = "allow"
    DENY = "deny"
    HOLD = "hold"
    OBSERVE = "observe"


@dataclass(frozen=True, slots=True)
class Exempt:
    """The calls that a rule leaves alone: all that is given must hold."""

    callers: frozenset[str] | None
    attested: Facts
    times: tuple[TimeWindow, ...]

    def may_be(self, entries: frozenset[str], attested: Provenance) -> bool:
        """Tell whether the caller is exempt, at some time at least."""
        return (self.callers is None or not self.callers.isdisjoint(entries)) and self.attested.hold(attested)

    def is_now(self, entries: frozenset[str], attested: Provenance, now_microseconds: int) -> bool:
        """Tell whether the caller is exempt at a moment."""
        return any(window.holds(now_microseconds) for window in self.times) and self.may_be(entries, attested)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `callers` are names of entries and groups; None: every caller. The bounds are on the estimate."""

    id: str
    effect: Effect
    callers: frozenset[str] | None
    attested: Facts = NO_FACTS
    unless: Exempt | None = None
    methods: frozenset[str] | None = None
    statement: Covered | Matched
    times: tuple[TimeWindow, ...] = ()
    bytes_bound: int | None = None
    rows_bound: int | None = None
    when: Condition | None = None
    reviewers: tuple[str, ...] = ()
    message: str | None = None

    @property
    def always(self) -> bool:
        """Tell whether the rule holds of a caller, method and statement at any time, whatever the call costs."""
        exempts_at_times = self.unless is not None and bool(self.unless.times)
        bounded = self.bytes_bound is not None or self.rows_bound is not None
        return not (self.times or bounded or self.when or exempts_at_times)

    @property
    def uses_estimate(self) -> bool:
        """Tell whether the rule may look at the estimate."""
        bounded = self.bytes_bound is not None or self.rows_bound is not None
        return bounded or (self.when is not None and self.when.uses_estimate)

    def concerns(self, entries: frozenset[str], attested: Provenance) -> bool:
        """Tell whether the rule is about a caller, at some time at least."""
        if self.callers is not None and self.callers.isdisjoint(entries):
            return False
        exempt = self.unless is not None and not self.unless.times and self.unless.may_be(entries, attested)
        return not exempt and self.attested.hold(attested)

    def about(self, statement_type: str, method: str) -> bool:
        """Tell whether the rule is about statements of a type, asked for by a method."""
        types = self.statement.types
        return (types is None or statement_type in types) and (self.methods is None or method in self.methods)

    def meets(self, seen: Seen) -> bool:
        """Tell whether the rule is about a statement of such a type: covers it (allow), or matches it (the others)."""
        if isinstance(self.statement, Covered):
            return next(self.statement.missing(seen), None) is None
        return self.statement.matches(seen)

    def holds(self, question: Question, seen: Seen, entries: frozenset[str], values: Mapping[str, object]) -> bool:
        """Tell whether the rest holds too. Raises CelError when its condition fails."""
        now = question.now_microseconds
        if self.times and not any(window.holds(now) for window in self.times):
            return False
        if self.unless is not None and self.unless.is_now(entries, question.identity.attested, now):
            return False
        return (
            self._bounded(self.bytes_bound, bytes_of(question))
            and self._bounded(self.rows_bound, rows_of(question, seen.type))
            and (self.when is None or self.when.holds(values))
        )

    def _bounded(self, bound: int | None, found: int | None) -> bool:
        """Compare with the estimate. What is not known speaks for no allow rule, and for every other."""
        if bound is None:
            return True
        if self.effect is Effect.ALLOW:
            return found is not None and found <= bound
        return found is None or found > bound
