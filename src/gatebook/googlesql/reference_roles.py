"""Which fields of the parse tree hold the name of a table, function, procedure or model."""

from __future__ import annotations

import re
from typing import Any, Literal, NamedTuple

from gatebook.googlesql import protos, tree

ReferenceKind = Literal["table", "function", "table_function", "procedure", "model", "connection", "schema", "graph"]


class Role(NamedTuple):
    """What a path names, and whether it is what the statement itself creates, changes, drops or writes."""

    kind: ReferenceKind
    target: bool = False


# (kind of node, field) -> what the path in that field names. Fields that hold paths of other things are not here.
_ROLES: dict[tuple[str, str], Role] = {
    ("TablePathExpression", "path_expr"): Role("table"),
    ("TableClause", "table_path"): Role("table"),
    ("TableDataSource", "path_expr"): Role("table"),
    ("CloneDataSource", "path_expr"): Role("table"),
    ("CopyDataSource", "path_expr"): Role("table"),
    ("ForeignKeyReference", "table_name"): Role("table"),
    ("GraphElementTable", "name"): Role("table"),
    ("TableAndColumnInfo", "table_name"): Role("table"),
    ("CreateTableStatement", "like_table_name"): Role("table"),
    ("CreateExternalTableStatement", "like_table_name"): Role("table"),
    ("CreateMaterializedViewStatement", "replica_source"): Role("table"),
    ("InsertStatement", "target_path"): Role("table", target=True),
    ("UpdateStatement", "target_path"): Role("table", target=True),
    ("DeleteStatement", "target_path"): Role("table", target=True),
    ("MergeStatement", "target_path"): Role("table", target=True),
    ("TruncateStatement", "target_path"): Role("table", target=True),
    ("CloneDataStatement", "target_path"): Role("table", target=True),
    ("CreateTableStatement", "name"): Role("table", target=True),
    ("CreateExternalTableStatement", "name"): Role("table", target=True),
    ("AuxLoadDataStatement", "name"): Role("table", target=True),
    ("CreateSnapshotTableStatement", "name"): Role("table", target=True),
    ("CreateViewStatement", "name"): Role("table", target=True),
    ("CreateMaterializedViewStatement", "name"): Role("table", target=True),
    ("CreateApproxViewStatement", "name"): Role("table", target=True),
    ("AlterTableStatement", "path"): Role("table", target=True),
    ("AlterViewStatement", "path"): Role("table", target=True),
    ("AlterMaterializedViewStatement", "path"): Role("table", target=True),
    ("AlterApproxViewStatement", "path"): Role("table", target=True),
    ("DropMaterializedViewStatement", "name"): Role("table", target=True),
    ("DropSnapshotTableStatement", "name"): Role("table", target=True),
    ("CreateIndexStatement", "table_name"): Role("table", target=True),
    ("AlterIndexStatement", "table_name"): Role("table", target=True),
    ("DropIndexStatement", "table_name"): Role("table", target=True),
    ("DropSearchIndexStatement", "table_name"): Role("table", target=True),
    ("DropVectorIndexStatement", "table_name"): Role("table", target=True),
    ("CreateRowAccessPolicyStatement", "target_path"): Role("table", target=True),
    ("DropRowAccessPolicyStatement", "table_name"): Role("table", target=True),
    ("DropAllRowAccessPoliciesStatement", "table_name"): Role("table", target=True),
    ("AlterRowAccessPolicyStatement", "path"): Role("table", target=True),
    ("AlterAllRowAccessPoliciesStatement", "table_name_path"): Role("table", target=True),
    ("FunctionCall", "function"): Role("function"),
    ("TVF", "name"): Role("table_function"),
    ("DropFunctionStatement", "name"): Role("function", target=True),
    ("DropTableFunctionStatement", "name"): Role("table_function", target=True),
    ("CallStatement", "procedure_name"): Role("procedure"),
    ("CreateProcedureStatement", "name"): Role("procedure", target=True),
    ("ModelClause", "model_path"): Role("model"),
    ("CreateModelStatement", "name"): Role("model", target=True),
    ("AlterModelStatement", "path"): Role("model", target=True),
    ("ExportModelStatement", "model_name_path"): Role("model"),
    ("ConnectionClause", "connection_path"): Role("connection"),
    ("CreateSchemaStatement", "name"): Role("schema", target=True),
    ("CreateExternalSchemaStatement", "name"): Role("schema", target=True),
    ("AlterSchemaStatement", "path"): Role("schema", target=True),
    ("AlterExternalSchemaStatement", "path"): Role("schema", target=True),
    ("UndropStatement", "name"): Role("schema", target=True),
    ("GqlGraphPatternQuery", "graph_reference"): Role("graph"),
    ("GqlLinearOpsQuery", "graph_reference"): Role("graph"),
    ("GraphTableQuery", "graph_reference"): Role("graph"),
    ("CreatePropertyGraphStatement", "name"): Role("graph", target=True),
}

# What DROP <kind> and GRANT ... ON <kind> name.
_KIND_OF_OBJECT: dict[str, ReferenceKind] = {
    "TABLE": "table",
    "EXTERNAL_TABLE": "table",
    "VIEW": "table",
    "MATERIALIZED_VIEW": "table",
    "SNAPSHOT_TABLE": "table",
    "FUNCTION": "function",
    "TABLE_FUNCTION": "table_function",
    "PROCEDURE": "procedure",
    "ROUTINE": "function",
    "MODEL": "model",
    "SCHEMA": "schema",
    "DATASET": "schema",
    "PROPERTY_GRAPH": "graph",
}

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


def role(node: Any, field: str) -> Role | None:
    """What a path in `field` of `node` names; None when it names nothing of a catalog."""
    kind = tree.kind(node)
    if kind == "DropStatement" and field == "name":
        return _target(object_kind(node.schema_object_kind))
    if kind in ("GrantStatement", "RevokeStatement") and field == "target_path":
        return _target("_".join(part.id_string for part in node.target_type_parts))
    return _ROLES.get((kind, field))


def object_kind(number: int) -> str:
    """The object of DROP or UNDROP: `MATERIALIZED_VIEW`."""
    name: str = protos.ast_enums.SchemaObjectKind.Name(number)
    return _WORD_START.sub("_", name.removeprefix("k")).upper()


def _target(object_type: str) -> Role | None:
    kind = _KIND_OF_OBJECT.get(object_type.upper())
    return None if kind is None else Role(kind, target=True)
