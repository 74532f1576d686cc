"""From a statement's text to an analyzed statement with everything it names looked up."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from gatebook.googlesql import tree
from gatebook.googlesql.analysis import Analysis
from gatebook.googlesql.catalog import Catalog, Column, Table
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.tree import ByteRange
from gatebook.googlesql.types import SqlType, from_proto
from gatebook.sandbox.errors import ApiError, invalid_query
from gatebook.sandbox.translate import Environment
from gatebook.sandbox.warehouse.binding.analysts import ParameterTypes
from gatebook.sandbox.warehouse.binding.bound import Bound
from gatebook.sandbox.warehouse.binding.functions import UserRoutine
from gatebook.sandbox.warehouse.binding.known import Known
from gatebook.sandbox.warehouse.binding.lookup import Lookup
from gatebook.sandbox.warehouse.binding.relations import Relation
from gatebook.sandbox.warehouse.binding.templates import specialise
from gatebook.sandbox.warehouse.binding.text import Path, Source, Text
from gatebook.sandbox.warehouse.binding.usage import called_routines
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.names import DatasetName, TableName
from gatebook.sandbox.warehouse.state.store import Change

_NOT_FOUND: Final = re.compile(r"(Table|Function|Table-valued function) not found: ([^;]+)")
_ASSIGNED: Final = ("_assigned_value",)


class Binder:
    """Looks up what texts of one origin name: a job's own statements, or the definition of one view or routine.

    project, dataset: what names without them belong to. views and expanding: the views and routines being
    expanded, outermost first.
    """

    def __init__(
        self,
        job: Job,
        change: Change,
        project: str,
        dataset: DatasetName | None,
        views: tuple[TableName, ...] = (),
        expanding: tuple[str, ...] = (),
    ) -> None:
        self._job = job
        self._change = change
        self._project = project
        self._dataset = dataset
        self._views = views
        self._expanding = expanding
        self._private = not views and not expanding
        self._lookup = Lookup(job, change, project, dataset, views, self._bind_view, private=self._private)
        self._owners: dict[str, Binder] = {}
        self.known = Known()

    def bind(self, text: Text, parameters: ParameterTypes, *, creates: bool = False) -> Bound:
        """Look up and analyze one statement.

        creates: whether tables that are missing are to be made by it; the analyzer wants LOAD DATA's target to exist.
        """
        self.look_up(text.paths)
        if creates:
            self._stand_in_for_missing(text.paths)
        analysis = self._analyzed(text, parameters)
        bodies = tuple(self._bodies(analysis.statement, set()))
        return Bound(text, analysis, bodies, self.environment(), self.known.relations, self.known.routines)

    def bind_expression(self, text: Text, parameters: ParameterTypes) -> Any:
        """Look up and analyze one expression: its resolved tree."""
        self.look_up(text.paths)
        try:
            return self._job.services.analysts.expression(text.sql, self._catalog(), parameters)
        except SqlError as error:
            raise self._explained(text.located(error)) from error

    def bind_assignment(self, source: Source, where: ByteRange, sql_type: SqlType, parameters: ParameterTypes) -> Any:
        """An expression as assigned to something of a type: its resolved tree, coerced as BigQuery coerces.

        The analyzer knows assignment to columns only, so it is shown an INSERT into a table of one such column.
        """
        text = source.text(where, f"INSERT INTO {_ASSIGNED[0]} (value) VALUES (", "\n)")
        self.look_up(text.paths)
        column = Table(_ASSIGNED, (Column("value", sql_type),))
        try:
            analysis = self._job.services.analysts.analyze(text.sql, self._catalog(column), parameters)
        except SqlError as error:
            located = text.located(error)
            if located.message.startswith("Value has type "):
                found = located.message.removeprefix("Value has type ").partition(" ")[0]
                what = f"Cannot coerce expression of type {found} to type {sql_type.sql()}"
                located = SqlError(what, located.line, located.column)
            raise self._explained(located) from error
        return tree.unwrap(analysis.statement.row_list[0].value_list[0].value)

    def environment(self) -> Environment:
        """What translation needs to know."""
        scope, request = self._job.scope, self._job.request
        return Environment(
            table_sql=lambda name: self.known.relations[name].source(),
            target_sql=lambda name: self.known.relations[name].target or "",
            parameters={name: variable.sql for name, variable in scope.parameters.items()},
            constants={name: variable.sql for name, variable in scope.variables.items()},
            system_variables=scope.system,
            routine=self._definition,
            session_user=request.user_email,
            now=self._job.now,
            time_zone=self._job.time_zone,
        )

    def _analyzed(self, text: Text, parameters: ParameterTypes) -> Analysis:
        try:
            analysis = self._job.services.analysts.analyze(text.sql, self._catalog(), parameters)
            statement, found = specialise(analysis.statement)
            self.known.specialised |= found
            return replace(analysis, statement=statement)
        except SqlError as error:
            raise self._explained(text.located(error)) from error

    def _catalog(self, *more: Table) -> Catalog:
        variables = self._job.scope.variables if self._private else {}
        return Catalog(
            tables=(*(relation.schema for relation in self.known.relations.values()), *more),
            routines=tuple(self.known.declared.values()),
            constants=tuple((name, variable.type) for name, variable in variables.items()),
            default_project=self._project,
            default_dataset=self._dataset.dataset if self._dataset else None,
        )

    def _explained(self, error: SqlError) -> Exception:
        """What was wrong with the table or routine that the analyzer did not find, if anything is known."""
        missing = _NOT_FOUND.match(error.message)
        if missing is None:
            return error
        kind = "table" if missing[1] == "Table" else "function"
        return self.known.failed.get((kind, missing[2].replace("`", "").lower()), error)

    def _bind_view(self, name: TableName, query: str, views: tuple[TableName, ...]) -> Bound:
        inner = Binder(self._job, self._change, name.project, None, views)
        try:
            return inner.bind(self._job.services.analysts.single(query), {})
        except SqlError as error:
            raise _inside(f"{name.project}.{name.dataset}.{name.table}", error) from error

    # -- names and routines

    def look_up(self, mentioned: Iterable[Path]) -> None:
        """Find what paths name."""
        for path in sorted(mentioned):
            key = ".".join(path).lower()
            try:
                relation = self._lookup.relation(path)
                if relation is not None:
                    self.known.relations.setdefault(relation.schema.full_name, relation)
            except (ApiError, SqlError) as error:  # it matters only if the statement needs what this path names
                self.known.failed["table", key] = error
            try:
                self._look_up_routine(path)
            except (ApiError, SqlError) as error:
                self.known.failed["function", key] = error

    def _stand_in_for_missing(self, mentioned: Iterable[Path]) -> None:
        for path in mentioned:
            error = self.known.failed.get(("table", ".".join(path).lower()))
            if isinstance(error, ApiError) and error.message.startswith("Not found: Table"):
                self.known.relations[".".join(path)] = Relation(Table(path, ()), lambda: "", lambda _columns: 0)

    def _look_up_routine(self, path: Path) -> None:
        routine = self._lookup.routine(path)
        key = "" if routine is None else ".".join(routine.path).lower()
        if routine is None or key in self.known.routines or key in self._expanding:
            return
        self.known.routines[key] = routine
        self.known.declared[key] = routine.declared(self._returned(routine) if routine.is_sql_function else None)

    def check_routine(self, routine: UserRoutine) -> None:
        """Raise what calling a routine would, were its body wrong."""
        self._returned(routine)

    def _returned(self, routine: UserRoutine) -> SqlType | None:
        """What the body of an SQL function returns; None where calls or the routine itself tell."""
        owner = self._owner(routine)
        scalar = routine.resource["routineType"] != "TABLE_VALUED_FUNCTION"
        body = None if routine.is_templated else owner.resolved(routine)
        self.known.adopt(owner.known)
        return from_proto(body.return_type) if body is not None and scalar else None

    def _owner(self, routine: UserRoutine) -> "Binder":
        """Who reads a routine's body: a persistent one is read by itself, whoever calls it. It knows what is named."""
        key = ".".join(routine.path).lower()
        if key not in self._owners:
            owner = self
            if len(routine.path) > 1:
                expanding = (*self._expanding, key)
                owner = Binder(self._job, self._change, routine.path[0], None, self._views, expanding)
            self._owners[key] = owner
            owner.look_up(self._job.services.analysts.single(routine.definition_sql()).paths)
        return self._owners[key]

    def _definition(self, full_name: str) -> Any:
        name, types = self.known.specialised.get(full_name.lower(), (full_name, None))
        routine = self.known.routines.get(name.lower())
        if routine is None or not routine.is_sql_function:
            return None
        owner = self._owner(routine)
        body = owner.resolved(routine, types)
        self.known.adopt(owner.known)
        return body

    def _bodies(self, statement: Any, seen: set[str]) -> Iterator[Any]:
        for name in called_routines(statement) - seen:
            seen.add(name)
            body = self._definition(name)
            if body is not None:
                yield body
                yield from self._bodies(body, seen)

    def resolved(self, routine: UserRoutine, types: Sequence[SqlType] | None = None) -> Any:
        """The resolved CREATE FUNCTION statement of a routine; types: those of one call of it."""
        try:
            text = self._job.services.analysts.single(routine.definition_sql(types))
            return self._analyzed(text, {}).statement
        except SqlError as error:
            raise _inside(".".join(routine.path), error, lines_before=1) from error


def _inside(name: str, error: SqlError, lines_before: int = 0) -> ApiError:
    """An error in the text of a view or routine: its position names where that text is."""
    if error.line is None:
        return invalid_query(f"{error.message} at [{name}]")
    return invalid_query(f"{error.message} at [{name}:{error.line - lines_before}:{error.column}]")
