"""The reading side of the book in SQLite: works beside a running gateway and without one, and changes nothing.

Entries are never changed, and the index only gains, so that reading in several steps sees nothing inconsistent and no
long transaction keeps the writer's log from being emptied.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Self

import msgspec

from gatebook.core.book.entry import Entry, EntryKind, Record, Unreadable
from gatebook.core.book.exchange import Exchange, status_of
from gatebook.core.book.outlines import Outline, Outlines
from gatebook.core.book.postings import Postings, postings
from gatebook.core.book.records import Event, EventType, Promise, Refusal
from gatebook.core.book.search import Search
from gatebook.core.book.terms import TERMS_VERSION, event_term
from gatebook.core.book.usage import bytes_used
from gatebook.outbound.stores.directory import gateway_lives
from gatebook.outbound.stores.errors import NoBook, StoreError
from gatebook.outbound.stores.sqlite_schema import FILE_NAME, STEPS, schema_step
from gatebook.outbound.stores.sqlite_search import Candidates

_AT_A_TIME = 64
_SHORTEST_ID = 8

_ENTRIES_OF = """
SELECT seq, epoch, kind, call_id, at_microseconds, body FROM entries WHERE seq IN (SELECT value FROM json_each(?))
"""
_ENTRIES_AFTER = "SELECT seq, body FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq"
_CALLS = "SELECT call_id, seq FROM calls WHERE call_id IN (SELECT value FROM json_each(?))"
_IDS_FROM = "SELECT DISTINCT call_id FROM calls WHERE call_id >= ? AND call_id < ? || char(1114111) LIMIT ?"
_BEFORE = "SELECT max(call_id) FROM calls WHERE call_id < ?"
_AFTER = "SELECT min(call_id) FROM calls WHERE call_id > ?"


class SqliteReader:
    """Implements `ports.BookReader`. For one thread."""

    def __init__(self, connection: sqlite3.Connection, directory: Path) -> None:
        self._connection = connection
        (version, through) = connection.execute("SELECT terms_version, through_seq FROM indexed").fetchone()
        if version != TERMS_VERSION:
            raise StoreError(
                f"{directory / FILE_NAME}: its index is of another version of Gatebook. Start this version's gateway"
                " once: it builds the index anew."
            )
        (self._last_seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone()
        (self._last_epoch,) = connection.execute("SELECT coalesce(max(id), 0) FROM epochs").fetchone()
        self._gateway_lives = gateway_lives(directory)
        self.unreadable: dict[int, str] = {}
        self._unindexed = self._index_rest(through)

    @classmethod
    def open(cls, directory: Path) -> Self:
        """Open the book of a data directory as it is now. Raises NoBook when there is none, StoreError otherwise."""
        path = directory / FILE_NAME
        if not path.exists():
            raise NoBook(f"{directory}: there is no book here yet. It begins when `gatebook serve` first runs with it.")
        try:
            connection = _connect(path)
            _check_step(connection, path)
            return cls(connection, directory)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: cannot be read: {error}") from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def search(self, search: Search) -> Iterator[Exchange]:
        """Give the Exchanges that a search finds, in its order, as they are read."""
        places = (seq for found in self._candidates().find(search) for seq in found)
        exchanges = (exchange for some in _in_parts(places) for exchange in self._exchanges(some))
        yield from islice((exchange for exchange in exchanges if search.admits(exchange)), search.limit)

    def events(self, types: Collection[EventType], at_most: int) -> list[Event]:
        """Give the newest Events of these types, the newest first."""
        found = self._candidates().events([event_term(kind) for kind in types])
        entries = (entry for places in found for entry in self._in_order(places))
        events = (record for entry in entries if isinstance(record := self._read(entry), Event))
        return list(islice(events, at_most))

    def _in_order(self, places: Sequence[int]) -> list[Entry]:
        entries = self._entries(places)
        return [entries[seq] for seq in places if seq in entries]

    def ids(self, prefix: str, at_most: int) -> list[str]:
        """Give the ids of Calls that begin so, in order."""
        found = {call_id for (call_id,) in self._connection.execute(_IDS_FROM, (prefix, prefix, at_most))}
        found.update(call_id for call_id, _ in self._unindexed.calls if call_id.startswith(prefix))
        return sorted(found)[:at_most]

    def exchange(self, call_id: str) -> Exchange | None:
        """Give the Exchange of a Call, None when the book has none."""
        places = self._calls([call_id]).get(call_id)
        return next(self._exchanges(places[:1]), None) if places else None

    def short_id(self, call_id: str) -> str:
        """Give the beginning of an id that no other id of the book has, for people to type."""
        near = [self._connection.execute(query, (call_id,)).fetchone()[0] for query in (_BEFORE, _AFTER)]
        near += [other for other, _ in self._unindexed.calls if other != call_id]
        alike = max((_common(call_id, other) for other in near if other is not None), default=0)
        return call_id[: max(alike + 1, _SHORTEST_ID)]

    def _candidates(self) -> Candidates:
        return Candidates(self._connection, self._unindexed, self._last_seq)

    def _index_rest(self, through: int) -> Postings:
        rows = self._connection.execute(_ENTRIES_AFTER, (through, self._last_seq))
        outlines = Outlines()
        entries = [(seq, found) for seq, body in rows if (found := self._outline(outlines, seq, body)) is not None]
        closing = [entry.call_id for _, entry in entries if entry.received_at_microseconds is None]
        known = {call_id: min(seqs) for call_id, seqs in self._indexed_calls(closing).items()}
        return postings(entries, known)

    def _outline(self, outlines: Outlines, seq: int, body: bytes) -> Outline | None:
        try:
            return outlines.outline(body)
        except Unreadable as error:
            self.unreadable[seq] = str(error)
            return None

    def _exchanges(self, openings: Sequence[int]) -> Iterator[Exchange]:
        opened = self._entries(openings)
        calls = self._calls([entry.call_id for entry in opened.values()])
        closing = {seq: calls[entry.call_id][-1] for seq, entry in opened.items() if len(calls[entry.call_id]) > 1}
        closed = self._entries(list(closing.values()))
        for seq in openings:
            if seq in opened:
                exchange = self._put_together(opened[seq], closed.get(closing.get(seq, 0)))
                if exchange is not None:
                    yield exchange

    def _put_together(self, opened: Entry, closed: Entry | None) -> Exchange | None:
        opening, closing = self._read(opened), None if closed is None else self._read(closed)
        if not isinstance(opening, Promise | Refusal) or isinstance(closing, Promise | Event):
            return None
        lives = self._gateway_lives and opened.epoch == self._last_epoch
        status = status_of(opening, closing, gateway_lives=lives)
        return Exchange(opening, opened.seq, closing, None if closed is None else closed.seq, status)

    def _calls(self, call_ids: Sequence[str]) -> dict[str, list[int]]:
        """Give the places of all entries of Calls, in order."""
        found = self._indexed_calls(call_ids)
        asked = set(call_ids)
        for call_id, seq in self._unindexed.calls:
            if call_id in asked:
                found.setdefault(call_id, set()).add(seq)
        return {call_id: sorted(seqs) for call_id, seqs in found.items()}

    def _indexed_calls(self, call_ids: Sequence[str]) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for call_id, seq in self._connection.execute(_CALLS, (_json(call_ids),)):
            found.setdefault(call_id, set()).add(seq)
        return found

    def _entries(self, places: Sequence[int]) -> dict[int, Entry]:
        rows = self._connection.execute(_ENTRIES_OF, (_json(places),)).fetchall()
        return {entry.seq: entry for entry in map(_entry, rows)}

    def _read(self, entry: Entry) -> Record | None:
        try:
            return entry.record()
        except Unreadable as error:
            self.unreadable[entry.seq] = str(error)
            return None


def bytes_used_since(directory: Path, caller_key: str, since_microseconds: int) -> int:
    """Give the bytes that a caller's jobs processed since a time. Raises StoreError."""
    with closing(SqliteReader.open(directory)) as reader:
        return bytes_used(reader.search(Search(caller=caller_key, since_microseconds=since_microseconds, limit=None)))


