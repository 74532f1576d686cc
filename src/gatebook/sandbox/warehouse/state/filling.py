"""Rows into tables."""

from collections.abc import Mapping
from typing import Final

import pyarrow as pa

from gatebook.sandbox.errors import invalid
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state import schema
from gatebook.sandbox.warehouse.state.database import number
from gatebook.sandbox.warehouse.state.physical import PARTITION_TIME, column_type, quoted
from gatebook.sandbox.warehouse.state.store import Change, Entry

_INCOMING: Final = "_incoming_rows"


def append(change: Change, entry: Entry, rows: pa.Table, defaults: Mapping[str, str] | None = None) -> int:
    """Insert conforming rows and return how many. defaults: DuckDB SQL by name for columns not in `rows`."""
    given = {name.lower() for name in rows.column_names}
    columns: dict[str, str] = {}
    for field in fields_of(entry):
        name = field["name"]
        if name.lower() in given:
            columns[name] = f"CAST({quoted(name)} AS {column_type(field)})"
        elif defaults and name in defaults:
            columns[name] = defaults[name]
    if not columns:
        raise invalid("No columns to write")
    change.cursor.register(_INCOMING, rows)
    targets, values = ", ".join(map(quoted, columns)), ", ".join(columns.values())
    change.cursor.execute(f"INSERT INTO {entry.physical} ({targets}) SELECT {values} FROM {_INCOMING}")
    change.cursor.unregister(_INCOMING)
    return int(rows.num_rows)


def copy(change: Change, source: Entry, target: Entry) -> int:
    """Insert all rows of one table into another of the same columns."""
    names = [quoted(field["name"]) for field in fields_of(source)]
    both_by_ingestion = all(schema.is_ingestion_partitioned(entry.resource) for entry in (source, target))
    if both_by_ingestion:
        names.append(quoted(PARTITION_TIME))
    listed = ", ".join(names)
    statement = f"INSERT INTO {target.physical} ({listed}) SELECT {listed} FROM {source.physical}"
    return number(change.cursor, statement)


def fields_of(entry: Entry) -> list[Resource]:
    """The REST schema fields of a table."""
    fields: list[Resource] = entry.resource.get("schema", {}).get("fields", [])
    return fields
