"""A SQLite that fails on command: the real library, with faults put in where the scribe meets it.

The scribe runs in a thread of this process, so that it can be commanded; all else of it is as in the process it has
to itself: the same socket, the same frames, the same end.
"""

import socket
import sqlite3
import threading
from pathlib import Path
from typing import Any

from gatebook.outbound.stores.sqlite_ledger import Ledger
from gatebook.outbound.stores.sqlite_schema import connect
from gatebook.outbound.stores.sqlite_scribe import Scribe


class ScribeThread:
    """A scribe in a thread (sqlite_launch.Running). It cannot be ended from outside."""

    def __init__(self, ledger: Ledger) -> None:
        self.socket, gateway = socket.socketpair()
        self._thread = threading.Thread(target=self._run, args=(gateway, ledger), daemon=True)
        self._thread.start()

    def _run(self, gateway: socket.socket, ledger: Ledger) -> None:
        with gateway:
            Scribe(gateway, ledger).run()

    def over(self) -> bool:
        return not self._thread.is_alive()

    def end(self) -> None:
        raise NotImplementedError

    def wait(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return self.over()


class Faults:
    """What is to go wrong from now on, with every connection that `connect` gave or gives."""

    ledger: Ledger

    def __init__(self) -> None:
        self.fail_before_writing: str | None = None  # "failed and not persisted"
        self.fail_after_writing: str | None = None  # "failed but persisted": the sync failed, the bytes had gone
        self.fail_to_open: str | None = None
        self.pragma: str | None = None  # run before each write: SQLite's own way to be full or read-only
        self.disk_moves = threading.Event()
        self.disk_moves.set()

    def launch(self, path: Path, epoch: int) -> ScribeThread:
        """Start a scribe that meets the faults (sqlite_launch.Launch)."""
        self.ledger = Ledger(path, self.connect, epoch)
        return ScribeThread(self.ledger)

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
