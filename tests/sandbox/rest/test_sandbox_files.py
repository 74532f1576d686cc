"""Load files of each format, and tables written as files."""

import decimal
import io

import every_type
import fastavro
import pyarrow as pa
import pytest
from pyarrow import parquet

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.rest.formats import avro_files, csv_files, json_files, parquet_files, reading, writing
from gatebook.sandbox.rest.formats.loading import LoadFailed
from gatebook.sandbox.warehouse import arrow_schema

FIELDS = [
    {"name": "id", "type": "INTEGER", "mode": "NULLABLE"},
    {"name": "name", "type": "STRING", "mode": "NULLABLE"},
    {"name": "price", "type": "NUMERIC", "mode": "NULLABLE"},
]


def _csv(text, fields=FIELDS, **options):
    return csv_files.read(io.BytesIO(text.encode()), options, fields)


def _kinds(loaded):
    return {field["name"]: field["type"] for field in loaded.fields}


def test_csv_with_a_schema():
    loaded = _csv('h1,h2,h3\n1,"a, ""b""",1.5\n2,,\n3,"",7\n', skipLeadingRows="1")
    assert loaded.rows.to_pylist() == [
        {"id": 1, "name": 'a, "b"', "price": decimal.Decimal("1.5")},
        {"id": 2, "name": None, "price": None},
        {"id": 3, "name": "", "price": decimal.Decimal(7)},
    ]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("1\tx\t2\n", {"fieldDelimiter": "tab"}),
        ("1|x|2\n", {"fieldDelimiter": "|"}),
        ("1,'x',2\n", {"quote": "'"}),
    ],
)
def test_csv_dialects(text, options):
    assert _csv(text, **options).rows.to_pylist() == [{"id": 1, "name": "x", "price": decimal.Decimal(2)}]


def test_csv_quotes_can_be_off_and_null_can_have_a_name():
    loaded = _csv('1,"x",\\N\n', quote="", nullMarker="\\N")
    assert loaded.rows.to_pylist() == [{"id": 1, "name": '"x"', "price": None}]


def test_csv_in_latin_1():
    loaded = csv_files.read(io.BytesIO("1,Köln,2\n".encode("latin-1")), {"encoding": "ISO-8859-1"}, FIELDS)
    assert loaded.rows.column("name").to_pylist() == ["Köln"]


def test_csv_newlines_in_quotes_only_when_allowed():
    loaded = _csv('1,"a\nb",2\n', allowQuotedNewlines=True)
    assert loaded.rows.column("name").to_pylist() == ["a\nb"]
    with pytest.raises(ApiError):
        _csv('1,"a\nb",2\n')


def test_csv_counts_bad_rows_against_the_limit():
    text = "1,a,2\nx,b,3\n4,c\n5,d,6\n"
    loaded = _csv(text, maxBadRecords=2)
    assert (loaded.rows.num_rows, loaded.bad_records) == (2, 2)
    with pytest.raises(LoadFailed) as caught:
        _csv(text, maxBadRecords=1)
    assert any("Cannot convert value to integer (bad value): x" in text for text in caught.value.details)


def test_csv_detection_with_and_without_header():
    text = "id,name,score,ok,day,at\n1,a,1.5,true,2024-01-01,2024-01-01 10:00:00\n2,b,2,false,2024-01-02,\n"
    loaded = _csv(text, None, autodetect=True)
    kinds = {"id": "INTEGER", "name": "STRING", "score": "FLOAT", "ok": "BOOLEAN", "day": "DATE", "at": "TIMESTAMP"}
    assert _kinds(loaded) == kinds
    assert loaded.rows.num_rows == 2
    bare = _csv("1,x\n2,y\n", None, autodetect=True)
    assert _kinds(bare) == {"int64_field_0": "INTEGER", "string_field_1": "STRING"}
    assert bare.rows.num_rows == 2


def test_csv_empty_file_and_no_schema():
    assert _csv("").rows.num_rows == 0
    with pytest.raises(ApiError, match="No schema specified"):
        _csv("1\n", None)


def _json(text, fields=None, **options):
    return json_files.read(io.BytesIO(text.encode()), options, fields)


def test_json_lines_are_read_and_detected():
    text = '{"a": 1, "b": {"c": ["x"]}, "d": [{"e": 1.5}], "t": "2024-01-01 00:00:00 UTC"}\n\n{"a": null, "f": true}\n'
    loaded = _json(text, autodetect=True)
    assert loaded.fields == [
        {"name": "a", "type": "INTEGER", "mode": "NULLABLE"},
        {"name": "b", "type": "RECORD", "mode": "NULLABLE", "fields": [
            {"name": "c", "type": "STRING", "mode": "REPEATED"}]},
        {"name": "d", "type": "RECORD", "mode": "REPEATED", "fields": [
            {"name": "e", "type": "FLOAT", "mode": "NULLABLE"}]},
        {"name": "t", "type": "TIMESTAMP", "mode": "NULLABLE"},
        {"name": "f", "type": "BOOLEAN", "mode": "NULLABLE"},
    ]  # fmt: skip
    assert loaded.rows.to_pylist()[0]["d"] == [{"e": 1.5}]
    assert loaded.rows.to_pylist()[1] == {"a": None, "b": None, "d": [], "t": None, "f": True}


