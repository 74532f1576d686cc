"""What a query or body does, told once and for every use of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatebook.core.analysis.footprint import Opaque, Resource, TableRef
from gatebook.core.analysis.lineage.beyond import everything_in
from gatebook.core.analysis.lineage.marks import Marks
from gatebook.core.analysis.lineage.taint import NOTHING, Mask, Taint, joined
from gatebook.googlesql.catalog import Table

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Relation, Walk


@dataclass(frozen=True, slots=True)
class Summary:
    """What a query or body does. `arguments` are the stand-ins, in order."""

    columns: tuple[tuple[str, Taint], ...]
    marks: Marks
    tables: frozenset[TableRef]
    resources: frozenset[Resource]
    opaque: tuple[Opaque, ...]
    reads_history: bool
    arguments: tuple[Taint | Relation, ...] = ()


def summary_of(
    walk: Walk, columns: Sequence[tuple[str, Taint]], arguments: tuple[Taint | Relation, ...] = ()
) -> Summary:
    """Give the summary of a walk that is done."""
    return Summary(
        tuple(columns),
        walk.finish(),
        frozenset(walk.tables),
        frozenset(walk.resources),
        tuple(walk.opaque),
        walk.reads_history,
        arguments,
    )


def absorb(walk: Walk, summary: Summary, change: Callable[[Mask], Mask]) -> None:
    """Let a walk have met all that the summary tells of, with its sets of sources changed."""
    walk.marks.add(summary.marks.mapped(change))
    walk.tables |= summary.tables
    walk.resources |= summary.resources
    walk.opaque |= dict.fromkeys(summary.opaque)
    walk.reads_history = walk.reads_history or summary.reads_history


def columns_of_view(table: Table, columns: Sequence[tuple[str, Taint]]) -> Mapping[str, Taint]:
    """Join what a query gives with the columns of its view: by position, and by name where that is another.

    A view may have names of its own for its columns, or a query that gives more of them than when it was made.
    """
    shown = [column.name.lower() for column in table.columns if not column.pseudo]
    named = {name.lower(): taint for name, taint in columns}
    if len(shown) == len(columns):
        by_position = dict(zip(shown, (taint for _, taint in columns), strict=True))
        return {name: taint.joined(named.get(name, NOTHING)) for name, taint in by_position.items()}
    every = Taint(joined(taint for _, taint in columns).flat)
    return {name: named.get(name, every) for name in shown}


def substitution(
    stand_ins: Sequence[Taint | Relation], arguments: Sequence[Taint | Relation]
) -> Callable[[Mask], Mask]:
    """Give the change of a set of sources that puts what is passed in the place of the stand-ins."""
    passed = [pair for each in zip(stand_ins, arguments, strict=True) for pair in _bound(*each)]

    def change(mask: Mask) -> Mask:
        changed = mask
        for stand_in, actual in passed:
            if mask & stand_in:
                changed = changed & ~stand_in | actual
        return changed

    return change


def _bound(stand_in: Taint | Relation, actual: Taint | Relation) -> Iterator[tuple[Mask, Mask]]:
    if isinstance(stand_in, Taint):
        value = actual if isinstance(actual, Taint) else Taint(everything_in([actual]))
        if not stand_in.fields:
            yield stand_in.own, value.flat
        for position, field in stand_in.fields.items():
            yield from _bound(field, value.field(position))
        return
    every = Taint(everything_in([actual]))
    for name, column in stand_in.items():
        yield from _bound(column, every if isinstance(actual, Taint) else actual.get(name, every))
