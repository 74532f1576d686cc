"""One analyzed statement about to run, and what every kind of statement needs."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, StructField, to_rest_schema
from gatebook.sandbox.errors import invalid_query
from gatebook.sandbox.translate import expression_sql, query_sql
from gatebook.sandbox.warehouse.binding.binder import Binder
from gatebook.sandbox.warehouse.binding.bound import Bound
from gatebook.sandbox.warehouse.binding.functions import UserRoutine
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName
from gatebook.sandbox.warehouse.requests import DdlResult, DmlStats, QueryOutcome, Resource
from gatebook.sandbox.warehouse.state import schema
from gatebook.sandbox.warehouse.state.rows import conform
from gatebook.sandbox.warehouse.state.store import Change, Entry

TEMPORARY = 3  # zetasql ResolvedCreateStatement.CreateScope.CREATE_TEMP
OR_REPLACE, IF_NOT_EXISTS = 1, 2  # ResolvedCreateStatement.CreateMode


@dataclass(frozen=True, slots=True)
class Statement:
    """An analyzed statement inside its transaction."""

    job: Job
    change: Change
    bound: Bound

    @property
    def node(self) -> Any:
        """The resolved statement."""
        return self.bound.analysis.statement

    def field(self, name: str) -> Any:
        """A field of the resolved statement, its own or inherited."""
        return tree.field(self.node, name)

    def outcome(
        self, *, ddl: DdlResult | None = None, dml: DmlStats | None = None, bytes_processed: int = 0
    ) -> QueryOutcome:
        """An outcome without rows."""
        return QueryOutcome(
            statement_type=self.bound.analysis.kind,
            referenced_tables=self.bound.referenced_tables,
            referenced_routines=self.bound.referenced_routines,
            bytes_processed=bytes_processed,
            ddl=ddl,
            dml=dml,
        )

    # -- names

    def table_name(self, path: Sequence[str], *, temporary: bool = False) -> TableName:
        """The table that a statement's own path names: temporary ones shadow those of the default dataset."""
        if len(path) == 1:
            hidden = self.job.scope.temporary
            private = TableName(hidden.project, hidden.dataset, path[0])
            if temporary or private in self.change.state.tables:
                return private
            return TableName(*self._default("Table", path[0]), path[0])
        return TableName(*self._qualified(path))

    def routine_name(self, path: Sequence[str]) -> RoutineName:
        """The routine that a statement's own path names."""
        if len(path) == 1:
            return RoutineName(*self._default("Routine", path[0]), path[0])
        return RoutineName(*self._qualified(path))

    def dataset_name(self, path: Sequence[str]) -> DatasetName:
        """The dataset that a statement's own path names."""
        return DatasetName(path[0], path[1]) if len(path) == 2 else DatasetName(self.job.project, path[0])

    def _qualified(self, path: Sequence[str]) -> tuple[str, str, str]:
        if len(path) > 3:
            raise invalid_query(f"Invalid name {'.'.join(path)}")
        return (self.job.project, path[0], path[1]) if len(path) == 2 else (path[0], path[1], path[2])

    def _default(self, kind: str, name: str) -> tuple[str, str]:
        dataset = self.job.default_dataset
        if dataset is None:
            raise invalid_query(f'{kind} "{name}" must be qualified with a dataset (e.g. dataset.{kind.lower()}).')
        return dataset.project, dataset.dataset

    def known(self, full_name: str) -> tuple[TableName, Entry]:
        """A table that the statement's tree names, with rows of its own."""
        relation = self.bound.relations[full_name]
        if relation.entry is None:
            raise invalid_query(f"{full_name} is not allowed for this operation because it is not a table.")
        if relation.entry.physical is None:
            kind = relation.entry.resource["type"]
            raise invalid_query(f"{full_name} is not allowed for this operation because it is currently a {kind}.")
        return relation.names[0], relation.entry

    def writable(self, scan: Any) -> tuple[TableName, Entry]:
        """The target of DML, as its table scan names it."""
        name, entry = self.known(tree.unwrap(scan).table.full_name)
        self.check_kind(name, {"TABLE"})
        return name, entry

    def check_kind(self, name: TableName, kinds: Container[str]) -> None:
        """400 unless the table is of one of the kinds (TABLE, VIEW, MATERIALIZED_VIEW, SNAPSHOT)."""
        kind = self.change.state.table(name).resource["type"]
        if kind not in kinds:
            raise invalid_query(f"{name} is not allowed for this operation because it is currently a {kind}.")

    def check_view(self, name: TableName, query: str) -> None:
        """400 unless a view's query can be read on its own: without the default dataset of the job that makes it."""
        binder = Binder(self.job, self.change, name.project, None, (name,))
        binder.bind(self.job.services.analysts.single(query), {})

    def check_routine(self, routine: UserRoutine) -> None:
        """400 unless a routine's body can be read on its own, likewise."""
        if routine.is_sql_function:
            Binder(self.job, self.change, routine.path[0], None).check_routine(routine)

    # -- values and rows

    def value(self, expression: Any) -> Any:
        """The Python value of a resolved expression that needs no row."""
        sql = expression_sql(expression, self.bound.environment)
        return self.change.cursor.sql(f"SELECT {sql} AS v").to_arrow_table().column(0)[0].as_py()

    def options(self, option_list: Iterable[Any]) -> list[tuple[str, Any]]:
        """Names and values of a resolved option list."""
        return [(option.name, self.value(option.value)) for option in map(tree.unwrap, option_list)]

    def query_rows(self, fields: Sequence[Resource] | None = None) -> tuple[pa.Table, list[Resource]]:
        """Run the statement's query. fields: the columns of the table it fills; None takes the query's own."""
        translation = query_sql(self.node, self.bound.environment)
        own = result_fields([(column.name, column.type) for column in translation.columns])
        rows = self.change.cursor.sql(translation.sql).to_arrow_table()
        wanted = list(fields) if fields is not None else own
        return conform(rows, wanted), wanted


def result_fields(columns: Sequence[tuple[str, SqlType]]) -> list[Resource]:
    """REST schema fields of a query's output; 400 when they cannot be columns of a table."""
    names = [name.lower() for name, _ in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        listed = ", ".join(twice)
        raise invalid_query(f"Duplicate column names in the result are not supported. Found duplicate(s): {listed}")
    return schema.normalised(to_rest_schema([StructField(name, sql_type) for name, sql_type in columns]))
