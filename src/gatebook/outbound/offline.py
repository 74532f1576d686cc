"""An Analyst without an upstream: the same reading of calls, with schemas and definitions from a list of resources."""

import asyncio
from collections.abc import Iterable
from typing import Any, cast

from gatebook.core import documents
from gatebook.core.analysis.footprint import Footprint, TableRef
from gatebook.core.analysis.resources import routine_of, table_of
from gatebook.core.model import Call, Caller, CallerKind
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Routine, Table
from gatebook.outbound.analyst import SqlAnalyst

_NOBODY = Caller("", "", CallerKind.WORKLOAD, "")  # whose schemas these are makes no difference here


class OfflineAnalyst:
    """Understands calls in this process, with the Table and Routine resources that it is given and no others."""

    def __init__(self, catalog_resources: Iterable[dict[str, Any]], *, time_limit_seconds: float = 10.0) -> None:
        listed = cast("Any", _Listed(catalog_resources))
        self._analyst = SqlAnalyst(cast("Any", _OneAnalyzer(time_limit_seconds)), listed, cache_entries=1024)

    def understand(self, call: Call) -> Footprint:
        """Give the footprint, as the gateway's analyst does. Raises Refused or Unavailable as that one does."""
        return asyncio.run(self._analyst.understand(call, _NOBODY))


class _Listed:
    """Schemas from a list."""

    def __init__(self, resources: Iterable[dict[str, Any]]) -> None:
        self._tables: dict[TableRef, Table] = {}
        self._routines: dict[TableRef, Routine] = {}
        for resource in resources:
            if "routineReference" in resource:
                ref = _reference(resource, "routineReference", "routineId")
                self._routines[ref] = routine_of((ref.project, ref.dataset, ref.table), resource)
            else:
                ref = _reference(resource, "tableReference", "tableId")
                self._tables[ref] = table_of((ref.project, ref.dataset, ref.table), resource)
        self.known_table = self._tables.get
        self.known_routine = self._routines.get

    async def table(self, ref: TableRef, _asker: object) -> Table | None:
        return self._tables.get(ref)

    async def routine(self, ref: TableRef, _asker: object) -> Routine | None:
        return self._routines.get(ref)

    def forget(self, refs: object) -> None:
        """Nothing here goes out of date."""


def _reference(resource: object, member: str, name: str) -> TableRef:
    parts = (documents.text(resource, member, part) or "" for part in ("projectId", "datasetId", name))
    return TableRef(*parts)


class _OneAnalyzer:
    """An analyzer in this process, where the gateway has worker processes."""

    def __init__(self, time_limit_seconds: float) -> None:
        self._analyzer = Analyzer()
        self._time_limit_seconds = time_limit_seconds

    async def run(self, function: Any, *args: Any) -> Any:
        with self._analyzer.engine.deadline(self._time_limit_seconds):
            return function(self._analyzer, *args)
