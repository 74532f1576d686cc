"""Schemas of tables and routines, read from upstream with Gatebook's own credential and believed for a short while."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec

from gatebook.core import documents
from gatebook.core.analysis.footprint import TableRef
from gatebook.core.analysis.resources import routine_of, table_of
from gatebook.core.model import Caller
from gatebook.errors import Reason, UpstreamFailed
from gatebook.googlesql.catalog import Routine, Table
from gatebook.ports import Upstream, UpstreamRequest

_ENTRIES = 10_000
_REPLY_BYTES = 32 * 1024 * 1024
_HEADERS = (("accept", "application/json"), ("accept-encoding", "identity"))

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom schemas are read: the caller, and the project in which a dry run may be made."""

    caller: Caller
    project: str


class Schemas:
    """Reads tables and routines, remembers each for `fresh_seconds`. What does not exist is not remembered."""

    def __init__(self, upstream: Upstream, fresh_seconds: float) -> None:
        self._upstream = upstream
        self._tables = _Memory[Table](fresh_seconds)
        self._routines = _Memory[Routine](fresh_seconds)

    def known_table(self, ref: TableRef) -> Table | None:
        """Give the table if its schema is fresh, without asking upstream."""
        return self._tables.known(ref)

    def known_routine(self, ref: TableRef) -> Routine | None:
        """Give the routine if it is fresh, without asking upstream."""
        return self._routines.known(ref)

    def forget(self, refs: Iterable[TableRef]) -> None:
        """Read these afresh next time."""
        for ref in refs:
            self._tables.forget(ref)
            self._routines.forget(ref)

    async def table(self, ref: TableRef, asker: Asker) -> Table | None:
        """Give the table or view; None when upstream has none. Raises UpstreamFailed, CatalogError."""
        read = self._dry_run if _needs_dry_run(ref) else self._get_table
        return await self._tables.get(ref, lambda: read(ref, asker))

    async def routine(self, ref: TableRef, asker: Asker) -> Routine | None:
        """Give the routine; None when upstream has none. Raises UpstreamFailed, CatalogError."""
        return await self._routines.get(ref, lambda: self._get_routine(ref, asker))

    async def _get_table(self, ref: TableRef, asker: Asker) -> Table | None:
        resource = await self._ask(asker, "GET", f"{_dataset(ref)}/tables/{quote(ref.table, safe='')}")
        return None if resource is None else table_of((ref.project, ref.dataset, ref.table), resource)

    async def _get_routine(self, ref: TableRef, asker: Asker) -> Routine | None:
        resource = await self._ask(asker, "GET", f"{_dataset(ref)}/routines/{quote(ref.table, safe='')}")
        return None if resource is None else routine_of((ref.project, ref.dataset, ref.table), resource)

    async def _dry_run(self, ref: TableRef, asker: Asker) -> Table | None:
        """Let upstream say the schema of what has no resource: wildcard tables and INFORMATION_SCHEMA views."""
        path = (ref.project, *ref.dataset.split("."), ref.table)
        text = ".".join("`" + part.replace("\\", "\\\\").replace("`", "\\`") + "`" for part in path)
        query = {"query": f"SELECT * FROM {text}", "useLegacySql": False}  # noqa: S608 - every part is quoted above
        job = {"configuration": {"dryRun": True, "query": query}}
        target = f"/bigquery/v2/projects/{quote(asker.project, safe=':')}/jobs"
        reply = await self._ask(asker, "POST", target, msgspec.json.encode(job))
        if reply is None:
            return None
        return table_of(path, documents.obj(reply, "statistics", "query"))

    async def _ask(self, asker: Asker, verb: str, target: str, body: bytes | None = None) -> object | None:
        headers = _HEADERS if body is None else (*_HEADERS, ("content-type", "application/json"))
        request = UpstreamRequest(verb, target, headers, body, repeatable=True)
        reply = await self._upstream.forward(request, asker.caller)
        try:
            content = bytearray()
            async for chunk in reply.chunks():
                content += chunk
                if len(content) > _REPLY_BYTES:
                    raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a table is too large.")
        finally:
            await reply.close()
        if reply.status in (400, 403, 404):
            return None
        if reply.status != 200:
            raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery did not give the schema of a table. Try again.")
        try:
            resource: object = msgspec.json.decode(content)
        except msgspec.DecodeError as error:
            raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a table is not JSON.") from error
        return resource


def _dataset(ref: TableRef) -> str:
    return f"/bigquery/v2/projects/{quote(ref.project, safe=':')}/datasets/{quote(ref.dataset, safe='')}"


def _needs_dry_run(ref: TableRef) -> bool:
    return ref.table.endswith("*") or ref.dataset.upper().endswith("INFORMATION_SCHEMA")


class _Memory(Generic[Value]):
    """A bounded memory with an age limit; several who miss the same entry wait for one reading."""

    def __init__(self, fresh_seconds: float) -> None:
        self._fresh_seconds = fresh_seconds
        self._entries: OrderedDict[TableRef, tuple[Value, float]] = OrderedDict()
        self._reading: dict[TableRef, asyncio.Task[Value | None]] = {}

    def known(self, ref: TableRef) -> Value | None:
        entry = self._entries.get(ref)
        return entry[0] if entry is not None and entry[1] > time.monotonic() else None

    def forget(self, ref: TableRef) -> None:
        self._entries.pop(ref, None)
        # A reading under way may have begun before the change: it serves those who wait, and is not remembered.
        self._reading.pop(ref, None)

    async def get(self, ref: TableRef, read: Callable[[], Awaitable[Value | None]]) -> Value | None:
        known = self.known(ref)
        if known is not None:
            return known
        task = self._reading.get(ref)
        if task is None:
            task = self._reading[ref] = asyncio.ensure_future(self._read(ref, read))
            task.add_done_callback(lambda done: self._finish(ref, done))
        return await asyncio.shield(task)

    async def _read(self, ref: TableRef, read: Callable[[], Awaitable[Value | None]]) -> Value | None:
        return await read()

    def _finish(self, ref: TableRef, done: "asyncio.Task[Value | None]") -> None:
        value = None if done.cancelled() or done.exception() else done.result()
        if self._reading.get(ref) is not done:
            return
        del self._reading[ref]
        if value is not None:
            self._entries[ref] = (value, time.monotonic() + self._fresh_seconds)
            self._entries.move_to_end(ref)
            if len(self._entries) > _ENTRIES:
                self._entries.popitem(last=False)
