"""Rows as the Storage Read API's Arrow messages: the schema once, record batches without it.

Types: https://cloud.google.com/bigquery/docs/reference/storage#arrow_schema_details.
"""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from gatebook.sandbox.rest.schema import field_type
from gatebook.sandbox.warehouse import Resource, arrow_schema

_MARKED = {"DATETIME": "datetime", "GEOGRAPHY": "geography", "JSON": "json", "RANGE": "range"}
"""Types that share their Arrow form with another carry BigQuery's name in the field's metadata."""

CODECS: Mapping[str, str | None] = {
    "COMPRESSION_UNSPECIFIED": None,
    "LZ4_FRAME": "lz4",
    "ZSTD": "zstd",
}
MICROSECONDS = ("PICOS_TIMESTAMP_PRECISION_UNSPECIFIED", "TIMESTAMP_PRECISION_MICROS")
"""Names of `PicosTimestampPrecision` that are this sandbox's."""


def marked_schema(fields: Sequence[Resource]) -> pa.Schema:
    """The Arrow schema of a table, top-level fields marked with BigQuery's type where Arrow's is shared."""
    plain = arrow_schema(list(fields))
    return pa.schema([_marked(column, field) for column, field in zip(plain, fields, strict=True)])


def schema_message(schema: pa.Schema) -> bytes:
    """The IPC message of the schema."""
    return bytes(schema.serialize())


def batch_message(batch: pa.RecordBatch, schema: pa.Schema, codec: str) -> bytes:
    """The IPC message of a record batch, without its schema. codec: a name of `CompressionCodec`."""
    options = pa.ipc.IpcWriteOptions(compression=CODECS[codec])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=options) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
    messages = list(pa.ipc.MessageReader.open_stream(sink.getvalue()))
    return bytes(messages[1].serialize())


def _marked(column: pa.Field, field: Resource) -> pa.Field:
    name = _MARKED.get(field_type(field))
    return column.with_metadata({"ARROW:extension:name": f"google:sqlType:{name}"}) if name else column
