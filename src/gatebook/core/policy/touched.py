"""Facts of tables, of the columns that a footprint touches: what a decision rests on, and what is recorded of it."""

from collections import OrderedDict
from collections.abc import Iterator

from gatebook.core.analysis.footprint import EVERYTHING, Footprint, TableRef
from gatebook.core.policy.question import NO_TABLES, ColumnFacts, TableFacts, Tables


class TouchedTables:
    """Gives the same object again for the same footprint and facts, so that what is found of it can be remembered."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._made: OrderedDict[int, tuple[Footprint, Tables, Tables]] = OrderedDict()

    def __call__(self, footprint: Footprint, facts: Tables) -> Tables:
        """Keep of each table's facts the columns that the footprint touches."""
        if not facts:
            return NO_TABLES
        known = self._made.get(id(footprint))
        if known is not None and known[0] is footprint and _same(known[1], facts):
            self._made.move_to_end(id(footprint))
            return known[2]
        made = _touched(footprint, facts)
        self._made[id(footprint)] = (footprint, facts, made)
        if len(self._made) > self._at_most:
            self._made.popitem(last=False)
        return made


def _same(one: Tables, other: Tables) -> bool:
    return one.keys() == other.keys() and all(facts is other[ref] for ref, facts in one.items())


def _touched(footprint: Footprint, facts: Tables) -> Tables:
    paths = _paths(footprint)
    return {ref: TableFacts(_columns(found, paths.get(ref, set())), found.labels) for ref, found in facts.items()}


def _columns(facts: TableFacts, paths: set[str]) -> tuple[ColumnFacts, ...]:
    """Keep leaves that are touched, or are within a record that is."""
    if EVERYTHING in paths:
        return facts.columns
    return tuple(column for column in facts.columns if not paths.isdisjoint(_around(column.path.lower())))


def _around(path: str) -> Iterator[str]:
    """Give a path and those of the records that it is in."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _paths(footprint: Footprint) -> dict[TableRef, set[str]]:
    """Give the paths of touched columns in lower case, by table."""
    found: dict[TableRef, set[str]] = {}
    for statement in footprint.statements:
        uses = statement.uses
        touched = [*statement.columns_read, *statement.columns_written]
        touched += [source for output in statement.outputs for source in output.sources]
        touched += [*uses.predicate, *uses.join, *uses.group, *uses.order, *uses.window]
        for table, path in touched:
            found.setdefault(table, set()).add(path.lower())
    return found
