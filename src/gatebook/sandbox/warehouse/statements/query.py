"""SELECT: rows into an anonymous table or into the job's destination."""

from dataclasses import replace
from typing import Final

import pyarrow as pa

from gatebook.sandbox.errors import duplicate, invalid_query, not_found, not_implemented
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import QueryOutcome, Resource
from gatebook.sandbox.warehouse.state import filling, tables
from gatebook.sandbox.warehouse.state.database import first_row
from gatebook.sandbox.warehouse.state.fitting import fitted
from gatebook.sandbox.warehouse.statements.statement import Statement

_PARTITIONING: Final = ("timePartitioning", "rangePartitioning", "clustering")


def select(statement: Statement) -> QueryOutcome:
    """Run a query and keep its rows."""
    request = statement.job.request
    processed = statement.bound.bytes_read()
    rows, fields = statement.query_rows()
    if request.destination is None or statement.job.is_script:
        name = statement.job.services.results.keep(request.project, request.user_email, rows, fields)
    else:
        name = request.destination
        _write(statement, name, rows, fields)
    return replace(
        statement.outcome(bytes_processed=processed),
        schema=fields,
        destination=name,
        total_rows=rows.num_rows,
    )


def check(statement: Statement) -> QueryOutcome:
    """ASSERT: fail unless the condition is true."""
    if statement.value(statement.field("expression")) is not True:
        description = statement.field("description")
        raise invalid_query(f"Assertion failed: {description}" if description else "Assertion failed")
    return statement.outcome(bytes_processed=statement.bound.bytes_read())


def _write(statement: Statement, name: TableName, rows: pa.Table, fields: list[Resource]) -> None:
    request, change = statement.job.request, statement.change
    if "$" in name.table:
        raise not_implemented("partition decorators")
    if name not in change.state.tables:
        if request.create_disposition == "CREATE_NEVER":
            change.state.dataset(name.parent)
            raise not_found("Table", str(name))
        options = {
            key: request.destination_options[key] for key in _PARTITIONING if request.destination_options.get(key)
        }
        entry = tables.insert(change, name, {"schema": {"fields": fields}, **options})
        filling.append(change, entry, rows)
        return
    _write_into_existing(statement, name, rows, fields)


def _write_into_existing(statement: Statement, name: TableName, rows: pa.Table, fields: list[Resource]) -> None:
    change, disposition = statement.change, statement.job.request.write_disposition
    statement.check_kind(name, {"TABLE"})
    entry = change.state.table(name)
    held = first_row(change.cursor, f"SELECT 1 FROM {entry.physical} LIMIT 1")
    if disposition == "WRITE_EMPTY" and held:
        raise duplicate("Table", str(name))
    if disposition == "WRITE_TRUNCATE":
        kept = {key: value for key, value in entry.resource.items() if key != "schema"}
        change.drop(name)
        entry = tables.insert(change, name, {**kept, "schema": {"fields": fields}})
    elif disposition == "WRITE_TRUNCATE_DATA":
        change.cursor.execute(f"DELETE FROM {entry.physical}")
    if disposition != "WRITE_TRUNCATE":
        updates = statement.job.request.destination_options.get("schemaUpdateOptions") or ()
        rows, entry = fitted(change, name, rows, fields, updates)
    filling.append(change, entry, rows)
    tables.touch(change, name)
