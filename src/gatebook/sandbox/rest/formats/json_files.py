"""Newline-delimited JSON, in: https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-json."""

import json
from collections.abc import Iterator, Mapping
from typing import IO, Any

import pyarrow as pa

from gatebook.sandbox.rest.formats import detect, values
from gatebook.sandbox.rest.formats.loading import BadRecords, Loaded, no_schema
from gatebook.sandbox.warehouse import Resource, arrow_schema


def read(file: IO[bytes], load: Mapping[str, Any], fields: list[Resource] | None) -> Loaded:
    """Rows of a newline-delimited JSON file. fields: the schema wanted, None to detect it."""
    if fields is None and not load.get("autodetect"):
        raise no_schema()
    bad = BadRecords("JSON", int(load.get("maxBadRecords") or 0))
    objects = list(_objects(file, bad))
    if fields is None:
        fields = detect.json_fields([row for _, row in objects[: detect.SAMPLE_ROWS]])
    rows = []
    for number, row in objects:
        try:
            rows.append(values.record(row, fields, ignore_unknown=bool(load.get("ignoreUnknownValues"))))
        except values.BadValue as error:
            bad.add(f"JSON parsing error in row {number}: {error.message}")
    skipped = bad.check(len(objects))
    return Loaded(fields, pa.Table.from_pylist(rows, schema=arrow_schema(fields)), skipped)


def _objects(file: IO[bytes], bad: BadRecords) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            bad.add(f"JSON parsing error in row {number}: Parser terminated before end of string ({error})")
            continue
        if isinstance(row, dict):
            yield number, row
        else:
            bad.add(f"JSON parsing error in row {number}: Expected a JSON object")
