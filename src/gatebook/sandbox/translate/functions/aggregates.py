"""Aggregate functions: the name of DuckDB's own, or a function of the call."""

from __future__ import annotations

from collections.abc import Mapping

from gatebook.sandbox.translate import intervals
from gatebook.sandbox.translate.aggregation import AggregateCall
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import case
from gatebook.sandbox.translate.translator import AggregateSql
from gatebook.sandbox.translate.types import duckdb_type, failure, range_order

_DECIMALS = ("NUMERIC", "BIGNUMERIC")


def _typed(function: str) -> AggregateSql:
    return lambda call: f"CAST({call.raw(function, *call)} AS {duckdb_type(call.result)})"


def _count_star(call: AggregateCall) -> str:
    return call.raw("count", "*")


def _countif(call: AggregateCall) -> str:
    if call.distinct:
        return call.raw("count", f"CASE WHEN {call[0]} THEN TRUE END")
    return call.raw("count", "*", where=f"({call[0]}) IS TRUE")


def _sum(call: AggregateCall) -> str:
    if call.result.kind == "INTERVAL":
        return _interval_sum(call)
    total = call.raw("sum", call[0])
    if call.result.kind != "FLOAT64":
        return f"CAST({total} AS {duckdb_type(call.result)})"
    finite = call.raw("bool_and", f"isfinite({call[0]})")
    overflow = failure("'double overflow'", call.result)
    return case((f"NOT isfinite({total}) AND {finite}", overflow), otherwise=total)


def _interval_sum(call: AggregateCall) -> str:
    if call.distinct:
        raise Unmapped("SUM(DISTINCT) of INTERVAL")
    months = call.raw("sum", f"datepart('year', {call[0]}) * 12 + datepart('month', {call[0]})")
    days, micros = call.raw("sum", f"datepart('day', {call[0]})"), call.raw("sum", intervals.micros(call[0]))
    return (
        f"(to_months(CAST({months} AS INTEGER)) + to_days(CAST({days} AS INTEGER))"
        f" + to_microseconds(CAST({micros} AS BIGINT)))"
    )


def _avg(call: AggregateCall) -> str:
    kind = call.result.kind
    if kind == "INTERVAL":
        parts = f"{intervals.parts(_interval_sum(call))}, {call.raw('count', call[0])}"
        return intervals.from_parts(f"bq_interval_divide({parts})")
    if kind in _DECIMALS:
        total, count = call.raw("sum", call[0]), call.raw("count", call[0])
        divided = f"bq_{kind.lower()}_divide({total}, CAST({count} AS {duckdb_type(call.result)}))"
        return f"CASE WHEN {count} > 0 THEN {divided} END"
    if kind != "FLOAT64":
        raise Unmapped(f"AVG of {kind}")
    return call.raw("avg", call[0])


def _extreme(function: str) -> AggregateSql:
    """MIN and MAX are NaN when one value is NaN; to DuckDB NaN is the greatest number."""

    def render(call: AggregateCall) -> str:
        if call.result.kind == "RANGE":
            return call.raw(
                f"arg_{function}", call[0], range_order(call[0], call.result), where=f"{call[0]} IS NOT NULL"
            )
        if call.result.kind in ("ARRAY", "STRUCT", "JSON", "GEOGRAPHY"):
            raise Unmapped(f"{call.name.upper()} of {call.result.kind}")
        value = call.raw(function, call[0])
        if call.result.kind != "FLOAT64" or function == "max":
            return value
        return f"CASE WHEN {call.raw('bool_or', f'isnan({call[0]})')} THEN CAST('nan' AS DOUBLE) ELSE {value} END"

    return render


def _any_value(call: AggregateCall) -> str:
    return call.raw("any_value", call[0])


def _array_agg(call: AggregateCall) -> str:
    where = f"{call[0]} IS NOT NULL" if call.ignores_nulls else ""
    return _list(call, where)


def _limited(call: AggregateCall, array: str) -> str:
    return array if call.limit is None else f"({array})[1:{call.limit}]"


def _list(call: AggregateCall, where: str = "") -> str:
    """All values in order. DuckDB compares rows by value and key when both DISTINCT and ORDER BY are given."""
    if not (call.distinct and call.order):
        return _limited(call, call.raw("list", call[0], where=where, ordered=True))
    if len(call.order) > 1 or call.kind() == "RANGE":
        raise Unmapped(f"{call.name.upper()} with DISTINCT and such an ORDER BY")
    _, direction, nulls, place = call.order[0].rsplit(" ", 3)
    return _limited(call, f"list_sort({call.raw('list', call[0], where=where)}, '{direction}', '{nulls} {place}')")


def _string_agg(call: AggregateCall) -> str:
    separator = call[1] if len(call) > 1 else ("','" if call.kind() == "STRING" else "','::BLOB")
    items = _list(call, where=f"{call[0]} IS NOT NULL")
    joined = (
        f"bq_join_bytes({items}, {separator}, NULL)"
        if call.kind() == "BYTES"
        else f"array_to_string({items}, {separator})"
    )
    return joined if call.limit is None else f"CASE WHEN {call.limit} > 0 THEN {joined} END"


