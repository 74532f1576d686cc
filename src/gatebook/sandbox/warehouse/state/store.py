"""What exists: datasets, tables and routines as REST resources, kept in the same DuckDB file as the rows.

A resource and the rows it describes change in one DuckDB transaction, so a crash leaves both or neither.
Readers work on an immutable State; a Change builds the next one and publishes it when DuckDB has
committed.
"""

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

import duckdb

from gatebook.sandbox.errors import not_found
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state.database import Database

_LAYOUT: Final = (
    "CREATE SCHEMA IF NOT EXISTS data",
    "CREATE SCHEMA IF NOT EXISTS catalog",
    "CREATE TABLE IF NOT EXISTS catalog.entries"
    " (kind VARCHAR, project VARCHAR, dataset VARCHAR, name VARCHAR, physical VARCHAR, version BIGINT,"
    " resource VARCHAR)",
)

Key = DatasetName | TableName | RoutineName


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of the catalog.

    resource: its REST resource, never changed in place. physical: the quoted DuckDB table of its rows,
    None for what has no rows of its own. version: grows with every change of the resource or the rows,
    never reused.
    """

    resource: Resource
    physical: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """Everything that exists at one moment."""

    datasets: Mapping[DatasetName, Entry] = field(default_factory=dict)
    tables: Mapping[TableName, Entry] = field(default_factory=dict)
    routines: Mapping[RoutineName, Entry] = field(default_factory=dict)

    def dataset(self, name: DatasetName) -> Entry:
        """The dataset, or notFound."""
        if name not in self.datasets:
            raise not_found("Dataset", str(name))
        return self.datasets[name]

    def table(self, name: TableName) -> Entry:
        """The table or view, or notFound (of its dataset when that is what is missing)."""
        if name not in self.tables:
            self.dataset(name.parent)
            raise not_found("Table", str(name))
        return self.tables[name]

    def routine(self, name: RoutineName) -> Entry:
        """The routine, or notFound."""
        self.dataset(name.parent)
        if name not in self.routines:
            raise not_found("Routine", str(name))
        return self.routines[name]

    def tables_of(self, dataset: DatasetName) -> list[tuple[TableName, Entry]]:
        """Tables and views of a dataset, by name."""
        return sorted((item for item in self.tables.items() if item[0].parent == dataset), key=lambda i: i[0])

    def routines_of(self, dataset: DatasetName) -> list[tuple[RoutineName, Entry]]:
        """Routines of a dataset, by name."""
        return sorted((item for item in self.routines.items() if item[0].parent == dataset), key=lambda i: i[0])


class Change:
    """A transaction: DuckDB statements on `cursor`, catalog entries through put and drop.

    state: what exists as this change sees it, the temporary tables of its job included. temporary: the hidden
    dataset of those; what is put there is never written to the catalog.
    """

    def __init__(self, store: "Store", cursor: duckdb.DuckDBPyConnection, state: State, temporary: DatasetName) -> None:
        self._store = store
        self.cursor = cursor
        self.state = state
        self.temporary = temporary

    def new_physical(self, name: TableName) -> str:
        """A DuckDB table that was never there before, quoted, for the rows of a table."""
        schema = "temp.main" if name.parent == self.temporary else "data"
        return f'{schema}."t{self._store.new_number()}"'

    def put(self, name: Key, resource: Resource, physical: str | None = None) -> Entry:
        """Create or replace an entry; physical None keeps the entry's present rows, if it has any."""
        known = self._entries(name).get(name)
        kept = physical or (known.physical if known else None)
        entry = Entry(resource, kept, self._store.new_number())
        self._erase(name)
        if not self._is_temporary(name):
            self.cursor.execute("INSERT INTO catalog.entries VALUES (?, ?, ?, ?, ?, ?, ?)", _row(name, entry))
        self._advance(name, entry)
        return entry

    def drop(self, name: Key) -> None:
        """Remove an entry and its rows."""
        entry = self._entries(name)[name]
        self._erase(name)
        if entry.physical:
            self.cursor.execute(f"DROP TABLE {entry.physical}")
        self._advance(name, None)

    def move(self, old: TableName, new: TableName, resource: Resource) -> None:
        """Give a table another name and resource; its rows stay."""
        rows = self.state.tables[old].physical
        self._erase(old)
        self._advance(old, None)
        self.put(new, resource, rows)

    def temporary_tables(self) -> dict[TableName, Entry]:
        """The temporary tables that this change sees."""
        return {name: entry for name, entry in self.state.tables.items() if self._is_temporary(name)}

    def _is_temporary(self, name: Key) -> bool:
        return isinstance(name, TableName) and name.parent == self.temporary

    def _erase(self, name: Key) -> None:
        where = "kind = ? AND project = ? AND dataset = ? AND name = ?"
        self.cursor.execute(f"DELETE FROM catalog.entries WHERE {where}", _key(name))

    def _entries(self, name: Key) -> Mapping[Key, Entry]:
        entries: Mapping[Key, Entry] = getattr(self.state, _FIELDS[type(name)])
        return entries

    def _advance(self, name: Key, entry: Entry | None) -> None:
        entries: dict[Any, Entry] = dict(self._entries(name))
        if entry is None:
            del entries[name]
        else:
            entries[name] = entry
        self.state = replace(self.state, **{_FIELDS[type(name)]: entries})


