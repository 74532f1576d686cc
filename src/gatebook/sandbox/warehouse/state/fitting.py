"""Rows with a schema of their own brought to the schema of the table they go into."""

from collections.abc import Collection, Sequence

import pyarrow as pa

from gatebook.sandbox.errors import ApiError, invalid
from gatebook.sandbox.warehouse.arrow import arrow_schema
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state import tables
from gatebook.sandbox.warehouse.state.filling import fields_of
from gatebook.sandbox.warehouse.state.rows import conform, physical_rows, with_normal_json
from gatebook.sandbox.warehouse.state.store import Change, Entry


def fitted(
    change: Change, name: TableName, rows: pa.Table, fields: Sequence[Resource], schema_update: Collection[str] = ()
) -> tuple[pa.Table, Entry]:
    """Rows of the schema `fields` for appending to a table, and the table as it then is.

    schema_update: ALLOW_FIELD_ADDITION lets the table gain the columns it lacks; without it they are refused.
    """
    entry = grown(change, name, fields, schema_update)
    known = {field["name"].lower(): field for field in fields_of(entry)}
    for field in fields:
        if known[field["name"].lower()]["type"] != field["type"]:
            raise _changed_type(name, known[field["name"].lower()], field)
    wanted = [known[field["name"].lower()] for field in fields]
    return conform(rows, wanted), entry


def cast_to_table(
    change: Change, name: TableName, rows: pa.Table, schema_update: Collection[str] = ()
) -> tuple[pa.Table, Entry]:
    """Arrow rows of any types, matched by name and cast to a table's columns."""
    entry = change.state.table(name)
    known = {field["name"].lower(): field for field in fields_of(entry)}
    unknown = [column for column in rows.column_names if column.lower() not in known]
    if unknown:
        raise _cannot_add(name, unknown[0])
    wanted = [known[column.lower()] for column in rows.column_names]
    schema = pa.schema([field.with_nullable(True) for field in arrow_schema(wanted)])
    renamed = rows.rename_columns([field["name"] for field in wanted])
    try:
        cast = renamed.cast(schema)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
        raise invalid(f"The rows cannot be converted to the schema of table {name}") from error
    return physical_rows(conform(with_normal_json(cast, wanted), wanted), wanted), entry


def grown(change: Change, name: TableName, fields: Sequence[Resource], schema_update: Collection[str]) -> Entry:
    """The table with the columns of `fields` that it lacked, if schema_update allows them."""
    entry = change.state.table(name)
    present = fields_of(entry)
    known = {field["name"].lower() for field in present}
    added = [{**field, "mode": _addable(field)} for field in fields if field["name"].lower() not in known]
    if not added:
        return entry
    if "ALLOW_FIELD_ADDITION" not in schema_update:
        raise _cannot_add(name, added[0]["name"])
    return tables.patch(change, name, {"schema": {"fields": [*present, *added]}})


def _addable(field: Resource) -> str:
    return "REPEATED" if field["mode"] == "REPEATED" else "NULLABLE"


def _cannot_add(name: TableName, column: str) -> ApiError:
    return invalid(f"Provided Schema does not match Table {name}. Cannot add fields (field: {column})")


def _changed_type(name: TableName, old: Resource, new: Resource) -> ApiError:
    what = f"Field {old['name']} has changed type from {old['type']} to {new['type']}"
    return invalid(f"Provided Schema does not match Table {name}. {what}")
