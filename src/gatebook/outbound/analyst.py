"""The Analyst: reads what a call touches, with Google's analyzer in worker processes and schemas from upstream."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Concatenate, NamedTuple, ParamSpec, Protocol, TypeVar

from gatebook.core import documents
from gatebook.core.analysis.destination import Destination
from gatebook.core.analysis.document_shapes import check_document
from gatebook.core.analysis.footprint import EVERYTHING, Footprint, Opaque, ResourceKind, Statement, TableRef
from gatebook.core.analysis.job_document import QueryAsk, read_job, read_query_request, read_view
from gatebook.core.analysis.methods import footprint_of_method, needs_current
from gatebook.core.analysis.reasons import opaque
from gatebook.core.analysis.routine_document import read_routine
from gatebook.core.analysis.script import NamesUsed, names_defined_by, names_used, read_script
from gatebook.core.analysis.whole_tables import spelled_out, tables_to_know
from gatebook.core.book.remembered import Remembered
from gatebook.core.model import Call, Caller, Effect
from gatebook.core.policy.question import Tables
from gatebook.core.policy.standing import is_hidden
from gatebook.core.policy.touched import TouchedTables
from gatebook.errors import Reason, Refused, Unavailable, UpstreamFailed
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Routine, Table
from gatebook.googlesql.errors import AnalysisLimit, CatalogError, GoogleSqlError, SqlError
from gatebook.outbound.schemas import Asker, Schemas

# Views over views over routines: BigQuery's own limit is 16 levels of views. The number bounds what one call looks up.
_DEFINITIONS_DEPTH = 24
_DEFINITIONS_NAMES = 1000

CallArguments = ParamSpec("CallArguments")
ResultT = TypeVar("ResultT")


class Analyzers(Protocol):
    """What this module needs of `gatebook.googlesql.pool.AnalyzerPool`."""

    async def run(
        self,
        function: Callable[Concatenate[Analyzer, CallArguments], ResultT],
        *args: CallArguments.args,
        **no_keywords: CallArguments.kwargs,
    ) -> ResultT:
        """Give `function(analyzer, *args)`."""
        ...


_KEEPS_SCHEMAS = frozenset({"DELETE", "INSERT", "MERGE", "TRUNCATE_TABLE", "UPDATE"})
_DEFINITION_REASONS = frozenset({"procedure", "routine_definition", "view_definition"})


_Tables = tuple[tuple[TableRef, Table | None], ...]  # None: there is none
_Routines = tuple[tuple[TableRef, Routine | None], ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """A footprint, and the schemas and definitions it was read with: it holds as long as all of them do."""

    footprint: Footprint
    tables: _Tables
    routines: _Routines


class _Question(NamedTuple):
    """Everything a footprint depends on, apart from schemas. Hashable: it is the key of the plan cache."""

    sql: str
    project: str
    dataset: str | None
    parameters: tuple[object, ...]


class SqlAnalyst:
    """The Analyst port on Analyzers and Schemas. Footprints are cached while the schemas they rest on hold."""

    def __init__(self, pool: Analyzers, schemas: Schemas, cache_entries: int) -> None:
        self._pool = pool
        self._schemas = schemas
        self._cache_entries = cache_entries
        self._plans: OrderedDict[_Question, _Plan] = OrderedDict()
        self._touched = TouchedTables(cache_entries)
        self._read_whole = Remembered(partial(tables_to_know, moved=False), cache_entries)

    async def understand(self, call: Call, caller: Caller) -> Footprint:
        """Give the footprint. Raises Refused, Unavailable or UpstreamFailed as the port says."""
        check_document(call)
        asker = Asker(caller, call.resource.get("projectId", ""))
        footprint = await self._understand(call, caller, asker)
        moved = not _has_sql(call)
        whole = tables_to_know(footprint, moved=True) if moved else self._read_whole(footprint)
        return await self._spelled_out(footprint, whole, asker, moved=moved) if whole else footprint

    async def _understand(self, call: Call, caller: Caller, asker: Asker) -> Footprint:
        if call.method.effect is Effect.JOB and call.document is not None:
            return await self._job(call, caller)
        changed = needs_current(call)
        current = None if changed is None else await self._schemas.resource(changed, asker)
        footprint = footprint_of_method(call, current)
        definition = read_view(call) or read_routine(call)
        if definition is None:
            return footprint
        defined = await self._ask(definition, call, caller)
        if len(defined.statements) != 1:
            why = Opaque("definition", "what a view or routine is defined by must be one statement.")
            defined = Footprint((Statement("SELECT", opaque=(why,)),))
        return Footprint((*footprint.statements, *defined.statements))

    async def known_tables(self, call: Call, caller: Caller, footprint: Footprint) -> Tables:
        """Give the facts of the footprint's tables. Raises UpstreamFailed as the port says."""
        asker = Asker(caller, call.resource.get("projectId", ""))
        refs = [ref for ref in footprint.tables if ref.table != EVERYTHING and not is_hidden(ref)]
        missing = [ref for ref in refs if not self._schemas.remembered((ref,))]
        if missing:
            await asyncio.gather(*(self._look_at(ref, asker) for ref in missing))
        known = ((ref, self._schemas.facts(ref)) for ref in refs)
        return self._touched(footprint, {ref: facts for ref, facts in known if facts is not None})

    async def _look_at(self, ref: TableRef, asker: Asker) -> None:
        with suppress(CatalogError):
            await self._schemas.table(ref, asker)

    async def _spelled_out(
        self, footprint: Footprint, whole: frozenset[TableRef], asker: Asker, *, moved: bool
    ) -> Footprint:
        """Name the columns where all of a table are read; result tables, and what has no schema, stay as they are."""
        known: dict[TableRef, Table] = {}

        async def look_up(ref: TableRef) -> None:
            with suppress(CatalogError, UpstreamFailed):
                table = await self._schemas.table(ref, asker)
                if table is not None:
                    known[ref] = table

        await asyncio.gather(*(look_up(ref) for ref in whole if not is_hidden(ref)))
        return spelled_out(footprint, known, moved=moved)

    async def _job(self, call: Call, caller: Caller) -> Footprint:
        ask = read_query_request(call) if call.method.name == "bigquery.jobs.query" else read_job(call)
        if isinstance(ask, tuple):
            return Footprint(ask)
        footprint = await self._ask(ask, call, caller)
        return footprint if ask.destination is None else _with_destination(footprint, ask.destination)

    async def _ask(self, ask: QueryAsk, call: Call, caller: Caller) -> Footprint:
        if ask.opaque:
            return Footprint((Statement("SELECT", opaque=ask.opaque),))
        return await self._query(ask, Asker(caller, call.resource["projectId"]))

    def observe(self, call: Call, footprint: Footprint) -> None:
        """Forget the schemas that a forwarded call may have changed."""
        del call
        for statement in footprint.statements:
            if statement.type not in _KEEPS_SCHEMAS:
                self._schemas.forget(statement.tables_written)
                self._schemas.forget(_routines_written(statement))

    async def _query(self, ask: QueryAsk, asker: Asker) -> Footprint:
        question = _Question(ask.sql, ask.project, ask.dataset, _parameter_key(ask))
        plan = self._plans.get(question)
        if plan is not None and self._still_holds(plan):
            self._plans.move_to_end(question)
            return plan.footprint
        try:
            if plan is not None and await self._holds_again(plan, asker):
                return plan.footprint
            plan = await self._read(ask, asker)
        except AnalysisLimit as limit:
            return Footprint((Statement("SELECT", opaque=(opaque("analysis_limit", str(limit)),)),))
        except SqlError as error:
            raise _refusal(error) from error
        except CatalogError as error:
            return Footprint((Statement("SELECT", opaque=(opaque("catalog", str(error)),)),))
        except GoogleSqlError as error:
            raise Unavailable(Reason.ANALYZER_UNAVAILABLE, "The SQL analyzer is not available. Try again.") from error
        self._plans[question] = plan
        if len(self._plans) > self._cache_entries:
            self._plans.popitem(last=False)
        return plan.footprint

    def _still_holds(self, plan: _Plan) -> bool:
        return all(self._schemas.holds_table(ref, table) for ref, table in plan.tables) and all(
            self._schemas.holds_routine(ref, routine) for ref, routine in plan.routines
        )

    async def _holds_again(self, plan: _Plan, asker: Asker) -> bool:
        """Read what is no longer fresh: where all of it is as it was, so is the footprint."""
        tables = [ref for ref, _ in plan.tables]
        routines = [ref for ref, _ in plan.routines]
        return await self._look_up(tables, routines, asker) == (plan.tables, plan.routines)

    async def _read(self, ask: QueryAsk, asker: Asker) -> _Plan:
        names = await self._pool.run(names_used, ask.sql, ask.project, ask.dataset)
        known = self._schemas.remembered((*names.tables, *names.routines))
        try:
            plan = await self._read_with(ask, names, asker)
        except SqlError:
            if not known:
                raise
        else:
            if not known or _DEFINITION_REASONS.isdisjoint(item.reason for item in plan.footprint.opaque):
                return plan
            known = tuple(ref for ref, _ in (*plan.tables, *plan.routines))
        # What was remembered may be out of date: look once more before blaming the query.
        self._schemas.forget(known)
        return await self._read_with(ask, names, asker)

    async def _read_with(self, ask: QueryAsk, names: NamesUsed, asker: Asker) -> _Plan:
        tables, routines = await self._closure(names, asker)
        catalog = Catalog(
            tables=tuple(table for _, table in tables if table is not None),
            routines=tuple(routine for _, routine in routines if routine is not None),
            default_project=ask.project,
            default_dataset=ask.dataset,
        )
        footprint = await self._pool.run(read_script, ask.sql, catalog, ask.parameters)
        return _Plan(footprint, tables, routines)

    async def _closure(self, names: NamesUsed, asker: Asker) -> tuple[_Tables, _Routines]:
        """Look up what is named, what its definitions name, and so on; what is beyond the bounds stays unknown."""
        tables: dict[TableRef, Table | None] = {}
        routines: dict[TableRef, Routine | None] = {}
        new_tables, new_routines = list(names.tables), list(names.routines)
        for _ in range(_DEFINITIONS_DEPTH):
            found_tables, found_routines = await self._look_up(new_tables, new_routines, asker)
            tables.update(found_tables)
            routines.update(found_routines)
            defined = await self._defined_by([item for _, item in (*found_tables, *found_routines) if item is not None])
            new_tables = sorted({ref for names in defined for ref in names.tables} - tables.keys())
            new_routines = sorted({ref for names in defined for ref in names.routines} - routines.keys())
            if not new_tables and not new_routines:
                break
            if len(tables) + len(routines) + len(new_tables) + len(new_routines) > _DEFINITIONS_NAMES:
                break
        return tuple(tables.items()), tuple(routines.items())

    async def _defined_by(self, items: Sequence[Table | Routine]) -> list[NamesUsed]:
        """Find out what views and routines name in turn; nothing where that takes too long to find out."""
        texts = [item for item in items if isinstance(item, Routine) or item.definition is not None]
        found = await asyncio.gather(
            *(self._pool.run(names_defined_by, item) for item in texts), return_exceptions=True
        )
        for problem in found:
            if isinstance(problem, BaseException) and not isinstance(problem, AnalysisLimit):
                raise problem
        return [names for names in found if isinstance(names, NamesUsed)]

    async def _look_up(
        self, tables: Sequence[TableRef], routines: Sequence[TableRef], asker: Asker
    ) -> tuple[_Tables, _Routines]:
        found_tables, found_routines = await asyncio.gather(
            asyncio.gather(*(self._schemas.table(ref, asker) for ref in tables)),
            asyncio.gather(*(self._schemas.routine(ref, asker) for ref in routines)),
        )
        return tuple(zip(tables, found_tables, strict=True)), tuple(zip(routines, found_routines, strict=True))


