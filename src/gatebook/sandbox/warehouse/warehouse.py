"""The warehouse: one DuckDB database seen as BigQuery's datasets, tables, routines and statements."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from gatebook.sandbox.errors import not_implemented
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName
from gatebook.sandbox.warehouse.requests import ChildOutcome, QueryOutcome, QueryRequest, Resource

JobRows = Callable[[], Iterable[Mapping[str, Any]]]
"""Rows of INFORMATION_SCHEMA.JOBS, one mapping per job, keyed by that view's column names."""

OnChild = Callable[[ChildOutcome], None]
"""Told of every child job of a script, in order, as each ends."""


class Warehouse:
    """BigQuery's state and statements over one DuckDB database.

    Every method is synchronous, meant for worker threads, and safe to call from many at once. Every
    refusal is an ApiError. directory: where the data lives and is found again; None keeps everything in
    memory. project: the project that unqualified names belong to when a request names none. job_rows:
    supplies INFORMATION_SCHEMA.JOBS.
    """

    def __init__(
        self, directory: Path | None = None, project: str = "demo-project", job_rows: JobRows | None = None
    ) -> None:
        self.project = project

    def close(self) -> None:
        """Close the database; data on disk is then complete."""

    # -- statements --------

    def run(self, request: QueryRequest, on_child: OnChild | None = None) -> QueryOutcome:
        """Run (or dry-run) one statement or script to its end."""
        raise not_implemented("run")

    def cancel(self, job_id: str) -> bool:
        """Interrupt a running job, which then fails with `stopped`. False when no such job runs."""
        raise not_implemented("cancel")

    # -- rows --------

    def read(
        self,
        table: TableName,
        columns: Sequence[str] | None = None,
        offset: int = 0,
        limit: int | None = None,
        row_restriction: str | None = None,
    ) -> pa.RecordBatchReader:
        """Rows of a table, view or anonymous result in a stable order, as `arrow.arrow_schema` types them.

        columns: top-level or dotted nested field names, in schema order whatever their order here; None
        reads all. row_restriction: a GoogleSQL boolean expression over the table's columns (Storage
        Read's `row_restriction`).
        """
        raise not_implemented("read")

    def row_count(self, table: TableName) -> int:
        """The number of rows of a table or anonymous result."""
        raise not_implemented("row_count")

    def append(
        self,
        table: TableName,
        rows: pa.Table,
        write_disposition: str = "WRITE_APPEND",
        schema_update: Sequence[str] = (),
    ) -> int:
        """Write rows into an existing table and return how many.

        Columns are matched by name (case-insensitively) and cast to the table's types; those missing get
        their default value or NULL. WRITE_TRUNCATE replaces the rows, WRITE_EMPTY refuses a table with
        rows. schema_update: ALLOW_FIELD_ADDITION, ALLOW_FIELD_RELAXATION. A `table$20240131` decorator
        names one partition.
        """
        raise not_implemented("append")

    def copy(
        self,
        sources: Sequence[TableName],
        destination: TableName,
        write_disposition: str = "WRITE_EMPTY",
        create_disposition: str = "CREATE_IF_NEEDED",
    ) -> int:
        """Copy tables with their schema and options into one, as a copy job does; return the rows copied."""
        raise not_implemented("copy")

    # -- datasets --------

    def projects(self) -> list[str]:
        """Ids of the projects that hold something, the default project first."""
        raise not_implemented("projects")

    def list_datasets(self, project: str, hidden: bool = False) -> list[Resource]:
        """Full dataset resources by name; anonymous ones (`_...`) only when hidden is True."""
        raise not_implemented("list_datasets")

    def get_dataset(self, name: DatasetName) -> Resource:
        """The dataset resource."""
        raise not_implemented("get_dataset")

    def insert_dataset(self, resource: Resource) -> Resource:
        """Create a dataset from its resource (`datasetReference` required); 409 when it exists."""
        raise not_implemented("insert_dataset")

    def patch_dataset(self, name: DatasetName, changes: Resource, etag: str | None = None) -> Resource:
        """Change the given fields (None removes one); 412 when etag is given and stale."""
        raise not_implemented("patch_dataset")

    def update_dataset(self, name: DatasetName, resource: Resource, etag: str | None = None) -> Resource:
        """Replace all writable fields."""
        raise not_implemented("update_dataset")

    def delete_dataset(self, name: DatasetName, delete_contents: bool = False) -> None:
        """Delete a dataset; refused when it holds anything and delete_contents is False."""
        raise not_implemented("delete_dataset")

    # -- tables --------

    def list_tables(self, dataset: DatasetName) -> list[Resource]:
        """Table and view resources of a dataset by name, without schema and sizes."""
        raise not_implemented("list_tables")

    def get_table(self, name: TableName) -> Resource:
        """The table resource, with numRows, numBytes and etag; anonymous results too."""
        raise not_implemented("get_table")

    def insert_table(self, resource: Resource) -> Resource:
        """Create a table, view or materialized view from its resource (`tableReference` required)."""
        raise not_implemented("insert_table")

    def patch_table(self, name: TableName, changes: Resource, etag: str | None = None) -> Resource:
        """Change the given fields (None removes one).

        A schema may add columns, relax modes and change descriptions, policy tags and defaults.
        """
        raise not_implemented("patch_table")

    def update_table(self, name: TableName, resource: Resource, etag: str | None = None) -> Resource:
        """Replace all writable fields; the schema follows patch_table's rules."""
        raise not_implemented("update_table")

    def delete_table(self, name: TableName) -> None:
        """Delete a table or view."""
        raise not_implemented("delete_table")

    # -- routines --------

    def list_routines(self, dataset: DatasetName) -> list[Resource]:
        """Routine resources of a dataset by name."""
        raise not_implemented("list_routines")

    def get_routine(self, name: RoutineName) -> Resource:
        """The routine resource."""
        raise not_implemented("get_routine")

    def insert_routine(self, resource: Resource) -> Resource:
        """Create a routine from its resource (`routineReference` required)."""
        raise not_implemented("insert_routine")

    def update_routine(self, name: RoutineName, resource: Resource, etag: str | None = None) -> Resource:
        """Replace a routine."""
        raise not_implemented("update_routine")

    def delete_routine(self, name: RoutineName) -> None:
        """Delete a routine."""
        raise not_implemented("delete_routine")
