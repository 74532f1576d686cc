"""How many bytes BigQuery would say a column holds.

https://cloud.google.com/bigquery/docs/reference/standard-sql/data-types#data_type_sizes
"""

import threading
from collections.abc import Iterable, Mapping
from typing import Final

import duckdb

from gatebook.googlesql.types import SqlType
from gatebook.sandbox.translate.types import field_sql
from gatebook.sandbox.warehouse.state.database import first_row
from gatebook.sandbox.warehouse.state.physical import quoted
from gatebook.sandbox.warehouse.state.schema import columns_of
from gatebook.sandbox.warehouse.state.store import Entry

_FIXED: Final = {
    "INT64": 8, "FLOAT64": 8, "BOOL": 1, "DATE": 8, "DATETIME": 8, "TIME": 8, "TIMESTAMP": 8, "NUMERIC": 16,
    "BIGNUMERIC": 32, "INTERVAL": 16, "RANGE": 16,
}  # fmt: skip
_PSEUDO_COLUMN_BYTES: Final = 8


def size_sql(value: str, sql_type: SqlType, depth: int = 0) -> str:
    """DuckDB SQL for the bytes of one value; 0 for NULL."""
    if sql_type.kind == "ARRAY" and sql_type.element:
        item = f"_e{depth}"
        inner = size_sql(item, sql_type.element, depth + 1)
        return f"coalesce(list_sum(list_transform({value}, lambda {item}: {inner})), 0)"
    if sql_type.kind == "STRUCT":
        parts = (
            size_sql(field_sql(value, sql_type, index), field.type, depth)
            for index, field in enumerate(sql_type.fields)
        )
        return f"({' + '.join(parts)})"
    return f"CASE WHEN {value} IS NULL THEN 0 ELSE {_scalar_size(value, sql_type.kind)} END"


def _scalar_size(value: str, kind: str) -> str:
    if kind == "BYTES":
        return f"2 + octet_length({value})"
    if kind == "JSON":
        return f"strlen(CAST({value} AS VARCHAR))"
    if kind == "GEOGRAPHY":  # 16 bytes and 24 for each vertex, of which the commas of the WKT are the gaps
        return f"16 + 24 * (1 + length({value}) - length(replace({value}, ',', '')))"
    return str(_FIXED[kind]) if kind in _FIXED else f"2 + strlen({value})"


class ColumnSizes:
    """Bytes by column of each table, counted once per version of its rows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, dict[str, int]]] = {}

    def of(self, cursor: duckdb.DuckDBPyConnection, entry: Entry, names: Iterable[str]) -> int:
        """Bytes of the named columns (of any case) of a table; pseudo columns count as timestamps do."""
        if entry.physical is None:
            return 0
        wanted = {name.lower() for name in names}
        sizes = self._sizes(cursor, entry)
        return sum(sizes.get(name, sizes["*"]) for name in wanted)

    def total(self, cursor: duckdb.DuckDBPyConnection, entry: Entry) -> int:
        """Bytes of all columns: the table's numBytes."""
        return sum(size for name, size in self._sizes(cursor, entry).items() if name != "*") if entry.physical else 0

    def _sizes(self, cursor: duckdb.DuckDBPyConnection, entry: Entry) -> Mapping[str, int]:
        key = str(entry.physical)
        with self._lock:
            known = self._known.get(key)
        if known is None or known[0] != entry.version:
            known = (entry.version, _count(cursor, entry))
            with self._lock:
                self._known[key] = known
        return known[1]


def _count(cursor: duckdb.DuckDBPyConnection, entry: Entry) -> dict[str, int]:
    columns = columns_of(entry.resource)
    sums = [f"CAST(sum({size_sql(quoted(column.name), column.type)}) AS BIGINT)" for column in columns]
    query = f"SELECT count(*) * {_PSEUDO_COLUMN_BYTES}, {', '.join(sums)} FROM {entry.physical}"
    row = first_row(cursor, query) or ()
    return dict(zip(["*", *(column.name.lower() for column in columns)], (value or 0 for value in row), strict=True))
