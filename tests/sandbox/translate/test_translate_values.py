"""Constants, types, texts and hashes, over many values."""

import datetime as dt
import math
import re
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.googlesql import types
from gatebook.googlesql.types import SqlType, array_of, struct_of
from gatebook.sandbox.translate import Unmapped, duckdb_type, error_text, stored_sql, value_sql
from gatebook.sandbox.translate.types import field_names
from gatebook.sandbox.translate.udfs.farm_hash import fingerprint64
from gatebook.sandbox.translate.udfs.json_values import normal, read_text, write
from gatebook.sandbox.translate.udfs.numbers import float_text, parse_int64
from gatebook.sandbox.translate.udfs.patterns import UDFS as PATTERNS
from gatebook.sandbox.translate.udfs.registry import EvaluationError
from gatebook.sandbox.translate.udfs.strftime import formatted
from gatebook.sandbox.translate.udfs.strptime import UDFS as STRPTIME
from gatebook.sandbox.translate.udfs.zones import civil, instant_micros, local_micros, micros_of

_STRPTIME = STRPTIME[0].function
_GROUP = PATTERNS[0].function
_MOMENTS = st.builds(
    dt.datetime.combine, st.dates(min_value=dt.date(1, 1, 2), max_value=dt.date(9999, 12, 30)), st.times()
)
_SCALARS: dict[SqlType, st.SearchStrategy[Any]] = {
    types.INT64: st.integers(-(2**63), 2**63 - 1),
    types.FLOAT64: st.floats(),
    types.BOOL: st.booleans(),
    types.STRING: st.text(st.characters(exclude_categories=["Cs"])),
    types.BYTES: st.binary(),
    types.DATE: st.dates(),
    types.DATETIME: st.datetimes(),
    types.TIME: st.times(),
    types.NUMERIC: st.decimals(Decimal(-(10**28)), Decimal(10**28), places=9),
    types.BIGNUMERIC: st.decimals(Decimal(-(10**19)), Decimal(10**19), places=18),
}


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_constants_come_back_as_they_went(connection: duckdb.DuckDBPyConnection, data: st.DataObject) -> None:
    scalar = data.draw(st.sampled_from(list(_SCALARS)))
    values = st.none() | _SCALARS[scalar]
    pair = struct_of([("a", scalar), ("", array_of(scalar))])
    value = data.draw(st.tuples(values, st.lists(values, max_size=3)))
    sql = f"SELECT {value_sql(value, pair)} AS v, CAST({value_sql(value, pair)} AS {duckdb_type(pair)}) AS w"
    for found in connection.execute(sql).fetchone() or ():
        assert _comparable([found["a"], *found["_field_2"]]) == _comparable([value[0], *value[1]])


def _comparable(values: list[Any]) -> list[Any]:
    return ["NaN" if isinstance(value, float) and math.isnan(value) else value for value in values]


@given(_MOMENTS)
@settings(max_examples=100, deadline=None)
def test_timestamps_come_back_as_they_went(connection: duckdb.DuckDBPyConnection, moment: dt.datetime) -> None:
    sql = f"SELECT epoch_us({value_sql(moment.replace(tzinfo=dt.UTC), types.TIMESTAMP)})"
    assert connection.execute(sql).fetchone() == (micros_of(moment),)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_texts_of_floats_read_back(value: float) -> None:
    assert float(float_text(value)) == value


@given(st.integers(-(2**63), 2**63 - 1))
def test_texts_of_integers_read_back(value: int) -> None:
    assert parse_int64(str(value)) == parse_int64(f" {value:#x} ") == value


@given(st.text())
def test_other_texts_are_refused(text: str) -> None:
    if not re.fullmatch(r"\s*[+-]?(\d+|0[xX][0-9a-fA-F]+)\s*", text):
        with pytest.raises(EvaluationError, match="Bad int64 value"):
            parse_int64(text)


@given(_MOMENTS)
def test_formatted_times_parse_back(moment: dt.datetime) -> None:
    pattern = "%E4Y-%m-%d %H:%M:%E6S"
    assert _STRPTIME(pattern, formatted(pattern, moment), "UTC", "DATETIME") == micros_of(moment)


