"""What a query job asks of the warehouse and what it gets back, free of HTTP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse.names import DatasetName, RoutineName, TableName

Resource = dict[str, Any]
"""A REST resource or a part of one, exactly as BigQuery's JSON has it (camelCase, int64 as strings)."""


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """One query job: a statement or a script.

    parameters: the REST `queryParameters` list. destination: None lets the warehouse make an anonymous
    result table. write_disposition: WRITE_EMPTY, WRITE_APPEND, WRITE_TRUNCATE or WRITE_TRUNCATE_DATA;
    create_disposition: CREATE_IF_NEEDED or CREATE_NEVER. destination_options: the REST fields
    `timePartitioning`, `rangePartitioning`, `clustering` and `schemaUpdateOptions` of the job's query
    configuration.
    """

    sql: str
    project: str
    job_id: str
    user_email: str = "sandbox@example.com"
    default_dataset: DatasetName | None = None
    parameters: Sequence[Resource] = ()
    dry_run: bool = False
    destination: TableName | None = None
    write_disposition: str = "WRITE_EMPTY"
    create_disposition: str = "CREATE_IF_NEEDED"
    destination_options: Mapping[str, Any] = field(default_factory=dict)
    maximum_bytes_billed: int | None = None
    create_session: bool = False
    session_id: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DmlStats:
    """Rows changed by INSERT, UPDATE, DELETE, MERGE or TRUNCATE (the REST `dmlStats`)."""

    inserted: int = 0
    updated: int = 0
    deleted: int = 0

    @property
    def affected(self) -> int:
        """The REST `numDmlAffectedRows`."""
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True, slots=True)
class DdlResult:
    """What a DDL statement did.

    operation: CREATE, REPLACE, SKIP, DROP or ALTER (the REST `ddlOperationPerformed`).
    """

    operation: str
    table: TableName | None = None
    routine: RoutineName | None = None
    dataset: DatasetName | None = None


@dataclass(frozen=True, slots=True)
class QueryOutcome:
    """A finished (or dry-run) query job.

    statement_type: the REST `statementType` (SELECT, INSERT, CREATE_TABLE_AS_SELECT, SCRIPT, ...).
    schema: the REST schema's `fields` of the result, None when the statement has none. destination: where
    the rows are (anonymous or named), None without rows. total_rows: rows of the result. bytes_processed:
    what BigQuery would count as scanned. undeclared_parameters: for a dry run, the REST
    `undeclaredQueryParameters`. children: a script's child jobs.
    """

    statement_type: str
    schema: list[Resource] | None = None
    referenced_tables: tuple[TableName, ...] = ()
    referenced_routines: tuple[RoutineName, ...] = ()
    destination: TableName | None = None
    total_rows: int | None = None
    bytes_processed: int = 0
    dml: DmlStats | None = None
    ddl: DdlResult | None = None
    undeclared_parameters: tuple[Resource, ...] = ()
    children: tuple["ChildOutcome", ...] = ()
    session_id: str | None = None
    exported_files: int | None = None
    exported_rows: int | None = None
    in_transaction: str | None = None


@dataclass(frozen=True, slots=True)
class ChildOutcome:
    """One statement that a script ran.

    sql: the statement's own text. outcome is None exactly when error is set. started_seconds,
    ended_seconds: seconds since the epoch. evaluation_kind: STATEMENT or EXPRESSION (the REST
    `scriptStatistics.evaluationKind`). line, column: where the statement starts in the script, 1-based.
    """

    job_id: str
    sql: str
    statement_type: str
    started_seconds: float
    ended_seconds: float
    outcome: QueryOutcome | None
    error: ApiError | None = None
    evaluation_kind: str = "STATEMENT"
    line: int = 1
    column: int = 1
