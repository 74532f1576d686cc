"""Rows into tables, and out to files, as Google's own client brings them."""

import datetime as dt
import decimal
import io
import json

import every_type
import fastavro
import pandas as pd
import pytest
from dateutil.relativedelta import relativedelta
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import bigquery
from google.cloud.bigquery import LoadJobConfig, SchemaField

SCHEMA = [
    SchemaField("id", "INTEGER", mode="REQUIRED"),
    SchemaField("name", "STRING"),
    SchemaField("tags", "STRING", mode="REPEATED"),
    SchemaField("seen", "TIMESTAMP"),
]
ROWS = [
    {"id": 1, "name": "a", "tags": ["x", "y"], "seen": "2024-01-01T00:00:00Z"},
    {"id": 2, "name": None, "tags": [], "seen": None},
]


@pytest.fixture
def table(client, dataset):
    return client.create_table(bigquery.Table(f"{dataset}.people", schema=SCHEMA))


def _ids(client, table):
    return sorted(row.id for row in client.list_rows(table))


def test_insert_rows_json(client, table):
    assert client.insert_rows_json(table, ROWS) == []
    assert [dict(row) for row in client.list_rows(table)] == [
        {"id": 1, "name": "a", "tags": ["x", "y"], "seen": dt.datetime(2024, 1, 1, tzinfo=dt.UTC)},
        {"id": 2, "name": None, "tags": [], "seen": None},
    ]


def test_insert_rows_with_bad_ones(client, table):
    rows = [{"id": 1}, {"name": "no id"}, {"id": "x"}, {"id": 2, "nope": 1}]
    errors = {item["index"]: item["errors"][0] for item in client.insert_rows_json(table, rows)}
    assert errors[0]["reason"] == "stopped"
    assert (errors[1]["reason"], errors[1]["location"]) == ("invalid", "id")
    assert "bad value" in errors[2]["message"]
    assert errors[3]["message"] == "no such field: nope."
    assert _ids(client, table) == []
    skipped = client.insert_rows_json(table, rows, skip_invalid_rows=True, ignore_unknown_values=True)
    assert [item["index"] for item in skipped] == [1, 2]
    assert _ids(client, table) == [1, 2]


def test_insert_rows_of_every_type(client, dataset):
    fields = every_type.fields()
    schema = [SchemaField.from_api_repr(field) for field in fields]
    made = client.create_table(bigquery.Table(f"{dataset}.everything", schema=schema))
    config = LoadJobConfig(schema=schema, source_format="NEWLINE_DELIMITED_JSON")
    client.load_table_from_file(io.BytesIO(_every_type_as_json()), made, job_config=config).result()
    assert [dict(row) for row in client.list_rows(made)] == every_type.client_rows()
    assert [
        dict(row) for row in client.query_and_wait(f"SELECT * FROM {dataset}.everything")
    ] == every_type.client_rows()


def _every_type_as_json():
    import pyarrow as pa

    from gatebook.sandbox.rest.formats import writing
    from gatebook.sandbox.warehouse import arrow_schema

    sink = io.BytesIO()
    rows = pa.Table.from_pylist(every_type.arrow_rows(), schema=arrow_schema(every_type.fields()))
    writing.write(rows.to_reader(), every_type.fields(), {"destinationFormat": "NEWLINE_DELIMITED_JSON"}, sink)
    return sink.getvalue()


def test_every_type_by_arrow_and_avro(client, storage, dataset):
    test_insert_rows_of_every_type(client, dataset)
    made = client.get_table(f"{dataset}.everything")
    read = client.list_rows(made).to_arrow(bqstorage_client=storage)
    assert read.to_pylist() == every_type.arrow_rows()
    session = storage.create_read_session(
        parent="projects/demo-project",
        read_session={"table": made.reference.to_bqstorage(), "data_format": "AVRO"},
    )
    rows = list(storage.read_rows(session.streams[0].name).rows(session))
    assert rows == [every_type.as_avro_gives(row) for row in every_type.arrow_rows()]


LITERALS = {
    "b'\\x00\\xff'": b"\x00\xff",
    "-9223372036854775808": -(2**63),
    "CAST('nan' AS FLOAT64) IS NULL": False,
    "DATE '0001-01-01'": dt.date(1, 1, 1),
    "DATETIME '9999-12-31 23:59:59.999999'": dt.datetime.fromisoformat("9999-12-31T23:59:59.999999"),
    "TIME '00:00:00.000001'": dt.time(0, 0, 0, 1),
    "TIMESTAMP '2024-02-29 23:59:59.5+02'": dt.datetime(2024, 2, 29, 21, 59, 59, 500_000, tzinfo=dt.UTC),
    "NUMERIC '-0.000000001'": decimal.Decimal("-0.000000001"),
    "BIGNUMERIC '1.5'": decimal.Decimal("1.5"),
    "JSON '{\"a\": [1, null]}'": {"a": [1, None]},
    "INTERVAL '1-2 3 4:5:6.5' YEAR TO SECOND": relativedelta(
        years=1, months=2, days=3, hours=4, minutes=5, seconds=6, microseconds=500_000
    ),
    "RANGE<DATE> '[2024-01-01, UNBOUNDED)'": {"start": dt.date(2024, 1, 1), "end": None},
    "ARRAY<STRUCT<a INT64, b ARRAY<STRING>>>[(1, ['x']), (NULL, [])]": [{"a": 1, "b": ["x"]}, {"a": None, "b": []}],
    "STRUCT(1 AS a, STRUCT('z' AS c) AS b)": {"a": 1, "b": {"c": "z"}},
    "CAST(NULL AS ARRAY<INT64>)": [],
}


