"""Random columns: a type, and rows of it as Arrow takes them."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from gatebook.googlesql.types import SqlType, StructField, array_of, struct_of, to_rest_schema
from masking_samples import SCALAR_TYPES

FIRST, LAST = dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001 - civil time
FIELD_NAMES = ("a", "B c", "select", "gatebook_item1")


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    largest = 10**digits - 1
    near = st.sampled_from([0, 1, -1, largest, -largest, 10 ** (places + 1), -(10 ** (places + 1))])
    numbers = st.integers(-largest, largest) | near | st.integers(-(10 ** (places + 3)), 10 ** (places + 3))
    return numbers.map(lambda number: Decimal(f"{number}e-{places}"))  # as text: arithmetic would round


INTEGERS = (
    st.integers(-(2**63), 2**63 - 1)
    | st.integers(-100, 100)
    | st.sampled_from([-(2**63), -(2**63) + 5, 2**63 - 1, -(2**63) + 10**15])
)
# U+0000 is left out: DuckDB's own functions stop there (test_masking_columns has it).
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
ADDRESSES = st.builds(
    "{}@{}{}".format,
    st.text("ab.+-'é@", max_size=5) | st.sampled_from(["a", "a" * 64, "a" * 65]),
    st.text("xy-.1@", max_size=8) | st.sampled_from(["example.com", "x" * 63 + ".org", "x" * 64 + ".org"]),
    st.sampled_from(["", ".com", ".c", "\n", ".co.uk", " "]),
)
NEAR_FOUR = st.text(st.sampled_from("aé\U0001d54f\u0301🐢"), min_size=3, max_size=6)
MOMENTS = (
    st.datetimes(FIRST, LAST)
    | st.datetimes(dt.datetime(1969, 12, 25), dt.datetime(1970, 1, 5))  # noqa: DTZ001 - civil time
    | st.sampled_from([FIRST, LAST])
)
UTC_MOMENTS = MOMENTS.map(lambda moment: moment.replace(tzinfo=dt.UTC))
DATES = st.dates() | st.sampled_from([dt.date.min, dt.date.max])
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9, width=32)
JSONS = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
).map(lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def _ranges(bounds: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    pairs = st.lists(bounds, min_size=2, max_size=2, unique=True).map(sorted)
    whole = pairs.map(lambda pair: {"start": pair[0], "end": pair[1]})
    return whole | bounds.map(lambda bound: {"start": bound, "end": None}) | st.just({"start": None, "end": None})


SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "STRING": TEXTS | ADDRESSES | NEAR_FOUR,
    "BYTES": st.binary(max_size=20),
    "INT64": INTEGERS,
    "FLOAT64": st.floats() | st.integers(-99, 99).map(float) | st.sampled_from([-0.0, 1e300, -1e300, 5e-324, -5e-324]),
    "NUMERIC": decimals(38, 9),
    # What DuckDB holds of BIGNUMERIC, and a bucket below it.
    "BIGNUMERIC": decimals(37, 18),
    "BOOL": st.booleans(),
    "DATE": DATES,
    "DATETIME": MOMENTS,
    "TIMESTAMP": UTC_MOMENTS,
    "TIME": st.times(),
    "GEOGRAPHY": st.builds("POINT({} {})".format, st.integers(-180, 180), st.integers(-90, 90)),
    "JSON": JSONS,
    "INTERVAL": st.builds(
        lambda months, days, us: pa.MonthDayNano([months, days, us * 1000]),
        st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(-(10**12), 10**12),
    ),
    "RANGE<DATE>": _ranges(DATES),
    "RANGE<DATETIME>": _ranges(MOMENTS),
    "RANGE<TIMESTAMP>": _ranges(UTC_MOMENTS),
}  # fmt: skip


def values(sql_type: SqlType) -> st.SearchStrategy[Any]:
    """Values that a table may hold: NULL but for arrays and their elements."""
    if sql_type.kind == "ARRAY" and sql_type.element is not None:
        return st.lists(_present(sql_type.element), max_size=3)
    return st.none() | _present(sql_type)


def _present(sql_type: SqlType) -> st.SearchStrategy[Any]:
    if sql_type.kind == "STRUCT":
        return st.fixed_dictionaries({field.name: values(field.type) for field in sql_type.fields})
    return SCALARS[sql_type.sql()]


def _grown(inner: st.SearchStrategy[SqlType]) -> st.SearchStrategy[SqlType]:
    fields = st.lists(inner, min_size=1, max_size=3).map(lambda types: struct_of(zip(FIELD_NAMES, types, strict=False)))
    return fields | (inner | fields).filter(lambda element: element.kind != "ARRAY").map(array_of)


_scalar_types = st.sampled_from(SCALAR_TYPES)
TYPES = _grown(_scalar_types | _grown(_scalar_types | _grown(_scalar_types)))


def rest_fields(*columns: tuple[str, SqlType]) -> list[dict[str, Any]]:
    return to_rest_schema(StructField(name, sql_type) for name, sql_type in columns)


def paths(name: str, sql_type: SqlType) -> list[str]:
    """The dotted path of the column and of every field in it."""
    if sql_type.kind == "ARRAY" and sql_type.element is not None:
        return paths(name, sql_type.element)
    inner = [path for field in sql_type.fields for path in paths(f"{name}.{field.name}", field.type)]
    return [name, *inner]
