"""The warehouse: one DuckDB database seen as BigQuery's datasets, tables, routines and statements."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from gatebook.sandbox.warehouse import running, transfer
from gatebook.sandbox.warehouse.binding.analysts import Analysts
from gatebook.sandbox.warehouse.catalog import Catalog
from gatebook.sandbox.warehouse.files import Files, NoFiles
from gatebook.sandbox.warehouse.job import Job, JobRows, Services
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import QueryOutcome, QueryRequest
from gatebook.sandbox.warehouse.script.children import OnChild
from gatebook.sandbox.warehouse.sessions import Sessions
from gatebook.sandbox.warehouse.state.database import Database
from gatebook.sandbox.warehouse.state.policies import Policies
from gatebook.sandbox.warehouse.state.results import Results
from gatebook.sandbox.warehouse.state.sizes import ColumnSizes
from gatebook.sandbox.warehouse.state.store import Store


class Warehouse(Catalog):
    """BigQuery's state and statements over one DuckDB database.

    Every method is synchronous, meant for worker threads, and safe to call from many at once. Every refusal
    is an ApiError. directory: where the data lives and is found again; None keeps everything in memory.
    project: the project that is there even when it is empty. job_rows: supplies INFORMATION_SCHEMA.JOBS.
    files: what LOAD DATA and EXPORT DATA read and write; without it they are not implemented.
    """

    def __init__(
        self,
        directory: Path | None = None,
        project: str = "demo-project",
        job_rows: JobRows = list,
        files: Files | None = None,
    ) -> None:
        self.project = project
        self.policies = Policies()
        self._database = Database(directory)
        self._services = Services(
            database=self._database,
            store=Store(self._database),
            results=Results(),
            sizes=ColumnSizes(),
            analysts=Analysts(),
            policies=self.policies,
            files=files or NoFiles(),
            job_rows=job_rows,
        )
        self._sessions = Sessions(self._services)
        self._running: dict[str, Job] = {}
        self._running_lock = threading.Lock()

    def close(self) -> None:
        """Close the database; data on disk is then complete."""
        self._sessions.close()
        self._database.close()

    # -- statements

    def run(self, request: QueryRequest, on_child: OnChild | None = None) -> QueryOutcome:
        """Run (or dry-run) one statement or script to its end."""
        with self._sessions.job(request) as job:
            with self._running_lock:
                self._running[request.job_id] = job
            try:
                return replace(running.run_job(job, on_child), session_id=job.session_id)
            finally:
                with self._running_lock:
                    self._running.pop(request.job_id, None)

    def cancel(self, job_id: str) -> bool:
        """Interrupt a running job, which then fails with `stopped`. False when no such job runs."""
        with self._running_lock:
            job = self._running.get(job_id)
            if job is not None:
                job.cancel()
        return job is not None

    # -- rows

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
        reads all. row_restriction: a GoogleSQL boolean expression over the table's columns (Storage Read's
        `row_restriction`). Close the reader when done: an open one holds a snapshot of the database.
        """
        return transfer.read(self._services, table, transfer.Slice(columns, offset, limit, row_restriction))

    def row_count(self, table: TableName) -> int:
        """The number of rows of a table or anonymous result."""
        return transfer.row_count(self._services, table)

    def append(
        self,
        table: TableName,
        rows: pa.Table,
        write_disposition: str = "WRITE_APPEND",
        schema_update: Sequence[str] = (),
    ) -> int:
        """Write rows into an existing table and return how many.

        Columns are matched by name (case-insensitively) and cast to the table's types; those missing get
        their default value or NULL. WRITE_TRUNCATE and WRITE_TRUNCATE_DATA replace the rows, WRITE_EMPTY
        refuses a table with rows. schema_update: ALLOW_FIELD_ADDITION, ALLOW_FIELD_RELAXATION.
        """
        return transfer.append(self._services, table, rows, write_disposition, schema_update)

    def copy(
        self,
        sources: Sequence[TableName],
        destination: TableName,
        write_disposition: str = "WRITE_EMPTY",
        create_disposition: str = "CREATE_IF_NEEDED",
    ) -> int:
        """Copy tables with their schema and options into one, as a copy job does; return the rows copied."""
        return transfer.copy(self._services, sources, destination, write_disposition, create_disposition)
