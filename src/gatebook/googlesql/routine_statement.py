"""The CREATE statement that declares a routine: the analyzer reads the body of a function only inside of one."""

from __future__ import annotations

from collections.abc import Sequence

from gatebook.googlesql.catalog import Routine
from gatebook.googlesql.errors import CatalogError
from gatebook.googlesql.identifiers import quoted
from gatebook.googlesql.types import SqlType


def create_statement(routine: Routine, argument_types: Sequence[SqlType | None] | None = None) -> str:
    """CREATE TEMP FUNCTION, AGGREGATE FUNCTION or TABLE FUNCTION with the routine's arguments and body.

    `argument_types` replace the declared ones; None among them keeps one. CatalogError when there is no SQL body.
    """
    if routine.language != "SQL" or routine.kind == "procedure":
        raise CatalogError(f"{routine.full_name}: only SQL functions have a body to analyze")
    replaced = argument_types or (None,) * len(routine.arguments)
    arguments = ", ".join(
        f"{quoted(name)} {_argument_type(new or declared)}"
        for (name, declared), new in zip(routine.arguments, replaced, strict=True)
    )
    name = quoted(routine.path[-1])
    # The body may end in a comment, so the parentheses stand on lines of their own.
    body = f"AS (\n{routine.body}\n)"
    if routine.kind == "table":
        return f"CREATE TEMP TABLE FUNCTION {name}({arguments}) {body}"
    returns = f"RETURNS {routine.return_type.sql()} " if routine.return_type is not None else ""
    aggregate = "AGGREGATE " if routine.kind == "aggregate" else ""
    return f"CREATE TEMP {aggregate}FUNCTION {name}({arguments}) {returns}{body}"


def _argument_type(sql_type: SqlType | None) -> str:
    if sql_type is None:
        return "ANY TYPE"
    if sql_type.kind != "TABLE":
        return sql_type.sql()
    columns = SqlType("STRUCT", fields=sql_type.fields).sql().removeprefix("STRUCT")
    return f"TABLE{columns}" if sql_type.fields else "ANY TABLE"