def test_json_bad_rows():
    text = '{"id": 1}\nnot json\n[1]\n{"id": "x"}\n{"id": 2, "more": 1}\n'
    with pytest.raises(LoadFailed) as caught:
        _json(text, FIELDS)
    assert len(caught.value.details) == 4
    loaded = _json(text, FIELDS, maxBadRecords=3, ignoreUnknownValues=True)
    assert loaded.rows.column("id").to_pylist() == [1, 2]
    assert loaded.bad_records == 3


def _parquet(table):
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    sink.seek(0)
    return sink


def test_parquet_brings_its_schema():
    schema = arrow_schema([field for field in every_type.fields() if field["type"] not in {"RANGE", "INTERVAL"}][:13])
    table = pa.Table.from_pylist(every_type.arrow_rows(), schema=schema)
    loaded = parquet_files.read(_parquet(table), {}, None)
    kinds = _kinds(loaded)
    assert {name for name, kind in kinds.items() if name.upper() != kind} == {"json", "geography"}
    assert loaded.rows.to_pylist() == table.to_pylist()


def test_parquet_lists_need_the_option():
    table = pa.table({"a": [[1, 2]], "b": [[{"c": "x"}]]})
    with pytest.raises(ApiError, match="enableListInference"):
        parquet_files.read(_parquet(table), {}, None)
    loaded = parquet_files.read(_parquet(table), {"parquetOptions": {"enableListInference": True}}, None)
    assert [(field["type"], field["mode"]) for field in loaded.fields] == [
        ("INTEGER", "REPEATED"),
        ("RECORD", "REPEATED"),
    ]


def test_what_is_no_parquet_is_refused():
    with pytest.raises(ApiError, match="Error while reading data"):
        parquet_files.read(io.BytesIO(b"no parquet"), {}, None)


def test_avro_brings_its_schema():
    schema = {
        "type": "record",
        "name": "r",
        "fields": [
            {"name": "a", "type": "long"},
            {"name": "b", "type": ["null", "string"]},
            {"name": "c", "type": {"type": "array", "items": "double"}},
            {"name": "d", "type": {"type": "record", "name": "s", "fields": [{"name": "e", "type": "bytes"}]}},
            {"name": "n", "type": {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}},
        ],
    }
    row = {"a": 1, "b": None, "c": [1.5], "d": {"e": b"x"}, "n": decimal.Decimal("1.25")}
    sink = io.BytesIO()
    fastavro.writer(sink, schema, [row])
    sink.seek(0)
    loaded = avro_files.read(sink, {}, None)
    assert [(field["name"], field["type"], field["mode"]) for field in loaded.fields] == [
        ("a", "INTEGER", "REQUIRED"),
        ("b", "STRING", "NULLABLE"),
        ("c", "FLOAT", "REPEATED"),
        ("d", "RECORD", "REQUIRED"),
        ("n", "NUMERIC", "REQUIRED"),
    ]
    assert loaded.rows.to_pylist() == [row]


@pytest.mark.parametrize("option", ["jsonExtension", "hivePartitioningOptions", "timeZone"])
def test_options_that_are_not_known_are_refused_by_name(option):
    with pytest.raises(ApiError, match=option):
        reading.check({option: "x"})


def _written(fields, rows, **extract):
    schema = arrow_schema(fields)
    table = pa.Table.from_pylist(rows, schema=schema)
    sink = io.BytesIO()
    writing.write(table.to_reader(), fields, extract, sink)
    sink.seek(0)
    return sink


@pytest.mark.parametrize("compression", ["NONE", "DEFLATE"])
def test_avro_of_every_type_reads_back(compression):
    fields = [field for field in every_type.fields() if field["type"] not in {"RANGE", "RECORD", "JSON", "GEOGRAPHY"}]
    fields = [field for field in fields if field["type"] not in {"DATETIME", "INTERVAL"}]
    with pytest.raises(ApiError, match="useAvroLogicalTypes"):
        _written(fields, every_type.arrow_rows(), destinationFormat="AVRO")
    options = {"destinationFormat": "AVRO", "compression": compression, "useAvroLogicalTypes": True}
    file = _written(fields, every_type.arrow_rows(), **options)
    loaded = avro_files.read(file, {"useAvroLogicalTypes": True}, None)
    assert loaded.fields == fields
    assert loaded.rows.to_pylist() == [
        {field["name"]: row[field["name"]] for field in fields} for row in every_type.arrow_rows()
    ]


def test_json_of_every_type_reads_back():
    fields = every_type.fields()
    file = _written(fields, every_type.arrow_rows(), destinationFormat="NEWLINE_DELIMITED_JSON")
    loaded = json_files.read(file, {}, fields)
    assert loaded.rows.to_pylist() == pa.Table.from_pylist(every_type.arrow_rows(), arrow_schema(fields)).to_pylist()


def test_csv_of_every_scalar_type_reads_back():
    fields = [field for field in every_type.fields() if field["mode"] == "NULLABLE" and field["type"] != "RECORD"]
    file = _written(fields, every_type.arrow_rows(), destinationFormat="CSV")
    loaded = csv_files.read(file, {"skipLeadingRows": 1, "allowQuotedNewlines": True}, fields)
    assert loaded.rows.to_pylist() == [
        {field["name"]: row[field["name"]] for field in fields} for row in every_type.arrow_rows()
    ]
