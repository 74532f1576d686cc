"""The first page of a result as Arrow: what jobs.query answers for `queryResultsFormat: ARROW`.

https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query. Further rows come from Storage ReadRows.
"""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.storage import arrow
from gatebook.sandbox.warehouse import Resource, TableName, Warehouse

_PAGE_BYTES = 10 * 1024 * 1024
_MOST_ROWS = 100_000
_STRUCTS = ("", "QUERY_RESULTS_FORMAT_UNSPECIFIED", "STRUCT_ENCODING")


def arrow_codec(body: Mapping[str, Any]) -> str | None:
    """The `bufferCompression` that a QueryRequest wants its Arrow rows in; None when it wants plain rows."""
    wanted = body.get("queryResultsFormat") or ""
    if wanted in _STRUCTS:
        return None
    if wanted != "ARROW":
        raise invalid(f"Invalid value for queryResultsFormat: {wanted}", location="queryResultsFormat")
    options = body.get("arrowSerializationOptions") or {}
    if options.get("picosTimestampPrecision") not in (None, *arrow.MICROSECONDS):
        raise not_implemented(f"picosTimestampPrecision={options['picosTimestampPrecision']}")
    codec = str(options.get("bufferCompression") or "COMPRESSION_UNSPECIFIED")
    if codec not in arrow.CODECS:
        raise invalid(f"Invalid value for bufferCompression: {codec}", location="arrowSerializationOptions")
    return codec


def arrow_page(
    warehouse: Warehouse, table: TableName, fields: list[Resource], limit: int, codec: str
) -> tuple[Resource, int]:
    """The keys of a QueryResponse that carry rows, and how many rows: at most `limit`, about 10 MB of them."""
    schema = arrow.marked_schema(fields)
    keys: Resource = {"arrowSchema": {"serializedSchema": _text(arrow.schema_message(schema))}}
    batches = list(_fitting(warehouse, table, limit)) if limit else []
    if not batches:
        return keys | {"pageRowCount": "0"}, 0
    batch = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
    message = arrow.batch_message(batch, schema, codec)
    keys["arrowRecordBatch"] = {"serializedRecordBatch": _text(message)}
    return keys | {"pageRowCount": str(batch.num_rows)}, batch.num_rows


def _fitting(warehouse: Warehouse, table: TableName, limit: int) -> Iterator[pa.RecordBatch]:
    room = _PAGE_BYTES
    with warehouse.read(table, None, 0, min(limit, _MOST_ROWS)) as reader:
        for batch in reader:
            part = batch.slice(0, max(1, batch.num_rows * room // max(batch.nbytes, 1)))
            yield part
            room -= part.nbytes
            if part.num_rows < batch.num_rows or room <= 0:
                return


def _text(message: bytes) -> str:
    return base64.b64encode(message).decode()
