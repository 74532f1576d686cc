"""Constants of the resolved tree as Python values: the encodings of ZetaSQL's value.proto and its C++ value classes.

INT64 int, FLOAT64 float, BOOL bool, STRING and JSON str, BYTES bytes, NUMERIC and BIGNUMERIC Decimal, DATE date,
DATETIME naive datetime, TIMESTAMP datetime in UTC, TIME time, INTERVAL Interval, ARRAY list, STRUCT tuple,
RANGE (start, end), enum constants their names; NULL is None.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal
from typing import Any, NamedTuple

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, from_proto
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.types import element

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXACT = Context(prec=100)

_ENUMS: Mapping[str, tuple[str, ...]] = {
    # Position is the number; DateTimestampPart has gaps.
    "zetasql.functions.NormalizeMode": ("NFC", "NFKC", "NFD", "NFKD"),
    "zetasql.functions.RoundingMode": ("UNSPECIFIED", "ROUND_HALF_AWAY_FROM_ZERO", "ROUND_HALF_EVEN"),
    "zetasql.functions.ArrayZipEnums.ArrayZipMode": ("INVALID", "PAD", "TRUNCATE", "STRICT"),
    "zetasql.functions.ArrayFindEnums.ArrayFindMode": ("INVALID", "FIRST", "LAST"),
    "zetasql.functions.BitwiseAggEnums.BitwiseAggMode": ("INVALID", "STRICT", "PAD"),
    "zetasql.functions.DateTimestampPart": (
        *("", "YEAR", "MONTH", "DAY", "DAYOFWEEK", "DAYOFYEAR", "QUARTER", "HOUR", "MINUTE", "SECOND", "MILLISECOND"),
        *("MICROSECOND", "NANOSECOND", "DATE", "WEEK", "DATETIME", "TIME", "ISOYEAR", "ISOWEEK", "WEEK_MONDAY"),
        *("WEEK_TUESDAY", "WEEK_WEDNESDAY", "WEEK_THURSDAY", "WEEK_FRIDAY", "WEEK_SATURDAY", "PICOSECOND"),
    ),
}


class Interval(NamedTuple):
    """An INTERVAL: three parts that are never folded into one another."""

    months: int
    days: int
    microseconds: int


def literal_value(node: Any) -> Any:
    """Value of a literal node; None when it is NULL or the node is something else."""
    if tree.kind(node) != "Literal":
        return None
    value, type_proto = node.value.value, tree.field(node, "type")
    if value.WhichOneof("value") is None:
        return None
    if type_proto.HasField("enum_type"):
        return _enum(value, type_proto.enum_type.enum_name)
    return python_value(value, from_proto(type_proto))


def _enum(value: Any, enum_name: str) -> str:
    names = _ENUMS.get(enum_name)
    if names is None or not 0 <= value.enum_value < len(names):
        raise Unmapped(f"a constant of {enum_name}")
    return names[int(value.enum_value)]


def python_value(value: Any, sql_type: SqlType) -> Any:
    """Decode a ValueProto."""
    if value.WhichOneof("value") is None:
        return None
    if sql_type.kind == "ARRAY":
        return [python_value(item, element(sql_type)) for item in value.array_value.element]
    if sql_type.kind == "STRUCT":
        pairs = zip(value.struct_value.field, sql_type.fields, strict=True)
        return tuple(python_value(item, field.type) for item, field in pairs)
    if sql_type.kind == "RANGE":
        bounds = (value.range_value.start, value.range_value.end)
        return tuple(python_value(bound, element(sql_type)) for bound in bounds)
    decode = _SCALARS.get(sql_type.kind)
    if decode is None:
        raise Unmapped(f"a constant of type {sql_type.sql()}")
    return decode(value)


def _numeric(encoded: bytes, scale: int) -> Decimal:
    return Decimal(int.from_bytes(encoded, "little", signed=True)).scaleb(-scale, _EXACT)


def _datetime(value: Any) -> datetime:
    bits, micros = value.datetime_value.bit_field_datetime_seconds, _microseconds(value.datetime_value.nanos)
    day = date(bits >> 26, bits >> 22 & 15, bits >> 17 & 31)
    return datetime.combine(day, time(bits >> 12 & 31, bits >> 6 & 63, bits & 63, micros))


def _time(value: Any) -> time:
    bits = value.time_value
    micros = _microseconds(bits & (1 << 30) - 1)
    return time(bits >> 42 & 31, bits >> 36 & 63, bits >> 30 & 63, micros)


def _timestamp(value: Any) -> datetime:
    stamp = value.timestamp_value
    return _EPOCH + timedelta(seconds=stamp.seconds, microseconds=_microseconds(stamp.nanos))


def _microseconds(nanos: int) -> int:
    if nanos % 1000:
        raise Unmapped("a constant with nanoseconds")
    return nanos // 1000


def _interval(value: Any) -> Interval:
    encoded = value.interval_value
    packed = int.from_bytes(encoded[12:16], "little")
    if packed & 0x3FF:
        raise Unmapped("an INTERVAL constant with nanoseconds")
    months = (packed & 0x7FFFE000) >> 13
    return Interval(
        months=-months if packed & 0x80000000 else months,
        days=int.from_bytes(encoded[8:12], "little", signed=True),
        microseconds=int.from_bytes(encoded[:8], "little", signed=True),
    )


_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "INT64": lambda value: value.int64_value,
    "FLOAT64": lambda value: value.double_value,
    "BOOL": lambda value: value.bool_value,
    "STRING": lambda value: value.string_value,
    "JSON": lambda value: value.json_value,
    "BYTES": lambda value: value.bytes_value,
    "NUMERIC": lambda value: _numeric(value.numeric_value, 9),
    "BIGNUMERIC": lambda value: _numeric(value.bignumeric_value, 38),
    "DATE": lambda value: date.fromordinal(719163 + value.date_value),
    "DATETIME": _datetime,
    "TIME": _time,
    "TIMESTAMP": _timestamp,
    "INTERVAL": _interval,
}
