"""What can go wrong while reading SQL: the analyzer's own objections, and limits that protect the process."""

from __future__ import annotations

import re
from typing import Literal

LimitKind = Literal["time", "memory", "trap", "depth", "size"]

_STATUS = re.compile(
    r"^(?:Code: (?P<code>\d+), Message: )?(?P<text>.*?)(?: \[at (?P<line>\d+):(?P<column>\d+)\])?$", re.DOTALL
)
# absl::StatusCode of faults that are the analyzer's own: unknown, resource exhausted, internal, data loss.
_OWN_FAULTS = frozenset({"2", "8", "13", "15"})


class GoogleSqlError(Exception):
    """Anything this package raises about SQL text or its analysis."""


class SqlError(GoogleSqlError):
    """The analyzer does not accept the text.

    `message` is the analyzer's own wording without the position; `line` and `column` are 1-based (column counts
    characters) or None when the analyzer gave none. `str()` reads as BigQuery writes it: `... at [1:8]`.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message, line, column)
        self.message = message
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return self.message if self.line is None else f"{self.message} at [{self.line}:{self.column}]"


class AnalysisLimit(GoogleSqlError):
    """The text was given up on; nothing is known about it, so callers must refuse it.

    `kind` names the limit: `time`, `memory`, `size` (of text or tree), `depth` (of nesting), `trap` (the analyzer
    crashed).
    """

    def __init__(self, kind: LimitKind, message: str) -> None:
        super().__init__(kind, message)
        self.kind = kind
        self.message = message

    def __str__(self) -> str:
        return self.message


class CatalogError(GoogleSqlError):
    """The catalog cannot be given to the analyzer: two names that differ by case only, a bad path, an unknown type."""


class EngineUnavailable(GoogleSqlError):
    """The analyzer cannot be started: its compiled form is missing, unsafe or cannot be built."""


def error_from_status(status: str) -> GoogleSqlError:
    """Read the analyzer's status, e.g. `Code: 3, Message: Syntax error: Unexpected ")" [at 1:8]`."""
    match = _STATUS.match(status.strip())
    if match is None or match["code"] in _OWN_FAULTS:
        return AnalysisLimit("trap", "The analyzer failed on this query")
    if match["line"] is None:
        return SqlError(match["text"])
    return SqlError(match["text"], int(match["line"]), int(match["column"]))
