"""The DuckDB database beneath the warehouse: cursors, the one writer, consistent snapshots."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb

from gatebook.sandbox.translate import prepare

_FILE: Final = "warehouse.duckdb"


def first_row(cursor: duckdb.DuckDBPyConnection, sql: str) -> tuple[Any, ...] | None:
    """The first row of a small result. All of it is fetched: DuckDB keeps a cursor busy until then."""
    rows = cursor.execute(sql).fetchall()
    return rows[0] if rows else None


def number(cursor: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The one number that a query answers, or that DuckDB gives for INSERT, UPDATE and DELETE: rows changed."""
    row = first_row(cursor, sql)
    return int(row[0]) if row else 0


class Database:
    """One DuckDB database. Readers run in parallel on their own cursors; writers take turns.

    DuckDB aborts a transaction that loses a race for a row or a catalog entry. BigQuery queues instead, so
    `writer` is a queue of one; and `commit_mutex` makes "DuckDB committed" and "the catalog in memory
    moved on" one step for readers who take a snapshot.
    """

    def __init__(self, directory: Path | None) -> None:
        self.root = duckdb.connect(":memory:") if directory is None else _opened(directory)
        self.root.execute("SET GLOBAL TimeZone = 'UTC'")
        self.root.execute("SET GLOBAL autoinstall_known_extensions = false")
        self.writer: Final = threading.RLock()
        self.commit_mutex: Final = threading.Lock()
        prepare(self.root)

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the database; close it when done."""
        return self.root.cursor()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A short-lived cursor."""
        cursor = self.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def close(self) -> None:
        """Write everything to disk and let go of the file."""
        self.root.close()


def _opened(directory: Path) -> duckdb.DuckDBPyConnection:
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        return duckdb.connect(str(directory / _FILE))
    except duckdb.IOException as error:
        raise DataDirectoryUnusable(directory) from error


class DataDirectoryUnusable(Exception):
    """The data directory cannot be opened: another process holds it, or it is not the sandbox's."""

    def __init__(self, directory: Path) -> None:
        super().__init__(f"The data directory {directory} cannot be opened: it is in use by another process or damaged")
