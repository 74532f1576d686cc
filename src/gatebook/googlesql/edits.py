"""Replacing parts of SQL text by byte range, and finding the way back from the new text to the old one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.tree import ByteRange


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of `range` by `text`."""

    range: ByteRange
    text: str


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text after edits; `edits` are in order of position and do not overlap."""

    original: str
    sql: str
    edits: tuple[Edit, ...]

    def original_error(self, error: SqlError) -> SqlError:
        """The same objection with its position in the original text.

        Edits replace names and names do not span lines, so the line stays and only the column moves.
        """
        if not self.edits or error.line is None or error.column is None:
            return error
        return SqlError(error.message, error.line, self._original_column(error.line, error.column))

    def _original_column(self, line: int, column: int) -> int:
        text = self.original.encode()
        grown = 0
        for edit in self.edits:
            before = text[: edit.range.start].decode()
            if before.count("\n") + 1 != line:
                continue
            start = len(before) - (before.rfind("\n") + 1) + 1
            length = len(text[edit.range.start : edit.range.end].decode())
            if column < start + grown + len(edit.text):
                return column - grown if column < start + grown else start
            grown += len(edit.text) - length
        return column - grown


def rewrite(sql: str, edits: Iterable[Edit]) -> Rewritten:
    """Apply the edits; ValueError when two of them overlap."""
    ordered = tuple(sorted(edits, key=lambda edit: edit.range))
    text = sql.encode()
    pieces: list[bytes] = []
    position = 0
    for edit in ordered:
        if edit.range.start < position:
            raise ValueError(f"edits overlap at byte {edit.range.start}")
        pieces += (text[position : edit.range.start], edit.text.encode())
        position = edit.range.end
    pieces.append(text[position:])
    return Rewritten(sql, b"".join(pieces).decode(), ordered)
