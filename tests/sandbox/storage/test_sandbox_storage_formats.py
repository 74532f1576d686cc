"""Every type through the Storage API's Arrow and Avro messages, read back by Google's own parsers."""

import every_type
import fastavro
import pyarrow as pa
import pytest
from google.cloud.bigquery_storage_v1 import types
from google.cloud.bigquery_storage_v1.reader import _StreamParser

from gatebook.sandbox.storage import arrow, avro
from gatebook.sandbox.warehouse import arrow_schema


@pytest.fixture(scope="module")
def batch() -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist(every_type.arrow_rows(), schema=arrow_schema(every_type.fields()))


@pytest.mark.parametrize("codec", ["COMPRESSION_UNSPECIFIED", "LZ4_FRAME", "ZSTD"])
def test_arrow(batch, codec):
    schema = arrow.marked_schema(every_type.fields())
    message = types.ReadRowsResponse(
        arrow_schema={"serialized_schema": arrow.schema_message(schema)},
        arrow_record_batch={"serialized_record_batch": arrow.batch_message(batch, schema, codec)},
    )
    assert _StreamParser.from_read_rows_response(message).to_arrow(message).to_pylist() == batch.to_pylist()


def test_arrow_marks_types_that_share_their_form():
    schema = arrow.marked_schema(every_type.fields())
    marked = {field.name: field.metadata for field in schema if field.metadata}
    assert marked["json"] == {b"ARROW:extension:name": b"google:sqlType:json"}
    assert set(marked) == {
        name + plural
        for name in ("datetime", "geography", "json", "range_date", "range_datetime", "range_timestamp")
        for plural in ("", "s")
    }


def test_a_slice_is_written_as_the_slice(batch):
    schema = arrow.marked_schema(every_type.fields())
    message = arrow.batch_message(batch.slice(1, 2), schema, "LZ4_FRAME")
    read = pa.ipc.read_record_batch(pa.py_buffer(message), schema)
    assert read.to_pylist() == batch.slice(1, 2).to_pylist()


def test_avro(batch):
    schema = avro.avro_schema(every_type.fields())
    message = types.ReadRowsResponse(
        avro_schema={"schema": avro.schema_text(schema)},
        avro_rows={
            "serialized_binary_rows": avro.rows_message(batch, every_type.fields(), fastavro.parse_schema(schema))
        },
    )
    read = list(_StreamParser.from_read_rows_response(message).to_rows(message))
    assert read == [every_type.as_avro_gives(row) for row in every_type.arrow_rows()]
