"""REST schemas as Arrow schemas: the types in which rows enter and leave the warehouse."""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

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
