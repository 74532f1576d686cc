"""Which table columns a resolved query needs for some of its output columns: what BigQuery counts as read.

The analyzer prunes columns that nothing refers to, but keeps computed columns of subqueries that nobody
asks for. Here a computed column's references count only when the column itself is needed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from gatebook.googlesql import tree

# Computed columns in these places change nothing when they are left out; group keys and the like do.
_LAZY: Final = frozenset(
    {
        ("ProjectScan", "expr_list"),
        ("AggregateScan", "aggregate_list"),
        ("AnalyticFunctionGroup", "analytic_function_list"),
    }
)
# Scans whose columns are those of their inputs, or computed, or matched by position below.
_PLAIN: Final = frozenset(
    {
        "TableScan", "SingleRowScan", "ProjectScan", "FilterScan", "JoinScan", "ArrayScan", "AggregateScan",
        "AnalyticScan", "OrderByScan", "LimitOffsetScan", "SampleScan", "BarrierScan", "WithScan",
        "WithRefScan", "SetOperationScan",
    }
)  # fmt: skip


def columns_read(statement: Any, outputs: Collection[int] | None = None) -> Iterator[tuple[str, list[str]]]:
    """Full name and read columns of each table scan. outputs: positions of the output columns asked for; None: all."""
    graph = _Graph(statement)
    wanted = [output.column.column_id for output in tree.field(statement, "output_column_list") or ()]
    chosen = wanted if outputs is None else [wanted[position] for position in outputs]
    needed = graph.reach([*graph.roots, *chosen])
    for scan in tree.table_scans(statement):
        columns = [column for column in tree.field(scan, "column_list") if column.column_id in needed]
        yield scan.table.full_name, [column.name for column in columns]


def called_routines(statement: Any) -> set[str]:
    """Full names of the routines and functions that a resolved statement calls, built-in ones included."""
    functions = tree.walk_kinds(statement, "FunctionCall", "AggregateFunctionCall", "AnalyticFunctionCall")
    names = {tree.field(call, "function").name.rpartition(":")[2] for call in functions}
    return names | {call.tvf.name.rpartition(":")[2] for call in tree.walk_kinds(statement, "TVFScan")}


class _Graph:
    """Column ids that need other column ids; roots are needed in any case."""

    def __init__(self, statement: Any) -> None:
        self.needs: defaultdict[int, set[int]] = defaultdict(set)
        self.roots: set[int] = set()
        self._with: dict[str, Sequence[Any]] = {}
        for visit in tree.walk(statement):
            if tree.kind(visit.node) == "WithEntry":
                subquery = tree.unwrap(visit.node.with_subquery)
                self._with[visit.node.with_query_name] = tree.field(subquery, "column_list")
        self._visit(statement)

    def reach(self, start: Collection[int]) -> set[int]:
        """All ids needed for some."""
        found, stack = set(start), list(start)
        while stack:
            more = self.needs[stack.pop()] - found
            found |= more
            stack.extend(more)
        return found

    def _visit(self, root: Any) -> None:
        stack: list[tuple[Any, int | None]] = [(root, None)]
        while stack:
            node, owner = stack.pop()
            kind = tree.kind(node)
            if kind == "ColumnRef":
                self._need(owner, node.column.column_id)
            elif kind == "SubqueryExpr":
                self._need_columns(owner, tree.field(tree.unwrap(node.subquery), "column_list"))
            elif kind == "InsertStmt":
                self._need_columns(owner, node.query_output_column_list)
            elif kind == "SetOperationScan":
                for item in map(tree.unwrap, node.input_item_list):
                    self._match(tree.field(node, "column_list"), item.output_column_list)
            elif kind == "WithRefScan":
                self._match(tree.field(node, "column_list"), self._with.get(node.with_query_name, ()))
            elif kind.endswith("Scan") and kind not in _PLAIN:
                self._need_all_below(node, owner)
            for field, child in tree.children(node):
                lazy = (kind, field) in _LAZY
                stack.append((child, tree.field(child, "column").column_id if lazy else owner))

    def _need(self, owner: int | None, column_id: int) -> None:
        if owner is None:
            self.roots.add(column_id)
        else:
            self.needs[owner].add(column_id)

    def _match(self, columns: Sequence[Any], sources: Sequence[Any]) -> None:
        for column, source in zip(columns, sources, strict=False):
            self.needs[column.column_id].add(source.column_id)

    def _need_all_below(self, node: Any, owner: int | None) -> None:
        for _, child in tree.children(node):
            self._need_columns(owner, tree.field(child, "column_list") or ())

    def _need_columns(self, owner: int | None, columns: Sequence[Any]) -> None:
        for column in columns:
            self._need(owner, column.column_id)
