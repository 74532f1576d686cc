"""CREATE VIEW and CREATE MATERIALIZED VIEW (which is kept as a view: always fresh)."""

from dataclasses import replace

from gatebook.googlesql import tree
from gatebook.googlesql.types import StructField, to_rest_schema
from gatebook.sandbox.errors import duplicate, not_implemented
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import DdlResult, QueryOutcome, Resource
from gatebook.sandbox.warehouse.state import tables
from gatebook.sandbox.warehouse.statements.ddl import columns, options
from gatebook.sandbox.warehouse.statements.statement import IF_NOT_EXISTS, OR_REPLACE, TEMPORARY, Statement


def create_view(statement: Statement) -> QueryOutcome:
    """CREATE [OR REPLACE] VIEW [IF NOT EXISTS]."""
    return _create(statement, "VIEW", "view")


def create_materialized_view(statement: Statement) -> QueryOutcome:
    """CREATE [OR REPLACE] MATERIALIZED VIEW [IF NOT EXISTS]."""
    return _create(statement, "MATERIALIZED_VIEW", "materializedView")


def _create(statement: Statement, kind: str, key: str) -> QueryOutcome:
    if statement.field("create_scope") == TEMPORARY:
        raise not_implemented("CREATE TEMP VIEW")
    name = statement.table_name(list(statement.field("name_path")))
    known = name in statement.change.state.tables
    mode = statement.field("create_mode")
    if known and mode == IF_NOT_EXISTS:
        return _done(statement, "SKIP", name)
    if known and mode != OR_REPLACE:
        raise duplicate("Table", str(name))
    given = _defined(statement, name, key)
    if known:
        statement.check_kind(name, {kind})
        statement.change.drop(name)
    tables.insert(statement.change, name, given)
    return _done(statement, "REPLACE" if known else "CREATE", name)


def _defined(statement: Statement, name: TableName, key: str) -> Resource:
    definitions = [tree.unwrap(item) for item in statement.field("column_definition_list")]
    fields = [columns.field_of(item, statement.options) for item in definitions] or _output(statement)
    query = statement.bound.text.original(statement.field("sql"))
    statement.check_view(name, query)
    definition: Resource = {"query": query}
    if key == "view":
        definition["useLegacySql"] = False
    given = {
        "schema": {"fields": fields},
        key: definition,
        **columns.partitioning(statement.field("partition_by_list") or ()),
        **columns.clustering(statement.field("cluster_by_list") or ()),
    }
    options.apply(given, statement.options(statement.field("option_list")), options.VIEW)
    return given


def _output(statement: Statement) -> list[Resource]:
    return to_rest_schema([StructField(name, sql_type) for name, sql_type in statement.bound.analysis.columns])


def _done(statement: Statement, operation: str, name: TableName) -> QueryOutcome:
    return replace(statement.outcome(ddl=DdlResult(operation, table=name)), destination=name)
