"""What all walks over one text share: the sources, what the text may name, and what a script has written so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.analysis.lineage.sources import Sources
from gatebook.core.analysis.lineage.taint import NOTHING, Taint
from gatebook.core.analysis.names import Names
from gatebook.core.analysis.reader import Reader
from gatebook.core.analysis.templates import with_whole_names
from gatebook.googlesql.catalog import Catalog, Routine, Table

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.definitions import Definitions


class Session:
    """The state of one reading of a text.

    `catalog` is what statements may name at this point of the text; `known` is what was looked up before it began.
    `temporary` has the full names of temporary tables, in lower case. What variables, parameters and written tables
    hold only grows: a loop may come back to a statement with what a later one has stored.
    """

    definitions: Definitions

    def __init__(self, reader: Reader, catalog: Catalog, names: Names) -> None:
        self.reader = reader
        self.procedures = {r.full_name: r for r in catalog.routines if r.kind == "procedure"}
        # The analyzer is asked for no CALL: what it does is read statement by statement.
        functions = (r for r in catalog.routines if r.kind != "procedure")
        routines = tuple(with_whole_names(r, reader, catalog.default_project) for r in functions)
        catalog = replace(catalog, routines=routines)
        self.known = catalog
        self._known_routines = frozenset(catalog.routines)
        self.names = names
        self.sources = Sources()
        self.temporary: frozenset[str] = frozenset()
        self.parameters: Mapping[str, Taint] | Sequence[Taint] = {}
        self.variables: dict[str, Taint] = {}
        self.frames: dict[tuple[str, ...], dict[str, Taint]] = {}  # variables of procedures, by the chain of calls
        self.version = 0  # of `written`
        self.written: dict[str, dict[str, Taint]] = {}  # columns by table, both in lower case
        self._refs: dict[str, TableRef | None] = {}
        self.catalog = catalog

    @property
    def catalog(self) -> Catalog:
        """What statements may name here."""
        return self._catalog

    @catalog.setter
    def catalog(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._tables: dict[str, Table] = {table.full_name: table for table in catalog.tables}
        self._routines: dict[str, Routine] = {routine.full_name: routine for routine in catalog.routines}

    def connections(self, name: str) -> list[str]:
        """Give the connections in full that the analyzer calls by their last name only."""
        named = [".".join(path) for path in self.catalog.connections if path[-1] == name]
        return named or [name]

    def held(self) -> tuple[object, ...]:
        """Give all that variables and tables hold, to compare with another time."""
        frames = {chain: dict(frame) for chain, frame in self.frames.items()}
        return dict(self.variables), frames, {name: dict(columns) for name, columns in self.written.items()}

    def restart(self) -> None:
        """Go back to the beginning of the text with what was held at its end."""
        self.catalog = self.known
        self.temporary = frozenset()

    def ref(self, full_name: str) -> TableRef | None:
        """Give the table that a scan names; None for a temporary one."""
        if full_name.lower() in self.temporary:
            return None
        if full_name not in self._refs:
            self._refs[full_name] = self.names.table(full_name)
        return self._refs[full_name]

    def table(self, full_name: str) -> Table | None:
        """Give the schema and definition of a table."""
        return self._tables.get(full_name)

    def routine(self, full_name: str) -> Routine | None:
        """Give the signature and body of a routine."""
        return self._routines.get(full_name)

    def is_looked_up(self, routine: Routine) -> bool:
        """Tell a routine that was there before the text began from one that it makes."""
        return routine in self._known_routines

    def variable(self, name: str) -> Taint:
        """Give what a variable of the script may hold."""
        return self.variables.get(name.lower(), NOTHING)

    def assign(self, name: str, taint: Taint) -> None:
        """Note that a variable may hold this as well."""
        self.variables[name.lower()] = self.variable(name).joined(taint)

    def parameter(self, name: str, position: int) -> Taint:
        """Give what a parameter holds: nothing of a table, unless EXECUTE IMMEDIATE passes it."""
        if isinstance(self.parameters, Mapping):
            return self.parameters.get(name.lower(), NOTHING)
        return self.parameters[position - 1] if 0 < position <= len(self.parameters) else NOTHING

    def empty(self, full_name: str) -> None:
        """Note that a table is made anew."""
        self.version += self.written.pop(full_name.lower(), None) is not None

    def write(self, full_name: str, columns: Mapping[str, Taint]) -> None:
        """Note that columns of a table may hold this as well, for the statements after."""
        known = self.written.setdefault(full_name.lower(), {})
        for name, taint in columns.items():
            before = known.get(name.lower(), NOTHING)
            known[name.lower()] = before.joined(taint)
            self.version += before.joined(taint) != before
