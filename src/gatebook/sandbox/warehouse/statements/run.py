"""One statement from text to outcome: its transaction, its analysis, the function that knows its kind."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, from_proto
from gatebook.sandbox.errors import ApiError, invalid_query, not_implemented
from gatebook.sandbox.translate import dml_plan, query_sql
from gatebook.sandbox.warehouse.binding.binder import Binder
from gatebook.sandbox.warehouse.binding.bound import Bound
from gatebook.sandbox.warehouse.binding.partition_filters import check_partition_filters
from gatebook.sandbox.warehouse.binding.standard_types import to_parameter_type
from gatebook.sandbox.warehouse.binding.text import Text
from gatebook.sandbox.warehouse.faults import faults
from gatebook.sandbox.warehouse.job import Job
from gatebook.sandbox.warehouse.requests import QueryOutcome, Resource
from gatebook.sandbox.warehouse.state.store import Change
from gatebook.sandbox.warehouse.statements import dml, files, query
from gatebook.sandbox.warehouse.statements.ddl import access, alter_table, drops, routines, schemas, tables, views
from gatebook.sandbox.warehouse.statements.statement import TEMPORARY, Statement, result_fields
from gatebook.sandbox.warehouse.statements.understood import check_understood

_HANDLERS: Final[Mapping[str, Callable[[Statement], QueryOutcome]]] = {
    "QueryStmt": query.select,
    "AssertStmt": query.check,
    "InsertStmt": dml.change_rows,
    "UpdateStmt": dml.change_rows,
    "DeleteStmt": dml.change_rows,
    "MergeStmt": dml.change_rows,
    "TruncateStmt": tables.truncate,
    "CreateTableStmt": tables.create_table,
    "CreateTableAsSelectStmt": tables.create_table_as_select,
    "CreateSnapshotTableStmt": tables.create_snapshot_table,
    "AlterTableStmt": alter_table.alter_table,
    "AlterTableSetOptionsStmt": alter_table.set_options,
    "AlterViewStmt": alter_table.alter_view,
    "AlterMaterializedViewStmt": alter_table.alter_view,
    "CreateViewStmt": views.create_view,
    "CreateMaterializedViewStmt": views.create_materialized_view,
    "CreateFunctionStmt": routines.create_function,
    "CreateTableFunctionStmt": routines.create_table_function,
    "CreateProcedureStmt": routines.create_procedure,
    "CreateSchemaStmt": schemas.create_schema,
    "AlterSchemaStmt": schemas.alter_schema,
    "DropStmt": drops.drop,
    "DropMaterializedViewStmt": drops.drop_materialized_view,
    "DropSnapshotTableStmt": drops.drop_snapshot_table,
    "DropFunctionStmt": drops.drop_function,
    "DropTableFunctionStmt": drops.drop_table_function,
    "GrantStmt": access.grant,
    "RevokeStmt": access.revoke,
    "CreateRowAccessPolicyStmt": access.create_row_access_policy,
    "DropRowAccessPolicyStmt": access.drop_row_access_policy,
    "ExportDataStmt": files.export_data,
    "AuxLoadDataStmt": files.load_data,
}
_TRANSACTIONS: Final[Mapping[str, Callable[[Job], None]]] = {
    "BEGIN_TRANSACTION": Job.begin_transaction,
    "COMMIT_TRANSACTION": Job.commit_transaction,
    "ROLLBACK_TRANSACTION": Job.rollback_transaction,
}
_READS: Final = frozenset({"SELECT", "ASSERT", "EXPORT_DATA"})
# https://cloud.google.com/bigquery/docs/transactions#statements_supported_in_transactions
_IN_TRANSACTIONS: Final = frozenset(
    {"SELECT", "ASSERT", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE_TABLE", "CREATE_FUNCTION", "DROP_FUNCTION"}
)


def run_statement(job: Job, text: Text, kind: str) -> QueryOutcome:
    """Run a statement. kind: its BigQuery statement type."""
    job.now = datetime.now(UTC)  # CURRENT_TIMESTAMP is the same throughout a statement, not throughout a script
    with faults():
        if kind in _TRANSACTIONS:
            _TRANSACTIONS[kind](job)
            return QueryOutcome(statement_type=kind)
        with job.reading() if _only_reads(job, kind) else job.writing() as change:
            bound = bind(job, change, text, kind)
            handler = _HANDLERS.get(tree.kind(bound.analysis.statement))
            if handler is None:
                raise not_implemented(kind.replace("_", " "))
            check_understood(bound.analysis.statement)
            _check_transaction(job, bound)
            _check_bytes(job, bound)
            check_partition_filters(bound.analysis.statement, bound.relations)
            return handler(Statement(job, change, bound))


def bind(job: Job, change: Change, text: Text, kind: str) -> Bound:
    """Look up and analyze a statement of the job itself."""
    binder = Binder(job, change, job.project, job.default_dataset)
    return binder.bind(text, job.parameter_types, creates=kind == "LOAD_DATA")


def _only_reads(job: Job, kind: str) -> bool:
    return kind in _READS and (job.is_script or job.request.destination is None or kind != "SELECT")


def _check_transaction(job: Job, bound: Bound) -> None:
    node, kind = bound.analysis.statement, bound.analysis.kind
    if not job.in_transaction or kind in _IN_TRANSACTIONS:
        return
    path = tree.field(node, "name_path")
    names_temporary = path is not None and len(path) == 1 and any(n.table == path[0] for n in job.scope.tables)
    if tree.field(node, "create_scope") == TEMPORARY or names_temporary:
        return
    raise invalid_query(f"{kind.replace('_', ' ')} is not supported inside a transaction")


def _check_bytes(job: Job, bound: Bound) -> None:
    limit = job.request.maximum_bytes_billed
    if limit is None:
        return
    billed = bytes_billed(bound.bytes_read())
    if billed > limit:
        text = f"Query exceeded limit for bytes billed: {limit}. {billed} or higher required."
        raise ApiError(400, "bytesBilledLimitExceeded", text)


def bytes_billed(processed: int) -> int:
    """Bytes billed on demand: whole mebibytes, ten at least, nothing for nothing."""
    mebibyte = 1 << 20
    return 0 if not processed else max(10 * mebibyte, -(-processed // mebibyte) * mebibyte)


# -- dry runs


def dry_run_statement(job: Job, text: Text, kind: str) -> QueryOutcome:
    """What running a statement would read and give, without running it."""
    with faults():
        if kind in _TRANSACTIONS:
            return QueryOutcome(statement_type=kind)
        with job.reading() as change:
            bound = bind(job, change, text, kind)
            check_partition_filters(bound.analysis.statement, bound.relations)
            statement = Statement(job, change, bound)
            if tree.kind(bound.analysis.statement) not in _HANDLERS:
                raise not_implemented(kind.replace("_", " "))
            check_understood(bound.analysis.statement)
            return replace(
                statement.outcome(bytes_processed=bound.bytes_read()),
                undeclared_parameters=_undeclared(job, bound),
                **_planned(statement),
            )


def _planned(statement: Statement) -> Resource:
    """Translate, so that what has no translation is refused before it is run, and tell the schema of a query."""
    kind = tree.kind(statement.node)
    if job_lacks_parameters(statement.job):
        return {"schema": result_fields(_named(statement.bound))} if kind == "QueryStmt" else {}
    if kind == "QueryStmt":
        columns = query_sql(statement.node, statement.bound.environment).columns
        return {"schema": result_fields([(column.name, column.type) for column in columns])}
    if kind in {"InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}:
        dml_plan(statement.node, statement.bound.environment)
        return {"bytes_processed": dml.bytes_processed(statement)}
    return {}


def job_lacks_parameters(job: Job) -> bool:
    """Whether parameters may be undeclared, so that the statement cannot be translated."""
    return job.parameter_types is None


def _named(bound: Bound) -> list[tuple[str, SqlType]]:
    """Output columns; those without a name are f0_, f1_, ... as BigQuery calls them."""
    unnamed = itertools.count()
    named = []
    for name, sql_type in bound.analysis.columns:
        shown = name if name and not name.startswith("$") else f"f{next(unnamed)}_"
        named.append((shown, sql_type))
    return named


def _undeclared(job: Job, bound: Bound) -> tuple[Resource, ...]:
    if not job_lacks_parameters(job):
        return ()
    found: dict[str | int, Resource] = {}
    for node in tree.walk_kinds(bound.analysis.statement, "Parameter"):
        parameter: Resource = {"parameterType": to_parameter_type(from_proto(tree.field(node, "type")))}
        if node.name:
            parameter["name"] = node.name
        found.setdefault(node.name or node.position, parameter)
    return tuple(found.values())
