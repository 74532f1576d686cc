"""The columns that a query gives, as BigQuery names them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from gatebook.core.analysis.lineage.taint import Taint
from gatebook.core.analysis.lineage.walk import Walk
from gatebook.googlesql import tree
from gatebook.googlesql.analysis import name_columns
from gatebook.googlesql.types import SqlType, from_proto


class Given(NamedTuple):
    """A column of a result or of what is written."""

    name: str
    type: SqlType
    taint: Taint


def row_of(walk: Walk, statement: Any) -> list[Given]:
    """Give the columns that a walked statement gives; a value table is taken apart into its fields."""
    listed: Sequence[Any] = tree.field(statement, "output_column_list") or ()
    taints = list(walk.outputs(output.column for output in listed))
    if len(listed) == 1 and tree.field(statement, "is_value_table"):
        value = from_proto(listed[0].column.type)
        if value.kind == "STRUCT":
            return _named([(field.name, field.type, taints[0].field(i)) for i, field in enumerate(value.fields)])
    return _named([(o.name, from_proto(o.column.type), taint) for o, taint in zip(listed, taints, strict=True)])


def _named(given: list[tuple[str, SqlType, Taint]]) -> list[Given]:
    named = name_columns((name, sql_type) for name, sql_type, _ in given)
    return [Given(name, sql_type, taint) for (name, sql_type), (_, _, taint) in zip(named, given, strict=True)]
