"""What is sent and answered in every run: the call, the fixed replies of upstream, the queries that are analyzed."""

import json
from pathlib import Path
from typing import Any

PROJECT = "acme"
CALL_BYTES = 600
REPLY_BYTES = 2048
PAGE_BYTES = 200 * 1024 * 1024
QUERIES_PATH = f"/bigquery/v2/projects/{PROJECT}/queries"
ANALYZED = {"20 lines": "lines_20.sql", "100 lines": "lines_100.sql", "300 lines": "lines_300.sql"}

# Random in every reply, as BigQuery's job ids are: each is a new job whose owner must be written down.
_JOB_ID = "job_$request_id"
_JOB_ID_BYTES = len("job_") + 32
_TABLES = {
    "sales.orders": (
        "order_id STRING, customer_id STRING, email STRING, total NUMERIC, ordered_at DATETIME, state STRING"
    ),
    "sales.customers": "customer_id STRING, email STRING, country STRING, segment STRING",
    "sales.order_items": "order_id STRING, product_id STRING, quantity INTEGER, unit_price NUMERIC",
    "sales.products": "product_id STRING, category STRING",
    "web.events": "customer_id STRING, kind STRING, happened_at DATETIME",
}
_VALUES = ("o-4711", "c-0042", "a@example.com", "1289.50", "2026-03-04T05:06:07", "SHIPPED")
_ROW = {"f": [{"v": value} for value in _VALUES]}


def query(name: str) -> str:
    """Give the text of a query of the bench."""
    return (Path(__file__).parent / "queries" / name).read_text()


def call_body() -> bytes:
    """Give the QueryRequest of the small call, filled up to its size with a comment."""
    sql = query("jobs_query.sql").strip() + "\n-- "
    request_id = "0b7d8a52-5a3e-4a63-9d0e-6a1f0c3f2d11"
    document = {"query": sql, "useLegacySql": False, "maxResults": 8, "requestId": request_id}
    document["query"] = sql + "x" * (CALL_BYTES - len(json.dumps(document)))
    return json.dumps(document).encode()


def query_reply() -> str:
    """Give the QueryResponse as a text for nginx, which puts a job id of its own into each."""
    document = {
        "kind": "bigquery#queryResponse",
        "schema": _schema("sales.orders"),
        "jobReference": {"projectId": PROJECT, "jobId": _JOB_ID, "location": "EU"},
        "totalRows": "8",
        "rows": [_ROW] * 8,
        "totalBytesProcessed": "10485760",
        "totalBytesBilled": "10485760",
        "jobComplete": True,
        "cacheHit": False,
        "queryId": "",
    }
    sent_bytes = len(json.dumps(document)) - len(_JOB_ID) + _JOB_ID_BYTES
    document["queryId"] = "q" * (REPLY_BYTES - sent_bytes)
    return json.dumps(document)


def table_replies() -> dict[str, str]:
    """Give the Table resources that the queries need, by path."""
    return {path: json.dumps(resource) for path, resource in map(_table, _TABLES)}


def write_page(path: Path) -> None:
    """Write a GetQueryResultsResponse of 200 MB: a page of rows."""
    kind = "bigquery#getQueryResultsResponse"
    head = json.dumps({"kind": kind, "schema": _schema("sales.orders"), "jobComplete": True})
    row = json.dumps(_ROW)
    block = f"{row},".encode() * 4096
    with path.open("wb") as page:
        page.write(head[:-1].encode() + b', "rows": [')
        while page.tell() < PAGE_BYTES - len(block):
            page.write(block)
        page.write(row.encode() + b"]}")


def _table(name: str) -> tuple[str, dict[str, Any]]:
    dataset, table = name.split(".")
    reference = {"projectId": PROJECT, "datasetId": dataset, "tableId": table}
    path = f"/bigquery/v2/projects/{PROJECT}/datasets/{dataset}/tables/{table}"
    return path, {"kind": "bigquery#table", "tableReference": reference, "type": "TABLE", "schema": _schema(name)}


def _schema(name: str) -> dict[str, Any]:
    columns = [column.split(" ") for column in _TABLES[name].split(", ")]
    return {"fields": [{"name": column, "type": kind, "mode": "NULLABLE"} for column, kind in columns]}
