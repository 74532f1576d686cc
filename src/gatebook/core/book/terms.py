"""Terms: what an Exchange can be found by, as (kind, value) pairs. Every store builds its index from them alone."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.book.canonical import unicode_text
from gatebook.core.book.findings import findings
from gatebook.core.book.records import Promise, Refusal
from gatebook.core.model import CallerKind, Identity, Method, Provenance
from gatebook.core.policy.decision import Allow, Decision, effect_of

Term = tuple[str, str]
_Whole = TypeVar("_Whole")

# Raised when the rules of this module change, so that stores build their index anew.
TERMS_VERSION = 2

_SERVICE_ACCOUNTS = frozenset({CallerKind.GOOGLE_SERVICE_ACCOUNT, CallerKind.KUBERNETES})


def terms_of(opening: Promise | Refusal) -> frozenset[Term]:
    """Give every term of a Call's first record."""
    return frozenset().union(*TermsMemory().parts_of(opening))


def clean(value: str) -> str:
    """Give a value without what a store's text may not hold: NUL and lone surrogates."""
    return unicode_text(value.replace("\0", "\ufffd"))


class TermsMemory:
    """Gives the terms of Calls in parts, and the same part again for those that share a token or an analysis.

    Identities and footprints are told apart by being the same object, which is cheap and never takes two for one.
    """

    def __init__(self, terms_at_most: int = 65536) -> None:
        self._terms_at_most = terms_at_most
        self._terms = 0
        self._known: dict[object, tuple[object, frozenset[Term]]] = {}

    def parts_of(self, opening: Promise | Refusal) -> list[frozenset[Term]]:
        """Give sets that together hold every term of a Call's first record."""
        declared = opening.declared
        parts = [
            self._part(opening.call.method.name, opening.call.method, _method_terms),
            self._part((declared.repository, declared.commit, declared.run), declared, _declared_terms),
        ]
        if opening.decision is not None:
            told = _decision_key(opening.decision)
            parts.append(self._part(told, told, _decision_terms))
        found = findings(opening)
        if found:
            parts.append(frozenset(("finding", finding.kind) for finding in found))
        if opening.identity is not None:
            parts.append(self._part(id(opening.identity), opening.identity, _identity_terms))
        if opening.footprint is not None:
            parts.append(self._part(id(opening.footprint), opening.footprint, _footprint_terms))
        return parts

    def _part(self, key: object, whole: _Whole, terms: Callable[[_Whole], Iterator[Term]]) -> frozenset[Term]:
        known = self._known.get(key)
        if known is None:
            if self._terms > self._terms_at_most:
                self._known.clear()
                self._terms = 0
            # The object is kept with its terms, so that no other can come to have its id.
            known = self._known[key] = (whole, frozenset(_cleaned(terms(whole))))
            self._terms += len(known[1])
        return known[1]


def _cleaned(terms: Iterator[Term]) -> Iterator[Term]:
    for kind, value in terms:
        yield kind, value if value.isascii() and "\0" not in value else clean(value)


def _method_terms(method: Method) -> Iterator[Term]:
    yield "method", method.name
    yield "method", method.name.removeprefix("bigquery.")


def _identity_terms(identity: Identity) -> Iterator[Term]:
    caller = identity.caller
    names = (caller.name, caller.subject, caller.key)
    yield from (("caller", name) for name in names)
    if caller.kind in _SERVICE_ACCOUNTS:
        yield from (("service_account", name) for name in names)
    yield "issuer", caller.issuer
    yield from _provenance_terms("", identity.attested)


def _declared_terms(declared: Provenance) -> Iterator[Term]:
    return _provenance_terms("declared_", declared)


def _provenance_terms(prefix: str, provenance: Provenance) -> Iterator[Term]:
    named = (("repository", provenance.repository), ("commit", provenance.commit), ("run", provenance.run))
    yield from ((prefix + kind, value) for kind, value in named if value is not None)


def _footprint_terms(footprint: Footprint) -> Iterator[Term]:
    yield from _table_terms(footprint)
    yield from _column_terms(footprint)


def _decision_key(decision: Decision) -> tuple[str, ...]:
    """Give the effect and the ids of the rules that decided, would have decided, or observed."""
    instead = decision.instead if isinstance(decision, Allow) else None
    would = () if instead is None else instead.rules
    return (effect_of(decision), *decision.rules, *would, *decision.observed)


def _decision_terms(told: tuple[str, ...]) -> Iterator[Term]:
    yield "decision", told[0]
    yield from (("rule", rule) for rule in told[1:])


def _table_terms(footprint: Footprint) -> Iterator[Term]:
    for statement in footprint.statements:
        yield "statement", statement.type.upper()
    for table in {table for s in footprint.statements for table in (*s.tables_read, *s.tables_written)}:
        yield "table", table.project
        yield "table", f"{table.project}.{table.dataset}"
        yield "table", str(table)


def _column_terms(footprint: Footprint) -> Iterator[Term]:
    """Give the names a column is asked for by: with its table or alone; itself, what it is within, its last parts.

    In lower case, because BigQuery's column names have none.
    """
    named = {column for s in footprint.statements for column in (*s.columns_read, *s.columns_written)}
    tables = {table: str(table).lower() for table, _ in named}
    for table, path in named:
        parts = path.lower().split(".")
        for end in range(1, len(parts) + 1):
            within = ".".join(parts[:end])
            yield "column", f"{tables[table]}.{within}"
            yield "column", within
            if end > 1:
                yield "column", ".".join(parts[end - 1 :])
