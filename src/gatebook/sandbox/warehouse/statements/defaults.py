"""Default values of columns, for INSERT and MERGE that leave columns out or write DEFAULT."""

from gatebook.googlesql.types import from_rest_schema
from gatebook.sandbox.translate import duckdb_type, expression_sql
from gatebook.sandbox.warehouse.binding.binder import Binder
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state.filling import fields_of
from gatebook.sandbox.warehouse.state.physical import quoted
from gatebook.sandbox.warehouse.state.store import Change, Entry


def default_values(job: Job, change: Change, entry: Entry) -> dict[str, str]:
    """DuckDB SQL of the columns' default values, by name."""
    return {
        field["name"]: _default_sql(job, change, field, field["defaultValueExpression"])
        for field in fields_of(entry)
        if field.get("defaultValueExpression")
    }


def _default_sql(job: Job, change: Change, field: Resource, expression: str) -> str:
    binder = Binder(job, change, job.project, None)
    node = binder.bind_expression(job.services.analysts.constant(expression), {})
    sql_type = duckdb_type(from_rest_schema([field])[0].type)
    return f"CAST({expression_sql(node, binder.environment())} AS {sql_type})"


def install_defaults(job: Job, change: Change, entry: Entry) -> None:
    """Give them to DuckDB for the statement about to run: CURRENT_TIMESTAMP and the like are the job's."""
    for name, sql in default_values(job, change, entry).items():
        change.cursor.execute(f"ALTER TABLE {entry.physical} ALTER COLUMN {quoted(name)} SET DEFAULT {sql}")
