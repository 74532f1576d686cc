"""BigQuery's tables are case-sensitive, the analyzer's catalog is not: names are compared again, letter for letter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gatebook.googlesql import paths, tree
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.references import Reference


def require_exact_names(sql: str, scans: Iterable[Any], references: Callable[[], Iterable[Reference]]) -> None:
    """SqlError when a table scan was resolved to a table whose name differs from the text by case.

    This also refuses the text that names the second one of two tables differing by case only, of which the analyzer
    knows one: attributing one table's columns to the other would be a leak. `references` parses the text; it is asked
    only for names that cannot be read off it at once, with comments or escapes inside.
    """
    text = sql.encode()
    parsed: dict[tree.ByteRange, paths.Path] | None = None
    for scan in scans:
        where = tree.byte_range(scan)
        if where is None:
            raise SqlError(f"Table {scan.table.full_name} cannot be found in the text of the query")
        full = paths.split_dotted(scan.table.full_name)
        written = paths.read(text[where.start : where.end].decode())
        if written is None:
            if parsed is None:
                parsed = {reference.range: reference.path for reference in references()}
            written = parsed.get(where) or _only_path_in(where, parsed)
        if not paths.same_spelling(written, full):
            name = ".".join(written) or scan.table.full_name
            raise SqlError(f"Table not found: {name}", *position(text, where.start))


def _only_path_in(where: tree.ByteRange, parsed: Mapping[tree.ByteRange, paths.Path]) -> paths.Path:
    """The one name inside of a range: the scan of `FROM t`, without SELECT, has the range of the whole query."""
    inside = [path for part, path in parsed.items() if where.start <= part.start and part.end <= where.end]
    return inside[0] if len(inside) == 1 else ()


def position(text: bytes, offset: int) -> tuple[int, int]:
    """1-based line and column of a byte, counting characters."""
    before = text[:offset].decode(errors="replace")
    return before.count("\n") + 1, len(before) - before.rfind("\n")
