"""REST schemas as Arrow schemas: the types in which rows enter and leave the warehouse."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import pyarrow as pa

from gatebook.sandbox.errors import invalid

_SCALARS: Final = {
    "INTEGER": pa.int64(), "INT64": pa.int64(),
    "FLOAT": pa.float64(), "FLOAT64": pa.float64(),
    "BOOLEAN": pa.bool_(), "BOOL": pa.bool_(),
    "STRING": pa.string(), "JSON": pa.string(), "GEOGRAPHY": pa.string(),
    "BYTES": pa.binary(),
    "DATE": pa.date32(), "DATETIME": pa.timestamp("us"), "TIME": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us", tz="UTC"),
    "NUMERIC": pa.decimal128(38, 9), "BIGNUMERIC": pa.decimal256(76, 38),
    "INTERVAL": pa.month_day_nano_interval(),
}  # fmt: skip


def arrow_schema(fields: Sequence[dict[str, Any]]) -> pa.Schema:
    """The Arrow schema of REST `fields`: GEOGRAPHY as WKT, JSON as text, RANGE as {start, end}."""
    return pa.schema([_field(field) for field in fields])


def _field(field: dict[str, Any]) -> pa.Field:
    mode = field.get("mode", "NULLABLE")
    inner = _type(field)
    if mode == "REPEATED":
        return pa.field(field["name"], pa.list_(pa.field("item", inner)))
    return pa.field(field["name"], inner, nullable=mode != "REQUIRED")


def _type(field: dict[str, Any]) -> pa.DataType:
    kind = field["type"].upper()
    if kind in {"RECORD", "STRUCT"}:
        return pa.struct([_field(inner) for inner in field["fields"]])
    if kind == "RANGE":
        element = _SCALARS[field["rangeElementType"]["type"].upper()]
        return pa.struct([pa.field("start", element), pa.field("end", element)])
    return _SCALARS[kind]


def rest_fields(schema: pa.Schema) -> list[dict[str, Any]]:
    """REST fields for Arrow rows that come without any; JSON and GEOGRAPHY cannot be told from STRING."""
    return [_rest_field(field) for field in schema]


def _rest_field(field: pa.Field) -> dict[str, Any]:
    if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
        return {**_rest_field(pa.field(field.name, field.type.value_type)), "mode": "REPEATED"}
    rest: dict[str, Any] = {"name": field.name, "mode": "NULLABLE"}
    if pa.types.is_struct(field.type):
        return {**rest, "type": "RECORD", "fields": [_rest_field(inner) for inner in field.type]}
    for matches, kind in _KINDS:
        if matches(field.type):
            return {**rest, "type": kind}
    raise invalid(f"No BigQuery type for Arrow type {field.type} of column {field.name}")


_KINDS: Final[tuple[tuple[Callable[[pa.DataType], bool], str], ...]] = (
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_integer, "INTEGER"),
    (pa.types.is_floating, "FLOAT"),
    (pa.types.is_string, "STRING"),
    (pa.types.is_large_string, "STRING"),
    (pa.types.is_binary, "BYTES"),
    (pa.types.is_large_binary, "BYTES"),
    (pa.types.is_date, "DATE"),
    (pa.types.is_time, "TIME"),
    (lambda kind: pa.types.is_timestamp(kind) and kind.tz is None, "DATETIME"),
    (pa.types.is_timestamp, "TIMESTAMP"),
    (pa.types.is_decimal128, "NUMERIC"),
    (pa.types.is_decimal256, "BIGNUMERIC"),
    (pa.types.is_interval, "INTERVAL"),
    (pa.types.is_null, "STRING"),
)
