"""Functions whose body the analyzer reads anew at each call, among the names of the calling text."""

from dataclasses import replace

from gatebook.core.analysis.reader import Reader
from gatebook.googlesql.catalog import Routine
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.routine_statement import create_statement

_END = "\n)"


def with_whole_names(routine: Routine, reader: Reader, project: str | None) -> Routine:
    """Write the names in a body in full where the project of the calling text is another than that of the routine.

    `shop.orders` in the body is a table of the routine's project, and must not be looked for in the caller's.
    """
    if routine.language != "SQL" or routine.path[0] == project or not _is_read_at_calls(routine):
        return routine
    before = len(create_statement(replace(routine, body=""))) - len(_END)
    try:
        text = reader.normalise(create_statement(routine), routine.path[0], routine.dataset)
    except SqlError:
        return routine  # whoever calls it is told
    return replace(routine, body=text[before : -len(_END)])


def _is_read_at_calls(routine: Routine) -> bool:
    if not routine.body:
        return False
    if routine.kind == "table":
        return not routine.return_columns
    return routine.return_type is None or any(sql_type is None for _, sql_type in routine.arguments)
