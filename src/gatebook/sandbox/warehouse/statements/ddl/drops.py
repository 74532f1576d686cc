"""DROP of everything that can be dropped."""

from collections.abc import Sequence
from typing import Final

from gatebook.sandbox.errors import not_found, not_implemented
from gatebook.sandbox.warehouse.requests import DdlResult, QueryOutcome
from gatebook.sandbox.warehouse.state import datasets
from gatebook.sandbox.warehouse.statements.statement import Statement

_CASCADE: Final = 2  # zetasql ResolvedDropStmt.DropMode
_TABLE_KINDS: Final = {
    "TABLE": {"TABLE"},
    "VIEW": {"VIEW"},
    "MATERIALIZED VIEW": {"MATERIALIZED_VIEW"},
    "SNAPSHOT TABLE": {"SNAPSHOT"},
}


def drop(statement: Statement) -> QueryOutcome:
    """DROP TABLE, VIEW, SCHEMA, PROCEDURE."""
    kind = statement.field("object_type")
    if kind == "SCHEMA":
        return _drop_schema(statement)
    if kind == "PROCEDURE":
        return _drop_routine(statement, {"PROCEDURE"})
    if kind not in _TABLE_KINDS:
        raise not_implemented(f"DROP {kind}")
    return _drop_table(statement, kind)


def drop_materialized_view(statement: Statement) -> QueryOutcome:
    """DROP MATERIALIZED VIEW."""
    return _drop_table(statement, "MATERIALIZED VIEW")


def drop_snapshot_table(statement: Statement) -> QueryOutcome:
    """DROP SNAPSHOT TABLE."""
    return _drop_table(statement, "SNAPSHOT TABLE")


def drop_function(statement: Statement) -> QueryOutcome:
    """DROP FUNCTION."""
    return _drop_routine(statement, {"SCALAR_FUNCTION", "AGGREGATE_FUNCTION"})


def drop_table_function(statement: Statement) -> QueryOutcome:
    """DROP TABLE FUNCTION."""
    return _drop_routine(statement, {"TABLE_VALUED_FUNCTION"})


def _path(statement: Statement) -> Sequence[str]:
    return list(statement.field("name_path"))


def _may_be_missing(statement: Statement) -> bool:
    return bool(statement.field("is_if_exists"))


def _drop_table(statement: Statement, kind: str) -> QueryOutcome:
    name = statement.table_name(_path(statement))
    if name not in statement.change.state.tables and _may_be_missing(statement):
        return statement.outcome(ddl=DdlResult("SKIP", table=name))
    statement.change.state.table(name)
    statement.check_kind(name, _TABLE_KINDS[kind])
    statement.change.drop(name)
    return statement.outcome(ddl=DdlResult("DROP", table=name))


def _drop_schema(statement: Statement) -> QueryOutcome:
    name = statement.dataset_name(_path(statement))
    if name not in statement.change.state.datasets and _may_be_missing(statement):
        return statement.outcome(ddl=DdlResult("SKIP", dataset=name))
    cascade = statement.field("drop_mode") == _CASCADE
    datasets.delete(statement.change, name, delete_contents=cascade)
    return statement.outcome(ddl=DdlResult("DROP", dataset=name))


def _drop_routine(statement: Statement, kinds: set[str]) -> QueryOutcome:
    path = _path(statement)
    temporary = statement.job.scope.routines
    if len(path) == 1 and path[0].lower() in temporary:
        del temporary[path[0].lower()]
        return statement.outcome(ddl=DdlResult("DROP"))
    name = statement.routine_name(path)
    entry = statement.change.state.routines.get(name)
    if entry is None and _may_be_missing(statement):
        return statement.outcome(ddl=DdlResult("SKIP", routine=name))
    if entry is None or entry.resource["routineType"] not in kinds:
        statement.change.state.dataset(name.parent)
        raise not_found("Routine", str(name))
    statement.change.drop(name)
    return statement.outcome(ddl=DdlResult("DROP", routine=name))
