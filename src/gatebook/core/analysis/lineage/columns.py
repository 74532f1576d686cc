"""The columns of a scan."""

from collections.abc import Sequence
from typing import Any

from gatebook.googlesql import tree


def columns(scan: Any) -> Sequence[Any]:
    """Give the columns (ResolvedColumn) that a scan gives, in order."""
    while tree.kind(scan) != "Scan":
        scan = scan.parent
    listed: Sequence[Any] = scan.column_list
    return listed
