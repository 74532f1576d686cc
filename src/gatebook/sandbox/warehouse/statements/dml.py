"""INSERT, UPDATE, DELETE, MERGE: the plan of the translation, run in one transaction."""

from collections import Counter
from dataclasses import replace

from gatebook.googlesql import tree
from gatebook.sandbox.errors import invalid_query
from gatebook.sandbox.translate import DmlPlan, dml_plan
from gatebook.sandbox.warehouse.requests import DmlStats, QueryOutcome
from gatebook.sandbox.warehouse.state import tables
from gatebook.sandbox.warehouse.state.constraints import check_rows
from gatebook.sandbox.warehouse.state.database import first_row, number
from gatebook.sandbox.warehouse.state.filling import fields_of
from gatebook.sandbox.warehouse.state.policies import check_readable
from gatebook.sandbox.warehouse.state.store import Entry
from gatebook.sandbox.warehouse.statements.defaults import install_defaults
from gatebook.sandbox.warehouse.statements.statement import Statement


def change_rows(statement: Statement) -> QueryOutcome:
    """Run INSERT, UPDATE, DELETE or MERGE."""
    name, entry = statement.writable(statement.field("table_scan"))
    if tree.kind(statement.node) != "InsertStmt":
        check_readable(entry.resource)
    processed = bytes_processed(statement)
    install_defaults(statement.job, statement.change, entry)
    plan = dml_plan(statement.node, statement.bound.environment)
    counts = _run(statement, plan)
    check_rows(statement.change.cursor, entry)
    tables.touch(statement.change, name)
    statement.job.scope.system["row_count"] = str(sum(counts.values()))
    stats = DmlStats(counts["insert"], counts["update"], counts["delete"])
    return replace(statement.outcome(dml=stats, bytes_processed=processed), destination=name)


def _run(statement: Statement, plan: DmlPlan) -> Counter[str]:
    cursor = statement.change.cursor
    counts: Counter[str] = Counter()
    for sql in plan.setup:
        cursor.execute(sql)
    if plan.violation is not None:
        violated = first_row(cursor, plan.violation)
        if violated is not None:
            raise invalid_query(violated[0])
    for step in plan.steps:
        statement.job.check_cancelled()
        counts[step.action] += number(cursor, step.sql)
    for sql in plan.cleanup:  # after a failure the transaction that made these tables is rolled back
        cursor.execute(sql)
    return counts


def bytes_processed(statement: Statement) -> int:
    """What BigQuery counts for DML: the columns read, and all of the target when its rows are rewritten.

    https://cloud.google.com/bigquery/pricing#data_manipulation_language_dml_query_size_calculation
    """
    read = statement.bound.bytes_read()
    if tree.kind(statement.node) == "InsertStmt":
        return read
    relation = statement.bound.relations[statement.field("table_scan").table.full_name]
    scanned = [column.name for column in tree.field(statement.field("table_scan"), "column_list")]
    return read - relation.bytes_of(scanned) + _whole(statement, relation.entry)


def _whole(statement: Statement, entry: Entry | None) -> int:
    if entry is None:
        return 0
    names = [field["name"] for field in fields_of(entry)]
    return statement.job.services.sizes.of(statement.change.cursor, entry, names)
