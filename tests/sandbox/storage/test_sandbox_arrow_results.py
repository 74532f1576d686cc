"""Results as Arrow, as google-cloud-bigquery asks for them: the first page by REST, the others by ReadRows."""

import pyarrow as pa
import pytest
from google.api_core.exceptions import BadRequest, InvalidArgument, MethodNotImplemented
from google.cloud.bigquery import QueryJobConfig
from google.cloud.bigquery.enums import TimestampPrecision

NUMBERS = (
    "SELECT n, CAST(n AS STRING) AS s, TIMESTAMP '2026-01-02' AS t FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n ORDER BY n"
)


def _ask(client, sql, **options):
    return client.query_and_wait(sql, query_results_format="ARROW", **options)


def _default_stream(job):
    return f"projects/{job.project}/locations/{job.location}/jobs/{job.job_id}/streams/_default"


@pytest.mark.parametrize("codec", [None, "LZ4_FRAME", "ZSTD"])
def test_a_result_that_fits_comes_with_the_reply_and_leaves_no_job(client, codec):
    rows = _ask(client, NUMBERS, compression_codec=codec)
    assert rows.job_id is None
    table = rows.to_arrow()
    assert table.column("n").to_pylist() == list(range(1, 2501))
    assert table.schema.field("t").type == pa.timestamp("us", tz="UTC")


def test_further_rows_come_from_the_job_s_own_stream(client, storage):
    rows = _ask(client, NUMBERS, page_size=1000)
    assert rows.job_id
    table = rows.to_arrow(bqstorage_client=storage)
    assert table.column("s").to_pylist() == [str(n) for n in range(1, 2501)]


def test_a_large_result_goes_on_where_the_first_page_ends(client, storage):
    sql = "SELECT n, REPEAT('x', 300) AS s FROM UNNEST(GENERATE_ARRAY(1, 60000)) AS n ORDER BY n"
    table = _ask(client, sql).to_arrow(bqstorage_client=storage)
    assert table.column("n").to_pylist() == list(range(1, 60001))


def test_no_rows_and_no_result(client):
    assert _ask(client, "SELECT 1 AS x LIMIT 0").to_arrow().schema.names == ["x"]
    assert _ask(client, "DECLARE x INT64; SET x = 1;").to_arrow().num_rows == 0


def test_a_stream_begins_at_an_offset(client, storage):
    job = client.query(NUMBERS)
    job.result()
    messages = list(storage.read_rows(_default_stream(job), offset=2400))
    assert sum(message.row_count for message in messages) == 100
    assert messages[0].arrow_schema.serialized_schema


def test_streams_that_there_are_not(client, storage, dataset):
    written = client.query("SELECT 1 AS x", QueryJobConfig(destination=f"{dataset}.t"))
    written.result()
    with pytest.raises(InvalidArgument, match="explicitly-specified destination"):
        list(storage.read_rows(_default_stream(written)))
    silent = client.query(f"DROP TABLE {dataset}.t")
    silent.result()
    with pytest.raises(InvalidArgument, match="has no rows"):
        list(storage.read_rows(_default_stream(silent)))


def test_what_is_not_there_is_refused_by_name(client):
    with pytest.raises(MethodNotImplemented, match="TIMESTAMP_PRECISION_PICOS"):
        _ask(client, "SELECT 1", timestamp_precision=TimestampPrecision.PICOSECOND)
    with pytest.raises(BadRequest, match="bufferCompression: SNAPPY"):
        _ask(client, "SELECT 1", compression_codec="SNAPPY")
    with pytest.raises(BadRequest, match="queryResultsFormat: AVRO"):
        client.query_and_wait("SELECT 1", query_results_format="AVRO")
