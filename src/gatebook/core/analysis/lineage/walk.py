"""One walk over one resolved statement, expression or body: every column of it gets its taint, in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

from gatebook.core.analysis.footprint import Opaque, Resource, TableRef
from gatebook.core.analysis.lineage import expressions, scans
from gatebook.core.analysis.lineage.columns import columns
from gatebook.core.analysis.lineage.marks import Marks
from gatebook.core.analysis.lineage.session import Session
from gatebook.core.analysis.lineage.taint import Mask, Taint
from gatebook.googlesql import tree

Relation = Mapping[str, Taint]  # the columns of a table argument, by name in lower case

Use = Literal["predicate", "join", "group", "order", "window"]

# Kinds whose value is that of what they hold: walked over in one loop, for expressions nest deeply.
_THROUGH = frozenset({"Cast", "FunctionCall", "MakeStruct"})


class Walk:
    """What one walk knows. `arguments` are those of the routine whose body is walked, by name in lower case."""

    def __init__(self, session: Session, arguments: Mapping[str, Taint | Relation] | None = None) -> None:
        self.session = session
        self.arguments = arguments or {}
        self.marks = Marks()
        self.columns: dict[int, Taint] = {}
        self.queries: dict[str, list[Taint]] = {}  # WITH clauses
        self.recursions: list[list[Taint]] = []  # what the recursive queries around give so far
        self.tables: set[TableRef] = set()
        self.resources: set[Resource] = set()
        self.opaque: dict[Opaque, None] = {}  # a set in order of appearance
        self.reads_history = False
        self._elements: dict[int, Taint] = {}
        self._referenced: set[int] = set()
        self._correlated: Mask = 0

    def scan(self, wrapped: Any) -> Any:
        """Walk a scan; afterwards its columns have their taints. Gives the node without wrappers."""
        node = tree.unwrap(wrapped)
        rule = scans.SCANS.get(tree.kind(node)) if node is not None else None
        if rule is None:
            self._unknown_scan(node)
        else:
            rule(self, node)
        return node

    def value(self, wrapped: Any) -> Taint:
        """Give the taint of an expression. Its columns are not marked as read: a field of it may be all that is."""
        node = tree.unwrap(wrapped)
        if node is None:
            return Taint(self.everything())
        rule = expressions.EXPRESSIONS.get(tree.kind(node))
        return Taint(self.below(node)) if rule is None else rule(self, node)

    def used(self, wrapped: Any) -> Taint:
        """Give the taint of an expression whose whole value is used."""
        taint = self.value(wrapped)
        self.marks.read |= taint.flat
        return taint

    def flat(self, wrapped: Any) -> Mask:
        """Give all sources of an expression whose whole value is used. Does not recurse where it can be helped."""
        mask: Mask = 0
        stack = [wrapped]
        while stack:
            node = tree.unwrap(stack.pop())
            if node is None:
                mask |= self.everything()
                continue
            kind = tree.kind(node)
            if kind == "ColumnRef":
                mask |= self.column(node).flat
            elif kind in _THROUGH and (held := expressions.held(node, kind)) is not None:
                stack.extend(held)
            elif kind not in expressions.CONSTANT:
                rule = expressions.EXPRESSIONS.get(kind)
                mask |= self.below(node) if rule is None else rule(self, node).flat
        self.marks.read |= mask
        return mask

    def column(self, reference: Any) -> Taint:
        """Give the taint of a ResolvedColumnRef."""
        taint = self.taint_of(reference.column)
        self._referenced.add(reference.column.column_id)
        if reference.is_correlated:
            self._correlated |= taint.flat
        return taint

    def taint_of(self, column: Any) -> Taint:
        """Give the taint of a ResolvedColumn; one from nowhere may be any."""
        taint = self.columns.get(column.column_id)
        return Taint(self.everything()) if taint is None else taint

    def computed(self, column: Any) -> Taint:
        """Walk a computed column; give its taint."""
        node = tree.unwrap(column)
        taint = self.columns[node.column.column_id] = self.used(node.expr)
        if tree.kind(node) == "DeferredComputedColumn":
            self.columns[node.side_effect_column.column_id] = taint  # the error that it may raise
        return taint

    def mark(self, use: Use, mask: Mask) -> None:
        """Count sources as used. A method, and no `|=` at each place: the value on the right marks things itself."""
        setattr(self.marks, use, getattr(self.marks, use) | mask)

    def element(self, column_id: int, array: Taint) -> None:
        """Take in a column of elements of an array: where nothing refers to it, the array is read as a whole."""
        self.columns[column_id] = array
        self._elements[column_id] = array

    def condition(self, wrapped: Any) -> Mask:
        """Give the sources of a condition; columns of a query around it count as joined."""
        outer, self._correlated = self._correlated, 0
        mask = self.flat(wrapped)
        self.mark("join", self._correlated & mask)
        self._correlated |= outer
        return mask

    def everything(self) -> Mask:
        """Give all sources that this walk may have met: what is not understood may be any of them."""
        mask = self.marks.everything()
        for taint in self.columns.values():
            mask |= taint.flat
        return mask

    @contextmanager
    def aside(self) -> Iterator[Marks]:
        """Collect the marks of a part on their own; they count for the whole too."""
        outer, self.marks = self.marks, Marks()
        inner = self.marks
        try:
            yield inner
        finally:
            self.marks = outer
            outer.add(inner)

    def below(self, node: Any) -> Mask:
        """Walk everything below a node of no known kind; give all that is looked at there."""
        with self.aside() as marks:
            for _, child in tree.children(node):
                self._any(child)
        return marks.everything()

    def outputs(self, columns: Iterable[Any]) -> Iterator[Taint]:
        """Give the taints of columns (ResolvedColumn) that leave this walk."""
        for column in columns:
            taint = self.taint_of(column)
            self._referenced.add(column.column_id)
            self.marks.read |= taint.flat
            yield taint

    def finish(self) -> Marks:
        """Give the marks, once all is walked. An array that nothing refers to still decides how often rows come."""
        for column_id, array in self._elements.items():
            if column_id not in self._referenced:
                self.marks.read |= array.flat
                self.mark("join", array.flat)
        self._elements.clear()
        return self.marks

    def note(self, opaque: Opaque) -> None:
        """Note something that could not be understood."""
        self.opaque[opaque] = None

    def _any(self, node: Any) -> None:
        match tree.category(node):
            case "scan":
                scan = self.scan(node)
                self.marks.read |= self._all_columns(scan)
            case "expression":
                self.flat(node)
            case _ if tree.kind(node) == "Column":
                self.marks.read |= self.taint_of(node).flat
            case _:
                for _, child in tree.children(node):
                    self._any(child)
                column = tree.field(node, "column")
                if column is not None and tree.present(node, "expr") is not None:
                    self.columns[column.column_id] = Taint(self.flat(tree.field(node, "expr")))

    def _all_columns(self, scan: Any) -> Mask:
        mask: Mask = 0
        for column in columns(scan):
            mask |= self.taint_of(column).flat
        return mask

    def _unknown_scan(self, node: Any) -> None:
        if node is None:
            return
        taint = Taint(self.below(node))
        for column in columns(node):
            if column.column_id not in self.columns:
                self.columns[column.column_id] = taint
