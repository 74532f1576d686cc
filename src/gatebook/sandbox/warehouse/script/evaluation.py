"""Expressions of a script: evaluated once, into DuckDB variables."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pyarrow as pa

from gatebook.googlesql import tree
from gatebook.googlesql.tree import ByteRange
from gatebook.googlesql.types import BOOL, STRING, SqlType, StructField, from_proto
from gatebook.sandbox.errors import invalid_query
from gatebook.sandbox.translate import duckdb_type, expression_sql, query_sql
from gatebook.sandbox.translate.names import identifier, string
from gatebook.sandbox.translate.types import field_names, field_sql
from gatebook.sandbox.warehouse.binding.binder import Binder
from gatebook.sandbox.warehouse.binding.text import Source
from gatebook.sandbox.warehouse.faults import faults
from gatebook.sandbox.warehouse.job import Job, Variable
from gatebook.sandbox.warehouse.state.store import Change


def evaluate(
    job: Job, source: Source, where: ByteRange, sql_type: SqlType | None, into: Variable | None = None
) -> Variable:
    """Evaluate an expression into a variable. sql_type: what it is coerced to; None keeps its own type."""
    with faults(), job.reading() as change:
        binder = _binder(job, change)
        if sql_type is None:
            node = binder.bind_expression(source.text(where), job.parameter_types)
        else:
            node = binder.bind_assignment(source, where, sql_type, job.parameter_types)
        own = sql_type or from_proto(tree.field(node, "type"))
        sql = f"CAST({expression_sql(node, binder.environment())} AS {duckdb_type(own)})"
        return job.set_variable(sql, own, into)


def value(job: Job, variable: Variable) -> Any:
    """The Python value of a variable."""
    return job.cursor.sql(f"SELECT {variable.sql} AS v").to_arrow_table().column(0)[0].as_py()


def condition(job: Job, source: Source, where: ByteRange) -> bool:
    """Whether a condition is true; NULL is not."""
    return value(job, evaluate(job, source, where, BOOL)) is True


def text(job: Job, source: Source, where: ByteRange) -> str | None:
    """The value of a STRING expression."""
    found: str | None = value(job, evaluate(job, source, where, STRING))
    return found


def null(job: Job, sql_type: SqlType) -> Variable:
    """A new variable that is NULL."""
    return job.set_variable(f"CAST(NULL AS {duckdb_type(sql_type)})", sql_type)


def spread(job: Job, struct: Variable, targets: Sequence[Variable]) -> list[Variable]:
    """Assign the fields of a struct to variables, in order."""
    if struct.type.kind != "STRUCT" or len(struct.type.fields) != len(targets):
        raise invalid_query(f"Cannot assign a value of type {struct.type.sql()} to {len(targets)} variables")
    result = []
    for index, (field, target) in enumerate(zip(struct.type.fields, targets, strict=True)):
        if field.type != target.type and target.type.kind not in _WIDER.get(field.type.kind, ()):
            raise invalid_query(f"Cannot coerce expression of type {field.type.sql()} to type {target.type.sql()}")
        part = f"CAST({field_sql(struct.sql, struct.type, index)} AS {duckdb_type(target.type)})"
        result.append(job.set_variable(part, target.type, target))
    return result


_WIDER = {
    "INT64": frozenset({"NUMERIC", "BIGNUMERIC", "FLOAT64"}),
    "NUMERIC": frozenset({"BIGNUMERIC", "FLOAT64"}),
    "BIGNUMERIC": frozenset({"FLOAT64"}),
    "DATE": frozenset({"DATETIME"}),
}


def query_rows(job: Job, source: Source, where: ByteRange) -> tuple[pa.Table, SqlType]:
    """Rows of a query, and their type as a struct."""
    with faults(), job.reading() as change:
        bound = _binder(job, change).bind(source.text(where), job.parameter_types)
        translation = query_sql(bound.analysis.statement, bound.environment)
        rows = change.cursor.sql(translation.sql).to_arrow_table()
    fields = tuple(StructField(column.name, column.type) for column in translation.columns)
    return rows, SqlType("STRUCT", fields=fields)


def each_row(job: Job, source: Source, where: ByteRange) -> Iterator[Variable]:
    """The rows of a query, each in turn as the value of one struct variable."""
    rows, row_type = query_rows(job, source, where)
    variable = null(job, row_type)
    for index in range(rows.num_rows):
        yield row_variable(job, rows.slice(index, 1), row_type, variable)


def row_variable(job: Job, row: pa.Table, row_type: SqlType, into: Variable | None = None) -> Variable:
    """One Arrow row as a struct variable."""
    names = field_names(row_type)
    job.cursor.register(_ROW, row.rename_columns(list(names)))
    parts = ", ".join(
        f"{string(name)}: CAST({identifier(name)} AS {duckdb_type(field.type)})"
        for name, field in zip(names, row_type.fields, strict=True)
    )
    variable = job.set_variable(f"{{{parts}}} FROM {_ROW}", row_type, into)
    job.cursor.unregister(_ROW)
    return variable


_ROW: Final = "_script_row"


def declared_type(job: Job, source: Source, where: ByteRange) -> SqlType:
    """The type that a DECLARE writes."""
    with faults(), job.reading() as change:
        node = _binder(job, change).bind_expression(source.text(where, "CAST(NULL AS ", ")"), {})
        return from_proto(tree.field(node, "type"))


def _binder(job: Job, change: Change) -> Binder:
    return Binder(job, change, job.project, job.default_dataset)
