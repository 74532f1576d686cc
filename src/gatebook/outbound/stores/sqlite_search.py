"""Which entries open the Exchanges that a search asks for: bitmaps from the index, intersected block by block."""

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import msgspec

from gatebook.core.book.exchange import Status
from gatebook.core.book.postings import BLOCK, CLOSED, Bits, Postings
from gatebook.core.book.search import Criterion, Search
from gatebook.core.book.terms import Term

_FIRST_BLOCKS = 8  # the newest 50 are mostly in these; each further step looks at four times as many
_MOST_BLOCKS = 4096

_SPANS = """
SELECT block, bits FROM spans WHERE block BETWEEN ? AND ? AND last_microseconds >= ? AND first_microseconds < ?
"""
_POSTINGS = """
SELECT block, bits FROM postings WHERE term IN (SELECT value FROM json_each(?)) AND block BETWEEN ? AND ?
"""
_TERM = "SELECT id FROM terms WHERE kind = ? AND value = ?"
_TERMS_FROM = "SELECT id FROM terms WHERE kind = ? AND value >= ? AND value < ? || char(1114111)"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A criterion, as the ids of its terms in the file and the bits it has in what is not indexed yet."""

    ids: str
    unindexed: tuple[Bits, ...]


class Candidates:
    """Looks in the file's index and in the postings of the entries that are not indexed yet, which it is given."""

    def __init__(self, connection: sqlite3.Connection, unindexed: Postings, last_seq: int) -> None:
        self._connection = connection
        self._unindexed = unindexed
        self._last_block = last_seq // BLOCK

    def find(self, search: Search) -> Iterator[list[int]]:
        """Give, in the search's order, the places of entries that open a Call with all the terms asked for."""
        wanted = [self._wanted(criterion) for criterion in search.criteria()]
        closed = self._wanted(Criterion(*CLOSED)) if search.status in (Status.OPEN, Status.UNSETTLED) else None
        for first, last in self._ranges(oldest_first=search.oldest_first):
            bits = self._spans(search, first, last)
            for criterion in wanted:
                bits = _both(bits, self._bits(criterion, first, last))
            if closed is not None:
                bits = _without(bits, self._bits(closed, first, last))
            yield sorted(_places(bits), reverse=not search.oldest_first)

    def events(self, terms: Collection[Term]) -> Iterator[list[int]]:
        """Give, newest first, the places of entries that are Events of a type whose term is among these."""
        wanted = [self._wanted(Criterion(*term)) for term in terms]
        for first, last in self._ranges(oldest_first=False):
            bits: Bits = {}
            for criterion in wanted:
                bits = _either(bits, self._bits(criterion, first, last))
            yield sorted(_places(bits), reverse=True)

    def _ranges(self, *, oldest_first: bool) -> Iterator[tuple[int, int]]:
        done, blocks = 0, _FIRST_BLOCKS
        while done <= self._last_block:
            first, last = done, min(done + blocks, self._last_block + 1) - 1
            yield (first, last) if oldest_first else (self._last_block - last, self._last_block - first)
            done, blocks = last + 1, min(blocks * 4, _MOST_BLOCKS)

    def _wanted(self, criterion: Criterion) -> _Wanted:
        if criterion.prefix:
            rows = self._connection.execute(_TERMS_FROM, (criterion.kind, criterion.value, criterion.value))
        else:
            rows = self._connection.execute(_TERM, (criterion.kind, criterion.value))
        ids = msgspec.json.encode([number for (number,) in rows]).decode()
        terms = self._unindexed.terms.items()
        return _Wanted(ids, tuple(bits for term, bits in terms if criterion.meets(*term)))

    def _spans(self, search: Search, first: int, last: int) -> Bits:
        since = search.since_microseconds if search.since_microseconds is not None else -(2**63)
        until = search.until_microseconds if search.until_microseconds is not None else 2**63 - 1
        found = dict(self._connection.execute(_SPANS, (first, last, since, until)).fetchall())
        for block, span in self._unindexed.spans.items():
            if first <= block <= last and span.last_microseconds >= since and span.first_microseconds < until:
                found[block] = found.get(block, 0) | span.bits
        return found

    def _bits(self, wanted: _Wanted, first: int, last: int) -> Bits:
        found: Bits = {}
        for block, bits in self._connection.execute(_POSTINGS, (wanted.ids, first, last)).fetchall():
            found[block] = found.get(block, 0) | bits
        for own in wanted.unindexed:
            for block, bits in own.items():
                found[block] = found.get(block, 0) | bits
        return found


def _both(one: Bits, other: Bits) -> Bits:
    return {block: common for block, bits in one.items() if (common := bits & other.get(block, 0))}


def _either(one: Bits, other: Bits) -> Bits:
    return one | {block: one.get(block, 0) | bits for block, bits in other.items()}


def _without(one: Bits, other: Bits) -> Bits:
    return {block: rest for block, bits in one.items() if (rest := bits & ~other.get(block, 0))}


def _places(found: Bits) -> Iterator[int]:
    for block, bits in found.items():
        rest = bits
        while rest:
            lowest = rest & -rest
            yield block * BLOCK + lowest.bit_length() - 1
            rest ^= lowest
