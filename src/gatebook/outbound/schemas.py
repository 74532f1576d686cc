"""Schemas and definitions of tables and routines, believed for a short while. Where they come from: a SchemaSource."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from gatebook.core.analysis.footprint import EVERYTHING, TableRef
from gatebook.core.model import Caller, JsonObject
from gatebook.core.policy.question import TableFacts
from gatebook.googlesql.catalog import Routine, Table

_ENTRIES = 10_000

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom schemas are read: the caller, and the project in which a dry run may be made."""

    caller: Caller
    project: str


@dataclass(frozen=True, slots=True)
class Described(Generic[Value]):
    """A table or routine as it was read, and the etag of that reading (RFC 9110, section 8.8.3) if there was one.

    `facts` are what classes of a table's columns are told by; None where the table has no resource of its own.
    """

    value: Value
    etag: str | None = None
    facts: TableFacts | None = None


class SchemaSource(Protocol):
    """Where tables and routines are described.

    Both methods take what was read `before` and may give it again when nothing changed; None means that there is no
    such thing, or that it may not be seen. They raise UpstreamFailed, and CatalogError for what is not understood.
    """

    async def table(self, ref: TableRef, asker: Asker, before: Described[Table] | None) -> Described[Table] | None:
        """Give a table, a view, a wildcard table or an INFORMATION_SCHEMA view."""
        ...

    async def routine(
        self, ref: TableRef, asker: Asker, before: Described[Routine] | None
    ) -> Described[Routine] | None:
        """Give a function, table function or procedure."""
        ...

    async def resource(self, ref: TableRef, asker: Asker) -> JsonObject | None:
        """Give the Table resource as it is at this moment."""
        ...


class Schemas:
    """Tables and routines, each remembered for `fresh_seconds`; what does not exist is looked up each time."""

    def __init__(self, source: SchemaSource, fresh_seconds: float) -> None:
        self._source = source
        self._tables = _Memory[Table](fresh_seconds)
        self._routines = _Memory[Routine](fresh_seconds)

    def holds_table(self, ref: TableRef, table: Table | None) -> bool:
        """Tell, without asking, whether the table (None: its absence) is what was read a short while ago."""
        return self._tables.holds(ref, table)

    def holds_routine(self, ref: TableRef, routine: Routine | None) -> bool:
        """Tell, without asking, whether the routine (None: its absence) is what was read a short while ago."""
        return self._routines.holds(ref, routine)

    def remembered(self, refs: Iterable[TableRef]) -> tuple[TableRef, ...]:
        """Give those of the tables and routines that would not be looked up again now."""
        return tuple(ref for ref in refs if self._tables.fresh(ref) or self._routines.fresh(ref))

    def forget(self, refs: Iterable[TableRef]) -> None:
        """Read these afresh next time; `*` as a table stands for everything in the dataset."""
        for ref in refs:
            self._tables.forget(ref)
            self._routines.forget(ref)

    async def table(self, ref: TableRef, asker: Asker) -> Table | None:
        """Give the table or view; None when there is none. Raises UpstreamFailed, CatalogError."""
        return await self._tables.get(ref, lambda before: self._source.table(ref, asker, before))

    def facts(self, ref: TableRef) -> TableFacts | None:
        """Give what classes of the table's columns are told by, as it was read a short while ago."""
        described = self._tables.fresh(ref)
        return None if described is None else described.facts

    async def resource(self, ref: TableRef, asker: Asker) -> JsonObject | None:
        """Give the Table resource as it is at this moment, None when there is none. Raises UpstreamFailed."""
        return await self._source.resource(ref, asker)

    async def routine(self, ref: TableRef, asker: Asker) -> Routine | None:
        """Give the routine; None when there is none. Raises UpstreamFailed, CatalogError."""
        return await self._routines.get(ref, lambda before: self._source.routine(ref, asker, before))


_Read = Callable[[Described[Value] | None], Awaitable[Described[Value] | None]]


@dataclass(frozen=True, slots=True)
class _Entry(Generic[Value]):
    described: Described[Value] | None  # None: there was none
    until: float


class _Memory(Generic[Value]):
    """A bounded memory with an age limit; several who miss the same entry wait for one reading."""

    def __init__(self, fresh_seconds: float) -> None:
        self._fresh_seconds = fresh_seconds
        self._entries: OrderedDict[TableRef, _Entry[Value]] = OrderedDict()
        self._reading: dict[TableRef, asyncio.Task[Described[Value] | None]] = {}

    def holds(self, ref: TableRef, value: Value | None) -> bool:
        entry = self._entries.get(ref)
        if entry is None or entry.until <= time.monotonic():
            return False
        return (None if entry.described is None else entry.described.value) == value

    def fresh(self, ref: TableRef) -> Described[Value] | None:
        entry = self._entries.get(ref)
        return None if entry is None or entry.until <= time.monotonic() else entry.described

    def forget(self, ref: TableRef) -> None:
        if ref.table == EVERYTHING:
            for known in [*self._entries, *self._reading]:
                if (known.project, known.dataset) == (ref.project, ref.dataset):
                    self._forget(known)
        else:
            self._forget(ref)

    def _forget(self, ref: TableRef) -> None:
        self._entries.pop(ref, None)
        # A reading under way may have begun before the change: it serves those who wait, and is not remembered.
        self._reading.pop(ref, None)

    async def get(self, ref: TableRef, read: _Read[Value]) -> Value | None:
        known = self.fresh(ref)
        if known is not None:
            return known.value
        entry = self._entries.get(ref)
        before = None if entry is None else entry.described
        task = self._reading.get(ref)
        if task is None:
            task = self._reading[ref] = asyncio.ensure_future(self._read(before, read))
            task.add_done_callback(lambda done: self._finish(ref, done))
        described = await asyncio.shield(task)
        return None if described is None else described.value

    async def _read(self, before: Described[Value] | None, read: _Read[Value]) -> Described[Value] | None:
        return await read(before)

    def _finish(self, ref: TableRef, done: "asyncio.Task[Described[Value] | None]") -> None:
        failed = done.cancelled() or done.exception() is not None
        if self._reading.get(ref) is not done:
            return
        del self._reading[ref]
        if failed:
            return
        self._entries[ref] = _Entry(done.result(), time.monotonic() + self._fresh_seconds)
        self._entries.move_to_end(ref)
        if len(self._entries) > _ENTRIES:
            self._entries.popitem(last=False)
