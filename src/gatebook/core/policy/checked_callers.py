"""The callers of a policy and their groups, checked: an entry that would match strangers is an error."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

import msgspec

from gatebook.core.model import CallerKind
from gatebook.core.policy import document
from gatebook.core.policy.attested import CallerPattern
from gatebook.core.policy.checked import Notes
from gatebook.core.policy.policy import KNOWN
from gatebook.core.policy.problems import Path
from gatebook.core.policy.reading import Source

# What alone tells one workload from another: on a CI system everybody may call an environment `production`.
_TELLING = ("repository",)
_TELLING_ELSEWHERE = ("repository", "environment")  # the namespace of Kubernetes, the project of Google
_CI = (CallerKind.GITHUB_ACTIONS, CallerKind.GITLAB_CI, msgspec.UNSET)


def read_callers(sources: Sequence[Source], notes: Notes) -> dict[str, CallerPattern]:
    """Give the entries by name."""
    found: dict[str, CallerPattern] = {}
    for source in sources:
        for name, entry in source.document.callers.items():
            path = ("callers", name)
            _check(source, path, entry, notes)
            pattern = notes.attempt(source, path, partial(CallerPattern.of, entry))
            if pattern is not None:
                found[name] = pattern
    return found


def _check(source: Source, path: Path, entry: document.CallerEntry, notes: Notes) -> None:
    attested = {} if entry.attested is msgspec.UNSET else _given(entry.attested)
    telling = _TELLING if entry.kind in _CI else _TELLING_ELSEWHERE
    tells = entry.subject is not msgspec.UNSET or entry.name is not msgspec.UNSET or attested.keys() & set(telling)
    if entry.every_workload_of_the_issuer is True:
        if tells or attested:
            notes.error(source, path, "says both who it is and that it is every workload of the issuer")
    elif not tells:
        notes.error(
            source,
            path,
            f"would match strangers: give subject, name or attested.{' or attested.'.join(telling)} "
            "(or every_workload_of_the_issuer: true)",
        )
    places: list[tuple[Path, object]] = [(("attested", fact), attested.get(fact)) for fact in telling]
    for place, pattern in ((("subject",), entry.subject), (("name",), entry.name), *places):
        if isinstance(pattern, str) and "*" in _owner(pattern, place[0] == "subject"):
            notes.error(source, (*path, *place), "has a wildcard where its owner stands, so that strangers would match")


def _owner(pattern: str, is_subject: bool) -> str:
    """Give the part of a pattern that says whose it is: OWNER/REPOSITORY, CLAIM:VALUE:..., ACCOUNT@PROJECT."""
    if is_subject:
        return ":".join(pattern.split(":")[:2])
    _, at, domain = pattern.partition("@")
    return domain if at and "/" not in pattern else pattern.partition("/")[0].partition(":")[0]


def _given(attested: document.Attested) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(attested).items() if value is not msgspec.UNSET}


def read_groups(sources: Sequence[Source], callers: Iterable[str], notes: Notes) -> dict[str, frozenset[str]]:
    """Give, for each caller entry, the groups that it is in, through other groups too; `known` is one of them."""
    groups = {name: (source, members) for source in sources for name, members in source.document.groups.items()}
    entries = tuple(callers)
    for name, (source, members) in groups.items():
        notes.names(source, ("groups", name), members, {*entries, *groups}, "caller or group")
        if name in _within(name, groups):
            notes.error(source, ("groups", name), "is a member of itself")
    inside = {name: _within(name, groups) for name in groups}
    return {
        entry: frozenset({KNOWN, *(group for group, members in inside.items() if entry in members)})
        for entry in entries
    }


def _within(name: str, groups: Mapping[str, tuple[Source, tuple[str, ...]]]) -> set[str]:
    """Give everything that is in a group, in groups of it, and so on."""
    found: set[str] = set()
    waiting = list(groups[name][1])
    while waiting:
        member = waiting.pop()
        if member not in found:
            found.add(member)
            waiting += groups[member][1] if member in groups else ()
    return found
