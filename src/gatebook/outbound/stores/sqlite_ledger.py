"""The writer's side of the SQLite file: commits batches, follows with the index, checkpoints. Used by the scribe alone.

One connection does all writing and all checkpoints. SQLite before 3.51.3 can lose commits when one connection
checkpoints while another writes (sqlite.org/wal.html, "The WAL-Reset Bug"); readers open the file read-only and never
checkpoint.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from gatebook.outbound.stores.sqlite_frames import Line, Writing
from gatebook.outbound.stores.sqlite_index import Index

_log = logging.getLogger(__name__)

_ROWS_A_STATEMENT = 64
_IDLE_SECONDS = 0.05
_CHECKPOINT_BYTES = 1024 * 1024
_COMMIT_BYTES = 8 * 1024  # what a commit adds to the write-ahead log beside the bodies, about

Owners = tuple[tuple[str, str, str], ...]  # kind, name, owner
_TimedClaim = tuple[str, str, str, int]  # kind, name, owner, microseconds since the epoch

_ADD_OWNERS = "INSERT OR IGNORE INTO owners SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)"
_ADD_TABLE_OWNERS = "INSERT OR IGNORE INTO table_owners SELECT value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)"
_OWNERS = """
SELECT json_group_array(json_array(kind, name, owner)) FROM owners
WHERE (kind, name) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?))
"""


class Ledger:
    """Writes lines and claims, each batch in one transaction that is on the disk when `commit` returns."""

    def __init__(self, path: Path, connect: Callable[[Path], sqlite3.Connection], epoch: int) -> None:
        self._path = path
        self._inode = 0
        self._connect = connect
        self._epoch = epoch
        self._connection: sqlite3.Connection | None = None
        self._last_seq = 0
        self._index = Index()
        self._unchecked_bytes = 0

    @property
    def idle_after_seconds(self) -> float | None:
        """How long to wait for something to write before `tend` is called; None when there is nothing to tend."""
        if self._connection is None or not (self._index.is_due or self._unchecked_bytes):
            return None
        return 0.0 if self._index.is_behind else _IDLE_SECONDS

    def open(self) -> None:
        """Open the file ahead of the first batch, so that an index left behind is caught up with."""
        with contextlib.suppress(sqlite3.Error, OSError):
            self._opened()

    def commit(self, writings: Sequence[Writing]) -> Owners:
        """Write all or nothing; give the owners that `Written` tells of.

        Raises what SQLite raises; then nothing was written, or it is not known.

        After an error the connection is given up: what it believes about the file may be wrong. The next batch opens
        the file anew, so that a full disk or a lost volume needs no restart once it is mended.
        """
        try:
            lines = [writing.line for writing in writings if writing.line is not None]
            owners = self._write(self._opened(), lines, writings)
        except BaseException:
            self._give_up()
            raise
        entries = [(self._last_seq + place, line.body) for place, line in enumerate(lines, 1)]
        self._last_seq += len(lines)
        self._index.add(entries)
        self._unchecked_bytes += _COMMIT_BYTES + sum(len(line.body) for line in lines)
        return owners

    def tend(self, *, idle: bool) -> None:
        """Do a bounded piece of what can wait: index, and move the write-ahead log into the file."""
        if self._connection is None:
            return
        if not self._index.work(self._connection, idle=idle):
            self._give_up()
        elif self._unchecked_bytes >= _CHECKPOINT_BYTES or (idle and self._unchecked_bytes):
            self._unchecked_bytes = 0
            self._checkpoint(self._connection)

    def close(self, ended_at_microseconds: int | None) -> None:
        """Finish the index, note the end of this epoch and close the file; with None just close: it had no end."""
        if ended_at_microseconds is None:
            self._give_up()
            return
        try:
            connection = self._opened()
            while self._index.is_due and self._index.work(connection, idle=True):
                pass
            connection.execute(
                "UPDATE epochs SET ended_at_microseconds = ? WHERE id = ?", (ended_at_microseconds, self._epoch)
            )
        except (sqlite3.Error, OSError) as error:
            _log.warning("the book could not be closed in order: %s", error)
        self._give_up()

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        try:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            gone = self._path.stat().st_ino != self._inode
        except (sqlite3.Error, OSError) as error:
            # What was committed is safe in the write-ahead log; the next checkpoint moves it.
            _log.warning("the book's write-ahead log cannot be moved into the file: %s", error)
            gone = isinstance(error, FileNotFoundError)
        if gone:
            # Writing to a file that was deleted or replaced succeeds, and nobody will ever read it.
            _log.error("%s was taken away while it was written", self._path)
            self._give_up()

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = self._connect(self._path)
            try:
                self._inode = self._path.stat().st_ino
                (self._last_seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone()
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _give_up(self) -> None:
        connection, self._connection = self._connection, None
        self._index.forget()
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _write(self, connection: sqlite3.Connection, lines: Sequence[Line], writings: Sequence[Writing]) -> Owners:
        claims = [
            (claim.kind, claim.name, claim.owner, writing.at_microseconds)
            for writing in writings
            for claim in writing.claims
        ]
        if not claims and len(lines) <= _ROWS_A_STATEMENT:
            self._add_lines(connection, self._last_seq + 1, lines)  # one statement is its own transaction
            return ()
        connection.execute("BEGIN IMMEDIATE")
        for start in range(0, len(lines), _ROWS_A_STATEMENT):
            self._add_lines(connection, self._last_seq + 1 + start, lines[start : start + _ROWS_A_STATEMENT])
        owners = _add_claims(connection, claims) if claims else ()
        connection.execute("COMMIT")
        return owners

    def _add_lines(self, connection: sqlite3.Connection, first_seq: int, lines: Sequence[Line]) -> None:
        values: list[Any] = []
        for seq, line in enumerate(lines, first_seq):
            values += (seq, self._epoch, line.kind, line.call_id, line.at_microseconds, line.body)
        connection.execute(_insert(len(lines)), values)


def _add_claims(connection: sqlite3.Connection, claims: Sequence[_TimedClaim]) -> Owners:
    tables = [claim for claim in claims if claim[0] == "table"]
    if tables:
        connection.execute(_ADD_TABLE_OWNERS, (_json(tables),))
    others = [claim for claim in claims if claim[0] != "table"]
    if not others:
        return ()
    values = _json(others)
    if connection.execute(_ADD_OWNERS, (values,)).rowcount == len(others):
        return ()  # each was the first
    (owned,) = connection.execute(_OWNERS, (values,)).fetchone()
    return msgspec.json.decode(owned, type=Owners)


def _json(claims: Sequence[_TimedClaim]) -> str:
    return msgspec.json.encode(claims).decode()


@cache
def _insert(rows: int) -> str:
    places = ", ".join(["(?, ?, ?, ?, ?, ?)"] * rows)
    return f"INSERT INTO entries (seq, epoch, kind, call_id, at_microseconds, body) VALUES {places}"  # noqa: S608 - places only
