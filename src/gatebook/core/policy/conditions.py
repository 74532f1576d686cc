"""Conditions on one statement: what an allow rule covers, and what the other rules match."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gatebook.core.analysis.footprint import Trait
from gatebook.core.policy import document
from gatebook.core.policy.columns import ColumnPattern
from gatebook.core.policy.globs import Glob, PatternError
from gatebook.core.policy.names import Pattern, Thing, pattern_of
from gatebook.core.policy.seen import Seen, SeenColumn
from gatebook.core.policy.statement_names import TYPES, expand

CLASS = "class:"  # before the name of a class in a list of columns
UNCLASSIFIED = "none"  # `class:none`: columns in no class
TRAITS = frozenset(trait.value for trait in Trait)


@dataclass(frozen=True, slots=True)
class ColumnList:
    """Columns by name, and by class."""

    patterns: tuple[ColumnPattern, ...]
    classes: frozenset[str]

    @classmethod
    def of(cls, written: Iterable[str]) -> "ColumnList":
        """Read a list of column patterns and `class:NAME`. Raises PatternError."""
        texts = tuple(written)
        classes = frozenset(text.removeprefix(CLASS) for text in texts if text.startswith(CLASS))
        return cls(tuple(ColumnPattern.of(text) for text in texts if not text.startswith(CLASS)), classes)

    def covers(self, seen: SeenColumn) -> bool:
        """Tell whether a column is on the list by its name, or all of its classes are."""
        if any(pattern.covers(seen.column) for pattern in self.patterns):
            return True
        return self.classes.issuperset(seen.classes or (UNCLASSIFIED,))

    def touches(self, seen: SeenColumn) -> bool:
        """Tell whether a column may be on the list by its name, or one of its classes is."""
        if not self.classes.isdisjoint(seen.classes or (UNCLASSIFIED,)):
            return True
        return any(pattern.touches(seen.column) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Covered:
    """What an allow rule covers: statements of which everything is on its lists."""

    types: frozenset[str]
    reads: tuple[Pattern, ...]
    writes: tuple[Pattern, ...]
    columns: ColumnList | None
    traits: frozenset[str]
    opaque: tuple[Glob, ...]

    @classmethod
    def of(cls, written: document.Covered) -> "Covered":
        """Read the lists of a document. Raises PatternError."""
        return cls(
            expand(written.types, TYPES, None),
            _patterns(written.reads),
            _patterns(written.writes),
            ColumnList.of(written.columns) if written.columns else None,
            expand(written.traits, TRAITS, None),
            tuple(Glob.of(pattern, None) for pattern in written.unsafe_opaque),
        )

    def missing(self, seen: Seen) -> Iterator[str]:
        """Say what of a statement of one of these types is not on the lists; nothing when it is covered."""
        for reason in seen.opaque:
            if not any(glob.matches(reason) for glob in self.opaque):
                yield f"what is not understood ({reason})"
        for thing in seen.reads:
            if not any(pattern.covers(thing) for pattern in self.reads):
                yield f"reading {thing.text}"
        for thing in seen.writes:
            if not any(pattern.covers(thing) for pattern in self.writes):
                yield f"writing {thing.text}"
        for trait in sorted(seen.traits - self.traits):
            yield f"the trait {trait}"
        if self.columns is not None:
            for column in seen.all_columns:
                if not self.columns.covers(column):
                    yield f"the column {column.column.text}"


@dataclass(frozen=True, slots=True)
class Matched:
    """What the other rules are about: every list that is given must meet something of one and the same statement."""

    types: frozenset[str] | None
    reads: tuple[Pattern, ...]
    writes: tuple[Pattern, ...]
    columns: ColumnList | None
    how: tuple[document.How, ...]
    traits: frozenset[str]
    opaque: tuple[Glob, ...]

    @classmethod
    def of(cls, written: document.Matched) -> "Matched":
        """Read the lists of a document. Raises PatternError."""
        if written.how and not written.columns:
            raise PatternError("`how` says how `columns` are used, and there are none")
        return cls(
            expand(written.types, TYPES, None) if written.types else None,
            _patterns(written.reads),
            _patterns(written.writes),
            ColumnList.of(written.columns) if written.columns else None,
            written.how,
            expand(written.traits, TRAITS, None),
            tuple(Glob.of(pattern, None) for pattern in written.opaque),
        )

    def matches(self, seen: Seen) -> bool:
        """Tell whether a statement of one of these types is meant."""
        return (
            (not self.reads or _meet(self.reads, seen.reads))
            and (not self.writes or _meet(self.writes, seen.writes))
            and (not self.traits or not self.traits.isdisjoint(seen.traits))
            and (not self.opaque or any(glob.matches(reason) for glob in self.opaque for reason in seen.opaque))
            and (self.columns is None or any(map(self.columns.touches, self._columns(seen))))
        )

    def _columns(self, seen: Seen) -> Iterable[SeenColumn]:
        if not self.how:
            return seen.all_columns
        return (column for how in self.how for column in seen.columns[how])


EVERY_STATEMENT = Matched(None, (), (), None, (), frozenset(), ())


def _patterns(written: tuple[str, ...]) -> tuple[Pattern, ...]:
    return tuple(map(pattern_of, written))


def _meet(patterns: tuple[Pattern, ...], things: tuple[Thing, ...]) -> bool:
    return any(pattern.touches(thing) for thing in things for pattern in patterns)
