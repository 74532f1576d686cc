"""The methods of table data: rows out page by page, rows in one by one."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.rest.call import Call
from gatebook.sandbox.rest.formats import values
from gatebook.sandbox.rest.jobs.resource import etag
from gatebook.sandbox.rest.pages import PageRequest, read_page
from gatebook.sandbox.rest.schema import fields_of
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.warehouse import Resource, arrow_schema

_RowErrors = dict[int, list[Resource]]
_VIEWS = {"VIEW", "MATERIALIZED_VIEW", "EXTERNAL"}


def list_rows(services: Services, call: Call) -> Resource:
    """tabledata.list: rows of a table or anonymous result; `selectedFields` narrows the columns."""
    table = services.warehouse.get_table(call.table)
    if table.get("type") in _VIEWS:
        raise invalid(f"Cannot list a table of type {table['type']}.")
    total = services.warehouse.row_count(call.table)
    fields = _selected(fields_of(table), call.texts("selectedFields"))
    page = read_page(services.warehouse, call.table, fields, total, PageRequest.of_call(call))
    reply: Resource = {
        "kind": "bigquery#tableDataList",
        "etag": etag(call.table, table.get("etag"), total),
        "totalRows": str(total),
        "rows": page.rows,
    }
    return reply | ({"pageToken": page.next_token} if page.next_token else {})


def insert_all(services: Services, call: Call) -> Resource:
    """tabledata.insertAll: all rows or none, unless `skipInvalidRows` leaves the bad ones out."""
    if call.body.get("templateSuffix"):
        raise not_implemented("templateSuffix of tabledata.insertAll")
    table = services.warehouse.get_table(call.table)
    if table.get("type") in _VIEWS:
        raise invalid("Cannot add rows to a view")
    given = call.body.get("rows") or []
    if not given:
        raise invalid("No rows present in the request.")
    fields = fields_of(table)
    rows, errors = _checked(given, fields, ignore_unknown=bool(call.body.get("ignoreUnknownValues")))
    if errors and not call.body.get("skipInvalidRows"):
        stopped = {"reason": "stopped", "location": "", "debugInfo": "", "message": ""}
        errors |= {index: [stopped] for index in range(len(given)) if index not in errors}
        rows = []
    if rows:
        services.warehouse.append(call.table, pa.Table.from_pylist(rows, schema=arrow_schema(fields)))
    listed = [{"index": index, "errors": errors[index]} for index in sorted(errors)]
    reply = {"kind": "bigquery#tableDataInsertAllResponse"}
    return reply | ({"insertErrors": listed} if listed else {})


def _checked(
    given: list[Mapping[str, Any]], fields: list[Resource], *, ignore_unknown: bool
) -> tuple[list[dict[str, Any]], _RowErrors]:
    rows, errors = [], {}
    for index, row in enumerate(given):
        try:
            rows.append(values.record(row.get("json"), fields, ignore_unknown=ignore_unknown))
        except values.BadValue as error:
            errors[index] = [
                {"reason": "invalid", "location": error.location, "debugInfo": "", "message": error.message}
            ]
    return rows, errors


def _selected(fields: list[Resource], names: list[str]) -> list[Resource]:
    wanted = {name.lower() for name in names}
    return [field for field in fields if not wanted or field["name"].lower() in wanted]