def _array_concat_agg(call: AggregateCall) -> str:
    return f"flatten({_list(call, where=f'{call[0]} IS NOT NULL')})"


def _by(function: str) -> AggregateSql:
    """MAX_BY and MIN_BY: NULL values count, NULL keys do not."""
    return lambda call: call.raw(f"{function}_null", *call, where=f"{call[1]} IS NOT NULL")


def _approx_quantiles(call: AggregateCall) -> str:
    number = call.constant(1)
    if not isinstance(number, int):
        raise Unmapped("APPROX_QUANTILES with a computed number")
    if call.respects_nulls:
        raise Unmapped("APPROX_QUANTILES with RESPECT NULLS")
    fractions = ", ".join(f"{index / number!r}" for index in range(number + 1))
    return call.raw("quantile_disc", call[0], f"[{fractions}]")


def _approx_top_count(call: AggregateCall) -> str:
    counts, nulls = call.raw("histogram", call[0]), call.raw("count", "*", where=f"{call[0]} IS NULL")
    found = f"list_transform(map_entries({counts}), lambda _x: {{'n': CAST(_x.value AS BIGINT), 'v': _x.key}})"
    unknown = f"CASE WHEN {nulls} > 0 THEN [{{'n': {nulls}, 'v': NULL}}] ELSE [] END"
    return _top(call, f"list_concat(coalesce({found}, []), {unknown})", "count")


def _approx_top_sum(call: AggregateCall) -> str:
    """Sums by value: the list of (value, weight) pairs is reduced over its distinct values."""
    pairs = call.raw("list", f"{{'v': {call[0]}, 'w': {call[1]}}}", where=f"{call[1]} IS NOT NULL")
    weights = "list_transform(list_filter(_pairs, lambda _p: _p.v IS NOT DISTINCT FROM _v), lambda _p: _p.w)"
    values = "list_distinct(list_transform(_pairs, lambda _p: {'v': _p.v}))"
    sums = f"list_transform({values}, lambda _d: {{'n': list_sum({weights.replace('_v)', '_d.v)')}), 'v': _d.v}})"
    return _top(call, f"(list_transform([{pairs}], lambda _pairs: {sums}))[1]", "sum")


def _top(call: AggregateCall, entries: str, measure: str) -> str:
    number = call[2] if measure == "sum" else call[1]
    fields = f"{{'value': _x.v, '{measure}': _x.n}}"
    first = f"(list_reverse_sort({entries}))[1:{number}]"
    return f"CAST(list_transform({first}, lambda _x: {fields}) AS {duckdb_type(call.result)})"


def _hll_init(call: AggregateCall) -> str:
    return f"bq_hll_of({call.raw('list', f'DISTINCT CAST({call[0]} AS VARCHAR)')})"


def _hll_merge(function: str) -> AggregateSql:
    return lambda call: f"{function}({call.raw('list', call[0], where=f'{call[0]} IS NOT NULL')})"


def _bytes_not_supported(call: AggregateCall) -> str:
    if call.kind() == "BYTES":
        raise Unmapped(f"{call.name.upper()} of BYTES")
    return f"CAST({call.raw(call.name, call[0])} AS BIGINT)"


AGGREGATES: Mapping[str, AggregateSql] = {
    "$count_star": _count_star,
    "count": lambda call: call.raw("count", call[0]),
    "countif": _countif,
    "sum": _sum,
    "avg": _avg,
    "min": _extreme("min"),
    "max": _extreme("max"),
    "any_value": _any_value,
    "array_agg": _array_agg,
    "array_concat_agg": _array_concat_agg,
    "string_agg": _string_agg,
    "max_by": _by("arg_max"),
    "min_by": _by("arg_min"),
    "logical_and": "bool_and",
    "logical_or": "bool_or",
    **dict.fromkeys(["bit_and", "bit_or", "bit_xor"], _bytes_not_supported),
    "corr": lambda call: f"CASE WHEN {call.raw('regr_count', *call)} > 1 THEN {call.raw('corr', *call)} END",
    **{name: _typed(name) for name in ("covar_pop", "covar_samp", "stddev_pop", "stddev_samp")},
    **{name: _typed(name) for name in ("var_pop", "var_samp")},
    "stddev": _typed("stddev_samp"),
    "variance": _typed("var_samp"),
    "approx_count_distinct": lambda call: call.raw("count", f"DISTINCT {call[0]}"),
    "approx_quantiles": _approx_quantiles,
    "approx_top_count": _approx_top_count,
    "approx_top_sum": _approx_top_sum,
    "hll_count.init": _hll_init,
    "hll_count.merge": _hll_merge("bq_hll_merged_count"),
    "hll_count.merge_partial": _hll_merge("bq_hll_merged"),
    "grouping": lambda call: call.raw("grouping", call[0]),
}
