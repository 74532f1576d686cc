"""Tables in FROM: their columns are sources, unless a view leads back to others or the script itself wrote them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.footprint import Resource, ResourceKind, TableRef
from gatebook.core.analysis.lineage.taint import NOTHING, Taint, flattened
from gatebook.core.analysis.reasons import opaque
from gatebook.googlesql.catalog import Table
from gatebook.googlesql.types import to_proto

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Walk


def walk_table(walk: Walk, node: Any) -> None:
    """Give the columns of a ResolvedTableScan their taints."""
    taints = column_taints(walk, node.table.full_name)
    for column in node.parent.column_list:
        walk.columns[column.column_id] = taints(column.name, column.type)
    if node.read_as_row_type:
        table = walk.session.table(node.table.full_name)
        row = Taint(flattened(taints(c.name, to_proto(c.type)) for c in (table.columns if table else ())))
        walk.columns.update((column.column_id, row) for column in node.parent.column_list)
    if node.HasField("for_system_time_expr"):
        walk.reads_history = True
        walk.mark("predicate", walk.flat(node.for_system_time_expr))


def column_taints(walk: Walk, full_name: str) -> Callable[[str, Any], Taint]:
    """Note that a table is read; give what tells the taint of a column of it by name and TypeProto."""
    session = walk.session
    ref, table = session.ref(full_name), session.table(full_name)
    written = session.written.get(full_name.lower(), {})
    if ref is None:
        return lambda name, _: written.get(name.lower(), NOTHING)
    walk.tables.add(ref)
    shown = None
    if table is not None:
        _note_files(walk, ref, table)
        shown = session.definitions.view(walk, ref, table)

    def taint_of(name: str, type_proto: Any) -> Taint:
        taint = session.sources.column(ref, name, type_proto, view=shown is not None)
        for known in (shown, written):
            if known and name.lower() in known:
                taint = taint.joined(known[name.lower()])
        return taint

    return taint_of


def _note_files(walk: Walk, ref: TableRef, table: Table) -> None:
    if table.external is None:
        return
    if table.external.connection:
        walk.resources.add(Resource(ResourceKind.CONNECTION, table.external.connection))
    for uri in table.external.uris:
        walk.resources.add(Resource(ResourceKind.URI, uri))
    if not table.external.uris:
        walk.note(opaque("external_table", str(ref)))
