"""From a statement's text to an analyzed statement with everything it names looked up."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from gatebook.googlesql import paths, tree
from gatebook.googlesql.analysis import Analysis
from gatebook.googlesql.catalog import Catalog, Column, Routine, Table
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.tree import ByteRange
from gatebook.googlesql.types import SqlType, from_proto
from gatebook.sandbox.errors import ApiError, invalid_query
from gatebook.sandbox.translate import Environment, query_sql
from gatebook.sandbox.warehouse import information_schema
from gatebook.sandbox.warehouse.binding import relations
from gatebook.sandbox.warehouse.binding.analysts import ParameterTypes
from gatebook.sandbox.warehouse.binding.functions import UserRoutine
from gatebook.sandbox.warehouse.binding.relations import Relation
from gatebook.sandbox.warehouse.binding.templates import Specialised, specialise
from gatebook.sandbox.warehouse.binding.text import Path, Source, Text
from gatebook.sandbox.warehouse.binding.usage import called_routines, columns_read
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName
from gatebook.sandbox.warehouse.state import schema
from gatebook.sandbox.warehouse.state.store import Change, Entry

_MAX_VIEW_DEPTH: Final = 16  # https://cloud.google.com/bigquery/quotas#view_limits
_TABLE_NOT_FOUND: Final = "Table not found: "

_ASSIGNED: Final = ("_assigned_value",)


@dataclass(frozen=True, slots=True)
class Bound:
    """An analyzed statement. bodies: resolved definitions of the SQL routines that it calls.

    relations and routines: what it can name, by full name as its tree writes it.
    """

    text: Text
    analysis: Analysis
    bodies: tuple[Any, ...]
    environment: Environment
    relations: Mapping[str, Relation]
    routines: Mapping[str, UserRoutine]

    @property
    def referenced_tables(self) -> tuple[TableName, ...]:
        """Tables and views that the statement reads or writes, those beneath views included."""
        scans = (scan for tree_ in (self.analysis.statement, *self.bodies) for scan in tree.table_scans(tree_))
        used = {scan.table.full_name for scan in scans} & set(self.relations)
        return tuple(sorted({name for key in used for name in self.relations[key].names}))

    @property
    def referenced_routines(self) -> tuple[RoutineName, ...]:
        """Persistent routines that the statement may call."""
        return tuple(sorted(RoutineName(*r.path) for r in self.routines.values() if len(r.path) == 3))

    def bytes_read(self, outputs: Collection[int] | None = None) -> int:
        """What BigQuery would count for the columns that the statement reads.

        outputs: positions of the output columns that are wanted; None wants all.
        """
        read = [*columns_read(self.analysis.statement, outputs)]
        read += [item for body in self.bodies for item in columns_read(body)]
        return sum(self.relations[name].bytes_of(columns) for name, columns in read if name in self.relations)


class Binder:
    """Looks up what texts of one origin name: a job's own statements, or the definition of one view or routine.

    project, dataset: what names without them belong to. views: the views being expanded, outermost first.
    """

    def __init__(
        self, job: Job, change: Change, project: str, dataset: DatasetName | None, views: tuple[TableName, ...] = ()
    ) -> None:
        self._job = job
        self._change = change
        self._project = project
        self._dataset = dataset
        self._views = views
        self._relations: dict[str, Relation] = {}
        self._routines: dict[str, UserRoutine] = {}
        self._declared: dict[str, Routine] = {}
        self._failed: dict[str, ApiError] = {}
        self._specialised: Specialised = {}

    def bind(self, text: Text, parameters: ParameterTypes, *, creates: bool = False) -> Bound:
        """Look up and analyze one statement.

        creates: whether tables that are missing are to be made by it; the analyzer wants LOAD DATA's target to exist.
        """
        self._look_up(text.paths)
        if creates:
            self._stand_in_for_missing(text.paths)
        analysis = self._analyzed(text, parameters)
        bodies = tuple(self._bodies(analysis.statement, set()))
        return Bound(text, analysis, bodies, self.environment(), self._relations, self._routines)

    def bind_expression(self, text: Text, parameters: ParameterTypes) -> Any:
        """Look up and analyze one expression: its resolved tree."""
        self._look_up(text.paths)
        try:
            return self._job.services.analysts.expression(text.sql, self._catalog(), parameters)
        except SqlError as error:
            raise self._explained(text.located(error)) from error

    def bind_assignment(self, source: Source, where: ByteRange, sql_type: SqlType, parameters: ParameterTypes) -> Any:
        """An expression as assigned to something of a type: its resolved tree, coerced as BigQuery coerces.

        The analyzer knows assignment to columns only, so it is shown an INSERT into a table of one such column.
        """
        text = source.text(where, f"INSERT INTO {_ASSIGNED[0]} (value) VALUES (", "\n)")
        self._look_up(text.paths)
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
            table_sql=lambda name: self._relations[name].source(),
            target_sql=lambda name: self._relations[name].target or "",
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
            self._specialised |= found
            return replace(analysis, statement=statement)
        except SqlError as error:
            raise self._explained(text.located(error)) from error

    def _catalog(self, *more: Table) -> Catalog:
        constants = () if self._views else tuple((n, v.type) for n, v in self._job.scope.variables.items())
        return Catalog(
            tables=(*(relation.schema for relation in self._relations.values()), *more),
            routines=tuple(self._declared.values()),
            constants=constants,
            default_project=self._project,
            default_dataset=self._dataset.dataset if self._dataset else None,
        )

    def _explained(self, error: SqlError) -> Exception:
        if not error.message.startswith(_TABLE_NOT_FOUND):
            return error
        wanted = error.message.removeprefix(_TABLE_NOT_FOUND).partition(";")[0].replace("`", "").lower()
        return self._failed.get(wanted, error)

    # -- looking --------

    def _look_up(self, mentioned: Iterable[Path]) -> None:
        for path in sorted(mentioned):
            try:
                relation = self._relation(path)
            except ApiError as error:
                self._failed[".".join(path).lower()] = error
                relation = None
            if relation is not None:
                self._relations.setdefault(relation.schema.full_name, relation)
            self._look_up_routine(path)

    def _stand_in_for_missing(self, mentioned: Iterable[Path]) -> None:
        for path in mentioned:
            error = self._failed.get(".".join(path).lower())
            if error is not None and error.message.startswith("Not found: Table"):
                self._relations[".".join(path)] = Relation(Table(path, ()), lambda: "", lambda _columns: 0)

    def _relation(self, path: Path) -> Relation | None:
        hidden = self._change.temporary
        private = TableName(hidden.project, hidden.dataset, path[0])
        if len(path) == 1 and private in self._change.state.tables:
            return self._base_table(path, private, self._change.state.tables[private])
        full = self._qualified(path)
        if "INFORMATION_SCHEMA" in full:
            return information_schema.relation(self._job, self._change, path, full)
        if len(full) != 3:
            return None
        return self._named(full if full[0] == self._project else path, TableName(*full))

    def _qualified(self, path: Path) -> Path:
        try:
            full = paths.qualify(path, self._project, self._dataset.dataset if self._dataset else None)
        except SqlError as error:
            raise invalid_query(error.message) from error
        if len(path) == 1 and self._dataset:
            return (self._dataset.project, *full[1:])
        return full

    def _named(self, path: Path, name: TableName) -> Relation:
        result = self._job.services.results.find(name)
        if result is not None:
            fields = schema.columns_of(result.resource)
            return relations.arrow_rows(self._change.cursor, path, fields, lambda: result.rows, (name,))
        if name.table.endswith("*"):
            return self._wildcard(name)
        entry = self._change.state.table(name)
        if entry.physical is None:
            return self._view(path, name, entry)
        return self._base_table(path, name, entry)

    def _base_table(self, path: Path, name: TableName, entry: Entry) -> Relation:
        return relations.base_table(self._change.cursor, self._job.services.sizes, path, name, entry)

    def _wildcard(self, pattern: TableName) -> Relation:
        self._change.state.dataset(pattern.parent)
        prefix = pattern.table[:-1]
        members = [
            (name, entry)
            for name, entry in self._change.state.tables_of(pattern.parent)
            if name.table.startswith(prefix) and entry.physical
        ]
        if not members:
            raise ApiError(404, "notFound", f"{pattern} does not match any table.")
        return relations.wildcard(self._change.cursor, self._job.services.sizes, pattern, members)

    # -- views --------

    def _view(self, path: Path, name: TableName, entry: Entry) -> Relation:
        if name in self._views or len(self._views) >= _MAX_VIEW_DEPTH:
            raise invalid_query(f"View {name} exceeds the maximum nesting depth of views, or refers to itself")
        query = (entry.resource.get("view") or entry.resource["materializedView"])["query"]
        bound = self._bound_view(name, query)
        columns = relations.view_columns(entry, bound.analysis.columns)
        return Relation(
            schema=relations.view_schema(path, columns),
            source=lambda: relations.view_source(query_sql(bound.analysis.statement, bound.environment), columns),
            bytes_of=lambda names: bound.bytes_read(relations.positions(columns, names)),
            names=tuple(sorted({name, *bound.referenced_tables})),
            entry=entry,
        )

    def _bound_view(self, name: TableName, query: str) -> Bound:
        inner = Binder(self._job, self._change, name.project, None, (*self._views, name))
        return inner.bind(self._job.services.analysts.single(query), {})

    # -- routines --------

    def _look_up_routine(self, path: Path) -> None:
        routine = self._find_routine(path)
        if routine is None or ".".join(routine.path).lower() in self._routines:
            return
        key = ".".join(routine.path).lower()
        self._routines[key] = routine
        returned = None
        if routine.is_sql_function:
            self._look_up(self._job.services.analysts.single(routine.definition_sql()).paths)
            if not routine.is_templated and routine.resource["routineType"] != "TABLE_VALUED_FUNCTION":
                returned = from_proto(self._resolved(routine).return_type)
        self._declared[key] = routine.declared(returned)

    def _find_routine(self, path: Path) -> UserRoutine | None:
        temporary = self._job.scope.routines
        if len(path) == 1 and path[0].lower() in temporary:
            return UserRoutine(
                (temporary[path[0].lower()]["routineReference"]["routineId"],), temporary[path[0].lower()]
            )
        if len(path) == 1 and self._dataset is None:
            return None
        full = self._qualified(path)
        if len(full) != 3:
            return None
        name = RoutineName(*full)
        entry = self._change.state.routines.get(name)
        return None if entry is None else UserRoutine((name.project, name.dataset, name.routine), entry.resource)

    def _definition(self, full_name: str) -> Any:
        name, types = self._specialised.get(full_name.lower(), (full_name, None))
        routine = self._routines.get(name.lower())
        if routine is None or not routine.is_sql_function:
            return None
        return self._resolved(routine, types)

    def _bodies(self, statement: Any, seen: set[str]) -> Iterator[Any]:
        for name in called_routines(statement) - seen:
            seen.add(name)
            body = self._definition(name)
            if body is not None:
                yield body
                yield from self._bodies(body, seen)

    def _resolved(self, routine: UserRoutine, types: Sequence[SqlType] | None = None) -> Any:
        text = self._job.services.analysts.single(routine.definition_sql(types))
        return self._analyzed(text, {}).statement
