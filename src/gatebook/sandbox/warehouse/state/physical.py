"""BigQuery tables as DuckDB tables: one column each, ingestion time in a column of its own."""

from collections.abc import Sequence
from typing import Final

from gatebook.googlesql.types import SqlType, StructField, from_rest_schema
from gatebook.sandbox.translate import duckdb_type
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state import schema
from gatebook.sandbox.warehouse.state.store import Change

PARTITION_TIME: Final = "_PARTITIONTIME"


def quoted(identifier: str) -> str:
    """A DuckDB identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def create(change: Change, physical: str, resource: Resource) -> None:
    """Make the empty DuckDB table of a table resource."""
    columns = [_column(field) for field in resource.get("schema", {}).get("fields", [])]
    if schema.is_ingestion_partitioned(resource):
        unit = resource["timePartitioning"].get("type", "DAY").lower()
        columns.append(f"{quoted(PARTITION_TIME)} TIMESTAMPTZ DEFAULT date_trunc('{unit}', now())")
    if not columns:
        columns.append('"_no_columns" BOOLEAN')
    temporary = "TEMP " if physical.startswith("temp.") else ""
    change.cursor.execute(f"CREATE {temporary}TABLE {physical} ({', '.join(columns)})")


def _column(field: Resource) -> str:
    required = " NOT NULL" if field.get("mode") == "REQUIRED" else _empty(field)
    return f"{quoted(field['name'])} {column_type(field)}{required}"


def column_type(field: Resource) -> str:
    """The DuckDB type of a REST schema field."""
    return duckdb_type(from_rest_schema([field])[0].type)


def evolve(change: Change, physical: str, before: Sequence[Resource], after: Sequence[Resource]) -> None:
    """Bring a DuckDB table from one schema to another that `schema.evolved` allowed."""
    old = {field["name"].lower(): field for field in before}
    if not before:
        _replace_placeholder(change, physical, after)
        return
    for field in after:
        name = quoted(field["name"])
        known = old.get(field["name"].lower())
        if known is None:
            change.cursor.execute(f"ALTER TABLE {physical} ADD COLUMN {name} {column_type(field)}{_empty(field)}")
        elif column_type(known) != column_type(field):
            _rebuild(change, physical, known, field)
        if known is not None and known["mode"] == "REQUIRED" != field["mode"]:
            change.cursor.execute(f"ALTER TABLE {physical} ALTER COLUMN {name} DROP NOT NULL")


def _replace_placeholder(change: Change, physical: str, after: Sequence[Resource]) -> None:
    for field in after:
        change.cursor.execute(
            f"ALTER TABLE {physical} ADD COLUMN {quoted(field['name'])} {column_type(field)}{_empty(field)}"
        )
    if after:
        change.cursor.execute(f'ALTER TABLE {physical} DROP COLUMN IF EXISTS "_no_columns"')


def _empty(field: Resource) -> str:
    return " DEFAULT []" if field["mode"] == "REPEATED" else ""


def _rebuild(change: Change, physical: str, before: Resource, after: Resource) -> None:
    old, new = (from_rest_schema([field])[0].type for field in (before, after))
    name = quoted(after["name"])
    value = widened(name, old, new)
    change.cursor.execute(f"ALTER TABLE {physical} ALTER COLUMN {name} SET DATA TYPE {duckdb_type(new)} USING {value}")


def widened(value: str, old: SqlType, new: SqlType, depth: int = 0) -> str:
    """DuckDB SQL that gives a value of the old type the fields that only the new type has, as NULL or []."""
    if old == new:
        return value
    if old.kind == "ARRAY" and new.kind == "ARRAY" and old.element and new.element:
        item = f"_e{depth}"
        return f"list_transform({value}, lambda {item}: {widened(item, old.element, new.element, depth + 1)})"
    if old.kind == "STRUCT" and new.kind == "STRUCT":
        known = {field.name.lower(): field for field in old.fields}
        parts = [f"{quoted(f.name)} := {_part(value, known.get(f.name.lower()), f, depth)}" for f in new.fields]
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({', '.join(parts)}) END"
    return f"CAST({value} AS {duckdb_type(new)})"


def _part(value: str, old: StructField | None, new: StructField, depth: int) -> str:
    if old is None:
        return f"CAST({'[]' if new.type.kind == 'ARRAY' else 'NULL'} AS {duckdb_type(new.type)})"
    return widened(f"struct_extract({value}, '{old.name.replace(chr(39), chr(39) * 2)}')", old.type, new.type, depth)
