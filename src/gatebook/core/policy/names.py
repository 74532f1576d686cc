"""Patterns of BigQuery's names: tables and what else lives in projects and datasets, and files.

A name is a path of parts; `*` stands for any text within one part and never crosses a dot, `**` for any number of whole
parts. What is matched can stand for many itself: a wildcard table (`events_*`), all tables of a dataset (`*`), files by
pattern. So there are two questions: whether a pattern *covers* a name (everything that the name stands for is on the
list: for allow), and whether it *touches* it (something may be: for the others).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from gatebook.core.analysis.footprint import Resource, ResourceKind, TableRef
from gatebook.core.policy.globs import Glob, PatternError, overlap

ANY_PARTS = "**"
SCHEMA_VIEWS = "INFORMATION_SCHEMA"  # BigQuery reads its name, and the names in it, in any case
# Kinds that do not live in a dataset: a pattern without a kind does not speak of them.
_OUTSIDE = frozenset({ResourceKind.URI, ResourceKind.CONNECTION, ResourceKind.CAPACITY})
_KIND = re.compile(rf"({'|'.join(ResourceKind)}):(.*)", re.DOTALL)
_DOMAIN_PROJECT = re.compile(r"((?:[^.:]+\.)+[^.:]+:[^.]*)(?:\.(.*))?", re.DOTALL)  # example.com:warehouse


@dataclass(frozen=True, slots=True)
class Thing:
    """A name that a statement touches. `kind` is None for a table; the parts of a URI are one."""

    kind: ResourceKind | None
    parts: tuple[str, ...]
    text: str

    @classmethod
    def of_table(cls, table: TableRef) -> "Thing":
        """Give the parts of a table's name; those of INFORMATION_SCHEMA have one spelling."""
        parts = (table.project, *table.dataset.split("."), table.table)
        return cls(None, one_spelling(parts), str(table))

    @classmethod
    def of_resource(cls, resource: Resource) -> "Thing":
        """Give the parts of a resource's name."""
        parts = (resource.name,) if resource.kind in _OUTSIDE else split(resource.name)
        return cls(resource.kind, parts, f"{resource.kind}:{resource.name}")


class Pattern(Protocol):
    """A pattern of things."""

    def covers(self, thing: Thing) -> bool:
        """Tell whether everything that the thing stands for is in the pattern."""
        ...

    def touches(self, thing: Thing) -> bool:
        """Tell whether something that the thing stands for may be in the pattern."""
        ...


def pattern_of(text: str) -> Pattern:
    """Read a pattern: of tables and whatever else has a place in a project, or of one `kind:`. Raises PatternError."""
    prefixed = _KIND.fullmatch(text)
    if prefixed is not None:
        kind, name = ResourceKind(prefixed[1]), prefixed[2]
        return Outside(kind, Glob.of(name, "/")) if kind in _OUTSIDE else Inside(kind, globs_of(split(name)))
    parts = split(text)
    if len(parts) < 3 and ANY_PARTS not in parts:
        raise PatternError("is no table: write project.dataset.table, project.dataset.** or dataset:project.dataset")
    return Inside(None, globs_of(one_spelling(parts)))


@dataclass(frozen=True, slots=True)
class Inside:
    """A pattern of what has a place in a project: of one kind, or of tables and all other kinds."""

    kind: ResourceKind | None
    parts: tuple[Glob | None, ...]  # None: any number of parts

    def covers(self, thing: Thing) -> bool:
        """See Pattern."""
        return self._speaks_of(thing) and reaches(self.parts, thing.parts, Glob.matches)

    def touches(self, thing: Thing) -> bool:
        """See Pattern."""
        return self._speaks_of(thing) and reaches(self.parts, thing.parts, touches_part)

    def _speaks_of(self, thing: Thing) -> bool:
        return thing.kind not in _OUTSIDE if self.kind is None else thing.kind is self.kind


@dataclass(frozen=True, slots=True)
class Outside:
    """A pattern of what is in no project: files, connections, capacity. Its parts are told apart by slashes."""

    kind: ResourceKind
    name: Glob

    def covers(self, thing: Thing) -> bool:
        """See Pattern. A star in a URI crosses slashes, one in a pattern does not: the two must not meet."""
        return thing.kind is self.kind and self.name.matches(thing.parts[0].replace("*", "/*/"))

    def touches(self, thing: Thing) -> bool:
        """See Pattern."""
        if thing.kind is not self.kind:
            return False
        name = thing.parts[0]
        return overlap("".join(self.name.pieces), name) if "*" in name else self.name.matches(name)


def split(name: str) -> tuple[str, ...]:
    """Give the parts of a dotted name; the project of a domain (`example.com:warehouse`) is one. Never raises."""
    domain = _DOMAIN_PROJECT.fullmatch(name)
    if domain is None:
        return tuple(name.split("."))
    return (domain[1],) if domain[2] is None else (domain[1], *domain[2].split("."))


def touches_part(glob: Glob, part: str) -> bool:
    """Tell whether a part, which may hold stars itself, may be one that the pattern stands for."""
    return overlap("".join(glob.pieces), part) if "*" in part else glob.matches(part)


def one_spelling(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Write the names of INFORMATION_SCHEMA in capitals."""
    upper = tuple(part.upper() for part in parts)
    if SCHEMA_VIEWS not in upper[1:-1]:
        return parts
    at = upper.index(SCHEMA_VIEWS, 1)
    return (*parts[:at], *upper[at : at + 2], *parts[at + 2 :])


def globs_of(parts: tuple[str, ...]) -> tuple[Glob | None, ...]:
    """Read the parts of a pattern; None stands for `**`. Raises PatternError."""
    found = []
    for part in parts:
        if part != part.strip():
            raise PatternError("has blanks around a part of it")
        if not part:
            raise PatternError("has an empty part: names are joined by single dots")
        if part != ANY_PARTS and ANY_PARTS in part:
            raise PatternError("has `**` beside other text: it stands for whole parts")
        found.append(None if part == ANY_PARTS else Glob.of(part, None))
    if found.count(None) > 2:
        raise PatternError("has `**` more than twice")
    return tuple(found)


def reaches(pattern: tuple[Glob | None, ...], parts: tuple[str, ...], holds: Callable[[Glob, str], bool]) -> bool:
    """Tell whether a pattern's parts meet all of a name's; `holds` compares one with one.

    A set of places is carried through the pattern, as in Glob.
    """
    if None not in pattern:
        return len(pattern) == len(parts) and all(
            glob is not None and holds(glob, part) for glob, part in zip(pattern, parts, strict=True)
        )
    places = {0}
    for glob in pattern:
        if not places:
            return False
        if glob is None:
            places = set(range(min(places), len(parts) + 1))
        else:
            places = {place + 1 for place in places if place < len(parts) and holds(glob, parts[place])}
    return len(parts) in places
