"""Python values (values.py) as DuckDB constants."""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from typing import Any

from gatebook.googlesql.types import SqlType
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import string
from gatebook.sandbox.translate.types import BIGNUMERIC_SCALE, duckdb_type, element, field_names, null_sql
from gatebook.sandbox.translate.values import Interval

_EXACT = Context(prec=100)


def value_sql(value: Any, sql_type: SqlType) -> str:
    """The constant; None is NULL. Values as values.py describes them."""
    if value is None:
        return null_sql(sql_type)
    if sql_type.kind == "ARRAY":
        items = ", ".join(value_sql(item, element(sql_type)) for item in value)
        return f"CAST([{items}] AS {duckdb_type(sql_type)})"
    if sql_type.kind == "STRUCT":
        parts = zip(field_names(sql_type), sql_type.fields, value, strict=True)
        return f"{{{', '.join(f'{string(name)}: {value_sql(item, field.type)}' for name, field, item in parts)}}}"
    if sql_type.kind == "RANGE":
        start, end = (value_sql(bound, element(sql_type)) for bound in value)
        return f"{{'start': {start}, 'end': {end}}}"
    write = _SCALARS.get(sql_type.kind)
    if write is None:
        raise Unmapped(f"a constant of type {sql_type.sql()}")
    return write(value)


def _integer(value: int) -> str:
    return f"CAST({value} AS BIGINT)"


def _float(value: float) -> str:
    if math.isnan(value):
        return "CAST('nan' AS DOUBLE)"
    return f"CAST('{value!r}' AS DOUBLE)"


def _bytes(value: bytes) -> str:
    return f"from_hex('{value.hex()}')"


def _bignumeric(value: Decimal) -> str:
    scaled = value.scaleb(BIGNUMERIC_SCALE, _EXACT)
    if scaled != scaled.to_integral_value(context=_EXACT) or abs(scaled) >= 10**38:
        raise Unmapped(
            f"a BIGNUMERIC of more than {38 - BIGNUMERIC_SCALE} integer and {BIGNUMERIC_SCALE} fractional digits"
        )
    return f"CAST('{value:f}' AS DECIMAL(38,{BIGNUMERIC_SCALE}))"


def _interval(value: Interval) -> str:
    return (
        f"(to_months(CAST({value.months} AS INTEGER)) + to_days(CAST({value.days} AS INTEGER))"
        f" + to_microseconds(CAST({value.microseconds} AS BIGINT)))"
    )


def _timestamp(value: datetime) -> str:
    return f"TIMESTAMPTZ '{_datetime_text(value.astimezone(UTC))}+00'"


def _datetime_text(value: datetime) -> str:
    return f"{value.year:04}-{value:%m-%d %H:%M:%S.%f}"


def _date(value: date) -> str:
    return f"DATE '{value.isoformat()}'"


def _time(value: time) -> str:
    return f"TIME '{value.isoformat()}'"


_SCALARS: Mapping[str, Callable[[Any], str]] = {
    "INT64": _integer,
    "FLOAT64": _float,
    "BOOL": lambda value: "TRUE" if value else "FALSE",
    "STRING": string,
    "JSON": lambda value: f"CAST({string(value)} AS JSON)",
    "GEOGRAPHY": string,
    "BYTES": _bytes,
    "NUMERIC": lambda value: f"CAST('{value:f}' AS DECIMAL(38,9))",
    "BIGNUMERIC": _bignumeric,
    "DATE": _date,
    "DATETIME": lambda value: f"TIMESTAMP '{_datetime_text(value)}'",
    "TIME": _time,
    "TIMESTAMP": _timestamp,
    "INTERVAL": _interval,
}
