"""A SQLite that fails on command: the real library, with faults put in where the writer meets it."""

import sqlite3
import threading
from pathlib import Path
from typing import Any

from gatebook.outbound.stores.sqlite_schema import connect


class Faults:
    """What is to go wrong from now on, with every connection that `connect` gave or gives."""

    def __init__(self) -> None:
        self.fail_before_writing: str | None = None  # "failed and not persisted"
        self.fail_after_writing: str | None = None  # "failed but persisted": the sync failed, the bytes had gone
        self.fail_to_open: str | None = None
        self.pragma: str | None = None  # run before each write: SQLite's own way to be full or read-only
        self.disk_moves = threading.Event()
        self.disk_moves.set()

    def connect(self, path: Path) -> sqlite3.Connection:
        """Open the file as the store does, but for the faults."""
        if self.fail_to_open:
            raise sqlite3.OperationalError(self.fail_to_open)
        connection = connect(path)
        faulty = sqlite3.connect(
            f"{path.as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=_faulty(self),
            timeout=0.2,
        )
        faulty.executescript("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;")
        connection.close()
        return faulty


def _faulty(faults: Faults) -> type[sqlite3.Connection]:
    class Faulty(sqlite3.Connection):
        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:
            if not statement.startswith("INSERT INTO entries"):
                return super().execute(statement, *values)
            faults.disk_moves.wait()
            if faults.pragma:
                super().execute(faults.pragma)
            if faults.fail_before_writing:
                raise sqlite3.OperationalError(faults.fail_before_writing)
            cursor = super().execute(statement, *values)
            if faults.fail_after_writing:
                raise sqlite3.OperationalError(faults.fail_after_writing)
            return cursor

    return Faulty
