"""Terms: what an Exchange can be found by, as (kind, value) pairs. Every store builds its index from them alone."""

from collections.abc import Iterator

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.book.records import Promise, Refusal
from gatebook.core.model import Caller, CallerKind, Provenance

Term = tuple[str, str]

# Raised when the rules of this module change, so that stores build their index anew.
TERMS_VERSION = 1

_SERVICE_ACCOUNTS = frozenset({CallerKind.GOOGLE_SERVICE_ACCOUNT, CallerKind.KUBERNETES})


def terms_of(opening: Promise | Refusal) -> set[Term]:
    """Give every term of a Call's first record."""
    found: set[Term] = {("method", opening.call.method.name)}
    if opening.identity is not None:
        found.update(_caller_terms(opening.identity.caller))
        found.update(_provenance_terms("", opening.identity.attested))
    found.update(_provenance_terms("declared_", opening.declared))
    if opening.footprint is not None:
        found.update(_footprint_terms(opening.footprint))
    return {(kind, clean(value)) for kind, value in found}


def clean(value: str) -> str:
    """Give a value without what a store's text may not hold: NUL and lone surrogates."""
    if value.isascii() and "\0" not in value:
        return value
    return value.replace("\0", "\ufffd").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _caller_terms(caller: Caller) -> Iterator[Term]:
    names = (caller.name, caller.subject, caller.key)
    yield from (("caller", name) for name in names)
    if caller.kind in _SERVICE_ACCOUNTS:
        yield from (("service_account", name) for name in names)
    yield "issuer", caller.issuer


def _provenance_terms(prefix: str, provenance: Provenance) -> Iterator[Term]:
    named = (("repository", provenance.repository), ("commit", provenance.commit), ("run", provenance.run))
    yield from ((prefix + kind, value) for kind, value in named if value is not None)


def _footprint_terms(footprint: Footprint) -> Iterator[Term]:
    yield from (("statement", kind.upper()) for kind in footprint.statement_types)
    for table in footprint.tables:
        yield "table", table.project
        yield "table", f"{table.project}.{table.dataset}"
        yield "table", str(table)
    for statement in footprint.statements:
        for table, path in (*statement.columns_read, *statement.columns_written):
            yield from _column_terms(str(table), path)


def _column_terms(table: str, path: str) -> Iterator[Term]:
    """Give the names a column is asked for by: with its table or alone; itself, what it is within, its last parts.

    In lower case, because BigQuery's column names have none.
    """
    table, parts = table.lower(), path.lower().split(".")
    for end in range(1, len(parts) + 1):
        within = ".".join(parts[:end])
        yield "column", f"{table}.{within}"
        yield "column", within
        yield "column", ".".join(parts[end - 1 :])
