"""CSV, in: https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv."""

from collections.abc import Mapping
from typing import IO, Any

import pyarrow as pa
from pyarrow import csv

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.rest.formats import detect, values
from gatebook.sandbox.rest.formats.loading import BadRecords, Loaded, no_schema
from gatebook.sandbox.rest.schema import is_repeated
from gatebook.sandbox.warehouse import Resource, arrow_schema

_AUTOMATIC_NAMES = [f"f{index}" for index in range(10_000)]
"""What Arrow calls columns without names; BigQuery's tables have no more columns than these."""


def read(file: IO[bytes], load: Mapping[str, Any], fields: list[Resource] | None) -> Loaded:
    """Rows of a CSV file. fields: the schema wanted, None to detect it (``autodetect``) from the file."""
    if load.get("allowJaggedRows"):
        raise not_implemented("configuration.load.allowJaggedRows")
    if fields is None and not load.get("autodetect"):
        raise no_schema()
    if fields and any(is_repeated(field) or "fields" in field for field in fields):
        raise invalid("Nested and repeated fields cannot be loaded from CSV files.")
    bad = BadRecords("CSV", int(load.get("maxBadRecords") or 0))
    skipped = int(load.get("skipLeadingRows") or 0)
    detected = fields is None
    cells = _cells(file, load, bad, skip=max(0, skipped - 1) if detected else skipped, fields=fields)
    if fields is None:
        fields, cells = _detected(cells, has_header=skipped > 0, may_have_header="skipLeadingRows" not in load)
    return _typed(cells, fields, bad, newlines=bool(load.get("allowQuotedNewlines")))


def _cells(
    file: IO[bytes], load: Mapping[str, Any], bad: BadRecords, *, skip: int, fields: list[Resource] | None
) -> pa.Table:
    """The file as columns of text, NULL where an unquoted cell is the null marker."""
    names = [field["name"] for field in fields] if fields else None
    text_types = dict.fromkeys(names or _AUTOMATIC_NAMES, pa.string())
    try:
        return csv.read_csv(
            file,
            read_options=csv.ReadOptions(
                use_threads=False,
                skip_rows=skip,
                column_names=names,
                autogenerate_column_names=names is None,
                encoding=load.get("encoding") or "utf8",
            ),
            parse_options=csv.ParseOptions(
                delimiter=_delimiter(load),
                quote_char=load.get("quote", '"') or False,
                newlines_in_values=True,
                invalid_row_handler=lambda row: _bad_row(row, bad),
            ),
            convert_options=csv.ConvertOptions(
                column_types=text_types,
                null_values=load.get("nullMarkers") or [load.get("nullMarker", "")],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return pa.table({name: pa.array([], pa.string()) for name in names or ()})
        raise invalid(f"Error while reading data, error message: {error}") from None


def _delimiter(load: Mapping[str, Any]) -> str:
    given = str(load.get("fieldDelimiter") or ",")
    return {"tab": "\t", "\\t": "\t"}.get(given, given)


def _bad_row(row: csv.InvalidRow, bad: BadRecords) -> str:
    bad.add(
        f"CSV processing encountered a row with {row.actual_columns} columns where {row.expected_columns} "
        f"are expected; row: {row.number}"
    )
    return "skip"


def _detected(cells: pa.Table, *, has_header: bool, may_have_header: bool) -> tuple[list[Resource], pa.Table]:
    columns = [column.slice(0, detect.SAMPLE_ROWS + 1).to_pylist() for column in cells.columns]
    header = [column[0] for column in columns] if cells.num_rows else []
    kinds = [detect.text_type(column[1:]) for column in columns]
    looks_like_header = None not in header and all(detect.text_type([name]) == "STRING" for name in header)
    if has_header or (may_have_header and looks_like_header and set(kinds) != {"STRING"}):
        named = zip(header, kinds, strict=True)
        return [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in named], cells.slice(1)
    kinds = [detect.text_type(column) for column in columns]
    return [
        {"name": f"{_PREFIXES.get(kind, kind.lower())}_field_{index}", "type": kind, "mode": "NULLABLE"}
        for index, kind in enumerate(kinds)
    ], cells


_PREFIXES = {"INTEGER": "int64", "FLOAT": "double", "BOOLEAN": "bool"}


def _typed(cells: pa.Table, fields: list[Resource], bad: BadRecords, *, newlines: bool) -> Loaded:
    rows = []
    for number, row in enumerate(zip(*(column.to_pylist() for column in cells.columns), strict=True), start=1):
        if not newlines and any("\n" in text for text in row if text):
            bad.add(f"Missing close quote character, or allowQuotedNewlines is not set; row: {number}")
            continue
        try:
            rows.append([_cell(text, field) for text, field in zip(row, fields, strict=True)])
        except values.BadValue as error:
            bad.add(f"{error.message}; field: {error.location}; row: {number}")
    skipped = bad.check(cells.num_rows)
    schema = arrow_schema(fields)
    columns = list(zip(*rows, strict=True)) or [()] * len(fields)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return Loaded(fields, pa.Table.from_arrays(arrays, schema=schema), skipped)


def _cell(text: str | None, field: Resource) -> Any:
    return values.value(text, field, ignore_unknown=False)
