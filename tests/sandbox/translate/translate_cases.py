"""Golden cases: queries with the rows that BigQuery answers, or its error, as comments before them.

-- row: 1, "text", [1, 2], {"a": NULL}, 2024-01-01, 1.5     one line for each row, in order
-- columns: f0_, name                                       only where names are the point
-- error: division by zero: 1 / 0
-- unmapped: FOR SYSTEM_TIME AS OF

Cases are separated by lines of `----`. Values are written as `shown` writes them.
"""

import datetime as dt
import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.types import SqlType
from gatebook.sandbox.translate import Environment, Unmapped, error_text, query_sql

CASES = Path(__file__).parent / "cases"
_EXPECTATION = re.compile(r"-- ((?:row|columns|error|unmapped): ?.*)")


@dataclass(frozen=True)
class Case:
    topic: str
    sql: str
    expected: tuple[str, ...]


def read_cases() -> list[Case]:
    return [
        _read(path.stem, part.strip("\n"))
        for path in sorted(CASES.glob("*.sql"))
        for part in path.read_text().split("\n----\n")
    ]


def _read(topic: str, part: str) -> Case:
    lines, expected = part.split("\n"), []
    while lines and (match := _EXPECTATION.fullmatch(lines[0])):
        expected.append(match[1])
        del lines[0]
    return Case(topic, "\n".join(lines), tuple(expected))


def observe(
    sql: str, analyzer: Analyzer, connection: duckdb.DuckDBPyConnection, environment: Environment
) -> tuple[str, ...]:
    """What the translation of a query answers, in the form of a case's expectations."""
    try:
        translation = query_sql(analyzer.analyze(sql, Catalog()).statement, environment)
        rows = connection.sql(translation.sql).to_arrow_table()
    except Unmapped as error:
        return (f"unmapped: {error}",)
    except (duckdb.Error, SqlError) as error:
        return (f"error: {error_text(error)}",)
    columns = (
        [shown(value, column.type) for value in values.to_pylist()]
        for column, values in zip(translation.columns, rows.columns, strict=True)
    )
    return tuple(f"row: {', '.join(row)}" for row in zip(*columns, strict=True)) or ("row:",)


def shown(value: Any, sql_type: SqlType) -> str:
    """One value as text."""
    if value is None:
        return "NULL"
    match sql_type.kind:
        case "ARRAY":
            return f"[{', '.join(shown(item, sql_type.element or sql_type) for item in value)}]"
        case "STRUCT":
            fields = zip(value.values(), sql_type.fields, strict=True)
            return f"{{{', '.join(f'{field.name}: {shown(item, field.type)}' for item, field in fields)}}}"
        case "RANGE":
            start, end = (shown(bound, sql_type.element or sql_type) for bound in value.values())
            return f"[{start}, {end})"
        case "STRING":
            return json.dumps(value, ensure_ascii=False)
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, dt.datetime):
        return str(value.astimezone(dt.UTC) if value.tzinfo else value)
    if hasattr(value, "nanoseconds"):  # pyarrow.MonthDayNano
        return f"{value.months} months {value.days} days {value.nanoseconds // 1000} us"
    return str(value)
