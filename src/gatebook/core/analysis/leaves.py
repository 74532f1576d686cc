"""The columns of a table down to their nested fields: what policies classify, and what footprints name."""

from collections.abc import Iterator

from gatebook.googlesql.catalog import Table
from gatebook.googlesql.types import SqlType


def leaves(table: Table) -> tuple[str, ...]:
    """Give the dotted paths of all fields that have no fields below; of arrays, those of their elements."""
    shown = (column for column in table.columns if not column.pseudo)
    return tuple(path for column in shown for path in _below(column.name, column.type))


def _below(path: str, sql_type: SqlType) -> Iterator[str]:
    element = sql_type.element if sql_type.kind == "ARRAY" else None
    fields = (element or sql_type).fields
    if not fields:
        yield path
    for field in fields:
        yield from _below(f"{path}.{field.name}", field.type)
