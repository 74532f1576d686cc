"""PageWatch: learns the members of a page of rows and counts the rows, without holding more than its ends.

A small reply is read whole. A large one has three parts. The head, up to the first row, is read as JSON. Of the rows
only the separators are counted, as one exact run of bytes learned from the first two rows: BigQuery writes every row
as `{"f":[...]}` with a cell `{"v":...}` for each column, every value inside a cell as `{"v":...}` too, and one writer
writes one style of white space. That run, `]},{"f":[{"v":` or its pretty-printed form, is never part of a text: a
quotation mark inside a JSON string has a backslash before it, so `{"f"` with none begins an object, whatever stands
around it. (The longer the run, the faster it is found.) The tail, from the last row on, is read as JSON again.
"""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

import msgspec

from gatebook.core.replies.facts import MEMBERS, ReplyFacts, facts_of

WHOLE_BYTES = 256 * 1024  # a reply below this is read whole
_HEAD_BYTES = 4 * 1024 * 1024  # a head above this is not: then nothing is told
_TAIL_BYTES = 4 * 1024 * 1024  # a last row with what follows it above this is not read
_CANDIDATES = 64

_ROWS_BEGIN = re.compile(rb'"rows"\s*+:\s*+\[')
_ROW_ENDS_ROW_BEGINS = re.compile(rb'(\]\s*+\})\s*+,\s*+\{\s*+"f"\s*+:\s*+\[\s*+\{\s*+"v"\s*+:')


class _Row(msgspec.Struct, gc=False):
    """A row that is only counted: the decoder skips over its members."""


_value = msgspec.json.Decoder(Any)
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_row_list = msgspec.json.Decoder(list[_Row])
_any_list = msgspec.json.Decoder(list[msgspec.Raw])
# What is read of a reply that is as BigQuery writes it, in one go: the decoder passes over all else.
_READ: dict[str, Any] = {
    **dict.fromkeys(MEMBERS, Any),
    "rows": list[_Row] | None,
    "schema": msgspec.Raw,
    "arrowRecordBatch": msgspec.Raw,
}
_Page: Any = TypedDict("_Page", _READ, total=False)  # type: ignore[misc]  # mypy takes a literal only
_page: msgspec.json.Decoder[dict[str, Any]] = msgspec.json.Decoder(_Page)


@dataclass(frozen=True, slots=True)
class _Opening:
    """The head of a large page: its members, what stands between two rows, and where it stands first."""

    members: dict[str, msgspec.Raw]
    separator: bytes
    first_separator_at: int


class _Part(enum.Enum):
    """Which part of a reply comes next."""

    HEAD = enum.auto()
    ROWS = enum.auto()
    PASSED_OVER = enum.auto()


class PageWatch:
    """Fed with the plain bytes of one reply."""

    def __init__(self, whole_bytes: int = WHOLE_BYTES) -> None:
        self._part = _Part.HEAD
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._look_at_bytes = whole_bytes
        self._opening: _Opening | None = None
        self._rows = 0
        self._tail = b""  # from the last separator on

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        if self._part is _Part.ROWS:
            self._take_rows(piece)
        elif self._part is _Part.HEAD:
            self._take_head(piece)

    def finish(self) -> ReplyFacts:
        """Give what was learned, after the last byte."""
        if self._opening is not None:
            after = _members_from_last_row(self._tail)
            if after is None:  # it broke off
                return _facts(self._opening.members, self._rows, whole=False)
            one_row = _count_rows(after) == 1  # more, if the separators were not all alike
            del after["rows"]
            return _facts({**self._opening.members, **after}, self._rows if one_row else None, whole=True)
        return read_page(b"".join(self._held))

    def _take_head(self, piece: bytes) -> None:
        self._held.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes < self._look_at_bytes:
            return
        head = b"".join(self._held)
        self._opening = _find_opening(head)
        if self._opening is not None:
            self._held.clear()
            self._rows = 1
            self._part = _Part.ROWS
            self._take_rows(head[self._opening.first_separator_at :])
        elif self._held_bytes < _HEAD_BYTES:
            self._held = [head]
            self._look_at_bytes = 2 * self._held_bytes
        else:
            self._held.clear()
            self._part = _Part.PASSED_OVER

    def _take_rows(self, piece: bytes) -> None:
        separator = self._opening.separator if self._opening else b""
        last = piece.rfind(separator)
        if last >= 0:
            self._rows += piece.count(separator)
        reach = len(separator) - 1
        seam = self._tail[-reach:] + piece[:reach]  # a separator that begins in one piece and ends in another
        across = seam.find(separator)
        if across >= 0:
            self._rows += 1
        if last >= 0:
            self._tail = piece[last:]
        elif across >= 0:
            self._tail = seam[across:] + piece[reach:]
        elif len(self._tail) + len(piece) <= _TAIL_BYTES:
            self._tail += piece
        else:
            self._tail = (self._tail + piece)[-reach:]


def read_page(content: bytes) -> ReplyFacts:
    """Give what a reply told that is here from its first byte to its last."""
    try:
        document = _page.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return _read_by_member(content)
    rows = document.get("rows")
    return facts_of(document, _no_rows(document) if rows is None else len(rows))


def _read_by_member(content: bytes) -> ReplyFacts:
    """Read a reply that is not quite as expected: each member by itself, so that one tells nothing of the others."""
    try:
        members = _members.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return ReplyFacts()
    return _facts(members, _count_rows(members), whole=True)


def _find_opening(head: bytes) -> _Opening | None:
    """Find where the rows begin, and prove it: what is before them must be JSON when closed there."""
    for number, begin in enumerate(_ROWS_BEGIN.finditer(head)):
        separator = _ROW_ENDS_ROW_BEGINS.search(head, begin.end())
        if separator is None or number == _CANDIDATES:
            return None
        try:
            members = _members.decode(head[: begin.end()] + b"]}")
            first = _row_list.decode(b"[" + head[begin.end() : separator.end(1)] + b"]")
        except (msgspec.DecodeError, RecursionError):
            continue
        if len(first) == 1:
            del members["rows"]
            return _Opening(members, separator[0], separator.start())
    return None


def _members_from_last_row(tail: bytes) -> dict[str, msgspec.Raw] | None:
    """Give `rows`, with the last row, and the members that follow; None when the document does not end here.

    What follows the last row is nothing but the end of the rows and of the document: put back between the openings
    of both, it is JSON.
    """
    try:
        members = _members.decode(b'{"rows":[' + tail[tail.index(b"{") :])
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return members if "rows" in members else None


def _count_rows(members: dict[str, msgspec.Raw]) -> int | None:
    """Count the rows of a reply read whole: none when it is a page without rows, None when it is no page."""
    rows = members.get("rows")
    if rows is not None and bytes(rows) != b"null":
        for decoder in (_row_list, _any_list):
            try:
                return len(decoder.decode(rows))
            except (msgspec.DecodeError, RecursionError):
                continue
        return None
    return _no_rows(members)


def _no_rows(members: Mapping[str, object]) -> int | None:
    """Tell a page without rows, which has 0 of them, from a reply that is no page."""
    is_page = ("totalRows" in members or "jobComplete" in members) and "arrowRecordBatch" not in members
    return 0 if is_page else None


def _facts(members: dict[str, msgspec.Raw], rows: int | None, *, whole: bool) -> ReplyFacts:
    document: dict[str, Any] = {}
    for name in members.keys() & MEMBERS:
        try:
            document[name] = _value.decode(members[name])
        except (msgspec.DecodeError, RecursionError):
            whole = False
    if "schema" in members:
        document["schema"] = {}
    return facts_of(document, rows, whole=whole)
