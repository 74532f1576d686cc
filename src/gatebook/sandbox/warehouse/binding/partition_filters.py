"""Tables with `requirePartitionFilter`: a query must filter on the partitioning column.

https://cloud.google.com/bigquery/docs/querying-partitioned-tables#require_a_partition_filter_in_queries
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gatebook.googlesql import tree
from gatebook.sandbox.errors import invalid_query
from gatebook.sandbox.warehouse.binding.relations import Relation

_INGESTION: Final = frozenset({"_partitiontime", "_partitiondate"})
_FILTERS: Final = frozenset(
    {
        ("FilterScan", "filter_expr"),
        ("JoinScan", "join_expr"),
        ("UpdateStmt", "where_expr"),
        ("DeleteStmt", "where_expr"),
        ("MergeStmt", "merge_expr"),
    }
)


def check_partition_filters(statement: Any, relations: Mapping[str, Relation]) -> None:
    """400 when a scan of such a table has no filter that refers to its partitioning column."""
    scans = list(_reading_scans(statement))
    asking = {scan.table.full_name: _required(relations.get(scan.table.full_name)) for scan in scans}
    if not any(asking.values()):
        return
    filtered = _filtered_columns(statement)
    for scan in scans:
        names = asking[scan.table.full_name]
        kept = {c.column_id for c in tree.field(scan, "column_list") if c.name.lower() in names}
        if names and not kept & filtered:
            shown = ", ".join(f"'{name}'" for name in sorted(names))
            raise invalid_query(
                f"Cannot query over table '{scan.table.full_name}' without a filter over column(s) {shown} that can be "
                "used for partition elimination"
            )


def _reading_scans(statement: Any) -> Iterator[Any]:
    """Table scans, without the target of INSERT."""
    for visit in tree.walk(statement):
        is_target = visit.field == "table_scan" and visit.parent is not None and tree.kind(visit.parent) == "InsertStmt"
        if tree.kind(visit.node) == "TableScan" and not is_target:
            yield visit.node


def _required(relation: Relation | None) -> frozenset[str]:
    """Lower-case names of the columns to filter on; none when the table asks for no filter."""
    if relation is None or relation.entry is None:
        return frozenset()
    resource = relation.entry.resource
    time = resource.get("timePartitioning") or {}
    if not (resource.get("requirePartitionFilter") or time.get("requirePartitionFilter")):
        return frozenset()
    column = (time or resource.get("rangePartitioning") or {}).get("field")
    return frozenset({column.lower()}) if column else _INGESTION


def _filtered_columns(statement: Any) -> set[int]:
    found: set[int] = set()
    for visit in tree.walk(statement):
        if visit.parent is not None and (tree.kind(visit.parent), visit.field) in _FILTERS:
            found |= {reference.column.column_id for reference in tree.walk_kinds(visit.node, "ColumnRef")}
    return found
