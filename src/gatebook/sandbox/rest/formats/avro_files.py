"""Avro, in: https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-avro."""

from collections.abc import Mapping
from typing import IO, Any

import fastavro
import pyarrow as pa

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.rest.formats.loading import Loaded
from gatebook.sandbox.warehouse import Resource, arrow_schema

_PLAIN = {
    "boolean": "BOOLEAN",
    "int": "INTEGER",
    "long": "INTEGER",
    "float": "FLOAT",
    "double": "FLOAT",
    "bytes": "BYTES",
    "fixed": "BYTES",
    "string": "STRING",
    "enum": "STRING",
}
_LOGICAL = {
    "date": "DATE",
    "time-millis": "TIME",
    "time-micros": "TIME",
    "timestamp-millis": "TIMESTAMP",
    "timestamp-micros": "TIMESTAMP",
    "local-timestamp-millis": "DATETIME",
    "local-timestamp-micros": "DATETIME",
}


def read(file: IO[bytes], load: Mapping[str, Any], fields: list[Resource] | None) -> Loaded:
    """Rows of an Avro file. fields: the schema wanted, None to take the file's own."""
    try:
        reader = fastavro.reader(file)
        schema = reader.writer_schema
        rows = list(reader)
    except (ValueError, EOFError, KeyError) as error:
        raise invalid(f"Error while reading data, error message: {error}") from None
    own = [_field(field, bool(load.get("useAvroLogicalTypes"))) for field in schema["fields"]]
    return Loaded(fields or own, pa.Table.from_pylist(rows, schema=arrow_schema(own)))


def _field(field: Mapping[str, Any], logical: bool) -> Resource:
    kind, mode = field["type"], "REQUIRED"
    if isinstance(kind, list):
        others = [branch for branch in kind if branch != "null"]
        if len(others) != 1 or len(others) == len(kind):
            raise not_implemented("Avro unions other than [null, type]")
        kind, mode = others[0], "NULLABLE"
    if isinstance(kind, Mapping) and kind["type"] == "array":
        return {**_field({"name": field["name"], "type": kind["items"]}, logical), "mode": "REPEATED"}
    if isinstance(kind, Mapping) and kind["type"] == "record":
        inner = [_field(child, logical) for child in kind["fields"]]
        return {"name": field["name"], "type": "RECORD", "mode": mode, "fields": inner}
    return {"name": field["name"], "type": _scalar(kind, logical), "mode": mode}


def _scalar(kind: Any, logical: bool) -> str:
    if not isinstance(kind, Mapping):
        kind = {"type": kind}
    marked = kind.get("logicalType")
    if marked == "decimal":
        scale = int(kind.get("scale", 0))
        return "NUMERIC" if scale <= 9 and int(kind["precision"]) - scale <= 29 else "BIGNUMERIC"
    if marked in _LOGICAL:
        if not logical:
            raise not_implemented("Avro logical types without configuration.load.useAvroLogicalTypes")
        return _LOGICAL[marked]
    if kind["type"] not in _PLAIN:
        raise not_implemented(f"Avro type {kind['type']}")
    return _PLAIN[kind["type"]]
