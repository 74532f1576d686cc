"""Functions in FROM: user-defined ones by their body, BigQuery's own by what they do with their table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.lineage import beyond
from gatebook.core.analysis.lineage.taint import NOTHING, Mask, Taint
from gatebook.core.analysis.reasons import opaque

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Relation, Walk

# BigQuery's own, declared in googlesql.extra_functions: all pass on the columns of their table, in its order, and add
# some. Whether what is added derives from the table, or tells only when or how a row was written.
_ADDS_FROM_TABLE = {
    "appends": False,
    "changes": False,
    "external_object_transform": True,
    "gap_fill": True,
    "range_sessionize": True,
}
_HISTORIES = frozenset({"appends", "changes"})


def walk_call(walk: Walk, node: Any) -> None:
    """Give the columns of a ResolvedTVFScan their taints."""
    name = node.tvf.name
    arguments = [
        _argument(walk, item, shape) for item, shape in zip(node.argument_list, node.signature.argument, strict=True)
    ]
    plain = name.rpartition(":")[2].lower()
    if plain in _ADDS_FROM_TABLE:
        given = _passing_on(walk, plain, arguments)
    else:
        given = [*walk.session.definitions.table_function(walk, name.rpartition(":")[2], arguments, node.signature)]
    for column, position in zip(node.parent.column_list, node.column_index_list, strict=True):
        walk.columns[column.column_id] = given[position] if position < len(given) else _all_of(walk, arguments)


def _argument(walk: Walk, item: Any, shape: Any) -> Taint | Relation:
    """Give the taint of an argument; of a table its columns, by their names in this call, which may be aliases."""
    if item.HasField("expr"):
        return walk.used(item.expr)
    if item.HasField("scan"):
        walk.scan(item.scan)
        names = [column.name.lower() for column in shape.relation_argument.column]
        given = [walk.taint_of(column) for column in item.argument_column_list]
        return dict(zip(names, given, strict=True))
    return Taint(walk.below(item))


def _passing_on(walk: Walk, name: str, arguments: list[Taint | Relation]) -> list[Taint]:
    walk.reads_history = walk.reads_history or name in _HISTORIES
    if name == "external_object_transform":
        walk.note(opaque("object_access", name.upper()))
    deciding: Mask = 0
    given: list[Taint] = []
    for argument in arguments:
        if isinstance(argument, Taint):
            deciding |= argument.flat
        else:
            given += argument.values()
    walk.mark("predicate", deciding)
    added = _all_of(walk, arguments) if _ADDS_FROM_TABLE[name] else NOTHING
    return [*given, added, added]


def _all_of(walk: Walk, arguments: list[Taint | Relation]) -> Taint:
    taint = Taint(beyond.everything_in(arguments))
    walk.marks.read |= taint.flat
    return taint