def _routines_written(statement: Statement) -> Iterator[TableRef]:
    for resource in statement.resources_written:
        parts = resource.name.split(".")
        if resource.kind is ResourceKind.ROUTINE and len(parts) == 3:
            yield TableRef(*parts)


def _has_sql(call: Call) -> bool:
    """Tell calls whose SQL says which columns go where."""
    if call.method.effect is not Effect.JOB:
        return read_view(call) is not None or read_routine(call) is not None
    return bool(documents.query_section(call.method.name, call.document))


def _parameter_key(ask: QueryAsk) -> tuple[object, ...]:
    parameters = ask.parameters or ()
    return tuple(parameters.items()) if isinstance(parameters, dict) else tuple(parameters)


def _with_destination(footprint: Footprint, destination: Destination) -> Footprint:
    """Add the table that the result is written to, to the last statement: it is the one that has a result."""
    if not footprint.statements:
        return footprint
    *before, last = footprint.statements
    written = replace(
        last,
        tables_written=(*last.tables_written, destination.table),
        traits=tuple(sorted({*last.traits, *destination.traits})),
    )
    return Footprint((*destination.truncation, *before, written))


def _refusal(error: SqlError) -> Refused:
    """Say what the analyzer says, as BigQuery does."""
    kind, _, name = error.message.partition("not found: ")
    if kind == "Table " and name:
        return Refused(Reason.TABLE_NOT_FOUND, f"Not found: Table {name} was not found")
    return Refused(Reason.SQL_INVALID, str(error))
