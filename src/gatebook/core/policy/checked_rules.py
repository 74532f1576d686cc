"""The rules of a policy, checked and made ready to be evaluated."""

import re
from collections.abc import Callable, Iterator
from functools import partial

import msgspec

from gatebook.core.policy import document
from gatebook.core.policy.attested import NO_FACTS, Facts
from gatebook.core.policy.cel import Condition, Conditions
from gatebook.core.policy.checked import Notes
from gatebook.core.policy.columns import ColumnPattern
from gatebook.core.policy.conditions import CLASS, EVERY_STATEMENT, TRAITS, UNCLASSIFIED, Covered, Matched
from gatebook.core.policy.globs import Glob
from gatebook.core.policy.names import pattern_of
from gatebook.core.policy.problems import Path
from gatebook.core.policy.reading import Source
from gatebook.core.policy.rules import Effect, Exempt, Rule
from gatebook.core.policy.sizes import size_of
from gatebook.core.policy.statement_names import TYPES, expand, methods
from gatebook.core.policy.windows import TimeWindow, Zones

# Java's client repeats a call for ever whose error reads so.
_RETRIED = re.compile(".*".join(("exceed", "rate", "limit")), re.IGNORECASE | re.DOTALL)


class RuleReader:
    """Reads the rules of all files. `callers`, `classes` and `reviewers` are the names that there are."""

    def __init__(self, notes: Notes, zones: Zones, callers: set[str], classes: set[str], reviewers: set[str]) -> None:
        self._notes = notes
        self._zones = zones
        self._callers = callers
        self._classes = {*classes, UNCLASSIFIED}
        self._reviewers = reviewers
        self._conditions = Conditions()

    def read(self, source: Source, index: int) -> Rule | None:
        """Read one rule; None when something is wrong with it, which is noted."""
        path: Path = ("rules", index)
        rule = source.document.rules[index]
        before = len(self._notes.problems)
        self._check_names(source, path, rule)
        self._check_lists(source, path, rule)
        if len(self._notes.problems) > before:
            return None
        made = self._rule(source, path, rule)
        return made if len(self._notes.problems) == before else None

    def _rule(self, source: Source, path: Path, rule: document.Rule) -> Rule | None:
        statement = self._notes.attempt(source, (*path, "statement"), lambda: _statement(rule))
        attested = self._facts(source, (*path, "attested"), rule.attested)
        times = self._times(source, (*path, "times"), rule.times)
        unless = None if isinstance(rule, document.AllowRule) else self._exempt(source, path, rule.unless)
        bytes_bound = self._bytes(source, path, rule)
        when = self._condition(source, path, rule)
        if statement is None:
            return None
        return Rule(
            id=rule.id,
            effect=_EFFECTS[type(rule)],
            callers=frozenset(rule.callers) if rule.callers else None,
            attested=attested,
            unless=unless,
            methods=methods(rule.methods) if rule.methods else None,
            statement=statement,
            times=times,
            bytes_bound=bytes_bound,
            rows_bound=_rows(rule),
            when=when,
            reviewers=tuple(sorted(rule.reviewers)) if isinstance(rule, document.HoldRule) else (),
            message=_message(rule),
        )

    def _check_names(self, source: Source, path: Path, rule: document.Rule) -> None:
        self._notes.names(source, (*path, "callers"), rule.callers, self._callers, "caller or group")
        if isinstance(rule, document.HoldRule):
            self._notes.names(source, (*path, "reviewers"), rule.reviewers, self._reviewers, "entry of `reviewers`")
        message = _message(rule)
        if message is not None and _RETRIED.search(message):
            self._notes.error(source, (*path, "message"), "reads as an error that Java's client repeats for ever")

    def _check_lists(self, source: Source, path: Path, rule: document.Rule) -> None:
        """Try every pattern by itself first, so that each bad one has its own line."""
        self._notes.each(source, (*path, "methods"), rule.methods, lambda one: methods((one,)))
        if isinstance(rule.statement, msgspec.UnsetType):
            return
        path = (*path, "statement")
        if rule.statement == document.Matched():
            self._notes.error(source, path, "says nothing: leave it out to mean every statement")
        for name, patterns, read in self._lists(rule.statement):
            self._notes.each(source, (*path, name), patterns, read)

    def _lists(
        self, statement: document.Covered | document.Matched
    ) -> Iterator[tuple[str, tuple[str, ...], Callable[[str], object]]]:
        yield "types", statement.types, lambda one: expand((one,), TYPES, None)
        yield "reads", statement.reads, pattern_of
        yield "writes", statement.writes, pattern_of
        yield "columns", statement.columns, self._column
        yield "traits", statement.traits, lambda one: expand((one,), TRAITS, None)
        name = "unsafe_opaque" if isinstance(statement, document.Covered) else "opaque"
        yield name, getattr(statement, name), lambda one: Glob.of(one, None)

    def _column(self, written: str) -> object:
        if not written.startswith(CLASS):
            return ColumnPattern.of(written)
        if written.removeprefix(CLASS) not in self._classes:
            raise ValueError(f"{written.removeprefix(CLASS)!r} is no class of this policy")
        return written

    def _exempt(self, source: Source, path: Path, unless: document.Unless | msgspec.UnsetType) -> Exempt | None:
        if isinstance(unless, msgspec.UnsetType):
            return None
        path = (*path, "unless")
        if unless == document.Unless():
            self._notes.error(source, path, "says nothing, and would leave every call alone")
        self._notes.names(source, (*path, "callers"), unless.callers, self._callers, "caller or group")
        return Exempt(
            frozenset(unless.callers) if unless.callers else None,
            self._facts(source, (*path, "attested"), unless.attested),
            self._times(source, (*path, "times"), unless.times),
        )

    def _facts(self, source: Source, path: Path, attested: document.Attested | msgspec.UnsetType) -> Facts:
        if isinstance(attested, msgspec.UnsetType):
            return NO_FACTS
        if attested == document.Attested():
            self._notes.error(source, path, "says nothing: name a fact, or leave it out")
        return self._notes.attempt(source, path, lambda: Facts.of(attested)) or NO_FACTS

    def _times(self, source: Source, path: Path, windows: tuple[document.Window, ...]) -> tuple[TimeWindow, ...]:
        made = [
            self._notes.attempt(source, (*path, index), partial(TimeWindow.of, window, self._zones))
            for index, window in enumerate(windows)
        ]
        return tuple(window for window in made if window is not None)

    def _bytes(self, source: Source, path: Path, rule: document.Rule) -> int | None:
        bound = rule.estimated_bytes
        if isinstance(bound, msgspec.UnsetType):
            return None
        name, size = ("at_most", bound.at_most) if isinstance(bound, document.AtMost) else ("above", bound.above)
        return self._notes.attempt(source, (*path, "estimated_bytes", name), lambda: size_of(size))

    def _condition(self, source: Source, path: Path, rule: document.Rule) -> Condition | None:
        text = rule.when
        if isinstance(text, msgspec.UnsetType):
            return None
        return self._notes.attempt(source, (*path, "when"), lambda: self._conditions.compile(text))


_EFFECTS = {
    document.AllowRule: Effect.ALLOW,
    document.DenyRule: Effect.DENY,
    document.HoldRule: Effect.HOLD,
    document.ObserveRule: Effect.OBSERVE,
}


def _statement(rule: document.Rule) -> Covered | Matched:
    if isinstance(rule.statement, msgspec.UnsetType):
        return EVERY_STATEMENT
    return Covered.of(rule.statement) if isinstance(rule.statement, document.Covered) else Matched.of(rule.statement)


def _rows(rule: document.Rule) -> int | None:
    bound = rule.rows_affected
    if isinstance(bound, msgspec.UnsetType):
        return None
    return bound.at_most if isinstance(bound, document.AtMostRows) else bound.above


def _message(rule: document.Rule) -> str | None:
    message = getattr(rule, "message", msgspec.UNSET)
    return message if isinstance(message, str) else None
