"""Documents to a Policy: everything is checked, every problem is found, and one error keeps the whole out of force."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from gatebook.core.policy.checked import Notes
from gatebook.core.policy.checked_callers import read_callers, read_groups
from gatebook.core.policy.checked_limits import read_limit
from gatebook.core.policy.checked_rules import RuleReader
from gatebook.core.policy.columns import Class, ColumnPattern
from gatebook.core.policy.conditions import UNCLASSIFIED
from gatebook.core.policy.globs import Glob
from gatebook.core.policy.limits import Limit
from gatebook.core.policy.policy import KNOWN, Parts, Policy
from gatebook.core.policy.problems import Path, Problem
from gatebook.core.policy.reading import POLICY, Source
from gatebook.core.policy.rules import Rule
from gatebook.core.policy.unreachable import unreachable
from gatebook.core.policy.windows import Zones

# Part of every version: what the same documents mean changes with it.
_LANGUAGE = "gatebook-policy-1"
_RESERVED = {"callers": KNOWN, "groups": KNOWN, "classifications": UNCLASSIFIED}


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy, None when there are errors; and the problems, by file and line."""

    policy: Policy | None
    problems: tuple[Problem, ...]


def compile_policy(sources: Sequence[Source], zones: Zones) -> Compiled:
    """Make one policy of all files, whose order does not matter. `zones` gives time zones by name (ZoneInfo).

    Raises ValueError for no files at all.
    """
    if not sources:
        raise ValueError("a policy has at least one file")
    notes = Notes()
    shadow = _check_whole(sources, notes)
    callers = read_callers(sources, notes)
    groups = read_groups(sources, (name for s in sources for name in s.document.callers), notes)
    classes = tuple(_classes(sources, notes))
    rules, limits = _rules_and_limits(sources, notes, zones)
    if notes.any_errors:
        return Compiled(None, tuple(sorted(notes.problems)))
    _warn(sources, rules, groups, notes)
    parts = Parts(
        version=version_of(sources),
        shadow=shadow,
        callers=callers,
        groups=groups,
        classes=classes,
        rules=tuple(sorted(rules, key=lambda rule: rule.id)),
        limits=tuple(sorted(limits, key=lambda limit: limit.id)),
    )
    return Compiled(Policy(parts), tuple(sorted(notes.problems)))


def version_of(sources: Sequence[Source]) -> str:
    """Give the hash of what the documents say: not of comments, layout, file names or order."""
    documents = [source.document for source in sources]
    said: dict[str, object] = {"language": _LANGUAGE, "shadow": any(one.mode == "shadow" for one in documents)}
    for part in POLICY.named:
        said[part] = {name: entry for one in documents for name, entry in getattr(one, part).items()}
    for part in POLICY.listed:
        said[part] = sorted(
            (entry for one in documents for entry in getattr(one, part)), key=lambda entry: str(entry.id)
        )
    return "sha256:" + hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def _check_whole(sources: Sequence[Source], notes: Notes) -> bool:
    """Check what must be once in all files. Gives whether the policy is in shadow mode."""
    modes = [(source, source.document.mode) for source in sources if source.document.mode is not msgspec.UNSET]
    for source, _ in modes[1:]:
        notes.error(source, ("mode",), f"is given in {modes[0][0].located.file} already: one file says it for all")
    _check_names(sources, notes)
    return any(mode == "shadow" for _, mode in modes)


def _check_names(sources: Sequence[Source], notes: Notes) -> None:
    first: dict[tuple[str, str], Problem] = {}
    for source in sources:
        for space, name, path in _names(source):
            if _RESERVED.get(str(path[0])) == name:
                notes.error(source, path, f"{name!r} has a meaning of its own: choose another name")
            here = source.located.problem(path, "")
            other = first.setdefault((space, name), here)
            if other is not here:
                notes.error(source, path, f"the name {name!r} is taken, in {other.file}:{other.line}")


def _names(source: Source) -> Iterator[tuple[str, str, Path]]:
    """Give the names that a file takes, and the space in which each must be unique."""
    document = source.document
    for part in POLICY.named:
        for name in getattr(document, part):
            yield "callers" if part == "groups" else part, name, (part, name)
    for part in POLICY.listed:
        for index, entry in enumerate(getattr(document, part)):
            yield part, entry.id, (part, index, "id")


def _classes(sources: Sequence[Source], notes: Notes) -> Iterator[Class]:
    for source in sources:
        for name, entry in source.document.classifications.items():
            path: Path = ("classifications", name)
            if not (entry.columns or entry.policy_tags or entry.labels):
                notes.error(source, path, "has no columns, policy_tags or labels, so that nothing is in it")
            notes.each(source, (*path, "columns"), entry.columns, ColumnPattern.of)
            notes.each(source, (*path, "policy_tags"), entry.policy_tags, lambda one: Glob.of(one, "/"))
            if not notes.any_errors:
                yield Class.of(name, entry)


def _rules_and_limits(sources: Sequence[Source], notes: Notes, zones: Zones) -> tuple[list[Rule], list[Limit]]:
    classes = {name for s in sources for name in s.document.classifications}
    callers = {KNOWN, *(name for s in sources for name in (*s.document.callers, *s.document.groups))}
    reader = RuleReader(notes, zones, callers, classes, {name for s in sources for name in s.document.reviewers})
    rules = [reader.read(source, index) for source in sources for index in range(len(source.document.rules))]
    limits = [
        read_limit(source, index, callers, notes) for source in sources for index in range(len(source.document.limits))
    ]
    return [rule for rule in rules if rule is not None], limits


def _warn(sources: Sequence[Source], rules: list[Rule], groups: dict[str, frozenset[str]], notes: Notes) -> None:
    if not groups:
        notes.warning(sources[0], (), "names no callers: every call is refused")
        return
    places = {rule.id: (s, index) for s in sources for index, rule in enumerate(s.document.rules)}
    for rule, why in unreachable(rules, groups):
        source, index = places[rule.id]
        notes.warning(source, ("rules", index), f"{rule.id} {why}")
