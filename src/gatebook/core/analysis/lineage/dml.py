"""What INSERT, UPDATE, DELETE, MERGE and TRUNCATE write into the columns of their table, and what decides over rows."""

from __future__ import annotations

from typing import Any, NamedTuple

from gatebook.core.analysis.lineage.row import Given
from gatebook.core.analysis.lineage.taint import NOTHING, Mask, Taint
from gatebook.core.analysis.lineage.walk import Walk
from gatebook.googlesql import tree
from gatebook.googlesql.types import from_proto


class _Place(NamedTuple):
    """A column of the target or a field in it: its dotted path, and its own leaves among the sources."""

    path: str
    own: Taint
    type: Any


class Changes:
    """The target of one statement: what is written into which of its columns."""

    def __init__(self, walk: Walk, scan: Any) -> None:
        self.walk = walk
        self.own: Mask = 0  # the leaves of the columns that are written
        self.seen: Mask = 0  # the leaves of all columns that the statement may look at
        self._places: dict[int, _Place] = {}
        self._given: dict[str, Given] = {}
        ref = walk.session.ref(scan.table.full_name)
        read = ref in walk.tables
        walk.scan(scan)
        if ref is not None and not read:
            walk.tables.discard(ref)  # written; also read where something looks at its columns, or it is scanned again
        for column in scan.parent.column_list:
            own = NOTHING
            if ref is not None:
                own = walk.session.sources.column(ref, column.name, column.type)
            self._places[column.column_id] = _Place(column.name, own, column.type)
            self.seen |= own.flat

    @property
    def given(self) -> list[Given]:
        """What is written, by dotted path."""
        return list(self._given.values())

    def insert(self, columns: Any, values: Any) -> None:
        """Take in a row of VALUES."""
        for column, value in zip(columns, values, strict=True):
            self._write(self._places[column.column_id], self.walk.used(value.value))

    def insert_query(self, columns: Any, query: Any, outputs: Any) -> None:
        """Take in a query."""
        self.walk.scan(query)
        for column, taint in zip(columns, self.walk.outputs(outputs), strict=True):
            self._write(self._places[column.column_id], taint)

    def update(self, items: Any) -> None:
        """Take in the items of SET, and what is done inside of arrays."""
        for item in items:
            place = self._place(item.target)
            if item.HasField("set_value"):
                self._write(place, self.walk.used(item.set_value.value))
            if item.HasField("element_column"):
                number = item.element_column.column.column_id
                self._places[number] = place
                self.walk.columns[number] = self.walk.value(item.target)
            for element in item.update_item_element_list:
                self._decide(self.walk.flat(element.subscript))
                self.update([element.update_item])
            for nested in item.delete_list:
                self._write(place, NOTHING)
                self._nested_condition(nested, place)
            for nested in item.update_list:
                self._nested_condition(nested, place)
                self.update(nested.update_item_list)
            for nested in item.insert_list:
                self._nested_insert(nested, place)

    def _nested_condition(self, nested: Any, place: _Place) -> None:
        if nested.HasField("array_offset_column"):
            number = nested.array_offset_column.column.column_id
            self.walk.columns[number] = Taint(self.walk.columns.get(number, place.own).flat)
        self._decide(self.walk.condition(nested.where_expr))

    def _nested_insert(self, nested: Any, place: _Place) -> None:
        for row in nested.row_list:
            for value in row.value_list:
                self._write(place, self.walk.used(value.value))
        if nested.HasField("query"):
            self.walk.scan(nested.query)
            for taint in self.walk.outputs(nested.query_output_column_list):
                self._write(place, taint)

    def _decide(self, mask: Mask) -> None:
        self.walk.mark("predicate", mask)

    def _write(self, place: _Place, taint: Taint) -> None:
        self.own |= place.own.flat
        before = self._given.get(place.path)
        joined = taint if before is None else before.taint.joined(taint)
        self._given[place.path] = Given(place.path, from_proto(place.type), joined)

    def _place(self, wrapped: Any) -> _Place:
        node = tree.unwrap(wrapped)
        if tree.kind(node) == "ColumnRef":
            return self._places[node.column.column_id]
        outer = self._place(node.expr)
        if tree.kind(node) != "GetStructField":
            return outer  # inside of a JSON value
        kind = tree.field(tree.unwrap(node.expr), "type")
        field = kind.struct_type.field[node.field_idx]
        return _Place(f"{outer.path}.{field.field_name}", outer.own.field(node.field_idx), field.field_type)


def walk_insert(walk: Walk, statement: Any) -> Changes:
    """Walk INSERT with VALUES or a query."""
    changes = Changes(walk, statement.table_scan)
    if statement.HasField("query"):
        changes.insert_query(statement.insert_column_list, statement.query, statement.query_output_column_list)
    for row in statement.row_list:
        changes.insert(statement.insert_column_list, row.value_list)
    return changes


def walk_update(walk: Walk, statement: Any) -> Changes:
    """Walk UPDATE, FROM included."""
    changes = Changes(walk, statement.table_scan)
    if statement.HasField("from_scan"):
        walk.scan(statement.from_scan)
    walk.mark("predicate", walk.condition(statement.where_expr))
    changes.update(statement.update_item_list)
    return changes


def walk_delete(walk: Walk, statement: Any) -> Changes:
    """Walk DELETE and TRUNCATE."""
    changes = Changes(walk, statement.table_scan)
    if statement.HasField("where_expr"):
        walk.mark("predicate", walk.condition(statement.where_expr))
    return changes


def walk_merge(walk: Walk, statement: Any) -> Changes:
    """Walk MERGE with all its WHEN clauses."""
    changes = Changes(walk, statement.table_scan)
    walk.scan(statement.from_scan)
    walk.mark("join", walk.flat(statement.merge_expr))
    for clause in statement.when_clause_list:
        if clause.HasField("match_expr"):
            walk.mark("predicate", walk.condition(clause.match_expr))
        changes.update(clause.update_item_list)
        if clause.HasField("insert_row"):
            changes.insert(clause.insert_column_list, clause.insert_row.value_list)
    return changes
