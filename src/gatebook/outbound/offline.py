"""An Analyst without an upstream: the same reading of calls, with schemas and definitions from a list of resources."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Concatenate, ParamSpec, TypeVar

from gatebook.core import documents
from gatebook.core.analysis.footprint import Footprint, TableRef
from gatebook.core.analysis.resources import routine_of, table_of
from gatebook.core.model import Call, Caller, CallerKind, JsonObject
from gatebook.core.policy.question import Tables
from gatebook.core.policy.table_facts import table_facts
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Routine, Table
from gatebook.googlesql.errors import CatalogError
from gatebook.outbound.analyst import SqlAnalyst
from gatebook.outbound.schemas import Asker, Described, Schemas

_NOBODY = Caller("", "", CallerKind.WORKLOAD, "")  # whose schemas these are makes no difference here
_CACHE_ENTRIES = 1024

CallArguments = ParamSpec("CallArguments")
ResultT = TypeVar("ResultT")


class OfflineAnalyst:
    """Understands calls in this process, with the tables and routines that it is given and no others.

    `catalog_resources` are Table and Routine resources as tables.get and routines.get give them. A wildcard table is
    described by the last of the tables that it matches, as in BigQuery. Raises CatalogError that names the resource
    which is not shaped as the REST reference says, or is there twice.
    """

    def __init__(self, catalog_resources: Iterable[dict[str, Any]], *, time_limit_seconds: float = 10.0) -> None:
        analyzer = _OneAnalyzer(time_limit_seconds)
        schemas = Schemas(ListedSchemas(catalog_resources), fresh_seconds=float("inf"))
        self._analyst = SqlAnalyst(analyzer, schemas, _CACHE_ENTRIES)

    def understand(self, call: Call) -> Footprint:
        """Give the footprint, as the gateway's analyst does. Raises Refused or Unavailable as that one does.

        Runs an event loop of its own: not to be called from a coroutine.
        """
        return asyncio.run(self._analyst.understand(call, _NOBODY))

    def known_tables(self, call: Call, footprint: Footprint) -> Tables:
        """Give the facts of the footprint's tables, as the gateway's analyst does."""
        return asyncio.run(self._analyst.known_tables(call, _NOBODY, footprint))


class ListedSchemas:
    """A SchemaSource over a list of resources."""

    def __init__(self, resources: Iterable[dict[str, Any]]) -> None:
        self._tables: dict[TableRef, Described[Table]] = {}
        self._resources: dict[TableRef, JsonObject] = {}
        self._routines: dict[TableRef, Described[Routine]] = {}
        for position, resource in enumerate(resources):
            try:
                self._add(resource)
            except CatalogError as error:
                raise CatalogError(f"resource {position + 1}: {error}") from None

    async def table(self, ref: TableRef, asker: Asker, before: Described[Table] | None) -> Described[Table] | None:
        """Give the table or view."""
        del asker, before
        return self._wildcard(ref) if ref.table.endswith("*") else self._tables.get(ref)

    async def routine(
        self, ref: TableRef, asker: Asker, before: Described[Routine] | None
    ) -> Described[Routine] | None:
        """Give the routine."""
        del asker, before
        return self._routines.get(ref)

    async def resource(self, ref: TableRef, asker: Asker) -> JsonObject | None:
        """Give the Table resource."""
        del asker
        return self._resources.get(ref)

    def _add(self, resource: object) -> None:
        table = _reference(resource, "tableReference", "tableId")
        routine = _reference(resource, "routineReference", "routineId")
        ref = table or routine
        if ref is None or (table is not None and routine is not None):
            raise CatalogError("give one of tableReference and routineReference, with all their members")
        if ref in self._tables or ref in self._routines:
            raise CatalogError(f"{ref} is there twice")
        path = (ref.project, ref.dataset, ref.table)
        try:
            if table is not None:
                self._tables[ref] = Described(table_of(path, resource), facts=table_facts(resource))
                self._resources[ref] = documents.obj(resource)
            else:
                self._routines[ref] = Described(routine_of(path, resource))
        except CatalogError as error:
            raise CatalogError(f"{ref}: {error}") from None

    def _wildcard(self, ref: TableRef) -> Described[Table] | None:
        prefix = ref.table.removesuffix("*")
        names = [
            known
            for known in self._tables
            if (known.project, known.dataset) == (ref.project, ref.dataset) and known.table.startswith(prefix)
        ]
        return _as_wildcard(ref, self._tables[max(names)].value) if names else None


def _as_wildcard(ref: TableRef, last: Table) -> Described[Table]:
    path = (ref.project, ref.dataset, ref.table)
    (suffix,) = table_of(path, {}).columns
    return Described(Table(path, (*last.columns, suffix)))


def _reference(resource: object, member: str, name: str) -> TableRef | None:
    parts = [documents.text(resource, member, part) for part in ("projectId", "datasetId", name)]
    project, dataset, last = parts
    return TableRef(project, dataset, last) if project and dataset and last else None


class _OneAnalyzer:
    """An analyzer in this process, where the gateway has worker processes."""

    def __init__(self, time_limit_seconds: float) -> None:
        self._analyzer = Analyzer()
        self._time_limit_seconds = time_limit_seconds

    async def run(
        self,
        function: Callable[Concatenate[Analyzer, CallArguments], ResultT],
        *args: CallArguments.args,
        **no_keywords: CallArguments.kwargs,
    ) -> ResultT:
        """Call `function(analyzer, *args)`; raises what it raises, AnalysisLimit when time is up."""
        with self._analyzer.engine.deadline(self._time_limit_seconds):
            return function(self._analyzer, *args, **no_keywords)
