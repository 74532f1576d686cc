"""Arrow columns as the JSON cells of REST: ``{"f": [{"v": ...}, ...]}``, every scalar as text.

Shapes: https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list. Columns are converted
whole, then zipped to rows; the Arrow types are those of ``warehouse.arrow_schema``.
"""

import base64
import decimal
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from gatebook.sandbox.rest.schema import element, field_type, is_repeated
from gatebook.sandbox.warehouse import Resource

Cell = str | dict[str, Any] | list[dict[str, Any]] | None
Row = dict[str, list[dict[str, Cell]]]
_Scalars = Callable[[pa.Array], list[str | None]]

_MICROSECONDS = 1_000_000


def rows(batch: pa.RecordBatch, fields: Sequence[Resource], *, int64_timestamps: bool) -> list[Row]:
    """The batch's rows as REST cells.

    ``int64_timestamps`` (``formatOptions.useInt64Timestamp``) writes TIMESTAMP as microseconds; without it
    BigQuery writes seconds as a float.
    """
    columns = [_cells(column, field, int64_timestamps) for column, field in zip(batch.columns, fields, strict=True)]
    return [{"f": [{"v": cell} for cell in cells]} for cells in zip(*columns, strict=True)]


def _cells(array: pa.Array, field: Resource, int64_timestamps: bool) -> list[Cell]:
    if is_repeated(field):
        return _array_cells(array, field, int64_timestamps)
    kind = field_type(field)
    if kind == "RECORD":
        return _struct_cells(array, field["fields"], int64_timestamps)
    if kind == "RANGE":
        return list(_range_texts(array, field_type(field["rangeElementType"]), int64_timestamps))
    return list(_scalar_texts(array, kind, int64_timestamps))


def _array_cells(array: pa.Array, field: Resource, int64_timestamps: bool) -> list[Cell]:
    offsets = array.offsets.to_pylist()
    first = offsets[0]
    items = array.values.slice(first, offsets[-1] - first)
    values = [{"v": cell} for cell in _cells(items, element(field), int64_timestamps)]
    return [values[start - first : end - first] for start, end in itertools.pairwise(offsets)]


def _struct_cells(array: pa.Array, fields: Sequence[Resource], int64_timestamps: bool) -> list[Cell]:
    columns = [_cells(child, field, int64_timestamps) for child, field in zip(array.flatten(), fields, strict=True)]
    present = array.is_valid().to_pylist()
    return [
        {"f": [{"v": column[index]} for column in columns]} if there else None for index, there in enumerate(present)
    ]


def _range_texts(array: pa.Array, bound: str, int64_timestamps: bool) -> list[str | None]:
    starts, ends = (_scalar_texts(child, bound, int64_timestamps) for child in array.flatten())
    present = array.is_valid().to_pylist()
    return [
        f"[{start or 'UNBOUNDED'}, {end or 'UNBOUNDED'})" if there else None
        for there, start, end in zip(present, starts, ends, strict=True)
    ]


def _scalar_texts(array: pa.Array, kind: str, int64_timestamps: bool) -> list[str | None]:
    if kind == "TIMESTAMP" and not int64_timestamps:
        return _each(_float_seconds)(array.cast(pa.int64()))
    return _SCALARS[kind](array)


def _each(text: Callable[[Any], str]) -> _Scalars:
    def convert(array: pa.Array) -> list[str | None]:
        return [None if value is None else text(value) for value in array.to_pylist()]

    return convert


def _by_arrow(array: pa.Array) -> list[str | None]:
    texts: list[str | None] = array.cast(pa.string()).to_pylist()
    return texts


def _timestamps(array: pa.Array) -> list[str | None]:
    return _by_arrow(array.cast(pa.int64()))


def _clock(text: str) -> str:
    """BigQuery leaves out a zero fraction, and writes any other with six digits."""
    return text.removesuffix(".000000").replace(" ", "T")


def _clocks(array: pa.Array) -> list[str | None]:
    return [None if text is None else _clock(text) for text in _by_arrow(array)]


def float_text(value: float) -> str:
    """A FLOAT64 the way BigQuery's REST API writes it: shortest digits, exponent from 1E7 and below 1E-3."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    whole = "".join(map(str, digits))
    power = int(exponent) + len(whole) - 1
    return f"{'-' if sign else ''}{whole[0]}.{whole[1:] or '0'}E{power}"


def _float_seconds(microseconds: int) -> str:
    return float_text(microseconds / _MICROSECONDS)


def numeric_text(value: decimal.Decimal) -> str:
    """NUMERIC and BIGNUMERIC: plain digits, no trailing zeros of the fraction."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def interval_text(value: pa.MonthDayNano) -> str:
    """BigQuery's canonical form ``[sign]Y-M [sign]D [sign]H:M:S[.F]``, fraction of 3, 6 or 9 digits."""
    years, months = divmod(abs(value.months), 12)
    seconds, nanoseconds = divmod(abs(value.nanoseconds), 1_000_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return (
        f"{'-' if value.months < 0 else ''}{years}-{months} {value.days} "
        f"{'-' if value.nanoseconds < 0 else ''}{hour}:{minute}:{second}{_fraction(nanoseconds)}"
    )


def _fraction(nanoseconds: int) -> str:
    if not nanoseconds:
        return ""
    digits = f"{nanoseconds:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f".{digits}"


_SCALARS: Mapping[str, _Scalars] = {
    "STRING": lambda array: array.to_pylist(),
    "GEOGRAPHY": lambda array: array.to_pylist(),
    "JSON": lambda array: array.to_pylist(),
    "BYTES": _each(lambda value: base64.b64encode(value).decode()),
    "INTEGER": _by_arrow,
    "FLOAT": _each(float_text),
    "BOOLEAN": _by_arrow,
    "DATE": _by_arrow,
    "DATETIME": _clocks,
    "TIME": _clocks,
    "TIMESTAMP": _timestamps,
    "NUMERIC": _each(numeric_text),
    "BIGNUMERIC": _each(numeric_text),
    "INTERVAL": _each(interval_text),
}
