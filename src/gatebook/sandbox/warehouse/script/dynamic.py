"""EXECUTE IMMEDIATE: a statement whose text is computed."""

from collections.abc import Callable

from gatebook.googlesql import script
from gatebook.sandbox.errors import invalid_query
from gatebook.sandbox.warehouse.binding.text import Source
from gatebook.sandbox.warehouse.faults import faults
from gatebook.sandbox.warehouse.job import Job, Variable
from gatebook.sandbox.warehouse.requests import QueryOutcome
from gatebook.sandbox.warehouse.script import evaluation
from gatebook.sandbox.warehouse.script.children import Children
from gatebook.sandbox.warehouse.statements.run import run_statement

FindVariable = Callable[[str], Variable]


def execute_immediate(
    job: Job, source: Source, children: Children, node: script.ExecuteImmediate, variable: FindVariable
) -> None:
    """Run EXECUTE IMMEDIATE sql [INTO variables] [USING arguments]."""
    sql = evaluation.text(job, source, node.sql)
    if sql is None:
        raise invalid_query("SQL created by EXECUTE IMMEDIATE cannot be NULL")
    outer = job.scope.parameters, job.parameter_types
    _give_parameters(job, source, node)
    try:
        _run(job, children, sql, [variable(name) for name in node.into])
    finally:
        job.scope.parameters, job.parameter_types = outer


def _give_parameters(job: Job, source: Source, node: script.ExecuteImmediate) -> None:
    values = [evaluation.evaluate(job, source, argument.expression, None) for argument in node.using]
    aliases = [argument.alias for argument in node.using]
    if all(aliases):
        named = {str(alias).lower(): value for alias, value in zip(aliases, values, strict=True)}
        job.scope.parameters = dict(named.items())
        job.parameter_types = {name: value.type for name, value in named.items()}
    elif any(aliases):
        raise invalid_query("EXECUTE IMMEDIATE parameters must be all named or all positional")
    else:
        job.scope.parameters = dict(enumerate(values, start=1))
        job.parameter_types = tuple(value.type for value in values)


def _run(job: Job, children: Children, sql: str, into: list[Variable]) -> None:
    with faults():
        source = job.services.analysts.source(sql)
    nodes = source.script.body
    if len(nodes) != 1 or not isinstance(nodes[0], script.Statement):
        raise invalid_query("SQL created by EXECUTE IMMEDIATE must be a single SQL statement")
    node = nodes[0]
    text = source.text(node.range)
    if not into:
        children.run(text, node.kind, lambda: run_statement(job, text, node.kind))
        return
    children.run(text, node.kind, lambda: _read_into(job, source, node, into))


def _read_into(job: Job, source: Source, node: script.Statement, into: list[Variable]) -> QueryOutcome:
    if node.kind != "SELECT":
        raise invalid_query("EXECUTE IMMEDIATE with an INTO clause must be a query")
    rows, row_type = evaluation.query_rows(job, source, node.range)
    if rows.num_rows > 1:
        raise invalid_query("Query in EXECUTE IMMEDIATE ... INTO returned more than one row")
    if len(row_type.fields) != len(into):
        raise invalid_query(
            f"The INTO clause has {len(into)} variables but the query has {len(row_type.fields)} columns"
        )
    if rows.num_rows:
        evaluation.spread(job, evaluation.row_variable(job, rows, row_type), into)
    else:
        for target in into:
            job.set_variable("NULL", target.type, target)
    return QueryOutcome(statement_type=node.kind)
