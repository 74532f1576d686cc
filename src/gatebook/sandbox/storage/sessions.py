"""Read sessions: which rows and columns of a table are read, in which format, divided into which streams.

A stream is a range of the table's rows in the warehouse's stable order; nothing is copied. A table that
changes while it is read may therefore show the change, where BigQuery would show the snapshot.
"""

import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gatebook.sandbox.errors import ApiError, invalid
from gatebook.sandbox.warehouse import Resource, TableName

_LIFETIME_SECONDS = 6 * 60 * 60.0
_ROWS_PER_STREAM = 50_000
_MOST_STREAMS = 8

Format = Literal["ARROW", "AVRO"]


@dataclass(frozen=True, slots=True)
class RowRange:
    """Rows `[start, end)` of a table as restricted; end: None reads to the end, when it is not known."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Session:
    """One read session. fields: the REST schema of what is read; codec: an Arrow `CompressionCodec` name."""

    name: str
    table: TableName
    fields: list[Resource]
    format: Format
    codec: str
    restriction: str | None
    selected: tuple[str, ...]
    expires_seconds: float
    streams: dict[str, RowRange] = field(default_factory=dict)

    def add_stream(self, rows: RowRange) -> str:
        """A new stream over some of the rows; its full name."""
        name = f"{self.name}/streams/{secrets.token_urlsafe(16)}"
        self.streams[name] = rows
        return name


class Sessions:
    """The sessions that have not expired."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def keep(self, session: Session) -> None:
        """Keep a session until it expires."""
        with self._lock:
            self._sessions[session.name] = session
            for name in [name for name, old in self._sessions.items() if old.expires_seconds < time.time()]:
                del self._sessions[name]

    def stream(self, name: str) -> tuple[Session, RowRange]:
        """The stream of that name and its session; 404 `notFound` when it is unknown or expired."""
        session = self._sessions.get(name.partition("/streams/")[0])
        if session is None or name not in session.streams:
            raise ApiError(404, "notFound", f"Not found: read stream {name}")
        return session, session.streams[name]


def new_session_name(project: str) -> tuple[str, float]:
    """A name for a session, and when it expires, in seconds since the epoch."""
    name = f"projects/{project}/locations/us/sessions/{secrets.token_urlsafe(24)}"
    return name, time.time() + _LIFETIME_SECONDS


def divide(rows: int, *, at_most: int, at_least: int) -> Iterator[RowRange]:
    """Row ranges for a session's streams; at_most: 0 leaves the number to the server. None for no rows."""
    wanted = max(at_least, -(-rows // _ROWS_PER_STREAM))
    count = min(wanted, at_most or _MOST_STREAMS, _MOST_STREAMS, rows)
    for index in range(count):
        yield RowRange(rows * index // count, rows * (index + 1) // count)


def split(rows: RowRange, fraction: float) -> tuple[RowRange, RowRange] | None:
    """A range in two at a fraction of its rows; None when a part would be empty or the end is not known."""
    if rows.end is None:
        return None
    middle = rows.start + int((rows.end - rows.start) * fraction)
    if not rows.start < middle < rows.end:
        return None
    return RowRange(rows.start, middle), RowRange(middle, rows.end)


def select(fields: Sequence[Resource], names: Sequence[str]) -> list[Resource]:
    """The fields that dotted names select, in the table's order; all without names; 400 for unknown ones."""
    if not names:
        return list(fields)
    by_head: dict[str, list[str]] = {}
    for name in names:
        head, _, rest = name.partition(".")
        by_head.setdefault(head.lower(), []).append(rest)
    unknown = by_head.keys() - {field["name"].lower() for field in fields}
    if unknown:
        listed = ", ".join(sorted(unknown))
        raise invalid(f"request failed: The following selected fields do not exist in the table schema: {listed}")
    return [_narrowed(field, by_head[field["name"].lower()]) for field in fields if field["name"].lower() in by_head]


def _narrowed(field: Resource, inner: list[str]) -> Resource:
    if "" in inner:
        return field
    return {**field, "fields": select(field.get("fields", []), inner)}
