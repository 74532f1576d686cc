"""What the rules of a policy say of a caller's footprint, as far as neither time nor cost comes into it."""

from collections.abc import Mapping
from dataclasses import dataclass

from gatebook.core.model import Call
from gatebook.core.policy.rules import Rule
from gatebook.core.policy.seen import Seen
from gatebook.core.policy.variables import statement_values


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement, with the rules that hold of it in any case, and those of which the rest is still to be asked."""

    seen: Seen
    certain: tuple[Rule, ...]
    open: tuple[Rule, ...]
    values: Mapping[str, object]  # for conditions; empty when no open rule has one


def find(call: Call, seen: tuple[Seen, ...], rules: "RulesByType") -> tuple[Finding, ...]:
    """Ask every rule that may be about a statement."""
    return tuple(_finding(statement, rules(statement.type, call.method.name)) for statement in seen)


def _finding(seen: Seen, rules: tuple[Rule, ...]) -> Finding:
    met = [rule for rule in rules if rule.meets(seen)]
    still_open = tuple(rule for rule in met if not rule.always)
    values = statement_values(seen) if any(rule.when for rule in still_open) else {}
    return Finding(seen, tuple(rule for rule in met if rule.always), still_open, values)


class RulesByType:
    """The rules that concern one caller, by statement type and method; each pair is looked through once."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self._rules = rules
        self._found: dict[tuple[str, str], tuple[Rule, ...]] = {}

    def __call__(self, statement_type: str, method: str) -> tuple[Rule, ...]:
        """Give the rules about statements of a type that a method asks for."""
        found = self._found.get((statement_type, method))
        if found is None:
            # Both come from closed tables (core/methods, core/analysis), so that this does not grow with calls.
            found = tuple(rule for rule in self._rules if rule.about(statement_type, method))
            self._found[statement_type, method] = found
        return found
