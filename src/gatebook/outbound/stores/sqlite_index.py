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

from gatebook.core.book.entry import Record, Unreadable, call_id_of, read
from gatebook.core.book.postings import Postings, postings
from gatebook.core.book.records import Promise
from gatebook.core.book.terms import TERMS_VERSION

_log = logging.getLogger(__name__)

_DUE_ENTRIES = 128
_CATCH_UP_ENTRIES = 512
_CATCH_UP_ENTRIES_WHEN_BUSY = 64
_REST_SECONDS = 5.0

_OPENINGS = """
SELECT json_group_object(call_id, seq) FROM (
    SELECT call_id, min(seq) AS seq FROM calls WHERE call_id IN (SELECT value FROM json_each(?)) GROUP BY call_id)
"""
# One row, however many entries: each row that Python fetches hands the interpreter's lock to and fro.
_UNINDEXED = """
SELECT json_group_array(json_array(seq, CAST(body AS TEXT))) FROM (
    SELECT seq, body FROM entries WHERE seq > ? ORDER BY seq LIMIT ?)
"""
_ADD_TERMS = """
INSERT OR IGNORE INTO terms (kind, value) SELECT value ->> 0, value ->> 1 FROM json_each(?)
WHERE NOT EXISTS (SELECT 1 FROM terms t WHERE t.kind = json_each.value ->> 0 AND t.value = json_each.value ->> 1)
"""
_ADD_POSTINGS = """
INSERT INTO postings (term, block, bits)
SELECT t.id, j.value ->> 2, j.value ->> 3 FROM json_each(?) j
CROSS JOIN terms t ON t.kind = j.value ->> 0 AND t.value = j.value ->> 1 WHERE true
ON CONFLICT DO UPDATE SET bits = bits | excluded.bits
"""
_ADD_SPANS = """
INSERT INTO spans SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?) WHERE true
ON CONFLICT DO UPDATE SET bits = bits | excluded.bits,
    first_microseconds = min(first_microseconds, excluded.first_microseconds),
    last_microseconds = max(last_microseconds, excluded.last_microseconds)
"""
_ADD_CALLS = "INSERT OR IGNORE INTO calls SELECT value ->> 0, value ->> 1 FROM json_each(?)"
_BEGIN_ANEW = f"""
BEGIN IMMEDIATE;
DELETE FROM terms; DELETE FROM postings; DELETE FROM spans; DELETE FROM calls; DELETE FROM indexed;
INSERT INTO indexed VALUES ({TERMS_VERSION:d}, 0);
COMMIT;
"""  # noqa: S608 - an integer constant


class Index:
    """Used by the writer's thread alone. `add` notes entries as they are committed, `work` indexes when it is due."""

    def __init__(self) -> None:
        self._noted: list[tuple[int, Record]] = []
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

    def add(self, entries: Sequence[tuple[int, Record]]) -> None:
        """Note entries that were committed, in order."""
        if not self._behind:
            self._noted += entries

    def forget(self) -> None:
        """Read from the file what is to be indexed: after an error it is the only thing to trust."""
        self._noted.clear()
        self._behind = True

    def work(self, connection: sqlite3.Connection, *, idle: bool) -> None:
        """Index a bounded number of entries when there are enough of them, or nothing else is to be done."""
        if not self.is_due or not (self._behind or idle or len(self._noted) >= _DUE_ENTRIES):
            return
        try:
            if self._behind:
                self._behind = catch_up(connection, _CATCH_UP_ENTRIES if idle else _CATCH_UP_ENTRIES_WHEN_BUSY)
            else:
                _store(connection, self._noted)
                self._noted = []
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the index, entries must go on being written
            _log.warning("the book's index cannot be written, searches will be slower: %s", error)
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self.forget()
            self._resting_until_seconds = time.monotonic() + _REST_SECONDS

    @property
    def _is_resting(self) -> bool:
        return self._resting_until_seconds > 0 and time.monotonic() < self._resting_until_seconds


def catch_up(connection: sqlite3.Connection, at_most: int = _CATCH_UP_ENTRIES) -> bool:
    """Index the next entries that are in the file; tell whether there may be more."""
    version, through = connection.execute("SELECT terms_version, through_seq FROM indexed").fetchone()
    if version != TERMS_VERSION:
        connection.executescript(_BEGIN_ANEW)
        through = 0
    (found,) = connection.execute(_UNINDEXED, (through, at_most)).fetchone()
    bodies = msgspec.json.decode(found, type=list[tuple[int, str]])
    if bodies:
        entries = [(seq, record) for seq, body in bodies if (record := _readable(seq, body)) is not None]
        _store(connection, entries, through=bodies[-1][0])
    return len(bodies) == at_most


def _readable(seq: int, body: str) -> Record | None:
    try:
        return read(body.encode())
    except Unreadable as error:
        _log.error("entry %d of the book cannot be read: %s", seq, error)
        return None


def _store(connection: sqlite3.Connection, entries: Sequence[tuple[int, Record]], through: int | None = None) -> None:
    closing = [call_id_of(record) for _, record in entries if not isinstance(record, Promise)]
    (known,) = connection.execute(_OPENINGS, (_json(closing),)).fetchone()
    found = postings(entries, msgspec.json.decode(known, type=dict[str, int]))
    connection.execute("BEGIN IMMEDIATE")
    _write(connection, found)
    connection.execute("UPDATE indexed SET through_seq = ?", (entries[-1][0] if through is None else through,))
    connection.execute("COMMIT")


def _write(connection: sqlite3.Connection, found: Postings) -> None:
    connection.execute(_ADD_TERMS, (_json(list(found.terms)),))
    rows = [(*term, block, bits) for term, own in found.terms.items() for block, bits in own.items()]
    connection.execute(_ADD_POSTINGS, (_json(rows),))
    spans = [(block, s.bits, s.first_microseconds, s.last_microseconds) for block, s in found.spans.items()]
    connection.execute(_ADD_SPANS, (_json(spans),))
    connection.execute(_ADD_CALLS, (_json(found.calls),))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