@given(_MOMENTS, st.sampled_from(["UTC", "America/New_York", "+05:30", "Australia/Lord_Howe"]))
def test_local_time_and_back_is_at_most_an_hour_off(moment: dt.datetime, zone: str) -> None:
    there_and_back = instant_micros(local_micros(micros_of(moment), zone), zone)
    assert 0 <= micros_of(moment) - there_and_back <= 3_600_000_000


@given(st.integers(-(10**17), 10**17))
def test_civil_time_and_back(micros: int) -> None:
    if micros >= -62_135_596_800_000_000:
        assert micros_of(civil(micros)) == micros


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    )
)
@settings(max_examples=100)
def test_json_is_normalised_once(value: Any) -> None:
    text = normal(write(value), "exact")
    assert normal(text, "exact") == text == write(read_text(text))


@pytest.mark.parametrize(
    ("text", "fingerprint"),
    [
        # FARM_FINGERPRINT of Google's reference implementation of SQL; the lengths take every branch.
        ("", -7286425919675154353),
        ("foo", 6150913649986995171),
        ("x" * 10, 4498993042926045499),
        ("x" * 30, 1463595594257686509),
        ("x" * 60, -6178220144084845886),
        ("x" * 200, -4507755807737601089),
    ],
)
def test_fingerprints(text: str, fingerprint: int) -> None:
    assert fingerprint64(text.encode()) == fingerprint % 2**64


@pytest.mark.parametrize(
    ("pattern", "kind"),
    [
        ("a", 0),
        ("(a)", 1),
        ("(?:a)", 0),
        (r"\(a\)", 0),
        ("[(]a", 0),
        ("(a)?", 2),
        ("(a)|b", 2),
        ("(?P<n>a)", 1),
        ("[]()]", 0),
    ],
)
def test_groups_of_regular_expressions(pattern: str, kind: int) -> None:
    assert _GROUP(pattern) == kind


def test_names_of_fields() -> None:
    twins = struct_of([("a", types.INT64), ("", types.INT64), ("A", types.STRING), ("_field_2", types.DATE)])
    assert field_names(twins) == ("a", "_field_2", "A_3", "_field_2_4")
    assert duckdb_type(twins) == 'STRUCT("a" BIGINT, "_field_2" BIGINT, "A_3" VARCHAR, "_field_2_4" DATE)'


def test_types_bigquery_does_not_have_are_refused() -> None:
    with pytest.raises(Unmapped, match="UUID"):
        duckdb_type(array_of(SqlType("UUID")))


def test_stored_values(connection: duckdb.DuckDBPyConnection) -> None:
    nested = struct_of([("tags", array_of(types.STRING)), ("n", types.INT64)])
    sql = stored_sql("v", array_of(nested), "items")
    rows = "SELECT CAST(NULL AS STRUCT(tags VARCHAR[], n BIGINT)[]) AS v UNION ALL SELECT [{'tags': NULL, 'n': 1}]"
    assert connection.execute(f"SELECT {sql} FROM ({rows})").fetchall() == [([],), ([{"tags": [], "n": 1}],)]


def test_bignumeric_beyond_its_scale_is_refused() -> None:
    assert value_sql(Decimal("1.5"), types.BIGNUMERIC) == "CAST('1.5' AS DECIMAL(38,18))"
    with pytest.raises(Unmapped, match="BIGNUMERIC"):
        value_sql(Decimal("0.0000000000000000001"), types.BIGNUMERIC)


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        (
            "SELECT 9223372036854775807::BIGINT + x FROM (VALUES (1::BIGINT)) t(x)",
            "int64 overflow: 9223372036854775807 + 1",
        ),
        ("SELECT bq_error('my text')", "my text"),
        ("SELECT (SELECT x FROM (VALUES (1), (2)) t(x))", "Scalar subquery produced more than one element"),
        ("SELECT CAST(x AS BIGINT) FROM (VALUES (1e30)) t(x)", "int64 out of range: 1e+30"),
    ],
)
def test_errors_in_bigquerys_words(connection: duckdb.DuckDBPyConnection, sql: str, text: str) -> None:
    with pytest.raises(duckdb.Error) as error:
        connection.execute(sql).fetchall()
    assert error_text(error.value) == text
