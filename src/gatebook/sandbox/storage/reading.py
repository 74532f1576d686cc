"""A stream's rows as ReadRows messages."""

from collections.abc import Iterator
from typing import Any

import fastavro
import pyarrow as pa
from google.cloud.bigquery_storage_v1 import types

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.storage import arrow, avro
from gatebook.sandbox.storage.sessions import RowRange, Session
from gatebook.sandbox.warehouse import Warehouse

_MESSAGE_BYTES = 1 << 20
"""gRPC clients without options of their own accept messages of up to 4 MiB."""


class Writer:
    """Writes one session's batches in its format."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._arrow = arrow.marked_schema(session.fields)
        self._avro = avro.avro_schema(session.fields)
        self._avro_parsed: Any = fastavro.parse_schema(self._avro)

    def schema(self) -> dict[str, Any]:
        """The schema, as the field of a ReadSession or a ReadRowsResponse."""
        if self._session.format == "ARROW":
            return {"arrow_schema": {"serialized_schema": arrow.schema_message(self._arrow)}}
        return {"avro_schema": {"schema": avro.schema_text(self._avro)}}

    def rows(self, batch: pa.RecordBatch) -> dict[str, Any]:
        """A batch, as the field of a ReadRowsResponse."""
        if self._session.format == "ARROW":
            message = arrow.batch_message(batch, self._arrow, self._session.codec)
            return {"arrow_record_batch": {"serialized_record_batch": message}}
        message = avro.rows_message(batch, self._session.fields, self._avro_parsed)
        return {"avro_rows": {"serialized_binary_rows": message}}


def read_rows(warehouse: Warehouse, session: Session, rows: RowRange, offset: int) -> Iterator[types.ReadRowsResponse]:
    """The messages of a stream from its row `offset` on; the first carries the schema too."""
    if rows.end is not None and offset > rows.end - rows.start:
        raise ApiError(400, "outOfRange", f"Offset {offset} is beyond the end of the stream")
    writer = Writer(session)
    schema = writer.schema()
    done = offset
    for batch in _batches(warehouse, session, rows, offset):
        start, done = done, done + batch.num_rows
        yield types.ReadRowsResponse(
            row_count=batch.num_rows,
            stats={"progress": _progress(rows, start, done)},
            uncompressed_byte_size=batch.nbytes,
            **writer.rows(batch),
            **schema,
        )
        schema = {}


def _batches(warehouse: Warehouse, session: Session, rows: RowRange, offset: int) -> Iterator[pa.RecordBatch]:
    start = rows.start + offset
    limit = None if rows.end is None else rows.end - start
    if limit == 0:
        return
    columns = session.selected or [field["name"] for field in session.fields]
    with warehouse.read(session.table, columns, start, limit, session.restriction) as reader:
        for batch in reader:
            if not batch.num_rows:
                continue
            step = max(1, batch.num_rows * _MESSAGE_BYTES // max(batch.nbytes, 1))
            for first in range(0, batch.num_rows, step):
                yield batch.slice(first, step)


def _progress(rows: RowRange, start: int, done: int) -> dict[str, float]:
    total = (rows.end or 0) - rows.start
    if total <= 0:
        return {}
    return {"at_response_start": start / total, "at_response_end": done / total}
