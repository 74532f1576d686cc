"""BigQuery's tables are case-sensitive, the analyzer's catalog is not: names are compared again, letter for letter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gatebook.googlesql import paths, tree
from gatebook.googlesql.errors import SqlError


def require_exact_names(sql: str, scans: Iterable[Any]) -> None:
    """SqlError when a table scan was resolved to a table whose name differs from the text by case.

    This also refuses the text that names the second one of two tables differing by case only, of which the analyzer
    knows
    one: attributing one table's columns to the other would be a leak.
    """
    text = sql.encode()
    for scan in scans:
        where = tree.byte_range(scan)
        if where is None:
            continue
        written = paths.read(text[where.start : where.end].decode())
        full = tuple(scan.table.full_name.split("."))
        if written is None or not paths.is_ending(written, full) or paths.same_spelling(written, full):
            continue
        raise SqlError(f"Table not found: {'.'.join(written)}", *position(text, where.start))


def position(text: bytes, offset: int) -> tuple[int, int]:
    """1-based line and column of a byte, counting characters."""
    before = text[:offset].decode(errors="replace")
    return before.count("\n") + 1, len(before) - before.rfind("\n")
