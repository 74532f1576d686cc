"""Pages of rows: by count and by size, as tabledata.list and getQueryResults give them."""

from dataclasses import dataclass

import msgspec
import pyarrow as pa

from gatebook.sandbox.errors import not_implemented
from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.rest.paging import page_offset, page_token
from gatebook.sandbox.rest.rows import Row, rows
from gatebook.sandbox.warehouse import Resource, TableName, Warehouse

_PAGE_BYTES = 10 * 1024 * 1024
_MOST_ROWS = 100_000
_STEP_ROWS = 1000
"""Rows converted between two looks at the page's size."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which rows, and how they are written. max_results: None leaves the number to the page's size.

    arrow_codec: the compression of rows that are wanted as Arrow; None for JSON.
    """

    offset: int = 0
    max_results: int | None = None
    int64_timestamps: bool = False
    arrow_codec: str | None = None

    @classmethod
    def of_call(cls, call: Call) -> "PageRequest":
        """Read `startIndex`, `pageToken`, `maxResults` and `formatOptions.useInt64Timestamp`."""
        token = call.text("pageToken")
        offset = page_offset(token) if token else call.integer("startIndex") or 0
        wanted = int64_timestamps(
            call.flag("formatOptions.useInt64Timestamp"), call.text("formatOptions.timestampOutputFormat")
        )
        return cls(offset, call.integer("maxResults"), wanted)


def int64_timestamps(use_int64: bool | str | None, output_format: str | None) -> bool:
    """How TIMESTAMP is written (`formatOptions`): as microseconds, or else as float seconds."""
    known = {None: str(use_int64).lower() == "true", "INT64": True, "FLOAT64": False}
    if output_format not in known:
        raise not_implemented(f"formatOptions.timestampOutputFormat={output_format}")
    return known[output_format]


@dataclass(frozen=True, slots=True)
class RowPage:
    """Rows, and the token of the next page, None after the last row."""

    rows: list[Row]
    next_token: str | None


def read_page(
    warehouse: Warehouse,
    table: TableName,
    fields: list[Resource],
    total_rows: int,
    request: PageRequest,
) -> RowPage:
    """One page of a table or result: at most `max_results` rows and about 10 MB of JSON, one row at least."""
    limit = _MOST_ROWS if request.max_results is None else min(request.max_results, _MOST_ROWS)
    limit = max(0, min(limit, total_rows - request.offset))
    if limit == 0:
        return RowPage([], page_token(request.offset) if request.offset < total_rows else None)
    columns = [field["name"] for field in fields]
    with warehouse.read(table, columns, request.offset, limit) as reader:
        found = _fill(reader, fields, int64_timestamps=request.int64_timestamps)
    end = request.offset + len(found)
    return RowPage(found, page_token(end) if end < total_rows else None)


def _fill(reader: pa.RecordBatchReader, fields: list[Resource], *, int64_timestamps: bool) -> list[Row]:
    found: list[Row] = []
    size = 0
    for batch in reader:
        for start in range(0, batch.num_rows, _STEP_ROWS):
            part = rows(batch.slice(start, _STEP_ROWS), fields, int64_timestamps=int64_timestamps)
            part_bytes = len(msgspec.json.encode(part))
            if size + part_bytes > _PAGE_BYTES:
                room = int(len(part) * (_PAGE_BYTES - size) / part_bytes)
                return found + part[: room or (not found)]
            found += part
            size += part_bytes
    return found
