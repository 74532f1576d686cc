"""Rows as Avro, the way BigQuery writes it in the Storage Read API and in extracted files.

Types: https://cloud.google.com/bigquery/docs/reference/storage#avro_schema_details.
"""

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import fastavro
import pyarrow as pa

from gatebook.sandbox.rest.rows import interval_text
from gatebook.sandbox.rest.schema import element, field_mode, field_type, is_repeated
from gatebook.sandbox.warehouse import Resource

AvroSchema = dict[str, Any]

_SCALARS: Mapping[str, str | AvroSchema] = {
    "STRING": "string",
    "BYTES": "bytes",
    "INTEGER": "long",
    "FLOAT": "double",
    "BOOLEAN": "boolean",
    "DATE": {"type": "int", "logicalType": "date"},
    "DATETIME": {"type": "string", "logicalType": "datetime"},
    "TIME": {"type": "long", "logicalType": "time-micros"},
    "TIMESTAMP": {"type": "long", "logicalType": "timestamp-micros"},
    "NUMERIC": {"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 9},
    "BIGNUMERIC": {"type": "bytes", "logicalType": "decimal", "precision": 77, "scale": 38},
    "GEOGRAPHY": {"type": "string", "sqlType": "GEOGRAPHY"},
    "JSON": {"type": "string", "sqlType": "JSON"},
    "INTERVAL": {"type": "string", "sqlType": "INTERVAL"},
}


def avro_schema(fields: Sequence[Resource]) -> AvroSchema:
    """The Avro schema of a table: a record named `__root__`."""
    return _Names().record("__root__", fields)


def schema_text(schema: AvroSchema) -> str:
    """The schema as the API carries it."""
    return json.dumps(schema)


class _Names:
    """Avro wants every record named once, so nested ones are numbered."""

    def __init__(self) -> None:
        self._structs = 0
        self._ranges: set[str] = set()

    def record(self, name: str, fields: Sequence[Resource]) -> AvroSchema:
        members = [{"name": field["name"], "type": self._type(field)} for field in fields]
        return {"type": "record", "name": name, "fields": members}

    def _type(self, field: Resource) -> Any:
        if is_repeated(field):
            return {"type": "array", "items": self._single(element(field))}
        single = self._single(field)
        return single if field_mode(field) == "REQUIRED" else ["null", single]

    def _single(self, field: Resource) -> Any:
        kind = field_type(field)
        if kind == "RECORD":
            self._structs += 1
            return self.record(f"__s_{self._structs - 1}", field["fields"])
        if kind == "RANGE":
            return self._range(field_type(field["rangeElementType"]))
        return _SCALARS[kind]

    def _range(self, bound: str) -> Any:
        name = f"RANGE_{bound}"
        if name in self._ranges:
            return f"google.sqlType.{name}"
        self._ranges.add(name)
        members = [{"name": side, "type": ["null", _SCALARS[bound]]} for side in ("start", "end")]
        return {
            "type": "record",
            "name": name,
            "namespace": "google.sqlType",
            "sqlType": "RANGE",
            "fields": members,
        }


def records(batch: pa.RecordBatch, fields: Sequence[Resource]) -> Iterator[dict[str, Any]]:
    """The rows of a batch as fastavro wants them for `avro_schema(fields)`."""
    columns = [map(_converter(field), column.to_pylist()) for column, field in zip(batch.columns, fields, strict=True)]
    names = [field["name"] for field in fields]
    for row in zip(*columns, strict=True):
        yield dict(zip(names, row, strict=True))


def rows_message(batch: pa.RecordBatch, fields: Sequence[Resource], schema: AvroSchema) -> bytes:
    """Serialized binary rows, one after the other. schema: as `fastavro.parse_schema` gives it."""
    sink = io.BytesIO()
    for row in records(batch, fields):
        fastavro.schemaless_writer(sink, schema, row)
    return sink.getvalue()


_Convert = Callable[[Any], Any]


def _converter(field: Resource) -> _Convert:
    single = _single_converter(field)
    if is_repeated(field):
        return lambda items: [single(item) for item in items or ()]
    return lambda value: None if value is None else single(value)


def _single_converter(field: Resource) -> _Convert:
    kind = field_type(field)
    if kind == "RECORD":
        members = {inner["name"]: _converter(inner) for inner in field["fields"]}
        return lambda value: {name: convert(value[name]) for name, convert in members.items()}
    if kind == "RANGE":
        bound = _converter({"name": "", "type": field["rangeElementType"]["type"]})
        return lambda value: {side: bound(value[side]) for side in ("start", "end")}
    return _TEXTS.get(kind, _same)


def _same(value: Any) -> Any:
    return value


def _civil_text(value: dt.datetime) -> str:
    return value.isoformat()


_TEXTS: Mapping[str, _Convert] = {"DATETIME": _civil_text, "INTERVAL": interval_text}
