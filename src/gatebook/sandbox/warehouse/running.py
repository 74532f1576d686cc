"""A query job from its request to its outcome: a statement, a script, or a dry run of either."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gatebook.googlesql import script
from gatebook.googlesql.types import SqlType
from gatebook.sandbox.errors import ApiError, invalid_query
from gatebook.sandbox.translate import duckdb_type, expression_sql
from gatebook.sandbox.warehouse.binding.binder import Binder
from gatebook.sandbox.warehouse.binding.parameters import bad_value, parameter_types, value_sql
from gatebook.sandbox.warehouse.binding.text import Source
from gatebook.sandbox.warehouse.faults import faults
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.requests import QueryOutcome
from gatebook.sandbox.warehouse.script import system_variables
from gatebook.sandbox.warehouse.script.children import Children, OnChild
from gatebook.sandbox.warehouse.script.interpreter import Interpreter
from gatebook.sandbox.warehouse.statements.run import dry_run_statement, run_statement

_TEMPORARY: Final = re.compile(r"CREATE\s+(OR\s+REPLACE\s+)?TEMP", re.IGNORECASE)


def run_job(job: Job, on_child: OnChild | None) -> QueryOutcome:
    """Run the job's text to its end."""
    request = job.request
    system_variables.install(job)
    with faults():
        source = job.services.analysts.source(request.sql)
        job.parameter_types = parameter_types(request.parameters, undeclared=request.dry_run)
    body = source.script.body
    if not body:
        raise invalid_query("Syntax error: Unexpected end of statement")
    _set_parameters(job)
    if request.dry_run:
        return _dry_run(job, source)
    if _is_single(source):
        return _run_single(job, source)
    return _run_script(job, source, on_child)


def _is_single(source: Source) -> bool:
    """One statement, or a query preceded only by temporary functions, which BigQuery does not call a script."""
    *before, last = source.script.body
    if not isinstance(last, script.Statement):
        return False
    return not before or (last.kind == "SELECT" and all(_is_temporary_function(source, node) for node in before))


def _is_temporary_function(source: Source, node: script.Node) -> bool:
    return node.kind == "CREATE_FUNCTION" and bool(_TEMPORARY.match(source.text(node.range).own))


def _run_single(job: Job, source: Source) -> QueryOutcome:
    *before, last = source.script.body
    for node in before:
        run_statement(job, source.text(node.range), node.kind)
    return run_statement(job, source.text(last.range), last.kind)


def _run_script(job: Job, source: Source, on_child: OnChild | None) -> QueryOutcome:
    job.is_script = True
    children = Children(job, on_child)
    Interpreter(job, source, children).run()
    ended = tuple(children.ended)
    outcomes = [child.outcome for child in ended if child.outcome is not None]
    outcome = QueryOutcome(
        statement_type=source.script.kind,
        children=ended,
        bytes_processed=sum(outcome.bytes_processed for outcome in outcomes),
        referenced_tables=tuple(sorted({name for outcome in outcomes for name in outcome.referenced_tables})),
    )
    last = outcomes[-1] if outcomes else None
    if last is None or last.schema is None:
        return outcome
    return replace(outcome, schema=last.schema, destination=last.destination, total_rows=last.total_rows)


def _dry_run(job: Job, source: Source) -> QueryOutcome:
    if not _is_single(source):
        return QueryOutcome(statement_type=source.script.kind)
    *before, last = source.script.body
    for node in before:  # a temporary function leaves no trace but in the job itself
        run_statement(job, source.text(node.range), node.kind)
    return dry_run_statement(job, source.text(last.range), last.kind)


def _set_parameters(job: Job) -> None:
    types = job.parameter_types or {}
    keyed: list[tuple[str | int, SqlType]]
    if isinstance(types, Mapping):
        keyed = [(name.lower(), sql_type) for name, sql_type in types.items()]
    else:
        keyed = list(enumerate(types, start=1))
    for (key, sql_type), parameter in zip(keyed, job.request.parameters, strict=True):
        literal = value_sql(parameter.get("parameterValue"), sql_type)
        try:
            with faults(), job.reading() as change:
                binder = Binder(job, change, job.project, None)
                node = binder.bind_expression(job.services.analysts.constant(literal), {})
                sql = f"CAST({expression_sql(node, binder.environment())} AS {duckdb_type(sql_type)})"
                job.scope.parameters[key] = job.set_variable(sql, sql_type)
        except ApiError as error:
            raise (bad_value(key, sql_type, error) if error.status == 400 else error) from error
