"""Pieces of a client's SQL as the analyzer is to read them, and the way back to positions in what the client sent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gatebook.googlesql import paths, tree
from gatebook.googlesql.edits import Edit, Rewritten, rewrite
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.script import Script
from gatebook.googlesql.tree import ByteRange

_BLANKED: Final = re.compile(r"[^\n\t]")

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """One statement or expression.

    own: as written. sql: for the analyzer. paths: every path that stands in it, of tables, functions and
    columns alike, quoted names split at their dots.
    """

    own: str
    sql: str
    paths: frozenset[Path]
    line: int
    column: int
    rewritten: Rewritten

    def original(self, piece: str) -> str:
        """A piece of `sql`, as the analyzer gives back the body of a view or routine, as the client wrote it."""
        start = len(self.sql[: self.sql.rindex(piece)].encode())
        end = start + len(piece.encode())
        return self.rewritten.original.encode()[self._before(start) : self._before(end)].decode()

    def _before(self, position: int) -> int:
        """Where a byte of `sql` stood before the edits."""
        grown = 0
        for edit in self.rewritten.edits:
            if edit.range.start + grown < position:
                grown += len(edit.text.encode()) - (edit.range.end - edit.range.start)
        return position - grown

    def located(self, error: SqlError) -> SqlError:
        """The analyzer's error with its position in the client's text."""
        return self.rewritten.original_error(error)


@dataclass(frozen=True, slots=True)
class _Mention:
    """A path in the text; `dotted` when one quoted name holds several."""

    range: ByteRange
    path: Path
    dotted: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A whole client text, parsed."""

    script: Script
    mentions: tuple[_Mention, ...]

    def text(self, where: ByteRange, prefix: str = "", suffix: str = "") -> Text:
        """A piece of the text, wrapped in prefix and suffix for the analyzer.

        What stands before the piece is blanked, so that lines and columns stay the client's. BigQuery reads
        `` `p.d.t` `` as three names and ZetaSQL as one, so it is given `` `p`.`d`.`t` ``.
        """
        encoded = self.script.sql.encode()
        before = _BLANKED.sub(" ", encoded[: where.start].decode())
        own = encoded[where.start : where.end].decode()
        inside = [m for m in self.mentions if where.start <= m.range.start and m.range.end <= where.end]
        shift = len(before.encode()) - where.start
        edits = [Edit(ByteRange(len(before.encode()), len(before.encode())), prefix)] if prefix else []
        edits += _split_dots(inside, shift)
        rewritten = rewrite(before + own, edits)
        return Text(
            own=own,
            sql=rewritten.sql + suffix,
            paths=frozenset(mention.path for mention in inside),
            line=before.count("\n") + 1,
            column=len(before) - (before.rfind("\n") + 1) + 1,
            rewritten=rewritten,
        )


def _split_dots(mentions: Sequence[_Mention], shift: int) -> list[Edit]:
    return [
        Edit(ByteRange(mention.range.start + shift, mention.range.end + shift), paths.quote(mention.path))
        for mention in mentions
        if mention.dotted
    ]


def read_source(script: Script, parsed: Any) -> Source:
    """The source of a parsed script."""
    return Source(script, tuple(map(_mention, tree.walk_kinds(parsed, "PathExpression"))))


def _mention(node: Any) -> _Mention:
    parts: list[str] = []
    for name in node.names:
        parts.extend(paths.split_dotted(name.id_string) if name.is_quoted else (name.id_string,))
    return _Mention(tree.byte_range(node) or ByteRange(0, 0), tuple(parts), len(parts) > len(node.names))
