"""A statement as rules see it: what it touches as things and columns with their classes, found once a footprint."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gatebook.core.analysis.footprint import Footprint, Resource, ResourceKind, Source, Statement, Trait
from gatebook.core.policy.columns import Class, Column, column_of
from gatebook.core.policy.names import Thing
from gatebook.core.policy.question import Tables
from gatebook.core.policy.sharing import ACCESS_STATEMENTS
from gatebook.core.policy.standing import is_hidden

# A script that only declares touches nothing, as a SELECT of constants does.
_NOTHING = Statement("SELECT")


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """A column and the classes it is in."""

    column: Column
    classes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """One statement. `columns` are by how they are used; `all_columns` are those of any use."""

    statement: Statement
    reads: tuple[Thing, ...]
    writes: tuple[Thing, ...]
    columns: Mapping[str, tuple[SeenColumn, ...]]
    all_columns: tuple[SeenColumn, ...]
    traits: frozenset[str]
    opaque: tuple[str, ...]

    @property
    def type(self) -> str:
        """The statement's type."""
        return self.statement.type


def see(footprint: Footprint, tables: Tables, classes: tuple[Class, ...], *, sharing: bool) -> tuple[Seen, ...]:
    """Look at every statement of a footprint. `sharing`: the call itself changes who may reach data."""
    look_up = _LookUp(tables, classes)
    return tuple(_seen(statement, sharing, look_up) for statement in footprint.statements or (_NOTHING,))


class _LookUp:
    """Finds the classes of each column once."""

    def __init__(self, tables: Tables, classes: tuple[Class, ...]) -> None:
        self._tables = tables
        self._classes = classes
        self._found: dict[Source, SeenColumn] = {}

    def __call__(self, sources: Iterable[Source]) -> tuple[SeenColumn, ...]:
        # Columns of result tables are left out, as the tables are.
        return tuple(self._one(source) for source in dict.fromkeys(sources) if not is_hidden(source[0]))

    def _one(self, source: Source) -> SeenColumn:
        found = self._found.get(source)
        if found is None:
            column, facts = column_of(source, self._tables), self._tables.get(source[0])
            classes = frozenset(one.name for one in self._classes if one.has(column, facts))
            found = self._found[source] = SeenColumn(column, classes)
        return found


def _seen(statement: Statement, sharing: bool, look_up: _LookUp) -> Seen:
    by_use = {how: look_up(sources) for how, sources in _by_use(statement).items()}
    shares = sharing or statement.type in ACCESS_STATEMENTS
    return Seen(
        statement=statement,
        # A result table is its maker's own (`builtin/own-results`), and what it was made of was decided when it was.
        reads=(
            *(Thing.of_table(table) for table in statement.tables_read if not is_hidden(table)),
            *_things(statement.resources_read),
        ),
        writes=(*map(Thing.of_table, statement.tables_written), *_things(statement.resources_written)),
        columns=by_use,
        all_columns=look_up((*statement.columns_read, *(s for found in _by_use(statement).values() for s in found))),
        traits=frozenset({*statement.traits, *((Trait.CHANGES_SHARING,) if shares else ())}),
        opaque=tuple(item.reason for item in statement.opaque),
    )


def _by_use(statement: Statement) -> dict[str, tuple[Source, ...]]:
    uses = statement.uses
    other = {
        "predicate": uses.predicate,
        "join": uses.join,
        "group": uses.group,
        "order": uses.order,
        "window": uses.window,
    }
    output = tuple(source for given in statement.outputs for source in given.sources)
    if not statement.outputs:
        # Copies, extracts and plain readings of rows give what they read.
        used = {source for sources in other.values() for source in sources}
        output = tuple(source for source in statement.columns_read if source not in used)
    return {"output": output, **other, "written": statement.columns_written}


def _things(resources: tuple[Resource, ...]) -> Iterator[Thing]:
    for resource in resources:
        # Functions of the script itself have one name; what they read is in the footprint.
        if resource.kind is not ResourceKind.ROUTINE or "." in resource.name:
            yield Thing.of_resource(resource)