@pytest.mark.parametrize("sql", LITERALS)
def test_every_type_as_a_literal(client, sql):
    (row,) = client.query_and_wait(f"SELECT {sql} AS value")
    assert row.value == LITERALS[sql]


def test_load_json(client, table):
    job = client.load_table_from_json(ROWS, table)
    job.result()
    assert (job.output_rows, job.input_files, job.state) == (2, 1, "DONE")
    assert _ids(client, table) == [1, 2]


def test_load_json_into_a_new_table(client, dataset):
    client.load_table_from_json(ROWS, f"{dataset}.fresh").result()
    kinds = {field.name: (field.field_type, field.mode) for field in client.get_table(f"{dataset}.fresh").schema}
    assert kinds == {
        "id": ("INTEGER", "NULLABLE"),
        "name": ("STRING", "NULLABLE"),
        "tags": ("STRING", "REPEATED"),
        "seen": ("TIMESTAMP", "NULLABLE"),
    }


def test_load_dataframe(client, dataset):
    frame = pd.DataFrame(
        {
            "id": [1, 2],
            "name": ["a", None],
            "score": [0.5, float("nan")],
            "day": [dt.date(2024, 1, 1), None],
            "at": pd.to_datetime(["2024-01-01T00:00:00Z", None]),
            "tags": [["x"], []],
        }
    )
    for disposition, count in (("WRITE_TRUNCATE", 2), ("WRITE_APPEND", 4), ("WRITE_TRUNCATE", 2)):
        config = LoadJobConfig(write_disposition=disposition)
        client.load_table_from_dataframe(frame, f"{dataset}.frame", job_config=config).result()
        assert client.get_table(f"{dataset}.frame").num_rows == count
    kinds = {field.name: field.field_type for field in client.get_table(f"{dataset}.frame").schema}
    assert kinds == {
        "id": "INTEGER", "name": "STRING", "score": "FLOAT", "day": "DATE", "at": "TIMESTAMP", "tags": "STRING",
    }  # fmt: skip
    rows = client.query_and_wait(f"SELECT * FROM {dataset}.frame ORDER BY id").to_dataframe(
        create_bqstorage_client=False
    )
    assert list(rows["name"].isna()) == [False, True]
    assert list(rows["tags"][0]) == ["x"]


CSV = b"id,name\n1,a\n2,b\n3,c\n"


@pytest.mark.parametrize("size", [len(CSV), None])
def test_load_csv_by_multipart_and_resumable_upload(client, dataset, size):
    config = LoadJobConfig(source_format="CSV", autodetect=True, skip_leading_rows=1)
    job = client.load_table_from_file(io.BytesIO(CSV), f"{dataset}.csv", size=size, job_config=config)
    job.result()
    assert _ids(client, f"{dataset}.csv") == [1, 2, 3]


def test_resumable_upload_in_many_chunks(client, dataset, monkeypatch):
    monkeypatch.setattr("google.cloud.bigquery.client._DEFAULT_CHUNKSIZE", 256 * 1024)
    lines = b"".join(b'{"id": %d, "pad": "%s"}\n' % (number, b"x" * 100) for number in range(8000))
    config = LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", autodetect=True)
    client.load_table_from_file(io.BytesIO(lines), f"{dataset}.big", job_config=config).result()
    assert client.get_table(f"{dataset}.big").num_rows == 8000


def test_resumable_upload_that_was_interrupted(sandbox, client, dataset):
    import requests

    job = {
        "configuration": {
            "load": {
                "destinationTable": {"datasetId": dataset.split(".")[1], "tableId": "again"},
                "sourceFormat": "CSV",
                "schema": {"fields": [{"name": "id", "type": "INTEGER"}]},
            }
        }
    }  # fmt: skip
    url = f"{sandbox.rest_url}/upload/bigquery/v2/projects/demo-project/jobs?uploadType=resumable"
    location = requests.post(url, json=job).headers["location"]
    assert location.startswith(sandbox.rest_url)

    def put(data, content_range):
        return requests.put(location, data=data, headers={"content-range": content_range})

    asked = put(b"", "bytes */6")
    assert (asked.status_code, "range" in asked.headers) == (308, False)
    assert put(b"1\n2", "bytes 0-2/6").headers["range"] == "bytes=0-2"
    assert put(b"", "bytes */6").headers["range"] == "bytes=0-2"
    assert put(b"4", "bytes 5-5/6").status_code == 400
    done = put(b"2\n3\n", "bytes 2-5/6")
    assert done.status_code == 200
    client.get_job(done.json()["jobReference"]["jobId"]).result()
    assert _ids(client, f"{dataset}.again") == [1, 2, 3]
    assert put(b"", "bytes */6").status_code == 404


