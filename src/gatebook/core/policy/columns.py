"""Columns as a policy sees them, patterns of them, and the classes that they are in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gatebook.core.analysis.footprint import EVERYTHING, Source
from gatebook.core.policy import document
from gatebook.core.policy.globs import Glob, PatternError
from gatebook.core.policy.names import (
    ANY_PARTS,
    SCHEMA_VIEWS,
    Thing,
    globs_of,
    one_spelling,
    reaches,
    split,
    touches_part,
)
from gatebook.core.policy.question import TableFacts, Tables

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a statement touches.

    `leaves` are the paths of the leaf columns at and below it, in small letters. Without facts of the table it is its
    own only leaf, and `whole` tells that there may be others within.
    """

    table: Thing
    leaves: tuple[Path, ...]
    whole: bool
    text: str


def column_of(source: Source, tables: Tables) -> Column:
    """Look a column up in what is known of its table."""
    table, name = source
    facts = tables.get(table)
    path = tuple(name.lower().split("."))
    text = f"{table}.{name}"
    thing = Thing.of_table(table)
    if facts is None:
        return Column(thing, (path,), True, text)
    if path in facts.leaves:
        return Column(thing, (path,), False, text)
    leaves = tuple(leaf for leaf in facts.leaves if name == EVERYTHING or leaf[: len(path)] == path)
    # What a schema does not have is a pseudo column, such as _PARTITIONTIME.
    return Column(thing, leaves or (path,), False, text)


@dataclass(frozen=True, slots=True)
class ColumnPattern:
    """A pattern of columns: of the table's name, and of the path within it. A record stands for all that is in it."""

    table: tuple[Glob | None, ...]
    path: tuple[Glob | None, ...]

    @classmethod
    def of(cls, pattern: str) -> "ColumnPattern":
        """Read `project.dataset.table.column`, with `**` for any number of parts. Raises PatternError."""
        parts = one_spelling(split(pattern))
        size = 4 if len(parts) > 3 and parts[2] == SCHEMA_VIEWS else 3
        begin = size
        if ANY_PARTS in parts[:size]:  # it goes on in the path
            begin = parts.index(ANY_PARTS)
            size = begin + 1
        if begin >= len(parts):
            raise PatternError("is no column: write project.dataset.table.column, or **.column")
        return cls(globs_of(parts[:size]), globs_of(tuple(part.lower() for part in parts[begin:])))

    def covers(self, column: Column) -> bool:
        """Tell whether all that the column holds is meant."""
        return reaches(self.table, column.table.parts, Glob.matches) and all(map(self._means, column.leaves))

    def touches(self, column: Column) -> bool:
        """Tell whether something that the column holds may be meant."""
        return reaches(self.table, column.table.parts, touches_part) and (
            any(map(self._means, column.leaves)) or (column.whole and self._may_be_within(column.leaves[0]))
        )

    def _means(self, path: Path) -> bool:
        """Tell whether a column, or a record that it is in, is meant."""
        return any(reaches(self.path, path[:size], Glob.matches) for size in range(1, len(path) + 1))

    def _may_be_within(self, path: Path) -> bool:
        """Tell whether something within a column of unknown type may be meant."""
        return path == (EVERYTHING,) or any(
            reaches(self.path[:size], path, Glob.matches) for size in range(1, len(self.path))
        )


@dataclass(frozen=True, slots=True)
class Class:
    """One classification: what puts a column into it."""

    name: str
    columns: tuple[ColumnPattern, ...]
    policy_tags: tuple[Glob, ...]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, name: str, entry: document.Classification) -> "Class":
        """Read an entry of `classifications`. Raises PatternError."""
        return cls(
            name,
            tuple(ColumnPattern.of(pattern) for pattern in entry.columns),
            tuple(Glob.of(pattern, "/") for pattern in entry.policy_tags),
            entry.labels if isinstance(entry.labels, dict) else {},
        )

    def has(self, column: Column, facts: TableFacts | None) -> bool:
        """Tell whether the column may hold something of this class.

        What cannot be looked up is taken to be in it: a class that is not seen is a class that is not guarded.
        """
        if any(pattern.touches(column) for pattern in self.columns):
            return True
        if facts is None:
            return bool(self.policy_tags or self.labels)
        if any(facts.labels.get(key) == value for key, value in self.labels.items()):
            return True
        tags = {tag for leaf in column.leaves for tag in facts.leaves.get(leaf, ())}
        return any(glob.matches(tag) for glob in self.policy_tags for tag in tags)


def classes_of(source: Source, tables: Tables, classes: Iterable[Class]) -> frozenset[str]:
    """Give the names of the classes that a column, by its table and dotted path, is in."""
    column, facts = column_of(source, tables), tables.get(source[0])
    return frozenset(one.name for one in classes if one.has(column, facts))