def _connect(path: Path) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=5.0)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT 1 FROM sqlite_master")
    except sqlite3.OperationalError:
        # A file in WAL mode needs its -shm file, which a reader without write access to the directory cannot make. It
        # may do without when the gateway that wrote the file closed it in order.
        if path.with_name(path.name + "-wal").exists():
            raise
        connection = sqlite3.connect(f"{uri}&immutable=1", uri=True, isolation_level=None)
    return connection


def _check_step(connection: sqlite3.Connection, path: Path) -> None:
    (begun,) = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'schema_steps'").fetchone()
    step = schema_step(connection) if begun else 0
    if step == 0:
        raise NoBook(f"{path.parent}: there is no book here yet. It begins when `gatebook serve` first runs with it.")
    if step != len(STEPS):
        age = "newer" if step > len(STEPS) else "older"
        remedy = "Read it with that version" if step > len(STEPS) else "Start this version's gateway once"
        raise StoreError(f"{path}: the book is of an {age} version of Gatebook. {remedy}.")


def _entry(row: tuple[int, int, str, str, int, bytes]) -> Entry:
    seq, epoch, kind, call_id, at_microseconds, body = row
    return Entry(seq, epoch, EntryKind(kind), call_id, at_microseconds, body)


def _in_parts(places: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(places)
    while part := list(islice(rest, _AT_A_TIME)):
        yield part


def _common(one: str, other: str) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
