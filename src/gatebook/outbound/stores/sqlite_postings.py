"""Adds postings to the index tables. Few statements, each for many rows: each hands the interpreter's lock over."""

import logging
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any

import msgspec

from gatebook.core.book.entry import Unreadable
from gatebook.core.book.outlines import Outline, Outlines
from gatebook.core.book.postings import Postings, postings
from gatebook.core.book.terms import Term

_log = logging.getLogger(__name__)

_REMEMBERED_AT_MOST = 65536
_ROWS_A_STATEMENT = 128

_OPENINGS = """
SELECT json_group_object(call_id, seq) FROM (
    SELECT call_id, min(seq) AS seq FROM calls WHERE call_id IN (SELECT value FROM json_each(?)) GROUP BY call_id)
"""
_ADD_TERMS = "INSERT OR IGNORE INTO terms (kind, value) SELECT value ->> 0, value ->> 1 FROM json_each(?)"
_TERM_IDS = """
SELECT json_group_array(json_array(j.key, t.id)) FROM json_each(?) j
CROSS JOIN terms t ON t.kind = j.value ->> 0 AND t.value = j.value ->> 1
"""
_ADD_POSTINGS = "INSERT INTO postings VALUES {rows} ON CONFLICT DO UPDATE SET bits = bits | excluded.bits"
_ADD_SPANS = """
INSERT INTO spans VALUES {rows} ON CONFLICT DO UPDATE SET bits = bits | excluded.bits,
    first_microseconds = min(first_microseconds, excluded.first_microseconds),
    last_microseconds = max(last_microseconds, excluded.last_microseconds)
"""
_ADD_CALLS = "INSERT OR IGNORE INTO calls VALUES {rows}"


class IndexTables:
    """Remembers terms, their ids, and the Calls that are open, from one batch to the next."""

    def __init__(self) -> None:
        self._outlines = Outlines()
        self._ids: dict[Term, int] = {}
        self._openings: dict[str, int] = {}

    def add(self, connection: sqlite3.Connection, entries: Sequence[tuple[int, bytes]]) -> None:
        """Index entries, at least one, given as (seq, body) in order; then all up to the last are indexed.

        Raises sqlite3.Error; then nothing was added, and this object is not to be used again.
        """
        readable = [(seq, outline) for seq, body in entries if (outline := self._outline(seq, body)) is not None]
        found = postings(readable, self._known_openings(connection, readable))
        # Nothing waits for the index to be on the disk: it gets there with the next entries, before them.
        connection.execute("PRAGMA synchronous = NORMAL")
        try:
            connection.execute("BEGIN IMMEDIATE")
            self._write(connection, found)
            connection.execute("UPDATE indexed SET through_seq = ?", (entries[-1][0],))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        finally:
            connection.execute("PRAGMA synchronous = FULL")

    def _outline(self, seq: int, body: bytes) -> Outline | None:
        try:
            return self._outlines.outline(body)
        except Unreadable as error:
            _log.error("entry %d of the book cannot be read: %s", seq, error)
            return None

    def _known_openings(self, connection: sqlite3.Connection, entries: Sequence[tuple[int, Outline]]) -> dict[str, int]:
        """Give the openings of the Calls that these entries close; forget them, for nothing closes twice."""
        if len(self._openings) > _REMEMBERED_AT_MOST:
            self._openings.clear()
        for seq, entry in entries:
            if entry.received_at_microseconds is not None:
                self._openings.setdefault(entry.call_id, seq)  # a refusal may follow a promise
        closing = [entry.call_id for _, entry in entries if entry.ending is not None]
        known = {call_id: self._openings.pop(call_id) for call_id in closing if call_id in self._openings}
        unknown = [call_id for call_id in closing if call_id not in known]
        if unknown:
            (found,) = connection.execute(_OPENINGS, (_json(unknown),)).fetchone()
            known.update(msgspec.json.decode(found, type=dict[str, int]))
        return known

    def _write(self, connection: sqlite3.Connection, found: Postings) -> None:
        if len(self._ids) > _REMEMBERED_AT_MOST:
            self._ids.clear()
        self._learn(connection, [term for term in found.terms if term not in self._ids])
        ids = self._ids
        rows = ((ids[term], block, bits) for term, own in found.terms.items() for block, bits in own.items())
        _add(connection, _ADD_POSTINGS, sorted(rows))
        spans = ((block, s.bits, s.first_microseconds, s.last_microseconds) for block, s in found.spans.items())
        _add(connection, _ADD_SPANS, sorted(spans))
        _add(connection, _ADD_CALLS, sorted(found.calls))

    def _learn(self, connection: sqlite3.Connection, terms: list[Term]) -> None:
        if not terms:
            return
        unknown = _json(terms)
        connection.execute(_ADD_TERMS, (unknown,))
        (numbered,) = connection.execute(_TERM_IDS, (unknown,)).fetchone()
        for place, number in msgspec.json.decode(numbered, type=list[tuple[int, int]]):
            self._ids[terms[place]] = number


def _add(connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows, sorted for the B-tree's sake, always as many at a time; the last is repeated, which changes nothing."""
    for start in range(0, len(rows), _ROWS_A_STATEMENT):
        part = list(rows[start : start + _ROWS_A_STATEMENT])
        count = len(part) if len(part) < 8 else _ROWS_A_STATEMENT
        part += part[-1:] * (count - len(part))
        connection.execute(_with_rows(statement, count, len(part[0])), list(chain.from_iterable(part)))


@cache
def _with_rows(statement: str, rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return statement.format(rows=", ".join([row] * rows))


def _json(value: Iterable[object]) -> str:
    return msgspec.json.encode(value).decode()
