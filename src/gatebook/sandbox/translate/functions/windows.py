"""Functions that only exist with OVER."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatebook.sandbox.translate.aggregation import AggregateCall
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.translator import FunctionSql
from gatebook.sandbox.translate.types import duckdb_type


def _navigation(function: str) -> Any:
    def render(call: AggregateCall) -> str:
        return call.raw(function, *call, nulls=" IGNORE NULLS" if call.ignores_nulls else "")

    return render


def _percentile(function: str) -> Any:
    def render(call: AggregateCall) -> str:
        if call.respects_nulls:
            raise Unmapped(f"{call.name} with RESPECT NULLS")
        if function == "quantile_cont" and call.kind() != "FLOAT64":
            raise Unmapped(f"{call.name} of {call.kind()}")
        return f"CAST({call.raw(function, call[0], f'CAST({call[1]} AS DOUBLE)')} AS {duckdb_type(call.result)})"

    return render


WINDOWS: Mapping[str, FunctionSql] = {
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
    "percentile_cont": _percentile("quantile_cont"),
    "percentile_disc": _percentile("quantile_disc"),
}
