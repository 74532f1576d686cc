"""ALTER TABLE and ALTER VIEW, one function per action."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from gatebook.googlesql import tree
from gatebook.googlesql.types import from_proto
from gatebook.sandbox.errors import duplicate, invalid_query, not_found, not_implemented
from gatebook.sandbox.translate import duckdb_type
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import DdlResult, QueryOutcome, Resource
from gatebook.sandbox.warehouse.state import physical, resources
from gatebook.sandbox.warehouse.state.filling import fields_of
from gatebook.sandbox.warehouse.state.physical import quoted
from gatebook.sandbox.warehouse.state.store import Change
from gatebook.sandbox.warehouse.statements.ddl import columns, options
from gatebook.sandbox.warehouse.statements.statement import Statement

# https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language#details_21
_WIDER: Final[Mapping[str, frozenset[str]]] = {
    "INT64": frozenset({"NUMERIC", "BIGNUMERIC", "FLOAT64"}),
    "NUMERIC": frozenset({"BIGNUMERIC", "FLOAT64"}),
}


def alter_table(statement: Statement) -> QueryOutcome:
    """ALTER TABLE with a list of actions."""
    return _alter(statement, {"TABLE", "SNAPSHOT"}, options.TABLE)


def alter_view(statement: Statement) -> QueryOutcome:
    """ALTER VIEW and ALTER MATERIALIZED VIEW."""
    return _alter(statement, {"VIEW", "MATERIALIZED_VIEW"}, options.VIEW)


def set_options(statement: Statement) -> QueryOutcome:
    """ALTER TABLE SET OPTIONS, which resolves to a statement of its own."""
    node = statement.node
    name = statement.table_name(list(node.name_path))
    if name not in statement.change.state.tables and node.is_if_exists:
        return statement.outcome(ddl=DdlResult("SKIP", table=name))
    statement.check_kind(name, {"TABLE", "SNAPSHOT"})
    _set_options(_Table(statement, name, options.TABLE), node)
    return replace(statement.outcome(ddl=DdlResult("ALTER", table=name)), destination=name)


def _alter(statement: Statement, kinds: set[str], known: Mapping[str, options.Change]) -> QueryOutcome:
    name = statement.table_name(list(statement.field("name_path")))
    if name not in statement.change.state.tables:
        if statement.field("is_if_exists"):
            return statement.outcome(ddl=DdlResult("SKIP", table=name))
        raise not_found("Table", str(name))
    statement.check_kind(name, kinds)
    table = _Table(statement, name, known)
    for action in map(tree.unwrap, statement.field("alter_action_list")):
        perform = _ACTIONS.get(tree.kind(action))
        if perform is None:
            raise not_implemented(f"ALTER TABLE {tree.kind(action).removesuffix('Action')}")
        perform(table, action)
    return replace(statement.outcome(ddl=DdlResult("ALTER", table=table.name)), destination=table.name)


class _Table:
    """The table being altered: its entry changes with each action."""

    def __init__(self, statement: Statement, name: TableName, known: Mapping[str, options.Change]) -> None:
        self.statement = statement
        self.name = name
        self.options = known

    @property
    def change(self) -> Change:
        return self.statement.change

    @property
    def resource(self) -> Resource:
        return resources.answered(self.change.state.table(self.name).resource)

    @property
    def rows(self) -> str:
        return str(self.change.state.table(self.name).physical)

    @property
    def fields(self) -> list[Resource]:
        return list(fields_of(self.change.state.table(self.name)))

    def field(self, name: str) -> Resource:
        for field in self.resource["schema"]["fields"]:
            if field["name"].lower() == name.lower():
                return dict(field)
        raise invalid_query(f"Column not found: {name}")

    def has(self, name: str) -> bool:
        return any(field["name"].lower() == name.lower() for field in self.fields)

    def put_fields(self, fields: list[Resource]) -> None:
        resource = self.resource
        resource["schema"] = {**resource.get("schema", {}), "fields": fields}
        self.change.put(self.name, resources.stamped(resource))

    def put_field(self, name: str, field: Resource) -> None:
        self.put_fields([field if known["name"].lower() == name.lower() else known for known in self.fields])

    def alter(self, sql: str) -> None:
        self.change.cursor.execute(f"ALTER TABLE {self.rows} {sql}")


def _add_column(table: _Table, action: Any) -> None:
    field = columns.field_of(tree.unwrap(tree.field(action, "column_definition")), table.statement.options)
    if table.has(field["name"]):
        if tree.field(action, "is_if_not_exists"):
            return
        raise invalid_query(f"Column already exists: {field['name']}")
    if field["mode"] == "REQUIRED":
        raise invalid_query("Cannot add a NOT NULL column to an existing table")
    if "defaultValueExpression" in field:
        raise invalid_query("Cannot add a column with a default value to an existing table; set it afterwards")
    physical.evolve(table.change, table.rows, table.fields, [*table.fields, field])
    table.put_fields([*table.fields, field])


def _drop_column(table: _Table, action: Any) -> None:
    name = tree.field(action, "name")
    if not table.has(name):
        if tree.field(action, "is_if_exists"):
            return
        raise invalid_query(f"Column not found: {name}")
    _refuse_structural(table, name, "drop")
    rest = [field for field in table.fields if field["name"].lower() != name.lower()]
    if not rest:
        raise invalid_query("ALTER TABLE DROP COLUMN cannot drop all columns of a table")
    table.alter(f"DROP COLUMN {quoted(name)}")
    table.put_fields(rest)


def _refuse_structural(table: _Table, name: str, verb: str) -> None:
    resource = table.resource
    used = [
        part.get("field", "") for part in (resource.get("timePartitioning", {}), resource.get("rangePartitioning", {}))
    ]
    used += resource.get("clustering", {}).get("fields", [])
    if name.lower() in {column.lower() for column in used}:
        raise invalid_query(f"Cannot {verb} column {name}: it is used for partitioning or clustering")


def _rename_column(table: _Table, action: Any) -> None:
    old, new = tree.field(action, "name"), tree.field(action, "new_name")
    if not table.has(old) and tree.field(action, "is_if_exists"):
        return
    field = table.field(old)
    if table.has(new) and old.lower() != new.lower():
        raise invalid_query(f"Column already exists: {new}")
    _refuse_structural(table, old, "rename")
    table.alter(f"RENAME COLUMN {quoted(old)} TO {quoted(new)}")
    table.put_field(old, {**field, "name": new})


def _rename_to(table: _Table, action: Any) -> None:
    new_path = list(tree.field(action, "new_path"))
    new = replace(table.name, table=new_path[-1])
    if len(new_path) > 1 and table.statement.table_name(new_path).parent != new.parent:
        raise invalid_query("ALTER TABLE RENAME TO cannot move a table to another dataset")
    if new in table.change.state.tables:
        raise duplicate("Table", str(new))
    resources.check_table_id(new.table)
    renamed = resources.table_resource(new, table.resource, table.resource["type"], table.resource["location"])
    renamed["creationTime"] = table.resource["creationTime"]
    table.change.move(table.name, new, renamed)
    table.name = new


def _set_options(table: _Table, action: Any) -> None:
    resource = table.resource
    options.apply(resource, table.statement.options(tree.field(action, "option_list")), table.options)
    table.change.put(table.name, resources.stamped(resource))


def _column_options(table: _Table, action: Any) -> None:
    if not table.has(tree.field(action, "column")) and tree.field(action, "is_if_exists"):
        return
    field = table.field(tree.field(action, "column"))
    options.apply(field, table.statement.options(tree.field(action, "option_list")), options.COLUMN)
    table.put_field(tree.field(action, "column"), field)


def _drop_not_null(table: _Table, action: Any) -> None:
    if not table.has(tree.field(action, "column")) and tree.field(action, "is_if_exists"):
        return
    field = table.field(tree.field(action, "column"))
    if field["mode"] == "REQUIRED":
        table.alter(f"ALTER COLUMN {quoted(field['name'])} DROP NOT NULL")
        table.put_field(field["name"], {**field, "mode": "NULLABLE"})


def _set_default(table: _Table, action: Any) -> None:
    field = table.field(tree.field(action, "column"))
    table.put_field(
        tree.field(action, "column"),
        {**field, "defaultValueExpression": tree.unwrap(tree.field(action, "default_value")).sql},
    )


def _drop_default(table: _Table, action: Any) -> None:
    field = table.field(tree.field(action, "column"))
    field.pop("defaultValueExpression", None)
    empty = "SET DEFAULT []" if field["mode"] == "REPEATED" else "DROP DEFAULT"
    table.alter(f"ALTER COLUMN {quoted(field['name'])} {empty}")
    table.put_field(field["name"], field)


def _set_data_type(table: _Table, action: Any) -> None:
    if not table.has(tree.field(action, "column")) and tree.field(action, "is_if_exists"):
        return
    before = table.field(tree.field(action, "column"))
    sql_type = from_proto(tree.field(action, "updated_type"))
    after = columns.retyped(before, sql_type, tree.field(action, "updated_type_parameters"))
    _check_wider(table, before, after)
    table.alter(f"ALTER COLUMN {quoted(before['name'])} SET DATA TYPE {duckdb_type(sql_type)}")
    table.put_field(tree.field(action, "column"), after)


def _check_wider(table: _Table, before: Resource, after: Resource) -> None:
    (old,), (new,) = (columns.types_of([field]) for field in (before, after))
    same_length = int(after.get("maxLength", 2**63)) >= int(before.get("maxLength", 2**63))
    if (old == new and same_length) or new.kind in _WIDER.get(old.kind, ()):
        return
    raise invalid_query(
        f"ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type ({old.sql()}) is assignable to "
        f"the new type ({new.sql()})"
    )


_ACTIONS: Final[Mapping[str, Callable[[_Table, Any], None]]] = {
    "AddColumnAction": _add_column,
    "DropColumnAction": _drop_column,
    "RenameColumnAction": _rename_column,
    "RenameToAction": _rename_to,
    "SetOptionsAction": _set_options,
    "AlterColumnOptionsAction": _column_options,
    "AlterColumnDropNotNullAction": _drop_not_null,
    "AlterColumnSetDefaultAction": _set_default,
    "AlterColumnDropDefaultAction": _drop_default,
    "AlterColumnSetDataTypeAction": _set_data_type,
}
