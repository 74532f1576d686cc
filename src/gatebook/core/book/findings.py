"""Findings: what in a record a person should look at, derived from it."""

from dataclasses import dataclass

from gatebook.core.book.records import Promise, Refusal

CONTRADICTED = "footprint_contradicted"


@dataclass(frozen=True, slots=True)
class Finding:
    """A stable `kind` (snake_case), by which the book is searched, and a sentence."""

    kind: str
    detail: str


def findings(opening: Promise | Refusal) -> tuple[Finding, ...]:
    """Give what is found in a Call's first record."""
    return tuple(Finding(CONTRADICTED, detail) for detail in opening.evidence.contradictions)
