"""Tables as files: https://cloud.google.com/bigquery/docs/exporting-data#export_formats_and_compression_types."""

import csv
import datetime as dt
import gzip
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, Any

import fastavro
import pyarrow as pa
from pyarrow import parquet

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.rest.rows import Cell, rows
from gatebook.sandbox.rest.schema import element, field_type, is_repeated
from gatebook.sandbox.storage.avro import avro_schema, records
from gatebook.sandbox.warehouse import Resource

_Write = Callable[[pa.RecordBatchReader, Sequence[Resource], Mapping[str, Any], IO[bytes]], None]

_COMPRESSIONS: Mapping[str, set[str]] = {
    "CSV": {"NONE", "GZIP"},
    "NEWLINE_DELIMITED_JSON": {"NONE", "GZIP"},
    "PARQUET": {"NONE", "GZIP", "SNAPPY", "ZSTD"},
    "AVRO": {"NONE", "DEFLATE"},
}


def check(extract: Mapping[str, Any]) -> None:
    """501 `notImplemented` for a format or compression that cannot be written."""
    kind, compression = _format(extract), _compression(extract)
    if kind not in _COMPRESSIONS:
        raise not_implemented(f"extract jobs to {kind}")
    if compression not in _COMPRESSIONS[kind]:
        raise not_implemented(f"extract jobs to {kind} with {compression} compression")


def write(
    reader: pa.RecordBatchReader, fields: Sequence[Resource], extract: Mapping[str, Any], file: IO[bytes]
) -> None:
    """Write all rows. extract: the job's `configuration.extract`."""
    _WRITERS[_format(extract)](reader, fields, extract, file)


def _format(extract: Mapping[str, Any]) -> str:
    return str(extract.get("destinationFormat") or "CSV").upper()


def _compression(extract: Mapping[str, Any]) -> str:
    return str(extract.get("compression") or "NONE").upper()


def _text_file(file: IO[bytes], extract: Mapping[str, Any], closing: ExitStack) -> IO[str]:
    target: Any = file
    if _compression(extract) == "GZIP":
        target = closing.enter_context(gzip.GzipFile(fileobj=file, mode="wb"))
    text = io.TextIOWrapper(target, encoding="utf-8", newline="")
    closing.callback(text.detach)
    return text


def _write_csv(
    reader: pa.RecordBatchReader, fields: Sequence[Resource], extract: Mapping[str, Any], file: IO[bytes]
) -> None:
    if any(is_repeated(field) or field_type(field) == "RECORD" for field in fields):
        raise invalid("Operation cannot be performed on a nested schema. Field: CSV has no nested fields")
    with ExitStack() as closing:
        text = _text_file(file, extract, closing)
        writer = csv.writer(text, delimiter=extract.get("fieldDelimiter") or ",", lineterminator="\n")
        if extract.get("printHeader", True):
            writer.writerow([field["name"] for field in fields])
        for batch in reader:
            for row in rows(batch, list(fields), int64_timestamps=True):
                pairs = zip(row["f"], fields, strict=True)
                writer.writerow(["" if cell["v"] is None else _text(cell["v"], field) for cell, field in pairs])


def _write_json(
    reader: pa.RecordBatchReader, fields: Sequence[Resource], extract: Mapping[str, Any], file: IO[bytes]
) -> None:
    with ExitStack() as closing:
        text = _text_file(file, extract, closing)
        for batch in reader:
            for row in rows(batch, list(fields), int64_timestamps=True):
                text.write(json.dumps(_json_record(row, fields), ensure_ascii=False, separators=(",", ":")) + "\n")


def _json_record(row: Any, fields: Sequence[Resource]) -> dict[str, Any]:
    pairs = zip(row["f"], fields, strict=True)
    return {field["name"]: _json_value(cell["v"], field) for cell, field in pairs if cell["v"] is not None}


def _json_value(cell: Any, field: Resource) -> Any:
    if is_repeated(field):
        return [_json_value(item["v"], element(field)) for item in cell]
    kind = field_type(field)
    if kind == "RECORD":
        return _json_record(cell, field["fields"])
    if kind == "BOOLEAN":
        return bool(cell == "true")
    if kind == "FLOAT" and cell not in {"NaN", "Infinity", "-Infinity"}:
        return float(cell)
    return json.loads(cell) if kind == "JSON" else _text(cell, field)


def _text(cell: Cell, field: Resource) -> str:
    """A scalar cell as files show it: as REST does, but TIMESTAMP in civil UTC."""
    text = str(cell)
    if field_type(field) == "RANGE" and field_type(field["rangeElementType"]) == "TIMESTAMP":
        return re.sub(r"-?\d+", lambda bound: _civil_utc(int(bound[0])), text)
    return _civil_utc(int(text)) if field_type(field) == "TIMESTAMP" else text


def _civil_utc(microseconds: int) -> str:
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
    return f"{moment.replace(tzinfo=None).isoformat(' ')} UTC"


def _write_parquet(
    reader: pa.RecordBatchReader, _fields: Sequence[Resource], extract: Mapping[str, Any], file: IO[bytes]
) -> None:
    with parquet.ParquetWriter(file, reader.schema, compression=_compression(extract)) as writer:
        for batch in reader:
            writer.write_batch(batch)


_TEMPORAL = {"DATE", "DATETIME", "TIME", "TIMESTAMP", "RANGE"}


def _has_temporal(fields: Sequence[Resource]) -> bool:
    return any(field_type(field) in _TEMPORAL or _has_temporal(field.get("fields", ())) for field in fields)


def _write_avro(
    reader: pa.RecordBatchReader, fields: Sequence[Resource], extract: Mapping[str, Any], file: IO[bytes]
) -> None:
    if _has_temporal(fields) and not extract.get("useAvroLogicalTypes"):
        raise not_implemented("Avro files with dates or times without useAvroLogicalTypes")
    codec = {"NONE": "null", "DEFLATE": "deflate"}[_compression(extract)]
    found = (record for batch in reader for record in records(batch, fields))
    fastavro.writer(file, avro_schema(fields), found, codec=codec)


_WRITERS: Mapping[str, _Write] = {
    "CSV": _write_csv,
    "NEWLINE_DELIMITED_JSON": _write_json,
    "PARQUET": _write_parquet,
    "AVRO": _write_avro,
}
