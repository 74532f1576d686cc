"""The DuckDB database beneath the warehouse: cursors, the one writer, consistent snapshots."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb

from gatebook.sandbox.translate import prepare

_FILE: Final = "warehouse.duckdb"


class Database:
    """One DuckDB database. Readers run in parallel on their own cursors; writers take turns.

    DuckDB aborts a transaction that loses a race for a row or a catalog entry. BigQuery queues instead, so
    `writer` is a queue of one; and `commit_mutex` makes "DuckDB committed" and "the catalog in memory
    moved on" one step for readers who take a snapshot.
    """

    def __init__(self, directory: Path | None) -> None:
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
        self.root = duckdb.connect(":memory:" if directory is None else str(directory / _FILE))
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
