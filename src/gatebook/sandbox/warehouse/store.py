"""What exists: datasets, tables and routines as REST resources, kept in the same DuckDB file as the rows.

A resource and the rows it describes change in one DuckDB transaction, so a crash leaves both or neither. Readers
work on an immutable State; a Change builds the next one and publishes it when DuckDB has committed.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

import duckdb

from gatebook.sandbox.errors import not_found
from gatebook.sandbox.warehouse.database import Database
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName
from gatebook.sandbox.warehouse.requests import Resource

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

    resource: its REST resource, never changed in place. physical: the quoted DuckDB table of its rows, None for what
    has no rows of its own. version: grows with every change of the resource or the rows, never reused.
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
        self.dataset(name.parent)
        if name not in self.tables:
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
    """A transaction of the one writer: DuckDB statements on `cursor`, catalog entries through put and drop.

    state: what exists as this change sees it.
    """

    def __init__(self, store: "Store", cursor: duckdb.DuckDBPyConnection) -> None:
        self._store = store
        self.cursor = cursor
        self.state = store.state

    def new_physical(self) -> str:
        """A quoted DuckDB table name that was never used before."""
        return self._store.new_physical()

    def put(self, name: Key, resource: Resource, physical: str | None = None) -> Entry:
        """Create or replace an entry; physical None keeps the entry's present rows, if it has any."""
        known = self._entries(name).get(name)
        kept = physical or (known.physical if known else None)
        entry = Entry(resource, kept, self._store.new_version())
        self._erase(name)
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

    def _erase(self, name: Key) -> None:
        where = "kind = ? AND project = ? AND dataset = ? AND name = ?"
        self.cursor.execute(f"DELETE FROM catalog.entries WHERE {where}", _key(name))  # noqa: S608 - constant text

    def _entries(self, name: Key) -> Mapping[Key, Entry]:
        entries: Mapping[Key, Entry] = getattr(self.state, _FIELDS[type(name)])
        return entries

    def _advance(self, name: Key, entry: Entry | None) -> None:
        entries = dict(self._entries(name))
        if entry is None:
            del entries[name]
        else:
            entries[name] = entry
        self.state = replace(self.state, **{_FIELDS[type(name)]: entries})


class Store:
    """The catalog found in a database (made when there is none): the present State, and Changes to it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        for statement in _LAYOUT:
            database.root.execute(statement)
        rows = database.root.execute("SELECT * FROM catalog.entries").fetchall()
        self.state = _load(rows)
        used = [int(row[4].rsplit("t", 1)[1].rstrip('"')) for row in rows if row[4]]
        self._physicals = itertools.count(max(used, default=0) + 1)
        self._versions = itertools.count(max((row[5] for row in rows), default=0) + 1)

    def new_physical(self) -> str:
        """A quoted DuckDB table name that was never used before."""
        return f'data."t{next(self._physicals)}"'

    def new_version(self) -> int:
        """A number larger than any given before."""
        return next(self._versions)

    def begin_snapshot(self, cursor: duckdb.DuckDBPyConnection) -> State:
        """Start a DuckDB transaction on the cursor and return the State that belongs to exactly that moment."""
        with self._database.commit_mutex:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM catalog.entries LIMIT 0")  # DuckDB fixes its snapshot at first use
            return self.state

    def begin(self, cursor: duckdb.DuckDBPyConnection) -> Change:
        """Start a Change on the cursor. The caller holds the writer's lock until commit or rollback."""
        cursor.execute("BEGIN")
        return Change(self, cursor)

    def commit(self, change: Change) -> None:
        """Make a Change durable, then visible."""
        with self._database.commit_mutex:
            change.cursor.execute("COMMIT")
            self.state = change.state

    @contextmanager
    def change(self) -> Iterator[Change]:
        """A Change on a cursor of its own: committed when the block ends, rolled back when it raises."""
        with self._database.writer, self._database.reading() as cursor:
            change = self.begin(cursor)
            try:
                yield change
            except BaseException:
                cursor.execute("ROLLBACK")
                raise
            self.commit(change)


_KINDS: Final[Mapping[type, str]] = {DatasetName: "dataset", TableName: "table", RoutineName: "routine"}
_FIELDS: Final[Mapping[type, str]] = {DatasetName: "datasets", TableName: "tables", RoutineName: "routines"}


def _key(name: Key) -> list[str]:
    last = {DatasetName: "", TableName: "table", RoutineName: "routine"}[type(name)]
    return [_KINDS[type(name)], name.project, name.dataset, getattr(name, last) if last else ""]


def _row(name: Key, entry: Entry) -> list[str | int | None]:
    return [*_key(name), entry.physical, entry.version, json.dumps(entry.resource, sort_keys=True)]


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