def test_load_avro(client, dataset):
    schema = {"type": "record", "name": "r", "fields": [{"name": "id", "type": "long"}]}
    sink = io.BytesIO()
    fastavro.writer(sink, schema, [{"id": 1}, {"id": 2}])
    sink.seek(0)
    config = LoadJobConfig(source_format="AVRO")
    client.load_table_from_file(sink, f"{dataset}.avro", job_config=config).result()
    assert _ids(client, f"{dataset}.avro") == [1, 2]


def test_load_options(client, dataset):
    config = LoadJobConfig(
        source_format="CSV",
        schema=[SchemaField("id", "INTEGER"), SchemaField("day", "DATE")],
        time_partitioning=bigquery.TimePartitioning(field="day"),
        labels={"why": "test"},
    )
    job = client.load_table_from_file(io.BytesIO(b"1,2024-01-01\n"), f"{dataset}.parts", job_config=config)
    job.result()
    assert client.get_table(f"{dataset}.parts").time_partitioning.field == "day"
    assert client.get_job(job.job_id).labels == {"why": "test"}
    wider = LoadJobConfig(
        source_format="NEWLINE_DELIMITED_JSON",
        schema=[SchemaField("id", "INTEGER"), SchemaField("day", "DATE"), SchemaField("extra", "STRING")],
        schema_update_options=["ALLOW_FIELD_ADDITION"],
        write_disposition="WRITE_APPEND",
    )
    client.load_table_from_json([{"id": 2, "extra": "e"}], f"{dataset}.parts", job_config=wider).result()
    assert [field.name for field in client.get_table(f"{dataset}.parts").schema] == ["id", "day", "extra"]


def test_loads_that_fail_say_why(client, dataset, table):
    config = LoadJobConfig(source_format="CSV", schema=[SchemaField("id", "INTEGER")])
    job = client.load_table_from_file(io.BytesIO(b"1\nx\n"), f"{dataset}.bad", job_config=config)
    with pytest.raises(BadRequest, match="too many errors"):
        job.result()
    assert any("bad value): x" in error["message"] for error in job.errors)
    with pytest.raises(NotFound):
        client.get_table(f"{dataset}.bad")
    never = LoadJobConfig(source_format="CSV", autodetect=True, create_disposition="CREATE_NEVER")
    with pytest.raises(NotFound, match="Not found: Table"):
        client.load_table_from_file(io.BytesIO(b"1\n"), f"{dataset}.bad", job_config=never).result()
    with pytest.raises(NotFound, match="Not found: Dataset"):
        client.load_table_from_file(io.BytesIO(b"1\n"), "nope.bad", job_config=config).result()
    with pytest.raises(NotFound, match="Not found: URI"):
        client.load_table_from_uri("gs://bucket/nope.csv", table).result()


@pytest.mark.parametrize(
    ("kind", "compression"),
    [("CSV", "GZIP"), ("NEWLINE_DELIMITED_JSON", "NONE"), ("PARQUET", "SNAPPY"), ("AVRO", "DEFLATE")],
)
def test_extract_and_load_again(client, dataset, kind, compression):
    client.query_and_wait(f"CREATE TABLE {dataset}.out AS SELECT id, CONCAT('n', id) AS name FROM UNNEST([1, 2]) AS id")
    uri = f"gs://bucket/{dataset}/out-*.{kind.lower()}{'.gz' if compression == 'GZIP' else ''}"
    config = bigquery.ExtractJobConfig(destination_format=kind, compression=compression)
    job = client.extract_table(f"{dataset}.out", uri, job_config=config)
    job.result()
    assert job.destination_uri_file_counts == [1]
    load = LoadJobConfig(source_format=kind, autodetect=kind in {"CSV", "NEWLINE_DELIMITED_JSON"} or None)
    client.load_table_from_uri(uri, f"{dataset}.back", job_config=load).result()
    rows = sorted((row.id, row.name) for row in client.list_rows(f"{dataset}.back"))
    assert rows == [(1, "n1"), (2, "n2")]


def test_json_without_python(client, table):
    lines = "\n".join(json.dumps(row) for row in ROWS).encode()
    config = LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", max_bad_records=1)
    job = client.load_table_from_file(io.BytesIO(lines + b"\nbroken\n"), table, job_config=config)
    job.result()
    assert job.output_rows == 2
