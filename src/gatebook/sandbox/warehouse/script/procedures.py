"""CALL: arguments in, the body in a frame of its own, arguments out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from gatebook.googlesql import paths, script
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.types import SqlType
from gatebook.sandbox.errors import invalid_query, not_found
from gatebook.sandbox.warehouse.binding.standard_types import from_standard
from gatebook.sandbox.warehouse.binding.text import Source
from gatebook.sandbox.warehouse.faults import faults
from gatebook.sandbox.warehouse.job import Job, Variable
from gatebook.sandbox.warehouse.names import RoutineName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.script import evaluation

# https://cloud.google.com/bigquery/docs/reference/standard-sql/procedural-language#call
_MAX_DEPTH: Final = 50

FindVariable = Callable[[str], Variable]


@contextmanager
def called(job: Job, source: Source, node: script.Call, depth: int, variable: FindVariable) -> Iterator[Source]:
    """Give the procedure's body to run. Its arguments are the only variables while the block lasts."""
    if depth >= _MAX_DEPTH:
        raise invalid_query("Procedure calls are nested too deeply")
    name, resource = _find(job, node)
    formal = resource.get("arguments", [])
    if len(formal) != len(node.arguments):
        raise invalid_query(f"Procedure {name} takes {len(formal)} arguments but {len(node.arguments)} were given")
    outputs: list[tuple[str, Variable]] = []
    frame: dict[str, Variable] = {}
    for argument, where in zip(formal, node.arguments, strict=True):
        mode = argument.get("mode", "IN")
        if mode != "IN":
            outputs.append((argument["name"].lower(), variable(source.text(where).own)))
        sql_type = _type(argument)
        given = (
            evaluation.evaluate(job, source, where, sql_type)
            if mode != "OUT"
            else evaluation.null(job, _known(sql_type))
        )
        frame[argument["name"].lower()] = given
    with faults():
        body = job.services.analysts.source(resource["definitionBody"])
    with _frame(job, name, frame):
        yield body
    for inner, target in outputs:
        job.set_variable(frame[inner].sql, target.type, target)


def _find(job: Job, node: script.Call) -> tuple[RoutineName, Resource]:
    try:
        dataset = job.default_dataset.dataset if job.default_dataset else None
        name = RoutineName(*paths.qualify(node.procedure, job.project, dataset))
    except (SqlError, TypeError) as error:
        raise invalid_query(f"Procedure not found: {'.'.join(node.procedure)}") from error
    with job.reading() as change:
        entry = change.state.routines.get(name)
    if entry is None or entry.resource["routineType"] != "PROCEDURE":
        raise not_found("Routine", str(name))
    return name, entry.resource


def _type(argument: Resource) -> SqlType | None:
    return from_standard(argument["dataType"]) if "dataType" in argument else None


def _known(sql_type: SqlType | None) -> SqlType:
    if sql_type is None:
        raise invalid_query("An OUT argument needs a type")
    return sql_type


@contextmanager
def _frame(job: Job, name: RoutineName, frame: dict[str, Variable]) -> Iterator[None]:
    outer = job.scope.variables, job.project, job.default_dataset
    job.scope.variables, job.project, job.default_dataset = frame, name.project, None
    try:
        yield
    finally:
        job.scope.variables, job.project, job.default_dataset = outer
