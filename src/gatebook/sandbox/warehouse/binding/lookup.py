"""From a path in SQL text to the table, view or routine that it names."""

from collections.abc import Callable, Sequence
from typing import Final

from gatebook.googlesql import paths
from gatebook.googlesql.errors import SqlError
from gatebook.sandbox.errors import ApiError, invalid_query
from gatebook.sandbox.translate import query_sql
from gatebook.sandbox.warehouse import information_schema
from gatebook.sandbox.warehouse.binding import relations
from gatebook.sandbox.warehouse.binding.bound import Bound
from gatebook.sandbox.warehouse.binding.functions import UserRoutine
from gatebook.sandbox.warehouse.binding.relations import Relation
from gatebook.sandbox.warehouse.binding.text import Path
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName
from gatebook.sandbox.warehouse.state import schema
from gatebook.sandbox.warehouse.state.store import Change, Entry

_MAX_VIEW_DEPTH: Final = 16  # https://cloud.google.com/bigquery/quotas#view_limits

BindView = Callable[[TableName, str, tuple[TableName, ...]], Bound]
"""Analyzes a view's query; the views being expanded, this one included, are the last argument."""


class Lookup:
    """Finds what paths of one text name.

    project, dataset: what names without them belong to. views: the views being expanded, outermost first.
    private: whether the text may name the job's temporary tables and functions; views and routines may not.
    """

    def __init__(
        self,
        job: Job,
        change: Change,
        project: str,
        dataset: DatasetName | None,
        views: tuple[TableName, ...],
        bind_view: BindView,
        *,
        private: bool,
    ) -> None:
        self._job = job
        self._change = change
        self._project = project
        self._dataset = dataset
        self._views = views
        self._bind_view = bind_view
        self._private = private

    def relation(self, path: Path) -> Relation | None:
        """A table, view, result or INFORMATION_SCHEMA view; None for what cannot be one. 404 when it is missing."""
        if len(path) == 1 and self._private:
            hidden = self._change.temporary
            temporary = TableName(hidden.project, hidden.dataset, path[0])
            if temporary in self._change.state.tables:
                return self._base_table(path, temporary, self._change.state.tables[temporary])
        full = self._qualified(path)
        if "INFORMATION_SCHEMA" in full:
            return information_schema.relation(self._job, self._change, path, full)
        if len(full) != 3:
            return None
        return self._named(full if full[0] == self._project else path, TableName(*full))

    def routine(self, path: Path) -> UserRoutine | None:
        """A temporary or persistent routine, None when there is none."""
        temporary = self._job.scope.routines.get(path[0].lower()) if len(path) == 1 and self._private else None
        if temporary is not None:
            return UserRoutine((temporary["routineReference"]["routineId"],), temporary)
        if len(path) == 1 and self._dataset is None:
            return None
        full = self._qualified(path)
        if len(full) != 3:
            return None
        entry = self._change.state.routines.get(RoutineName(*full))
        return None if entry is None else UserRoutine(full, entry.resource)

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

    def _base_table(self, path: Sequence[str], name: TableName, entry: Entry) -> Relation:
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

    def _view(self, path: Path, name: TableName, entry: Entry) -> Relation:
        if name in self._views or len(self._views) >= _MAX_VIEW_DEPTH:
            raise invalid_query(f"View {name} exceeds the maximum nesting depth of views, or refers to itself")
        query = (entry.resource.get("view") or entry.resource["materializedView"])["query"]
        bound = self._bind_view(name, query, (*self._views, name))
        columns = relations.view_columns(entry, bound.analysis.columns)
        return Relation(
            schema=relations.view_schema(path, columns),
            source=lambda: relations.view_source(query_sql(bound.analysis.statement, bound.environment), columns),
            bytes_of=lambda names: bound.bytes_read(relations.positions(columns, names)),
            names=tuple(sorted({name, *bound.referenced_tables})),
            entry=entry,
        )
