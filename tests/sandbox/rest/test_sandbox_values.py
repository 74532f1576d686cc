"""JSON values and CSV texts as columns' values."""

import contextlib
import datetime as dt
import decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.sandbox.rest.formats import temporal
from gatebook.sandbox.rest.formats.values import BadValue, record
from gatebook.sandbox.rest.rows import interval_text

UTC = dt.UTC


def _civil(*parts):
    return dt.datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def _one(kind, given, **more):
    return record({"c": given}, [{"name": "c", "type": kind, **more}], ignore_unknown=False)["c"]


@pytest.mark.parametrize(
    ("kind", "given", "wanted"),
    [
        ("INT64", "9223372036854775807", 2**63 - 1),
        ("INTEGER", 3.0, 3),
        ("FLOAT", "1e3", 1000.0),
        ("BOOL", "T", True),
        ("BOOLEAN", False, False),
        ("STRING", 7, "7"),
        ("STRING", True, "true"),
        ("BYTES", "AP/7", b"\x00\xff\xfb"),
        ("BYTES", "AP_7", b"\x00\xff\xfb"),
        ("DATE", "2024-2-9", dt.date(2024, 2, 9)),
        ("TIME", "1:02:03.5", dt.time(1, 2, 3, 500_000)),
        ("DATETIME", "2024-02-09T01:02:03", _civil(2024, 2, 9, 1, 2, 3)),
        ("DATETIME", "2024-02-09 1:2:3.000001", _civil(2024, 2, 9, 1, 2, 3, 1)),
        ("DATETIME", "2024-02-09", _civil(2024, 2, 9)),
        ("TIMESTAMP", "2024-02-09 01:02:03 UTC", dt.datetime(2024, 2, 9, 1, 2, 3, tzinfo=UTC)),
        ("TIMESTAMP", "2024-02-09T01:02:03.25+02:00", dt.datetime(2024, 2, 8, 23, 2, 3, 250_000, tzinfo=UTC)),
        ("TIMESTAMP", "2024-07-09 01:02:03 America/New_York", dt.datetime(2024, 7, 9, 5, 2, 3, tzinfo=UTC)),
        ("TIMESTAMP", "2024-02-09 01:02:03-8", dt.datetime(2024, 2, 9, 9, 2, 3, tzinfo=UTC)),
        ("TIMESTAMP", 1_408_452_095.22, dt.datetime(2014, 8, 19, 12, 41, 35, 220_000, tzinfo=UTC)),
        ("TIMESTAMP", "1408452095", dt.datetime(2014, 8, 19, 12, 41, 35, tzinfo=UTC)),
        ("NUMERIC", "1.0000000005", decimal.Decimal("1.000000001")),
        ("NUMERIC", 12.5, decimal.Decimal("12.500000000")),
        ("BIGNUMERIC", "1e-38", decimal.Decimal("1e-38")),
        ("JSON", '{"a": [1, "ż"]}', '{"a":[1,"ż"]}'),
        ("JSON", {"a": None}, '{"a":null}'),
        ("JSON", [1, 2], "[1,2]"),
        ("INTERVAL", "-1-2 3 -4:5:6.5", pa.MonthDayNano([-14, 3, -14_706_500_000_000])),
        ("INTEGER", None, None),
    ],
)
def test_a_value_of_each_type(kind, given, wanted):
    assert _one(kind, given) == wanted


def test_ranges():
    bounds = {"start": dt.date(2024, 1, 1), "end": None}
    for text in ("[2024-01-01, UNBOUNDED)", {"start": "2024-01-01"}, {"start": "2024-01-01", "end": None}):
        assert _one("RANGE", text, rangeElementType={"type": "DATE"}) == bounds


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("INTEGER", "1.5"),
        ("INTEGER", 2**63),
        ("INTEGER", True),
        ("FLOAT", "one"),
        ("BOOLEAN", "maybe"),
        ("BYTES", "é"),
        ("DATE", "2024-02-30"),
        ("DATE", "2024-02-01 10:00"),
        ("TIME", "25:00:00"),
        ("DATETIME", "2024-02-09 01:02:03 UTC"),
        ("TIMESTAMP", "2024-02-09 01:02:03 Nowhere/Town"),
        ("TIMESTAMP", 1e300),
        ("NUMERIC", "1e29"),
        ("NUMERIC", "NaN"),
        ("JSON", "{"),
        ("INTERVAL", "1 day"),
    ],
)
def test_a_value_that_its_type_refuses(kind, given):
    with pytest.raises(BadValue) as caught:
        _one(kind, given)
    assert caught.value.location == "c"
    assert "Cannot convert value" in caught.value.message


FIELDS = [
    {"name": "Id", "type": "INTEGER", "mode": "REQUIRED"},
    {"name": "tags", "type": "STRING", "mode": "REPEATED"},
    {"name": "at", "type": "RECORD", "fields": [{"name": "town", "type": "STRING"}]},
]


def test_names_match_whatever_their_case_and_missing_ones_are_null():
    assert record({"ID": 1}, FIELDS, ignore_unknown=False) == {"Id": 1, "tags": [], "at": None}


@pytest.mark.parametrize(
    ("row", "location", "message"),
    [
        ({"id": 1, "x": 2}, "x", "no such field: x."),
        ({"id": 1, "at": {"y": 2}}, "at.y", "no such field: at.y."),
        ({}, "Id", "Missing required field: Id."),
        ({"id": None}, "Id", "Missing required field: Id."),
        ({"id": 1, "at": 7}, "at", "This field: at is not a record."),
        ({"id": [1]}, "Id", "Array specified for non-repeated field: Id."),
        ({"id": 1, "tags": "a"}, "tags", "Repeated value added outside of an array, field: tags."),
        ({"id": 1, "tags": [None]}, "tags", "Only optional fields can be set to NULL. Field: tags; Value: NULL"),
    ],
)
def test_rows_that_do_not_fit(row, location, message):
    with pytest.raises(BadValue) as caught:
        record(row, FIELDS, ignore_unknown=False)
    assert (caught.value.location, caught.value.message) == (location, message)


def test_unknown_names_can_be_ignored():
    row = {"id": 1, "x": 2, "at": {"town": "Łódź", "y": 1}}
    assert record(row, FIELDS, ignore_unknown=True) == {"Id": 1, "tags": [], "at": {"town": "Łódź"}}


@given(st.datetimes(timezones=st.just(UTC)))
def test_every_timestamp_reads_back(moment):
    assert temporal.timestamp(moment.isoformat()) == moment
    assert temporal.timestamp(moment.replace(tzinfo=None).isoformat(" ") + " UTC") == moment


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_a_value_error(text):
    for reader in (temporal.date, temporal.time, temporal.civil, temporal.timestamp, temporal.interval):
        with contextlib.suppress(ValueError):
            reader(text)


@given(st.integers(-120_000, 120_000), st.integers(-3_660_000, 3_660_000), st.integers(-(10**18), 10**18))
def test_every_interval_reads_back(months, days, nanoseconds):
    interval = pa.MonthDayNano([months, days, nanoseconds])
    assert temporal.interval(interval_text(interval)) == interval
