"""The names that a script makes while it is read: variables, temporary tables and functions, tables that it creates."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from gatebook.core.analysis.created import created_routine, created_tables, is_temporary, keeps_existing
from gatebook.core.analysis.footprint import Opaque
from gatebook.core.analysis.lineage.row import Given
from gatebook.core.analysis.lineage.session import Session
from gatebook.core.analysis.reasons import opaque
from gatebook.googlesql import tree
from gatebook.googlesql.catalog import Table
from gatebook.googlesql.types import SqlType

SESSION_DATASET = "_SESSION"  # `_SESSION.t` is the temporary table t


class Scope:
    """What names mean at a point of a script: changes the catalog and the temporary tables of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def declare(self, variables: Sequence[tuple[str, SqlType]]) -> None:
        """Make variables known; a later one of the same name takes the place of an earlier one."""
        names = {name.lower() for name, _ in variables}
        catalog = self._session.catalog
        kept = [item for item in catalog.constants if item[0].lower() not in names]
        self._session.catalog = replace(catalog, constants=(*kept, *variables))

    def apply(self, statement: Any, given: Sequence[Given], *, certain: bool) -> Iterator[Opaque]:
        """Take in what the statement creates, drops or renames; give what makes later names uncertain.

        `given` are the columns that it gives or writes.

        `certain` tells that the statement runs, and stays done, whenever the statements after it run.
        """
        yield from self._create(created_tables(statement, self._session.names, given), statement, certain=certain)
        yield from self._drop(statement, certain=certain)
        yield from self._rename(statement)
        routine = created_routine(statement, self._session.names)
        if routine is not None and routine.kind == "procedure":
            self._session.procedures[routine.full_name] = routine
        elif routine is not None:
            others = [known for known in self._session.catalog.routines if known.path != routine.path]
            self._session.catalog = replace(self._session.catalog, routines=(*others, routine))

    def _create(self, tables: tuple[Table, ...], statement: Any, *, certain: bool) -> Iterator[Opaque]:
        if not tables:
            return
        existing = self._known(tables)
        hides = self._hidden_by(tables[0]) if is_temporary(statement) else None
        if not certain and (existing or hides):
            detail = "it may not run, and then the name means another table. Take it out of IF, LOOP and BEGIN."
            yield opaque("uncertain_name", f"a branch creates {tables[0].full_name}: {detail}")
        if existing and keeps_existing(statement):
            return
        # One that may not be there leaves its name to the default dataset, where a table of that name may be made
        # before the script runs: then reading it counts as reading that table.
        if is_temporary(statement) and (certain or self._session.names.table(tables[0].path) is None):
            self._session.temporary |= {table.full_name.lower() for table in tables}
        paths = {table.path for table in tables}
        kept = [known for known in self._session.catalog.tables if known.path not in paths]
        self._session.catalog = replace(self._session.catalog, tables=(*kept, *tables))

    def _drop(self, statement: Any, *, certain: bool) -> Iterator[Opaque]:
        """A dropped temporary table no longer hides a table of the default dataset."""
        if tree.kind(statement) != "DropStmt":
            return
        name = tree.field(statement, "name_path")[-1]
        dropped = self._temporary_tables(statement)
        if not dropped:
            return
        if not certain and self._hidden_by(dropped[0]):
            detail = "it may not run, and then the name means another table. Take it out of IF, LOOP and BEGIN."
            yield opaque("uncertain_name", f"a branch drops {name}: {detail}")
        self._session.temporary -= {table.full_name.lower() for table in dropped}
        self._session.catalog = replace(
            self._session.catalog, tables=tuple(t for t in self._session.catalog.tables if t not in dropped)
        )

    def _rename(self, statement: Any) -> Iterator[Opaque]:
        """A temporary table that is renamed leaves its name to a table of the default dataset."""
        renames = tree.kind(statement) == "AlterTableStmt" and any(tree.walk_kinds(statement, "RenameToAction"))
        if renames and self._temporary_tables(statement):
            detail = "then its name means another table. Create it under its last name."
            yield opaque("uncertain_name", f"a temporary table is renamed: {detail}")

    def _temporary_tables(self, statement: Any) -> list[Table]:
        """Give the temporary table that the statement names, as `t` or `_SESSION.t`; a name in a dataset is none."""
        *before, name = tree.field(statement, "name_path")
        if before and [part.upper() for part in before] != [SESSION_DATASET]:
            return []
        return [
            t for t in self._session.catalog.tables if t.full_name.lower() in self._session.temporary & {name.lower()}
        ]

    def _known(self, tables: Sequence[Table]) -> bool:
        paths = {table.path for table in tables}
        return any(known.path in paths for known in self._session.catalog.tables)

    def _hidden_by(self, temporary: Table) -> bool:
        """Tell whether the default dataset has a table that the temporary one hides."""
        ref = self._session.names.table(temporary.path[-1:])
        if ref is None:
            return False
        return any(known.full_name.lower() == str(ref).lower() for known in self._session.catalog.tables)
