"""The Analyst: reads what a call touches, with Google's analyzer in worker processes and schemas from upstream."""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from gatebook.core.analysis.document_shapes import check_document
from gatebook.core.analysis.footprint import EVERYTHING, Footprint, Opaque, Statement, TableRef
from gatebook.core.analysis.job_document import QueryAsk, read_job, read_query_request, read_view
from gatebook.core.analysis.methods import footprint_of_method
from gatebook.core.analysis.routine_document import read_routine
from gatebook.core.analysis.script import NamesUsed, names_used, read_script
from gatebook.core.book.remembered import Remembered
from gatebook.core.model import Call, Caller, Effect
from gatebook.core.policy.standing import is_hidden
from gatebook.errors import Reason, Refused, Unavailable, UpstreamFailed
from gatebook.googlesql.catalog import Catalog, Routine, Table
from gatebook.googlesql.errors import AnalysisLimit, CatalogError, GoogleSqlError, SqlError
from gatebook.googlesql.pool import AnalyzerPool
from gatebook.outbound.schemas import Asker, Schemas

_CHANGES_SCHEMAS = ("CREATE", "DROP", "ALTER", "RENAME", "UNDROP", "LOAD")


@dataclass(frozen=True, slots=True)
class _Plan:
    """A footprint, and the schemas it was read with: it holds as long as they do."""

    footprint: Footprint
    tables: tuple[tuple[TableRef, Table], ...]
    routines: tuple[tuple[TableRef, Routine], ...]


class _Question(NamedTuple):
    """Everything a footprint depends on, apart from schemas. Hashable: it is the key of the plan cache."""

    sql: str
    project: str
    dataset: str | None
    parameters: tuple[object, ...]


class SqlAnalyst:
    """The Analyst port on an AnalyzerPool and Schemas. Footprints are cached while the schemas they rest on hold."""

    def __init__(self, pool: AnalyzerPool, schemas: Schemas, cache_entries: int) -> None:
        self._pool = pool
        self._schemas = schemas
        self._cache_entries = cache_entries
        self._plans: OrderedDict[_Question, _Plan] = OrderedDict()
        self._read_whole = Remembered(_tables_read_whole, cache_entries)

    async def understand(self, call: Call, caller: Caller) -> Footprint:
        """Give the footprint. Raises Refused, Unavailable or UpstreamFailed as the port says."""
        check_document(call)
        footprint = await self._understand(call, caller)
        whole = self._read_whole(footprint)
        if not whole:
            return footprint
        return await self._spelled_out(footprint, whole, Asker(caller, call.resource.get("projectId", "")))

    async def _understand(self, call: Call, caller: Caller) -> Footprint:
        if call.method.effect is Effect.JOB and call.document is not None:
            return await self._job(call, caller)
        footprint = footprint_of_method(call)
        definition = read_view(call) or read_routine(call)
        if definition is None:
            return footprint
        defined = await self._ask(definition, call, caller)
        if len(defined.statements) != 1:
            opaque = Opaque("definition", "what a view or routine is defined by must be one statement.")
            defined = Footprint((Statement("SELECT", opaque=(opaque,)),))
        return Footprint((*footprint.statements, *defined.statements))

    async def _spelled_out(self, footprint: Footprint, whole: frozenset[TableRef], asker: Asker) -> Footprint:
        """Name the columns where all of a table are read, so that the book finds them.

        What has no schema here, or none that can be had now, keeps the sign for all columns.
        """
        columns: dict[TableRef, tuple[str, ...]] = {}
        for ref in whole:
            with suppress(CatalogError, UpstreamFailed):
                table = await self._schemas.table(ref, asker)
                columns[ref] = () if table is None else tuple(c.name for c in table.columns if not c.pseudo)
        return _with_columns(footprint, columns) if any(columns.values()) else footprint

    async def _job(self, call: Call, caller: Caller) -> Footprint:
        ask = read_query_request(call) if call.method.name == "bigquery.jobs.query" else read_job(call)
        if isinstance(ask, Statement):
            return Footprint((ask,))
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
            if statement.type.startswith(_CHANGES_SCHEMAS):
                self._schemas.forget(statement.tables_written)

    async def _query(self, ask: QueryAsk, asker: Asker) -> Footprint:
        question = _Question(ask.sql, ask.project, ask.dataset, _parameter_key(ask))
        plan = self._plans.get(question)
        if plan is not None and self._still_holds(plan):
            self._plans.move_to_end(question)
            return plan.footprint
        try:
            plan = await self._read(ask, asker)
        except AnalysisLimit as limit:
            detail = f"{limit}. Write it in smaller statements."
            return Footprint((Statement("SELECT", opaque=(Opaque("analysis_limit", detail),)),))
        except SqlError as error:
            raise _refusal(error) from error
        except CatalogError as error:
            detail = f"{error}. Ask for fewer tables at a time, or rename one."
            return Footprint((Statement("SELECT", opaque=(Opaque("catalog", detail),)),))
        except GoogleSqlError as error:
            raise Unavailable(Reason.ANALYZER_UNAVAILABLE, "The SQL analyzer is not available. Try again.") from error
        self._plans[question] = plan
        if len(self._plans) > self._cache_entries:
            self._plans.popitem(last=False)
        return plan.footprint

    def _still_holds(self, plan: _Plan) -> bool:
        for ref, table in plan.tables:
            known = self._schemas.known_table(ref)
            if known is not table and known != table:
                return False
        return all(self._schemas.known_routine(ref) == routine for ref, routine in plan.routines)

    async def _read(self, ask: QueryAsk, asker: Asker) -> _Plan:
        names = await self._pool.run(names_used, ask.sql, ask.project, ask.dataset)
        known = {ref for ref in names.tables if self._schemas.known_table(ref) is not None}
        try:
            return await self._read_with(ask, names, asker)
        except SqlError:
            if not known:
                raise
            # What was remembered may be out of date: look once more before blaming the query.
            self._schemas.forget(known)
            return await self._read_with(ask, names, asker)

    async def _read_with(self, ask: QueryAsk, names: NamesUsed, asker: Asker) -> _Plan:
        tables, routines = await asyncio.gather(
            asyncio.gather(*(self._schemas.table(ref, asker) for ref in names.tables)),
            asyncio.gather(*(self._schemas.routine(ref, asker) for ref in names.routines)),
        )
        found_tables = tuple((r, t) for r, t in zip(names.tables, tables, strict=True) if t is not None)
        found_routines = tuple((r, f) for r, f in zip(names.routines, routines, strict=True) if f is not None)
        catalog = Catalog(
            tables=tuple(table for _, table in found_tables),
            routines=tuple(routine for _, routine in found_routines),
            default_project=ask.project,
            default_dataset=ask.dataset,
        )
        footprint = await self._pool.run(read_script, ask.sql, catalog, ask.parameters)
        return _Plan(footprint, found_tables, found_routines)


