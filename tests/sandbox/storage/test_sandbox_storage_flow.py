"""Reading tables with Google's own Storage Read client."""

import pytest
from google.api_core.exceptions import InvalidArgument, MethodNotImplemented, NotFound
from google.cloud.bigquery_storage_v1 import types
from google.cloud.bigquery_storage_v1.types import ArrowSerializationOptions, DataFormat

ORDERS = "projects/demo-project/datasets/shop/tables/orders"


def _session(storage, table=ORDERS, data_format=DataFormat.ARROW, streams=1, preferred=0, **options):
    return storage.create_read_session(
        types.CreateReadSessionRequest(
            parent="projects/demo-project",
            read_session=types.ReadSession(table=table, data_format=data_format, read_options=options),
            max_stream_count=streams,
            preferred_min_stream_count=preferred,
        )
    )


def _rows(storage, stream, offset=0):
    return list(storage.read_rows(stream, offset).rows())


@pytest.mark.parametrize("codec", ["COMPRESSION_UNSPECIFIED", "LZ4_FRAME", "ZSTD"])
def test_arrow(storage, codec):
    compression = ArrowSerializationOptions(buffer_compression=codec)
    session = _session(storage, arrow_serialization_options=compression)
    assert (session.estimated_row_count, len(session.streams)) == (6000, 1)
    table = storage.read_rows(session.streams[0].name).to_arrow(session)
    assert table.column("order_id").to_pylist() == list(range(1, 6001))
    assert table.column("items")[0].as_py()[0]["sku"].startswith("SKU-")


def test_avro(storage, client):
    session = _session(storage, data_format=DataFormat.AVRO)
    rows = _rows(storage, session.streams[0].name)
    assert [row["order_id"] for row in rows] == list(range(1, 6001))
    first = next(iter(client.list_rows("shop.orders", max_results=1)))
    assert rows[0] == dict(first)


def test_selected_fields(storage):
    session = _session(storage, selected_fields=["items.sku", "order_id"])
    row = _rows(storage, session.streams[0].name)[0]
    assert list(row) == ["order_id", "items"]
    assert list(row["items"].as_py()[0]) == ["sku"]
    with pytest.raises(InvalidArgument, match="selected fields do not exist in the table schema: nope"):
        _session(storage, selected_fields=["nope"])


def test_row_restriction(storage, client):
    (wanted,) = client.query_and_wait("SELECT COUNT(*) AS n FROM shop.orders WHERE status = 'paid' AND total > 50")
    session = _session(storage, row_restriction="status = 'paid' AND total > 50", streams=0)
    found = [row for stream in session.streams for row in _rows(storage, stream.name)]
    assert len(found) == wanted.n > 0
    with pytest.raises(InvalidArgument):
        _session(storage, row_restriction="nope = 1")


def test_a_stream_resumes_at_an_offset(storage):
    session = _session(storage)
    rows = _rows(storage, session.streams[0].name, offset=5990)
    assert [row["order_id"].as_py() for row in rows] == list(range(5991, 6001))
    assert _rows(storage, session.streams[0].name, offset=6000) == []
    with pytest.raises(InvalidArgument):
        _rows(storage, session.streams[0].name, offset=6001)


def test_streams_share_the_rows(storage):
    session = _session(storage, streams=3, preferred=3)
    assert len(session.streams) == 3
    parts = [[row["order_id"].as_py() for row in _rows(storage, stream.name)] for stream in session.streams]
    assert all(parts)
    assert sorted(number for part in parts for number in part) == list(range(1, 6001))


def test_split(storage):
    session = _session(storage)
    request = types.SplitReadStreamRequest(name=session.streams[0].name, fraction=0.25)
    split = storage.split_read_stream(request)
    parts = [_rows(storage, stream.name) for stream in (split.primary_stream, split.remainder_stream)]
    assert [len(part) for part in parts] == [1500, 4500]


def test_messages_carry_progress_and_schema_once(storage):
    session = _session(storage, table=ORDERS.replace("orders", "events"))
    messages = list(storage.read_rows(session.streams[0].name))
    assert len(messages) > 1
    assert [bool(message.arrow_schema.serialized_schema) for message in messages] == [True] + [False] * (
        len(messages) - 1
    )
    assert messages[-1].stats.progress.at_response_end == 1.0
    assert sum(message.row_count for message in messages) == 8000


def test_anonymous_results(storage, client):
    job = client.query("SELECT 7 AS seven")
    job.result()
    destination = job.destination
    table = f"projects/{destination.project}/datasets/{destination.dataset_id}/tables/{destination.table_id}"
    session = _session(storage, table=table)
    assert [row["seven"].as_py() for row in _rows(storage, session.streams[0].name)] == [7]


def test_empty_tables_have_no_streams(storage, client, dataset):
    client.query_and_wait(f"CREATE TABLE {dataset}.empty (a INT64)")
    table = f"projects/demo-project/datasets/{dataset.split('.')[1]}/tables/empty"
    assert list(_session(storage, table=table).streams) == []


def test_refusals(storage, client, dataset):
    with pytest.raises(NotFound, match=r"Not found: Table demo-project:shop\.nope"):
        _session(storage, table=ORDERS.replace("orders", "nope"))
    client.query_and_wait(f"CREATE VIEW {dataset}.v AS SELECT 1 AS x")
    with pytest.raises(InvalidArgument, match="non-table entities cannot be read"):
        _session(storage, table=f"projects/demo-project/datasets/{dataset.split('.')[1]}/tables/v")
    with pytest.raises(InvalidArgument, match=r"invalid read_session\.table"):
        _session(storage, table="demo-project.shop.orders")
    with pytest.raises(InvalidArgument, match="data format"):
        _session(storage, data_format=DataFormat.DATA_FORMAT_UNSPECIFIED)
    with pytest.raises(MethodNotImplemented, match="sample_percentage"):
        _session(storage, sample_percentage=10)
    with pytest.raises(NotFound, match="read stream"):
        _rows(storage, "projects/p/locations/us/sessions/s/streams/x")
    with pytest.raises(NotFound, match=r"Not found: Job p:US\.j"):
        _rows(storage, "projects/p/locations/US/jobs/j/streams/_default")