_NO_TEMPORARY: Final = DatasetName("", "")


class Store:
    """The catalog found in a database (made when there is none): the present State, and Changes to it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        for statement in _LAYOUT:
            database.root.execute(statement)
        rows = database.root.execute("SELECT * FROM catalog.entries").fetchall()
        self._state = _load(rows)
        _drop_orphans(database, {str(row[4]) for row in rows})
        used = [number for row in rows for number in (row[5], _physical_number(row[4]))]
        self._numbers = itertools.count(max(used, default=0) + 1)

    @property
    def state(self) -> State:
        """What exists now; expired tables do not."""
        return replace(self._state, tables=_unexpired(self._state.tables))

    def new_number(self) -> int:
        """A number larger than any given before: a version, or the name of a DuckDB table."""
        return next(self._numbers)

    def begin_snapshot(
        self, cursor: duckdb.DuckDBPyConnection, temporary: DatasetName, tables: Mapping[TableName, Entry]
    ) -> Change:
        """Start a DuckDB transaction and see what exists at exactly that moment. To be rolled back.

        temporary: the hidden dataset of the job's temporary tables; tables: those tables.
        """
        with self._database.commit_mutex:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM catalog.entries LIMIT 0").fetchall()  # DuckDB fixes its snapshot at first use
            state = self.state
        return Change(self, cursor, replace(state, tables={**state.tables, **tables}), temporary)

    def commit(self, change: Change) -> None:
        """Make a change durable, then visible. Its maker has held the writer's lock since it began."""
        tables = dict(change.state.tables)
        for name in change.temporary_tables():
            del tables[name]
        with self._database.commit_mutex:
            change.cursor.execute("COMMIT")
            self._state = replace(change.state, tables=tables)

    @contextmanager
    def change(self) -> Iterator[Change]:
        """A change on a cursor of its own: committed when the block ends, rolled back when it raises."""
        with self._database.writer, self._database.reading() as cursor:
            change = self.begin_snapshot(cursor, _NO_TEMPORARY, {})
            try:
                yield change
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            self.commit(change)

    @contextmanager
    def snapshot(self) -> Iterator[Change]:
        """A change on a cursor of its own that only reads."""
        with self._database.reading() as cursor:
            change = self.begin_snapshot(cursor, _NO_TEMPORARY, {})
            try:
                yield change
            finally:
                cursor.execute("ROLLBACK")


_KINDS: Final[Mapping[type, str]] = {DatasetName: "dataset", TableName: "table", RoutineName: "routine"}
_FIELDS: Final[Mapping[type, str]] = {DatasetName: "datasets", TableName: "tables", RoutineName: "routines"}


def _drop_orphans(database: Database, known: set[str]) -> None:
    """Rows of tables that expired and were made again under the same name."""
    found = database.root.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'data'").fetchall()
    for (name,) in found:
        if f'data."{name}"' not in known:
            database.root.execute(f'DROP TABLE data."{name}"')


def _unexpired(tables: Mapping[TableName, Entry]) -> dict[TableName, Entry]:
    now = time.time() * 1000
    return {name: e for name, e in tables.items() if int(e.resource.get("expirationTime", now + 1)) > now}


def _key(name: Key) -> list[str]:
    last = {DatasetName: "", TableName: "table", RoutineName: "routine"}[type(name)]
    return [_KINDS[type(name)], name.project, name.dataset, getattr(name, last) if last else ""]


def _row(name: Key, entry: Entry) -> list[str | int | None]:
    return [*_key(name), entry.physical, entry.version, json.dumps(entry.resource, sort_keys=True)]


def _physical_number(physical: str | None) -> int:
    return int(physical.rsplit("t", 1)[1].rstrip('"')) if physical else 0


def _load(rows: list[tuple[str, str, str, str, str | None, int, str]]) -> State:
    datasets: dict[DatasetName, Entry] = {}
    tables: dict[TableName, Entry] = {}
    routines: dict[RoutineName, Entry] = {}
    for kind, project, dataset, name, physical, version, resource in rows:
        entry = Entry(json.loads(resource), physical, version)
        if kind == "dataset":
            datasets[DatasetName(project, dataset)] = entry
        elif kind == "table":
            tables[TableName(project, dataset, name)] = entry
        else:
            routines[RoutineName(project, dataset, name)] = entry
    return State(datasets, tables, routines)
