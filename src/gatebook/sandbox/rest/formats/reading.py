"""Load files of any known format, read as one table."""

import gzip
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, cast

import pyarrow as pa

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.rest.call import refuse_unknown
from gatebook.sandbox.rest.formats import avro_files, csv_files, json_files, parquet_files
from gatebook.sandbox.rest.formats.loading import Loaded
from gatebook.sandbox.warehouse import Resource

_Reader = Callable[[IO[bytes], Mapping[str, Any], list[Resource] | None], Loaded]

_GZIP = b"\x1f\x8b"
_READERS: Mapping[str, _Reader] = {
    "CSV": csv_files.read,
    "NEWLINE_DELIMITED_JSON": json_files.read,
    "PARQUET": parquet_files.read,
    "AVRO": avro_files.read,
}

_UNDERSTOOD = frozenset({
    "allowJaggedRows", "allowQuotedNewlines", "autodetect", "clustering", "createDisposition", "destinationTable",
    "destinationTableProperties", "encoding", "fieldDelimiter", "ignoreUnknownValues", "maxBadRecords", "nullMarker",
    "nullMarkers", "parquetOptions", "quote", "rangePartitioning", "schema", "schemaUpdateOptions", "skipLeadingRows",
    "sourceFormat", "sourceUris", "timePartitioning", "useAvroLogicalTypes", "writeDisposition",
})  # fmt: skip


def check(load: Mapping[str, Any]) -> None:
    """501 `notImplemented` for a format or an option that is not known. load: `configuration.load`."""
    refuse_unknown(load, _UNDERSTOOD, "configuration.load")
    if _format(load) not in _READERS:
        raise not_implemented(f"load jobs of source format {_format(load)}")


def read_all(files: Sequence[IO[bytes]], load: Mapping[str, Any], fields: Sequence[Resource] | None) -> Loaded:
    """Rows of all files. fields: the schema to read with, None to take that of the first file."""
    check(load)
    if not files:
        raise invalid("No source files were given.")
    wanted = None if fields is None else list(fields)
    parts: list[Loaded] = []
    for file in files:
        parts.append(_READERS[_format(load)](_decompressed(file), load, wanted))
        wanted = parts[0].fields
    rows = pa.concat_tables([part.rows for part in parts], promote_options="permissive")
    return Loaded(parts[0].fields, rows, sum(part.bad_records for part in parts))


def _decompressed(file: IO[bytes]) -> IO[bytes]:
    is_gzip = file.read(2) == _GZIP
    file.seek(0)
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if is_gzip else file


def _format(load: Mapping[str, Any]) -> str:
    return str(load.get("sourceFormat") or "CSV").upper()
