"""CREATE TABLE in all its forms, CREATE SNAPSHOT TABLE, TRUNCATE TABLE."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pyarrow as pa

from gatebook.googlesql import tree
from gatebook.sandbox.errors import duplicate, not_implemented
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import DdlResult, DmlStats, QueryOutcome, Resource
from gatebook.sandbox.warehouse.state import filling, tables
from gatebook.sandbox.warehouse.state.database import number
from gatebook.sandbox.warehouse.state.policies import check_readable
from gatebook.sandbox.warehouse.state.store import Entry
from gatebook.sandbox.warehouse.statements.ddl import columns, options
from gatebook.sandbox.warehouse.statements.statement import IF_NOT_EXISTS, OR_REPLACE, TEMPORARY, Statement

# What CREATE TABLE LIKE, COPY and CLONE take over from their source.
_INHERITED: Final = (
    "schema", "timePartitioning", "rangePartitioning", "clustering", "description", "friendlyName", "labels",
    "requirePartitionFilter",
)  # fmt: skip


def create_table(statement: Statement) -> QueryOutcome:
    """CREATE [OR REPLACE] [TEMP] TABLE [IF NOT EXISTS]: empty, LIKE, COPY or CLONE."""
    name = _new_name(statement)
    if _skipped(statement, name):
        return _done(statement, "SKIP", name)
    source = _source(statement)
    given = _inherited(source.resource) if source else _defined(statement)
    options.apply(given, statement.options(statement.field("option_list")), options.TABLE)
    entry, operation = _put(statement, name, given)
    if source and not statement.field("like_table").name:
        filling.copy(statement.change, source, entry)
        tables.touch(statement.change, name)
    return _done(statement, operation, name)


def create_table_as_select(statement: Statement) -> QueryOutcome:
    """CREATE TABLE ... AS SELECT."""
    name = _new_name(statement)
    if _skipped(statement, name):
        return _done(statement, "SKIP", name)
    given = _defined(statement)
    options.apply(given, statement.options(statement.field("option_list")), options.TABLE)
    rows, fields = statement.query_rows(None if statement.field("is_value_table") else given["schema"]["fields"])
    given["schema"]["fields"] = fields
    processed = statement.bound.bytes_read()
    entry, operation = _put(statement, name, given)
    _fill(statement, name, entry, rows)
    return replace(_done(statement, operation, name), bytes_processed=processed)


def create_snapshot_table(statement: Statement) -> QueryOutcome:
    """CREATE SNAPSHOT TABLE ... CLONE: a copy that cannot be written to."""
    name = _new_name(statement)
    if _skipped(statement, name):
        return _done(statement, "SKIP", name)
    source_name, source = _cloned(statement, statement.field("clone_from"))
    given = {**_inherited(source.resource), "snapshotDefinition": {
        "baseTableReference": source_name.rest(), "snapshotTime": statement.job.now.isoformat()}}  # fmt: skip
    options.apply(given, statement.options(statement.field("option_list")), options.TABLE)
    entry, operation = _put(statement, name, given)
    filling.copy(statement.change, source, entry)
    tables.touch(statement.change, name)
    return _done(statement, operation, name)


def truncate(statement: Statement) -> QueryOutcome:
    """TRUNCATE TABLE."""
    if tree.present(statement.node, "where_expr") is not None:
        raise not_implemented("TRUNCATE TABLE ... WHERE")
    name, entry = statement.writable(statement.field("table_scan"))
    count = number(statement.change.cursor, f"DELETE FROM {entry.physical}")
    tables.touch(statement.change, name)
    return replace(statement.outcome(dml=DmlStats(deleted=count)), destination=name)


def _new_name(statement: Statement) -> TableName:
    return statement.table_name(
        list(statement.field("name_path")), temporary=statement.field("create_scope") == TEMPORARY
    )


def _skipped(statement: Statement, name: TableName) -> bool:
    known = name in statement.change.state.tables
    return known and statement.field("create_mode") == IF_NOT_EXISTS


def _defined(statement: Statement) -> Resource:
    definitions = map(tree.unwrap, statement.field("column_definition_list"))
    fields = [columns.field_of(definition, statement.options) for definition in definitions]
    return {
        "schema": {"fields": fields},
        **columns.partitioning(statement.field("partition_by_list")),
        **columns.clustering(statement.field("cluster_by_list")),
        **_constraints(statement),
    }


def _constraints(statement: Statement) -> Resource:
    if statement.field("foreign_key_list"):
        raise not_implemented("foreign keys")
    key = tree.present(statement.node, "primary_key")
    if key is None:
        return {}
    return {"tableConstraints": {"primaryKey": {"columns": list(key.column_name_list)}}}


def _inherited(resource: Mapping[str, Any]) -> Resource:
    return {key: resource[key] for key in _INHERITED if key in resource}


def _source(statement: Statement) -> Entry | None:
    for kind in ("clone_from", "copy_from"):
        scan = tree.present(statement.node, kind)
        if scan is not None:
            return _cloned(statement, scan)[1]
    like = statement.field("like_table")
    return statement.known(like.full_name)[1] if like is not None and like.name else None


def _cloned(statement: Statement, scan: Any) -> tuple[TableName, Entry]:
    scan = tree.unwrap(scan)
    if tree.kind(scan) != "TableScan" or scan.HasField("for_system_time_expr"):
        raise not_implemented("CLONE and COPY of a past state")
    name, entry = statement.known(scan.table.full_name)
    check_readable(entry.resource)
    return name, entry


def _put(statement: Statement, name: TableName, given: Resource) -> tuple[Entry, str]:
    replaces = name in statement.change.state.tables
    if replaces and statement.field("create_mode") != OR_REPLACE:
        raise duplicate("Table", str(name))
    if replaces:
        statement.check_kind(name, {"TABLE"})
        statement.change.drop(name)
    return tables.insert(statement.change, name, given), "REPLACE" if replaces else "CREATE"


def _fill(statement: Statement, name: TableName, entry: Entry, rows: pa.Table) -> None:
    filling.append(statement.change, entry, rows)
    tables.touch(statement.change, name)


def _done(statement: Statement, operation: str, name: TableName) -> QueryOutcome:
    outcome = statement.outcome(ddl=DdlResult(operation, table=name))
    return replace(outcome, destination=name)