def _tables_read_whole(footprint: Footprint) -> frozenset[TableRef]:
    """Give the tables of which all columns are read; result tables stay as they are."""
    read = (pair for statement in footprint.statements for pair in statement.columns_read)
    return frozenset(table for table, column in read if column == EVERYTHING and not is_hidden(table))


def _with_columns(footprint: Footprint, columns: dict[TableRef, tuple[str, ...]]) -> Footprint:
    def spelled(pairs: tuple[tuple[TableRef, str], ...]) -> tuple[tuple[TableRef, str], ...]:
        whole = {table for table, column in pairs if column == EVERYTHING and columns.get(table)}
        kept = [(table, column) for table, column in pairs if table not in whole]
        return tuple(sorted({*kept, *((table, column) for table in whole for column in columns[table])}))

    return Footprint(tuple(replace(s, columns_read=spelled(s.columns_read)) for s in footprint.statements))


def _parameter_key(ask: QueryAsk) -> tuple[object, ...]:
    parameters = ask.parameters or ()
    return tuple(parameters.items()) if isinstance(parameters, dict) else tuple(parameters)


def _with_destination(footprint: Footprint, destination: TableRef) -> Footprint:
    """Add the table that the result is written to, to the last statement: it is the one that has a result."""
    if not footprint.statements:
        return footprint
    *before, last = footprint.statements
    return Footprint((*before, replace(last, tables_written=(*last.tables_written, destination))))


def _refusal(error: SqlError) -> Refused:
    """Say what the analyzer says, as BigQuery does."""
    kind, _, name = error.message.partition("not found: ")
    if kind == "Table " and name:
        return Refused(Reason.TABLE_NOT_FOUND, f"Not found: Table {name} was not found")
    return Refused(Reason.SQL_INVALID, str(error))
