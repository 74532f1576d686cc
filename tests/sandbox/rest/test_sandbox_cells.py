"""Every type through REST cells, read back by Google's own parser."""

import decimal
import math

import every_type
import pyarrow as pa
import pytest
from google.cloud.bigquery import SchemaField
from google.cloud.bigquery._helpers import CELL_DATA_PARSER

from gatebook.sandbox.rest.rows import float_text, interval_text, numeric_text, rows
from gatebook.sandbox.warehouse import arrow_schema


def _batch() -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(every_type.arrow_rows(), schema=arrow_schema(every_type.fields()))


def _parsed(cells, fields):
    schema = [SchemaField.from_api_repr(field) for field in fields]
    return {
        field.name: CELL_DATA_PARSER.to_py(cell["v"], field) for field, cell in zip(schema, cells["f"], strict=True)
    }


def test_every_type_reads_back_as_google_s_client_reads_it():
    found = rows(_batch(), every_type.fields(), int64_timestamps=True)
    assert [_parsed(row, every_type.fields()) for row in found] == every_type.client_rows()


def test_a_slice_of_a_batch_gives_the_rows_of_the_slice():
    batch = _batch()
    whole = rows(batch, every_type.fields(), int64_timestamps=True)
    assert rows(batch.slice(1, 2), every_type.fields(), int64_timestamps=True) == whole[1:]


def test_timestamps_are_float_seconds_unless_asked_for_as_integers():
    fields = [{"name": "t", "type": "TIMESTAMP"}]
    batch = pa.RecordBatch.from_pylist([{"t": 1_408_452_095_220_000}], schema=arrow_schema(fields))
    assert rows(batch, fields, int64_timestamps=False) == [{"f": [{"v": "1.40845209522E9"}]}]
    assert rows(batch, fields, int64_timestamps=True) == [{"f": [{"v": "1408452095220000"}]}]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.1, "0.1"),
        (9_999_999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-12_345_678.9, "-1.23456789E7"),
        (0.001, "0.001"),
        (0.0009, "9.0E-4"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (5e-324, "5.0E-324"),
        (math.inf, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_floats(value, text):
    assert float_text(value) == text
    assert math.isnan(value) or float(text) == value


_WIDE = "12345678901234567890123456789012345678.12345678901234567890123456789012345678"


@pytest.mark.parametrize(
    ("value", "text"),
    [("1.500000000", "1.5"), ("100", "100"), ("0E-9", "0"), ("1E-9", "0.000000001"), ("-7.0", "-7"), (_WIDE, _WIDE)],
)
def test_numerics(value, text):
    assert numeric_text(decimal.Decimal(value)) == text


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([0, 0, 0], "0-0 0 0:0:0"),
        ([26, -5, 3_723_500_000_000], "2-2 -5 1:2:3.500"),
        ([-1, 0, -1_000], "-0-1 0 -0:0:0.000001"),
        ([0, 10, 1], "0-0 10 0:0:0.000000001"),
    ],
)
def test_intervals(parts, text):
    assert interval_text(pa.MonthDayNano(parts)) == text
