"""Outlines: what the index is made of, taken from an entry's bytes.

Most of an entry is passed over. Parts that come again and again word for word (method, caller, attested facts,
footprint) are read in full once, and known by their bytes from then on.
"""

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from gatebook.core.book.entry import EntryKind, Unreadable, check_known, read
from gatebook.core.book.findings import CONTRADICTED
from gatebook.core.book.records import EventType, Promise, Refusal
from gatebook.core.book.terms import (
    Term,
    decision_terms,
    declared_terms,
    event_term,
    finding_terms,
    footprint_terms,
    identity_terms,
    method_terms,
)

_ABSENT = msgspec.Raw()


@dataclass(frozen=True, slots=True)
class Outline:
    """An entry as the index sees it: `parts` are the terms of a Call's first record or of an Event.

    A settlement has none. `received_at_microseconds` is None for a settlement, `ending` for a promise, both for an
    Event, whose own id is in `call_id`.
    """

    kind: str
    call_id: str
    received_at_microseconds: int | None
    ending: str | None
    parts: tuple[frozenset[Term], ...]


# The members below stand where every version so far has them.
class _Call(msgspec.Struct, gc=False):
    id: str
    method: msgspec.Raw
    received_at_microseconds: int


class _Outcome(msgspec.Struct, gc=False):
    ending: str


class _Decision(msgspec.Struct, frozen=True, gc=False):
    effect: str
    instead: "_Decision | None" = None
    observed: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    def told(self) -> tuple[str, frozenset[str]]:
        """Give what `terms.told_of` gives of the decision."""
        would = () if self.instead is None else self.instead.rules
        return self.effect, frozenset((*self.rules, *would, *self.observed))


class _Evidence(msgspec.Struct, gc=False):
    contradictions: tuple[str, ...] = ()


class _Declared(msgspec.Struct, frozen=True, gc=False):
    commit: str | None = None
    repository: str | None = None
    run: str | None = None


class _Entry(msgspec.Struct, gc=False):
    kind: str
    v: int
    attested: msgspec.Raw = _ABSENT
    call: _Call | None = None
    call_id: str = ""
    caller: msgspec.Raw = _ABSENT
    decision: _Decision | None = None
    declared: _Declared = _Declared()
    evidence: _Evidence | None = None
    footprint: msgspec.Raw = _ABSENT
    id: str = ""
    outcome: _Outcome | None = None
    type: str = ""


_decoder = msgspec.json.Decoder(_Entry)


class Outlines:
    """Makes outlines, and gives the same part again for entries that share it."""

    def __init__(self, terms_at_most: int = 65536) -> None:
        self._terms_at_most = terms_at_most
        self._terms = 0
        self._known: dict[object, frozenset[Term]] = {}

    def outline(self, body: bytes) -> Outline:
        """Give the outline of an entry. Raises Unreadable when it is not of a known version, or plainly damaged."""
        try:
            entry = _decoder.decode(body)
        except (ValueError, msgspec.MsgspecError) as error:
            raise Unreadable(f"not a record of the book: {error}") from error
        check_known(entry.v, entry.kind)
        ending = None if entry.outcome is None else entry.outcome.ending
        if entry.kind == EntryKind.EVENT:
            return Outline(entry.kind, entry.id, None, None, (self._event(entry.type),))
        if entry.call is None:
            return Outline(entry.kind, entry.call_id, None, ending, ())
        parts = self._parts(entry, entry.call, body)
        return Outline(entry.kind, entry.call.id, entry.call.received_at_microseconds, ending, parts)

    def _parts(self, entry: _Entry, call: _Call, body: bytes) -> tuple[frozenset[Term], ...]:
        version, declared = entry.v, entry.declared
        parts = [
            self._part((version, "method", bytes(call.method)), lambda: method_terms(_opening(body).call.method)),
            self._part(declared, lambda: declared_terms(declared.repository, declared.commit, declared.run)),
        ]
        if entry.decision is not None:
            told = entry.decision.told()
            parts.append(self._part(told, lambda: decision_terms(*told)))
        if entry.evidence is not None and entry.evidence.contradictions:
            parts.append(self._part(CONTRADICTED, lambda: finding_terms([CONTRADICTED])))
        if entry.caller is not _ABSENT:
            key = (version, "identity", bytes(entry.caller) + bytes(entry.attested))
            parts.append(self._part(key, lambda: identity_terms(_opening(body).identity)))
        if entry.footprint is not _ABSENT:
            key = (version, "footprint", bytes(entry.footprint))
            parts.append(self._part(key, lambda: footprint_terms(_opening(body).footprint)))
        return tuple(parts)

    def _event(self, kind: str) -> frozenset[Term]:
        return self._part(("event", kind), lambda: frozenset({event_term(EventType(kind))}))

    def _part(self, key: object, terms: Callable[[], frozenset[Term]]) -> frozenset[Term]:
        known = self._known.get(key)
        if known is None:
            if self._terms > self._terms_at_most:
                self._known.clear()
                self._terms = 0
            known = self._known[key] = terms()
            self._terms += len(known) + 1
        return known


def _opening(body: bytes) -> Promise | Refusal:
    record = read(body)
    if isinstance(record, Promise | Refusal):
        return record
    raise Unreadable("a settlement that says what was called")
