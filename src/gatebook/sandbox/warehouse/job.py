"""A query job while it runs: its cursor, its transactions, what only it can name."""

import itertools
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import duckdb

from gatebook.googlesql.types import SqlType
from gatebook.sandbox.errors import invalid_query, stopped
from gatebook.sandbox.translate import duckdb_type
from gatebook.sandbox.warehouse.binding.analysts import Analysts, ParameterTypes
from gatebook.sandbox.warehouse.files import Files
from gatebook.sandbox.warehouse.names import DatasetName, TableName
from gatebook.sandbox.warehouse.requests import QueryRequest, Resource
from gatebook.sandbox.warehouse.state.database import Database
from gatebook.sandbox.warehouse.state.policies import Policies
from gatebook.sandbox.warehouse.state.results import Results
from gatebook.sandbox.warehouse.state.sizes import ColumnSizes
from gatebook.sandbox.warehouse.state.store import Change, Entry, Store

JobRows = Callable[[], Iterable[Mapping[str, Any]]]
"""Rows of INFORMATION_SCHEMA.JOBS, one mapping per job, keyed by that view's column names."""

_CANCEL_POLL_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Services:
    """What all jobs share."""

    database: Database
    store: Store
    results: Results
    sizes: ColumnSizes
    analysts: Analysts
    policies: Policies
    files: Files
    job_rows: JobRows


@dataclass(frozen=True, slots=True)
class Variable:
    """A value held in a DuckDB variable of the job's cursor: a script variable or a query parameter."""

    name: str
    type: SqlType

    @property
    def sql(self) -> str:
        """DuckDB SQL of the value."""
        return f"CAST(getvariable('{self.name}') AS {duckdb_type(self.type)})"


@dataclass(slots=True)
class Scope:
    """What only one job can name. Scripts nest scopes of variables; temporary things belong to the whole job.

    temporary: the hidden dataset of the temporary tables. routines: temporary functions as routine
    resources, by lower-case name. variables: by lower-case name. parameters: by lower-case name or
    position from 1. system: DuckDB SQL of system variables by dotted lower-case name.
    """

    temporary: DatasetName
    tables: dict[TableName, Entry] = field(default_factory=dict)
    routines: dict[str, Resource] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    parameters: dict[str | int, Variable] = field(default_factory=dict)
    system: dict[str, str] = field(default_factory=dict)


