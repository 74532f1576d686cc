"""A compiled policy: which rules and limits concern a caller, and what they say of a footprint.

What was found for a caller, and for a footprint of its, is remembered by identity; it follows from them alone.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.model import Caller, Effect, Identity, Provenance
from gatebook.core.policy.attested import CallerPattern
from gatebook.core.policy.columns import Class
from gatebook.core.policy.costs import processes_bytes
from gatebook.core.policy.decision import Ceilings, Decision
from gatebook.core.policy.findings import Finding, RulesByType, find
from gatebook.core.policy.limits import Limit, ceilings
from gatebook.core.policy.question import Question, Tables
from gatebook.core.policy.rules import Effect as RuleEffect
from gatebook.core.policy.rules import Rule
from gatebook.core.policy.seen import see

KNOWN = "known"  # the group of all caller entries
_CALLERS_REMEMBERED = 1024
_FOOTPRINTS_REMEMBERED = 4096
_RESTRICTING = (RuleEffect.DENY, RuleEffect.HOLD)


class Standpoint:
    """A policy as it is for one caller. `entries` are the names of its entries and groups; none: it is unknown.

    `guarded`: some rule could refuse or hold a call of it.
    """

    def __init__(self, entries: frozenset[str], rules: tuple[Rule, ...], limits: tuple[Limit, ...]) -> None:
        self.entries = entries
        self.limits = limits
        self.ceilings: Ceilings = ceilings(limits)
        self.rules = RulesByType(rules)
        self.guarded = any(rule.effect in _RESTRICTING for rule in rules)


@dataclass(slots=True)
class Found:
    """What the rules say of one footprint. `verdict` is what follows when no rule is open, once that was found.

    The findings are then let go: what comes again is mostly of this sort, and they are many times its size.
    """

    whose: tuple[Standpoint, Footprint, Tables]  # kept, so that no other object comes to have their identities
    findings: tuple[Finding, ...]
    verdict: Decision | None = None

    @property
    def certain(self) -> bool:
        """Tell whether no rule looks at the time, the estimate or a condition."""
        return not any(finding.open for finding in self.findings)

    def settle(self, verdict: Decision) -> None:
        """Keep what follows in any case."""
        self.verdict, self.findings = verdict, ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a policy is made of."""

    version: str
    shadow: bool
    callers: Mapping[str, CallerPattern]
    groups: Mapping[str, frozenset[str]]  # by caller entry, `known` among them
    classes: tuple[Class, ...]
    rules: tuple[Rule, ...]
    limits: tuple[Limit, ...]


class Policy:
    """A policy in force. Everything about it is fixed; `version` is the hash of what it says."""

    def __init__(self, parts: Parts) -> None:
        self.version = parts.version
        self.shadow = parts.shadow
        self.callers = tuple(parts.callers)
        self._parts = parts
        self._standpoints: OrderedDict[tuple[Caller, Provenance], Standpoint] = OrderedDict()
        self._found: OrderedDict[tuple[int, int, int, str, bool], Found] = OrderedDict()

    @property
    def needs_tables(self) -> bool:
        """Tell whether decisions rest on the facts of tables: whether there are classifications."""
        return bool(self._parts.classes)

    def standpoint(self, identity: Identity) -> Standpoint:
        """Give the policy as it is for a caller; `limits` in it say which usage must be counted."""
        key = (identity.caller, identity.attested)
        found = self._standpoints.get(key)
        if found is None:
            found = self._standpoints[key] = self._standpoint(identity)
            if len(self._standpoints) > _CALLERS_REMEMBERED:
                self._standpoints.popitem(last=False)
        return found

    def needs_estimate(self, question: Question) -> bool:
        """Tell whether the decision may rest on the estimate: whether to ask upstream for a dry run first."""
        if not processes_bytes(question.call):
            return False
        standpoint = self.standpoint(question.identity)
        if any(limit.uses_estimate for limit in standpoint.limits):
            return True
        findings = self.found(question, standpoint).findings
        return any(rule.uses_estimate for finding in findings for rule in finding.open)

    def found(self, question: Question, standpoint: Standpoint) -> Found:
        """Give what the rules say of the question's footprint."""
        call, footprint, tables = question.call, question.footprint, question.tables
        sharing = call.method.effect is Effect.ACCESS_WRITE
        key = (id(standpoint), id(footprint), id(tables), call.method.name, sharing)
        found = self._found.get(key)
        if found is not None:
            self._found.move_to_end(key)
            return found
        seen = see(footprint, tables, self._parts.classes, sharing=sharing)
        found = self._found[key] = Found((standpoint, footprint, tables), find(call, seen, standpoint.rules))
        if len(self._found) > _FOOTPRINTS_REMEMBERED:
            self._found.popitem(last=False)
        return found

    def _standpoint(self, identity: Identity) -> Standpoint:
        parts, caller, attested = self._parts, identity.caller, identity.attested
        names = [name for name, pattern in parts.callers.items() if pattern.matches(caller, attested)]
        entries = frozenset(names).union(*(parts.groups[name] for name in names))
        return Standpoint(
            entries,
            tuple(rule for rule in parts.rules if rule.concerns(entries, attested)),
            tuple(limit for limit in parts.limits if not limit.callers.isdisjoint(entries)),
        )
