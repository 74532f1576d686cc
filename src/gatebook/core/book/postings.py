"""Postings: the index of a run of entries, as bitmaps. Stores add them up; readers intersect them.

Entries are counted off in blocks of 60. For a term and a block, bit b says that entry 60 * block + b opens a Call that
has the term, or is an Event of the type that the term names. Adding postings twice changes nothing, and what is added
in parts is what would be added at once, so that an index can lag behind the entries and can be built anew from them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gatebook.core.book.entry import EntryKind
from gatebook.core.book.outlines import Outline
from gatebook.core.book.terms import Term

BLOCK = 60  # so that a block's bits stay below 2^63, the bound of SQL's integers
CLOSED: Term = ("closed", "")

Bits = dict[int, int]  # block -> bits


@dataclass(slots=True)
class Span:
    """Which entries of a block open a Call, and the earliest and latest time at which these came in."""

    bits: int
    first_microseconds: int
    last_microseconds: int


@dataclass(slots=True)
class Postings:
    """The index of some entries. `calls` holds the call's id for every entry that is about one."""

    terms: dict[Term, Bits] = field(default_factory=dict)
    spans: dict[int, Span] = field(default_factory=dict)
    calls: list[tuple[str, int]] = field(default_factory=list)


def postings(entries: Iterable[tuple[int, Outline]], known_openings: Mapping[str, int]) -> Postings:
    """Index entries, given as (seq, outline) in order. `known_openings`: call id -> seq of openings before these."""
    found = Postings()
    openings = dict(known_openings)
    alike: dict[int, tuple[frozenset[Term], Bits]] = {}
    for seq, entry in entries:
        if entry.kind == EntryKind.EVENT:
            for part in entry.parts:
                _add(alike.setdefault(id(part), (part, {}))[1], seq)
            continue
        call_id, received = entry.call_id, entry.received_at_microseconds
        if received is not None and openings.setdefault(call_id, seq) == seq:
            _add_span(found.spans, seq, received)
            for part in entry.parts:
                _add(alike.setdefault(id(part), (part, {}))[1], seq)
        found.calls.append((call_id, seq))
        if entry.ending is not None and call_id in openings:
            _add(found.terms.setdefault(("status", entry.ending), {}), openings[call_id])
            _add(found.terms.setdefault(CLOSED, {}), openings[call_id])
    for part, bits in alike.values():
        _add_terms(found.terms, part, bits)
    return found


def _add(bits: Bits, seq: int) -> None:
    block, bit = divmod(seq, BLOCK)
    bits[block] = bits.get(block, 0) | 1 << bit


def _add_span(spans: dict[int, Span], seq: int, received: int) -> None:
    block, bit = divmod(seq, BLOCK)
    span = spans.setdefault(block, Span(0, received, received))
    span.bits |= 1 << bit
    span.first_microseconds = min(span.first_microseconds, received)
    span.last_microseconds = max(span.last_microseconds, received)


def _add_terms(terms: dict[Term, Bits], named: Iterable[Term], bits: Bits) -> None:
    for term in named:
        own = terms.setdefault(term, {})
        for block, mask in bits.items():
            own[block] = own.get(block, 0) | mask
