"""Array functions. NULL arrays give NULL; lambdas as DuckDB lambdas."""

from __future__ import annotations

from collections.abc import Mapping

from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.functions.dates import MONTHS_OF, timestamp_step
from gatebook.sandbox.translate.lambdas import lambda_sql
from gatebook.sandbox.translate.names import case
from gatebook.sandbox.translate.translator import FunctionSql
from gatebook.sandbox.translate.types import duckdb_type, failure


def _make_array(call: Call) -> str:
    return f"CAST([{', '.join(call)}] AS {duckdb_type(call.result)})"


def _element(first: int, *, safe: bool) -> FunctionSql:
    """array[OFFSET(i)] counts from 0, array[ORDINAL(i)] from 1; DuckDB from 1 with negatives from the end."""

    def render(call: Call) -> str:
        before, after = call.once(0, 1)
        position = f"{call[1]} + {1 - first}" if first != 1 else call[1]
        inside = f"{call[1]} >= {first} AND {call[1]} < len({call[0]}) + {first}"
        element = (inside, f"({call[0]})[{position}]")
        if safe:
            return f"{before}{case(element)}{after}"
        outside = failure(f"'Array index ' || {call[1]} || ' is out of bounds'", call.result)
        return f"{before}{case(element, (f'{call[1]} IS NOT NULL AND {call[0]} IS NOT NULL', outside))}{after}"

    return render


def _end(index: int) -> FunctionSql:
    name = "ARRAY_FIRST" if index == 1 else "ARRAY_LAST"

    def render(call: Call) -> str:
        before, after = call.once(0)
        empty = failure(f"'{name} cannot get the {name[6:].lower()} element of an empty array'", call.result)
        found, missing = (f"len({call[0]}) > 0", f"({call[0]})[{index}]"), (f"len({call[0]}) = 0", empty)
        return f"{before}{case(found, missing)}{after}"

    return render


def _concat(call: Call) -> str:
    before, after = call.once(*range(len(call)))
    known = " AND ".join(f"{array} IS NOT NULL" for array in call)
    return f"{before}CASE WHEN {known} THEN list_concat({', '.join(call)}) END{after}"


def _to_string(call: Call) -> str:
    """NULL elements are left out, or written as the third argument."""
    array, separator = call[0], call[1]
    if call.kind(1) == "BYTES":
        return f"bq_join_bytes({', '.join(call)}{', NULL' if len(call) == 2 else ''})"
    if len(call) == 3:
        before, after = call.once(2)
        array = f"list_transform({array}, lambda _x: coalesce(_x, {call[2]}))"
        return f"{before}CASE WHEN {call[2]} IS NOT NULL THEN array_to_string({array}, {separator}) END{after}"
    before, after = call.once(1)
    return f"{before}{case((f'{call[1]} IS NOT NULL', f'array_to_string({array}, {call[1]})'))}{after}"


def _filter(call: Call) -> str:
    return f"list_filter({call[0]}, {lambda_sql(call.translator, call.arguments[1].inline_lambda)})"


def _transform(call: Call) -> str:
    return f"list_transform({call[0]}, {lambda_sql(call.translator, call.arguments[1].inline_lambda)})"


def _includes(call: Call) -> str:
    """array_includes(array, value or lambda)."""
    if call.is_lambda(1):
        return f"(len(list_filter({call[0]}, {lambda_sql(call.translator, call.arguments[1].inline_lambda)})) > 0)"
    before, after = call.once(0, 1)
    known = f"{call[0]} IS NOT NULL AND {call[1]} IS NOT NULL"
    return f"{before}CASE WHEN {known} THEN coalesce(list_contains({call[0]}, {call[1]}), FALSE) END{after}"


def _find(call: Call) -> str:
    """array_find(array, lambda [, mode]): the first or last element that matches, or NULL."""
    position = "-1" if len(call) > 2 and call.enum(2) == "LAST" else "1"
    if call.is_lambda(1):
        test = lambda_sql(call.translator, call.arguments[1].inline_lambda)
    else:
        test = f"lambda _x: _x = {call[1]}"
    return f"(list_filter({call[0]}, {test}))[{position}]"


def _generate(call: Call) -> str:
    kind = call.kind()
    if kind == "INT64":
        return f"bq_generate_int64({call[0]}, {call[1]}, {call.get(2, 'CAST(1 AS BIGINT)')})"
    if kind in ("NUMERIC", "FLOAT64"):
        return f"bq_generate_{kind.lower()}({call[0]}, {call[1]}, {call.get(2, '1')})"
    raise Unmapped(f"GENERATE_ARRAY of {kind}")


def _generate_dates(call: Call) -> str:
    step = call.get(2, "CAST(1 AS BIGINT)")
    part = call.enum(3) if len(call) > 3 else "DAY"
    if part in ("DAY", "WEEK"):
        return f"bq_generate_dates({call[0]}, {call[1]}, 0, {step} * {7 if part == 'WEEK' else 1})"
    return f"bq_generate_dates({call[0]}, {call[1]}, {step} * {MONTHS_OF[part]}, 0)"


def _generate_timestamps(call: Call) -> str:
    micros = f"bq_generate_int64(epoch_us({call[0]}), epoch_us({call[1]}), {timestamp_step(call[2], call.enum(3))})"
    return f"list_transform({micros}, lambda _x: make_timestamptz(_x))"


FUNCTIONS: Mapping[str, FunctionSql] = {
    "$make_array": _make_array,
    "$array_at_offset": _element(0, safe=False),
    "$safe_array_at_offset": _element(0, safe=True),
    "$array_at_ordinal": _element(1, safe=False),
    "$safe_array_at_ordinal": _element(1, safe=True),
    "array_concat": _concat,
    "array_length": "len({0})",
    "array_reverse": "list_reverse({0})",
    "array_first": _end(1),
    "array_last": _end(-1),
    "array_slice": "({0})[bq_slice_start({1}, len({0})):bq_slice_end({2}, len({0}))]",
    "array_to_string": _to_string,
    "array_filter": _filter,
    "array_transform": _transform,
    "array_includes": _includes,
    "array_find": _find,
    "generate_array": _generate,
    "generate_date_array": _generate_dates,
    "generate_timestamp_array": _generate_timestamps,
    "range_bucket": "CASE WHEN {0} IS NOT NULL THEN len(list_filter({1}, lambda _x: _x <= {0})) END",
}
