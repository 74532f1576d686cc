"""The index of the book in SQLite: follows the entries a little behind, many at a time.

To index each entry with its commit would cost more than the entry: every term dirties a page of its own. So it is done
for many entries at once, and readers look at the few that are not indexed yet one by one. An index that cannot be
written never keeps an entry from being written.
"""

import logging
import sqlite3
import time
from collections.abc import Sequence

import msgspec

from gatebook.core.book.terms import TERMS_VERSION
from gatebook.outbound.stores.sqlite_postings import IndexTables

_log = logging.getLogger(__name__)

_DUE_ENTRIES = 128
_CATCH_UP_ENTRIES = 512
_CATCH_UP_ENTRIES_WHEN_BUSY = 64
_REST_SECONDS = 5.0

# One row, however many entries: each row that Python fetches hands the interpreter's lock to and fro.
_UNINDEXED = """
SELECT json_group_array(json_array(seq, CAST(body AS TEXT))) FROM (
    SELECT seq, body FROM entries WHERE seq > ? ORDER BY seq LIMIT ?)
"""
_BEGIN_ANEW = f"""
BEGIN IMMEDIATE;
DELETE FROM terms; DELETE FROM postings; DELETE FROM spans; DELETE FROM calls; DELETE FROM indexed;
INSERT INTO indexed VALUES ({TERMS_VERSION:d}, 0);
COMMIT;
"""  # noqa: S608 - an integer constant


class Index:
    """Used by the writer's thread alone. `add` notes entries as they are committed, `work` indexes when it is due."""

    def __init__(self) -> None:
        self._tables = IndexTables()
        self._noted: list[tuple[int, bytes]] = []
        self._behind = True  # the entries to index are in the file, not all of them in `_noted`
        self._resting_until_seconds = 0.0

    @property
    def is_behind(self) -> bool:
        """Entries are not indexed that were not noted here: of an earlier life, or since an error."""
        return self._behind and not self._is_resting

    @property
    def is_due(self) -> bool:
        """There is something to index."""
        return (self._behind or bool(self._noted)) and not self._is_resting

    def add(self, entries: Sequence[tuple[int, bytes]]) -> None:
        """Note entries that were committed, in order, as (seq, body)."""
        if not self._behind:
            self._noted += entries

    def forget(self) -> None:
        """Read from the file what is to be indexed: after an error it is the only thing to trust."""
        self._tables = IndexTables()
        self._noted.clear()
        self._behind = True

    def work(self, connection: sqlite3.Connection, *, idle: bool) -> bool:
        """Index a bounded number of entries when there are enough of them, or nothing else is to be done.

        Gives False when that failed; the connection is then not to be used again.
        """
        if not self.is_due or not (self._behind or idle or len(self._noted) >= _DUE_ENTRIES):
            return True
        try:
            if self._behind:
                at_most = _CATCH_UP_ENTRIES if idle else _CATCH_UP_ENTRIES_WHEN_BUSY
                self._behind = catch_up(connection, self._tables, at_most)
            else:
                self._tables.add(connection, self._noted)
                self._noted = []
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the index, entries must go on being written
            _log.warning("the book's index cannot be written, searches will be slower: %s", error)
            self._resting_until_seconds = time.monotonic() + _REST_SECONDS
            return False
        return True

    @property
    def _is_resting(self) -> bool:
        return self._resting_until_seconds > 0 and time.monotonic() < self._resting_until_seconds


def catch_up(connection: sqlite3.Connection, tables: IndexTables, at_most: int = _CATCH_UP_ENTRIES) -> bool:
    """Index the next entries that are in the file; tell whether there may be more."""
    (through,) = connection.execute("SELECT through_seq FROM indexed").fetchone()
    (found,) = connection.execute(_UNINDEXED, (through, at_most)).fetchone()
    bodies = msgspec.json.decode(found, type=list[tuple[int, str]])
    if bodies:
        tables.add(connection, [(seq, body.encode()) for seq, body in bodies])
    return len(bodies) == at_most


def drop_if_outdated(connection: sqlite3.Connection) -> None:
    """Empty an index whose terms were made by other rules than today's; it is then built anew bit by bit."""
    (version,) = connection.execute("SELECT terms_version FROM indexed").fetchone()
    if version != TERMS_VERSION:
        connection.executescript(_BEGIN_ANEW)


def reindex(connection: sqlite3.Connection) -> None:
    """Build the whole index anew from the entries."""
    connection.executescript(_BEGIN_ANEW)
    tables = IndexTables()
    while catch_up(connection, tables):
        pass
