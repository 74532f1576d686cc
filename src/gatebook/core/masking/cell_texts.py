"""One value's mask on the text of a JSON cell: BigQuery's REST API writes every scalar as text, and NULL as null.

Forms: https://cloud.google.com/bigquery/docs/reference/rest/v2/tabledata/list; of TIMESTAMP: DataFormatOptions there.
"""

import base64
import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum

from gatebook.core.masking.keys import MaskingKey
from gatebook.core.masking.masks import AlwaysNull, Constant, DefaultMaskingValue, Mask
from gatebook.core.masking.values import Change, value_mask
from gatebook.googlesql.types import SqlType

_Text = Callable[[str], str]
Cell = Callable[[str | None], str | None]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LAST_MICROSECONDS = (dt.datetime.max.replace(tzinfo=dt.UTC) - _EPOCH) // _MICROSECOND
_ISO_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,12})?Z", re.ASCII)


class TimestampFormat(StrEnum):
    """How the request wants TIMESTAMP, by the names of `formatOptions.timestampOutputFormat`.

    FLOAT64 is what there is without options: seconds, from the year 2242 on not exact to the microsecond; then what is
    masked is the moment that the cell shows. INT64 is what `useInt64Timestamp` asks for: microseconds.
    """

    FLOAT64 = "FLOAT64"
    INT64 = "INT64"
    ISO8601_STRING = "ISO8601_STRING"


_DEFAULTS: Mapping[str, str] = {
    "STRING": "",
    "BYTES": "",
    "INT64": "0",
    "FLOAT64": "0.0",
    "NUMERIC": "0",
    "BIGNUMERIC": "0",
    "BOOL": "false",
    "DATE": "1970-01-01",
    "DATETIME": "1970-01-01T00:00:00",
    "TIME": "00:00:00",
    "GEOGRAPHY": "POINT(0 0)",
    "JSON": "null",  # of a REQUIRED column
    "INTERVAL": "0-0 0 0:0:0",
    "RANGE": "[UNBOUNDED, UNBOUNDED)",
}
_DEFAULT_TIMESTAMPS: Mapping[TimestampFormat, str] = {
    TimestampFormat.FLOAT64: "0.0",
    TimestampFormat.INT64: "0",
    TimestampFormat.ISO8601_STRING: "1970-01-01T00:00:00.000000000000Z",
}


def text_mask(mask: Mask, sql_type: SqlType, timestamps: TimestampFormat, key: MaskingKey | None) -> Cell:
    """Give the mask as a function of a cell. `mask` is one that `applied` gives for the type.

    The function raises ValueError, TypeError, AttributeError or ArithmeticError for what is no cell of the type.
    """
    match mask:
        case AlwaysNull():
            return _always(None)
        case DefaultMaskingValue():
            kind = sql_type.kind
            return _always(_DEFAULT_TIMESTAMPS[timestamps] if kind == "TIMESTAMP" else _DEFAULTS[kind])
        case Constant(value=value):
            return _always(value if sql_type.kind == "STRING" else base64.b64encode(value.encode()).decode())
    change = _through_text(value_mask(mask, sql_type.kind, key), sql_type.kind, timestamps)

    def cell_mask(cell: str | None) -> str | None:
        return None if cell is None else change(cell)

    return cell_mask


def _always(text: str | None) -> Cell:
    def constant(_cell: str | None) -> str | None:
        return text

    return constant


def _through_text(change: Change, kind: str, timestamps: TimestampFormat) -> _Text:
    return _TIMESTAMPS[timestamps](change) if kind == "TIMESTAMP" else _THROUGH[kind](change)


def _bytes(change: Change) -> _Text:
    return lambda text: base64.b64encode(change(base64.b64decode(text, validate=True))).decode()


def _date(change: Change) -> _Text:
    return lambda text: str(change(dt.date.fromisoformat(text)).isoformat())


def _datetime(change: Change) -> _Text:
    return lambda text: str(change(dt.datetime.fromisoformat(text)).isoformat())


_THROUGH: Mapping[str, Callable[[Change], _Text]] = {
    "STRING": lambda change: change,
    "BYTES": _bytes,
    "INT64": lambda change: lambda text: str(change(int(text))),
    "FLOAT64": lambda change: lambda text: float_text(change(float(text))),
    "NUMERIC": lambda change: lambda text: str(change(Decimal(text))),
    "BIGNUMERIC": lambda change: lambda text: str(change(Decimal(text))),
    "DATE": _date,
    "DATETIME": _datetime,
}


def _float_seconds(change: Change) -> _Text:
    def masked(text: str) -> str:
        # The last moment of all, 9999-12-31 23:59:59.999999, is written as the second after it.
        microseconds = min(round(float(text) * 1e6), _LAST_MICROSECONDS)
        moment = change(_EPOCH + dt.timedelta(microseconds=microseconds))
        return float_text((moment - _EPOCH).total_seconds())

    return masked


def _microseconds(change: Change) -> _Text:
    return lambda text: str((change(_EPOCH + dt.timedelta(microseconds=int(text))) - _EPOCH) // _MICROSECOND)


def _iso_text(change: Change) -> _Text:
    def masked(text: str) -> str:
        found = _ISO_TIMESTAMP.fullmatch(text)
        if found is None:
            raise ValueError("not a timestamp in ISO 8601")
        moment, fraction = found.groups()  # no bucket is smaller than a second
        zeros = "." + "0" * (len(fraction) - 1) if fraction else ""
        return f"{change(dt.datetime.fromisoformat(moment)).isoformat()}{zeros}Z"

    return masked


_TIMESTAMPS: Mapping[TimestampFormat, Callable[[Change], _Text]] = {
    TimestampFormat.FLOAT64: _float_seconds,
    TimestampFormat.INT64: _microseconds,
    TimestampFormat.ISO8601_STRING: _iso_text,
}


def float_text(value: float) -> str:
    """A FLOAT64 as BigQuery's REST API writes it: shortest digits, an exponent from 1E7 on and below 1E-3."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    whole = "".join(map(str, digits))
    return f"{'-' if sign else ''}{whole[0]}.{whole[1:] or '0'}E{int(exponent) + len(whole) - 1}"
