"""Golden cases as SQL: a file is a session of statements run in order against one empty warehouse.

Cases are separated by lines of `----`; each begins with what is expected, as comments:

-- kind: INSERT                        BigQuery's statement type (SELECT when left out)
-- columns: id INT64, tags ARRAY<STRING>
-- row: [1, ["a"]]                     one line for each row, in order
-- dml: 1 inserted, 2 updated          the statement's DML statistics
-- ddl: CREATE p:d.t                   what DDL did, and to what
-- tables: p:d.t, p:d.v                the tables referenced
-- bytes: 24                           the bytes processed
-- child: SELECT                       one line for each child job of a script: its type, or its error
-- error: notFound: Not found: ...     reason and message, instead of all of these
"""

import base64
import datetime as dt
import json
import re
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from gatebook.googlesql.types import from_rest_schema
from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import ChildOutcome, DatasetName, QueryOutcome, QueryRequest, Warehouse

GOLDEN = Path(__file__).parent / "golden"
_EXPECTATION = re.compile(r"-- (kind|columns|row|dml|ddl|tables|bytes|child|error): (.*)")


@dataclass
class Case:
    sql: str
    expected: dict[str, list[str]] = field(default_factory=dict)


def golden_files() -> list[str]:
    return sorted(path.name for path in GOLDEN.glob("*.sql"))


def golden_cases(name: str) -> list[Case]:
    parts = (GOLDEN / name).read_text().split("\n----\n")
    return [_read(part.strip("\n")) for part in parts if part.strip()]


def _read(part: str) -> Case:
    lines = part.split("\n")
    expected: dict[str, list[str]] = {}
    while lines and (match := _EXPECTATION.fullmatch(lines[0])):
        expected.setdefault(match[1], []).append(match[2])
        del lines[0]
    return Case("\n".join(lines), expected)


def request(sql: str, **fields: Any) -> QueryRequest:
    """A query job of the project `p` with the default dataset `d`."""
    defaults = {"project": "p", "job_id": uuid.uuid4().hex, "default_dataset": DatasetName("p", "d")}
    return QueryRequest(sql=sql, **{**defaults, **fields})


def observe(warehouse: Warehouse, sql: str) -> dict[str, list[str]]:
    """Run a statement; everything that a case may expect of it."""
    try:
        outcome = warehouse.run(request(sql))
    except ApiError as error:
        return {"error": [f"{error.reason}: {_stable(error.message)}"]}
    return {key: lines for key, lines in _observed(warehouse, outcome).items() if lines}


def _observed(warehouse: Warehouse, outcome: QueryOutcome) -> dict[str, list[str]]:
    rows = warehouse.read(outcome.destination).read_all().to_pylist() if outcome.schema is not None else []
    shown = (f"{column.name} {column.type.sql()}" for column in from_rest_schema(outcome.schema or []))
    dml, ddl = outcome.dml, outcome.ddl
    return {
        "kind": [outcome.statement_type] if outcome.statement_type != "SELECT" else [],
        "columns": [", ".join(shown)] if outcome.schema is not None else [],
        "row": [json.dumps([plain(value) for value in row.values()], ensure_ascii=False) for row in rows],
        "dml": [f"{dml.inserted} inserted, {dml.updated} updated, {dml.deleted} deleted"] if dml else [],
        "ddl": [f"{ddl.operation} {ddl.table or ddl.routine or ddl.dataset or ''}".strip()] if ddl else [],
        "tables": [_stable(", ".join(map(str, outcome.referenced_tables)))] if outcome.referenced_tables else [],
        "bytes": [str(outcome.bytes_processed)],
        "child": [_child(child) for child in outcome.children],
    }


def _child(child: ChildOutcome) -> str:
    return child.statement_type if child.error is None else f"{child.statement_type} failed: {child.error.message}"


def _stable(text: str) -> str:
    return re.sub(r"_script[0-9a-f]{40}", "_script", text)


def plain(value: Any) -> Any:
    """A value as JSON can write it."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
