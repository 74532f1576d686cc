"""Rules that can never decide anything, because another rule or their own words leave them no call."""

from collections.abc import Iterator, Mapping, Sequence

from gatebook.core.policy.conditions import EVERY_STATEMENT, Matched
from gatebook.core.policy.rules import Effect, Rule


def unreachable(rules: Sequence[Rule], groups: Mapping[str, frozenset[str]]) -> Iterator[tuple[Rule, str]]:
    """Give rules that cannot be reached, and why. `groups` says of each caller entry which groups it is in."""
    callers = {rule.id: _callers(rule, groups) for rule in rules}
    total = [rule for rule in rules if rule.effect is Effect.DENY and _is_total(rule)]
    for rule in rules:
        if not callers[rule.id]:
            yield rule, "is about no caller"
            continue
        for other in total:
            if other is not rule and _hides(other, rule) and callers[other.id] >= callers[rule.id]:
                yield rule, f"is never reached: {other.id} denies all that it is about"
                break


def _callers(rule: Rule, groups: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Give the caller entries that a rule is about."""
    named = rule.callers
    found = {entry for entry, its in groups.items() if named is None or entry in named or not named.isdisjoint(its)}
    if rule.unless is not None and not rule.unless.times and not rule.unless.attested.texts:
        exempt = rule.unless.callers or frozenset()
        if rule.unless.attested.ref_protected is None:
            found -= {entry for entry in found if entry in exempt or not exempt.isdisjoint(groups[entry])}
    return frozenset(found)


def _is_total(rule: Rule) -> bool:
    """Tell a rule that looks at callers, types and methods alone."""
    statement = rule.statement
    looks_closer = isinstance(statement, Matched) and statement != _only_types(statement)
    exempts_some = rule.unless is not None and rule.unless.callers is None
    return rule.always and not (looks_closer or exempts_some or rule.attested.texts or rule.attested.ref_protected)


def _only_types(statement: Matched) -> Matched:
    return Matched(statement.types, *(getattr(EVERY_STATEMENT, name) for name in Matched.__slots__[1:]))


def _hides(deny: Rule, rule: Rule) -> bool:
    """Tell whether all that a rule is about is among what a total deny rule is about."""
    if rule.effect is Effect.DENY and _is_total(rule) and rule.id < deny.id and _hides_both(deny, rule):
        return False  # of two that say the same, one is reached
    return _wider(deny.methods, rule.methods) and _wider(deny.statement.types, rule.statement.types)


def _hides_both(deny: Rule, rule: Rule) -> bool:
    return deny.methods == rule.methods and deny.statement == rule.statement


def _wider(wide: frozenset[str] | None, narrow: frozenset[str] | None) -> bool:
    return wide is None or (narrow is not None and wide >= narrow)
