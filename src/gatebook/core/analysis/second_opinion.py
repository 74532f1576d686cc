"""The second opinion: what upstream says that a query touches must be covered by its footprint.

Gatebook decides on its own reading of the SQL. Where upstream reads another statement type, or a table that the
footprint lacks, that reading was wrong, by a fault of the analyzer, an old schema or a trick: a decision on it would
rest on nothing.
"""

from collections.abc import Iterator
from enum import StrEnum

from gatebook.core.analysis.dry_run import DryRun
from gatebook.core.analysis.footprint import EVERYTHING, Footprint, TableRef


class SecondOpinion(StrEnum):
    """When upstream is asked: of every query, of those of a caller whom a rule could refuse or hold, or of none."""

    ALWAYS = "always"
    AT_STAKE = "at_stake"
    NEVER = "never"


# Upstream's word for a text of several statements, or of control statements: each of them is in the footprint.
_MANY = "SCRIPT"


def contradictions(footprint: Footprint, dry_run: DryRun) -> tuple[str, ...]:
    """Give what upstream says and the footprint does not, in words; nothing when the footprint covers it all."""
    return tuple(_contradictions(footprint, dry_run))


def _contradictions(footprint: Footprint, dry_run: DryRun) -> Iterator[str]:
    kind = dry_run.statement_type
    if kind not in (None, _MANY, *footprint.statement_types):
        yield f"BigQuery takes this for {kind}"
    names = {str(table) for table in footprint.tables}
    prefixes = tuple(name.removesuffix(EVERYTHING) for name in names if name.endswith(EVERYTHING))
    for table in dry_run.tables:
        if not _covered(table, names, prefixes):
            yield f"BigQuery reads the table {table}"


def _covered(table: TableRef, names: set[str], prefixes: tuple[str, ...]) -> bool:
    name = str(table)
    return name in names or name.startswith(prefixes)
