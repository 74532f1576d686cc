"""All tables together."""

from gatebook.sandbox.translate.expressions import calls, casts, subqueries, values
from gatebook.sandbox.translate.functions import (
    aggregates,
    arithmetic,
    arrays,
    comparisons,
    date_parts,
    dates,
    json,
    mathematics,
    other,
    regexps,
    strings,
    windows,
)
from gatebook.sandbox.translate.scans import aggregates as aggregate_scans
from gatebook.sandbox.translate.scans import joins, routines, rows, sets
from gatebook.sandbox.translate.scans import windows as window_scans
from gatebook.sandbox.translate.translator import Tables

TABLES = Tables(
    scans={
        **rows.SCANS,
        **joins.SCANS,
        **sets.SCANS,
        **aggregate_scans.SCANS,
        **window_scans.SCANS,
        **routines.SCANS,
    },
    expressions={**values.EXPRESSIONS, **casts.EXPRESSIONS, **subqueries.EXPRESSIONS, **calls.EXPRESSIONS},
    functions={
        **comparisons.FUNCTIONS,
        **arithmetic.FUNCTIONS,
        **mathematics.FUNCTIONS,
        **strings.FUNCTIONS,
        **regexps.FUNCTIONS,
        **arrays.FUNCTIONS,
        **dates.FUNCTIONS,
        **date_parts.FUNCTIONS,
        **json.FUNCTIONS,
        **other.FUNCTIONS,
    },
    aggregates=aggregates.AGGREGATES,
    windows=windows.WINDOWS,
)
