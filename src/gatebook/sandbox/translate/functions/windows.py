"""Functions that only exist with OVER."""

from __future__ import annotations

from collections.abc import Mapping

from gatebook.sandbox.translate.aggregation import AggregateCall
from gatebook.sandbox.translate.translator import AggregateSql


def _navigation(function: str) -> AggregateSql:
    def render(call: AggregateCall) -> str:
        return call.raw(function, *call, nulls=" IGNORE NULLS" if call.ignores_nulls else "")

    return render


def _nth(call: AggregateCall, position: str) -> str:
    """A value of the sorted partition, by its position from 1: a window function around the one that counts."""
    nulls = "FIRST" if call.respects_nulls else "LAST"
    frame = f"ORDER BY {call[0]} ASC NULLS {nulls} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING"
    return f"nth_value({call[0]}, CAST({position} AS BIGINT)){call.over.removesuffix(')')} {frame})"


def _count(call: AggregateCall) -> str:
    return call.raw("count", "*" if call.respects_nulls else call[0])


def _percentile_disc(call: AggregateCall) -> str:
    """The first value whose cumulative distribution reaches the fraction."""
    return _nth(call, f"greatest(ceil({call[1]} * {_count(call)}), 1)")


def _percentile_cont(call: AggregateCall) -> str:
    """Between the two values around the fraction, in proportion; a NULL of the two is left out."""
    position = f"({call[1]} * ({_count(call)} - 1))"
    low, high = _nth(call, f"floor({position}) + 1"), _nth(call, f"ceil({position}) + 1")
    share = f"({position} - floor({position}))"
    between = f"({high} - {low}) * {share}"
    if call.result.kind != "FLOAT64":
        between = f"bq_{call.result.kind.lower()}_multiply({high} - {low}, {share})"
    return f"coalesce({low} + {between}, {low}, {high})"


WINDOWS: Mapping[str, AggregateSql] = {
    "row_number": "row_number",
    "rank": "rank",
    "dense_rank": "dense_rank",
    "percent_rank": "percent_rank",
    "cume_dist": "cume_dist",
    "ntile": "ntile",
    "lag": _navigation("lag"),
    "lead": _navigation("lead"),
    "first_value": _navigation("first_value"),
    "last_value": _navigation("last_value"),
    "nth_value": _navigation("nth_value"),
    "percentile_cont": _percentile_cont,
    "percentile_disc": _percentile_disc,
}
