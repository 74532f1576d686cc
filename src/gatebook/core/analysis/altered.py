"""The columns that ALTER adds, changes, renames or takes away.

A column that is renamed leaves the classes that a policy put it in by its name: whoever may not touch it may not rename
it either.
"""

from collections.abc import Iterator
from typing import Any

from gatebook.core.analysis.footprint import EVERYTHING, Source, TableRef
from gatebook.googlesql import tree

_ALTERING = frozenset({"AlterMaterializedViewStmt", "AlterTableStmt", "AlterViewStmt"})


def altered_columns(statement: Any, table: TableRef) -> Iterator[Source]:
    """Give the columns that the statement names as what it changes; all of them where the table itself is renamed."""
    if tree.kind(statement) not in _ALTERING:
        return
    for wrapped in tree.field(statement, "alter_action_list"):
        action = tree.unwrap(wrapped)
        for name in _named(action):
            yield table, name


def _named(action: Any) -> Iterator[str]:
    match tree.kind(action):
        case "AddColumnAction":
            yield action.column_definition.name
        case "DropColumnAction":
            yield action.name
        case "RenameColumnAction":
            yield action.name
            yield action.new_name
        case "RenameToAction":
            yield EVERYTHING
        case _:
            column = tree.field(action, "column")  # of every kind of ALTER COLUMN
            if isinstance(column, str):
                yield column
