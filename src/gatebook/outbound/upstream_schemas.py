"""Tables and routines as upstream describes them, read with Gatebook's own credential."""

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

import msgspec

from gatebook.core import documents
from gatebook.core.analysis.footprint import TableRef
from gatebook.core.analysis.resources import routine_of, table_of
from gatebook.core.model import JsonObject
from gatebook.core.policy.question import TableFacts
from gatebook.core.policy.table_facts import table_facts
from gatebook.errors import Reason, UpstreamFailed
from gatebook.googlesql.catalog import Routine, Table
from gatebook.outbound.schemas import Asker, Described
from gatebook.ports import Upstream, UpstreamReply, UpstreamRequest

_REPLY_BYTES = 32 * 1024 * 1024
_HEADERS = (("accept", "application/json"), ("accept-encoding", "identity"))
_NOT_THERE = (400, 403, 404)
_REFERENCE = ("projectId", "datasetId", "tableId")
_UNNAMED = (None, None, None)

Value = TypeVar("Value")


class UpstreamSchemas:
    """A SchemaSource on BigQuery's REST API v2: tables.get, routines.get, and dry runs for what has no resource."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream

    async def table(self, ref: TableRef, asker: Asker, before: Described[Table] | None) -> Described[Table] | None:
        """Give the table or view. Raises UpstreamFailed, CatalogError."""
        if _needs_dry_run(ref):
            return await self._dry_run(ref, asker)
        return await self._get(_table(ref), asker, before, _reader(ref), table_facts)

    async def routine(
        self, ref: TableRef, asker: Asker, before: Described[Routine] | None
    ) -> Described[Routine] | None:
        """Give the routine. Raises UpstreamFailed, CatalogError."""
        path = (ref.project, ref.dataset, ref.table)
        target = f"{_dataset(ref)}/routines/{quote(ref.table, safe='')}"
        return await self._get(target, asker, before, lambda resource: routine_of(path, resource), _no_facts)

    async def resource(self, ref: TableRef, asker: Asker) -> JsonObject | None:
        """Give the Table resource as it is now. Raises UpstreamFailed."""
        _, resource = await self._ask(UpstreamRequest("GET", _table(ref), _HEADERS, repeatable=True), asker)
        return resource if isinstance(resource, dict) else None

    async def _get(
        self,
        target: str,
        asker: Asker,
        before: Described[Value] | None,
        read: Callable[[object], Value | None],
        facts: Callable[[object], TableFacts | None],
    ) -> Described[Value] | None:
        etag = None if before is None else before.etag
        conditional = () if etag is None else (("if-none-match", etag),)
        request = UpstreamRequest("GET", target, (*_HEADERS, *conditional), repeatable=True)
        status, resource = await self._ask(request, asker)
        if status == 304 and before is not None:
            return before
        value = None if resource is None else read(resource)
        return None if value is None else Described(value, documents.text(resource, "etag"), facts(resource))

    async def _dry_run(self, ref: TableRef, asker: Asker) -> Described[Table] | None:
        """Let upstream say the schema of what has no resource: wildcard tables and INFORMATION_SCHEMA views."""
        path = (ref.project, *ref.dataset.split("."), ref.table)
        text = ".".join("`" + part.replace("\\", "\\\\").replace("`", "\\`") + "`" for part in path)
        query = {"query": f"SELECT * FROM {text}", "useLegacySql": False}  # noqa: S608 - every part is quoted above
        job = msgspec.json.encode({"configuration": {"dryRun": True, "query": query}})
        target = f"/bigquery/v2/projects/{quote(asker.project, safe=':')}/jobs"
        headers = (*_HEADERS, ("content-type", "application/json"))
        _, reply = await self._ask(UpstreamRequest("POST", target, headers, job, repeatable=True), asker)
        return None if reply is None else Described(table_of(path, documents.obj(reply, "statistics", "query")))

    async def _ask(self, request: UpstreamRequest, asker: Asker) -> tuple[int, object | None]:
        reply = await self._upstream.forward(request, asker.caller)
        try:
            content = await _content(reply)
        finally:
            await reply.close()
        if reply.status == 304 or reply.status in _NOT_THERE:
            return reply.status, None
        if reply.status != 200:
            raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery did not give the schema of a table. Try again.")
        try:
            resource: object = msgspec.json.decode(content)
        except msgspec.DecodeError as error:
            raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a table is not JSON.") from error
        return reply.status, resource


async def _content(reply: UpstreamReply) -> bytes:
    content = bytearray()
    async for chunk in reply.chunks():
        content += chunk
        if len(content) > _REPLY_BYTES:
            raise UpstreamFailed(Reason.UPSTREAM_BROKEN, "BigQuery's description of a table is too large.")
    return bytes(content)


def _reader(ref: TableRef) -> Callable[[object], Table | None]:
    """Read a table that is called as it was asked for.

    Datasets may not care for case, and projects have a number beside their id: a table under another spelling of its
    name would pass by every rule that names it, so under that spelling there is none.
    """
    path = (ref.project, ref.dataset, ref.table)

    def read(resource: object) -> Table | None:
        named = tuple(documents.text(resource, "tableReference", part) for part in _REFERENCE)
        return table_of(path, resource) if named in (path, _UNNAMED) else None

    return read


def _no_facts(_: object) -> None:
    """Routines have no columns of their own."""


def _table(ref: TableRef) -> str:
    return f"{_dataset(ref)}/tables/{quote(ref.table, safe='')}"


def _dataset(ref: TableRef) -> str:
    return f"/bigquery/v2/projects/{quote(ref.project, safe=':')}/datasets/{quote(ref.dataset, safe='')}"


def _needs_dry_run(ref: TableRef) -> bool:
    return ref.table.endswith("*") or ref.dataset.upper().endswith("INFORMATION_SCHEMA")
