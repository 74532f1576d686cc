"""Terms: what an Exchange can be found by, as (kind, value) pairs. Every store builds its index from them alone."""

from collections.abc import Iterable, Iterator
from itertools import chain

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.book.canonical import unicode_text
from gatebook.core.book.findings import findings
from gatebook.core.book.records import EventType, Promise, Refusal
from gatebook.core.model import CallerKind, Identity, Method
from gatebook.core.policy.decision import Allow, Decision, effect_of

Term = tuple[str, str]

# Raised when the rules of this module change, so that stores build their index anew.
TERMS_VERSION = 2

_SERVICE_ACCOUNTS = frozenset({CallerKind.GOOGLE_SERVICE_ACCOUNT, CallerKind.KUBERNETES})


def terms_of(opening: Promise | Refusal) -> frozenset[Term]:
    """Give every term of a Call's first record."""
    declared = opening.declared
    return (
        method_terms(opening.call.method)
        | declared_terms(declared.repository, declared.commit, declared.run)
        | identity_terms(opening.identity)
        | footprint_terms(opening.footprint)
        | (frozenset() if opening.decision is None else decision_terms(*told_of(opening.decision)))
        | finding_terms(finding.kind for finding in findings(opening))
    )


def method_terms(method: Method) -> frozenset[Term]:
    """Give the terms of the method that was called."""
    return _cleaned((("method", method.name), ("method", method.name.removeprefix("bigquery."))))


def declared_terms(repository: str | None, commit: str | None, run: str | None) -> frozenset[Term]:
    """Give the terms of declared facts."""
    return _cleaned(_pipeline_terms("declared_", repository, commit, run))


def identity_terms(identity: Identity | None) -> frozenset[Term]:
    """Give the terms of the Caller and of attested facts."""
    return frozenset() if identity is None else _cleaned(_identity_terms(identity))


def footprint_terms(footprint: Footprint | None) -> frozenset[Term]:
    """Give the terms of what was touched."""
    return frozenset() if footprint is None else _cleaned(chain(_table_terms(footprint), _column_terms(footprint)))


def told_of(decision: Decision) -> tuple[str, frozenset[str]]:
    """Give the effect of a decision, and the ids of the rules that decided, would have decided, or observed."""
    instead = decision.instead if isinstance(decision, Allow) else None
    would = () if instead is None else instead.rules
    return effect_of(decision), frozenset((*decision.rules, *would, *decision.observed))


def decision_terms(effect: str, rules: frozenset[str]) -> frozenset[Term]:
    """Give the terms of what `told_of` tells."""
    return _cleaned((("decision", effect), *(("rule", rule) for rule in rules)))


def finding_terms(kinds: Iterable[str]) -> frozenset[Term]:
    """Give the terms of kinds of findings."""
    return frozenset(("finding", kind) for kind in kinds)


def event_term(kind: EventType) -> Term:
    """Give the term of entries that are Events of a type. They open no Call, and have no other term."""
    return "event", kind.value


def clean(value: str) -> str:
    """Give a value without what a store's text may not hold: NUL and lone surrogates."""
    return unicode_text(value.replace("\0", "\ufffd"))


def _cleaned(terms: Iterable[Term]) -> frozenset[Term]:
    return frozenset((kind, value if value.isascii() and "\0" not in value else clean(value)) for kind, value in terms)


def _identity_terms(identity: Identity) -> Iterator[Term]:
    caller, attested = identity.caller, identity.attested
    names = (caller.name, caller.subject, caller.key)
    yield from (("caller", name) for name in names)
    if caller.kind in _SERVICE_ACCOUNTS:
        yield from (("service_account", name) for name in names)
    yield "issuer", caller.issuer
    yield from _pipeline_terms("", attested.repository, attested.commit, attested.run)


def _pipeline_terms(prefix: str, repository: str | None, commit: str | None, run: str | None) -> Iterator[Term]:
    named = (("repository", repository), ("commit", commit), ("run", run))
    yield from ((prefix + kind, value) for kind, value in named if value is not None)


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