class Job:
    """One query job in one thread. Statements run one after the other, each inside `reading` or `writing`.

    session_id: of the session whose calls this job runs, one by one; None for a job of one call. aborted: the
    sessions that `CALL BQ.ABORT_SESSION` ended.
    """

    def __init__(self, services: Services, request: QueryRequest, session_id: str | None = None) -> None:
        self.services: Final = services
        self.request = request
        self.session_id: Final = session_id
        self.aborted: Final[set[str]] = set()
        self.cursor: Final[duckdb.DuckDBPyConnection] = services.database.cursor()
        self.now = datetime.now(UTC)
        self.scope: Final = Scope(DatasetName(request.project, f"_script{secrets.token_hex(20)}"))
        self.is_script = False
        self.project = request.project
        self.default_dataset = request.default_dataset
        self.time_zone = "UTC"
        self.query_label: str | None = None
        self.parameter_types: ParameterTypes = {}
        self._variables = itertools.count(1)
        self._cancelled: Final = threading.Event()
        self._transaction: Change | None = None
        self._transaction_failed = False

    @property
    def in_transaction(self) -> bool:
        """Whether BEGIN TRANSACTION has not been answered by COMMIT or ROLLBACK yet."""
        return self._transaction is not None or self._transaction_failed

    def take_up(self, request: QueryRequest) -> None:
        """Begin the next call of a session. What its earlier calls made is there, their parameters are not."""
        self.request = request
        self.is_script = False
        self.default_dataset = request.default_dataset or self.default_dataset
        self.scope.parameters.clear()
        self._cancelled.clear()

    def abort_session(self, session_id: str | None) -> None:
        """CALL BQ.ABORT_SESSION: the session, this one when none is named, ends with the call."""
        ended = session_id or self.session_id
        if ended is None:
            raise invalid_query("BQ.ABORT_SESSION without a session id can only be called in a session")
        self.aborted.add(ended)

    def set_variable(self, sql: str, sql_type: SqlType, known: Variable | None = None) -> Variable:
        """Keep the value of a DuckDB expression; in a new variable, or in place of a known one's."""
        name = known.name if known else f"v{next(self._variables)}"
        self.cursor.execute(f"SET VARIABLE {name} = (SELECT {sql})")
        return Variable(name, sql_type)

    def cancel(self) -> None:
        """Stop the job from another thread: what runs fails with `stopped`."""
        self._cancelled.set()
        self.cursor.interrupt()

    def check_cancelled(self) -> None:
        """`stopped` when someone cancelled the job."""
        if self._cancelled.is_set():
            raise stopped()

    def close(self) -> None:
        """Give everything back; an open transaction is rolled back, as BigQuery does when a script ends."""
        if self.in_transaction:
            self.rollback_transaction()
        self.cursor.close()

    # -- one statement

    @contextmanager
    def reading(self) -> Iterator[Change]:
        """See what exists now (or within the open transaction); nothing is kept."""
        self.check_cancelled()
        if self._transaction is not None:
            with self._inside_transaction(self._transaction) as change:
                yield change
            return
        change = self._snapshot()
        try:
            yield change
        finally:
            self.cursor.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Change]:
        """Change things: all of the block's work is kept, or none of it when it raises."""
        self.check_cancelled()
        if self._transaction_failed:
            raise invalid_query("Transaction is aborted due to an earlier error; roll it back first")
        if self._transaction is not None:
            with self._inside_transaction(self._transaction) as change:
                yield change
            return
        self._take_turn()
        try:
            change = self._snapshot()
            try:
                yield change
            except BaseException:
                self.cursor.execute("ROLLBACK")
                raise
            self._keep(change)
        finally:
            self.services.database.writer.release()

    @contextmanager
    def _inside_transaction(self, change: Change) -> Iterator[Change]:
        try:
            yield change
        except BaseException:  # DuckDB has no savepoints: a failed statement ends its whole transaction
            self._abandon()
            self._transaction_failed = True
            raise

    def _snapshot(self) -> Change:
        return self.services.store.begin_snapshot(self.cursor, self.scope.temporary, self.scope.tables)

    def _keep(self, change: Change) -> None:
        self.services.store.commit(change)
        self.scope.tables = change.temporary_tables()

    def _take_turn(self) -> None:
        while not self.services.database.writer.acquire(timeout=_CANCEL_POLL_SECONDS):
            self.check_cancelled()

    # -- multi-statement transactions

    def begin_transaction(self) -> None:
        """BEGIN TRANSACTION: statements from here on are kept or undone together. Other writers wait."""
        if self.in_transaction:
            raise invalid_query("Transaction is already in progress; nested transactions are not supported")
        self._take_turn()
        self._transaction = self._snapshot()

    def commit_transaction(self) -> None:
        """COMMIT TRANSACTION."""
        if self._transaction_failed:
            self._transaction_failed = False
            raise invalid_query("Transaction was aborted due to an earlier error and cannot be committed")
        if self._transaction is None:
            raise invalid_query("Cannot commit: no transaction is in progress")
        change, self._transaction = self._transaction, None
        try:
            self._keep(change)
        finally:
            self.services.database.writer.release()

    def rollback_transaction(self) -> None:
        """ROLLBACK TRANSACTION."""
        if not self.in_transaction:
            raise invalid_query("Cannot rollback: no transaction is in progress")
        self._transaction_failed = False
        self._abandon()

    def _abandon(self) -> None:
        if self._transaction is None:
            return
        self._transaction = None
        try:
            self.cursor.execute("ROLLBACK")
        finally:
            self.services.database.writer.release()
