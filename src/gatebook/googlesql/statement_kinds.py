"""BigQuery's statement types, from parse trees and from resolved trees.

The names are those of `statementType` in REST v2 JobStatistics2. A kind without an entry keeps ZetaSQL's own name in
the same spelling (CREATE_DATABASE), so that a list of allowed types refuses it.
"""

from __future__ import annotations

import re
from typing import Any

from gatebook.googlesql import tree
from gatebook.googlesql.reference_roles import object_kind

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# The same kind has the same name in both trees, except for the ending Statement or Stmt.
_NAMES = {
    "Query": "SELECT",
    "GeneralizedQuery": "SELECT",
    "Truncate": "TRUNCATE_TABLE",
    "AuxLoadData": "LOAD_DATA",
    "Begin": "BEGIN_TRANSACTION",
    "Commit": "COMMIT_TRANSACTION",
    "Rollback": "ROLLBACK_TRANSACTION",
    "AlterTableSetOptions": "ALTER_TABLE",
    "Undrop": "UNDROP_SCHEMA",
    "AlterAllRowAccessPolicies": "ALTER_ALL_ROW_ACCESS_POLICIES",
    "DropAllRowAccessPolicies": "DROP_ALL_ROW_ACCESS_POLICIES",
    # Script statements, by BigQuery's keyword.
    "BeginEndBlock": "BEGIN_END",
    "ForIn": "FOR_IN",
    "VariableDeclaration": "DECLARE",
    "SingleAssignment": "SET",
    "AssignmentFromStruct": "SET",
    "SystemVariableAssignment": "SET",
    "ParameterAssignment": "SET",
    "Assignment": "SET",
}


def statement_kind(statement: Any) -> str:
    """BigQuery's statement type of a parsed (AST...Statement) or resolved (Resolved...Stmt) statement."""
    name = tree.kind(statement).removesuffix("Stmt").removesuffix("Statement")
    special = _SPECIAL.get(name)
    if special is not None:
        return special(statement)
    return _NAMES.get(name) or _WORD_START.sub("_", name).upper()


def _create_table(statement: Any) -> str:
    return "CREATE_TABLE" if tree.present(statement, "query") is None else "CREATE_TABLE_AS_SELECT"


def _drop(statement: Any) -> str:
    kind = tree.field(statement, "object_type") or object_kind(tree.field(statement, "schema_object_kind"))
    return "DROP_" + str(kind).upper().replace(" ", "_")


def _create_entity(statement: Any) -> str:
    return f"CREATE_{_entity_type(statement)}"


def _alter_entity(statement: Any) -> str:
    return f"ALTER_{_entity_type(statement)}"


def _drop_entity(statement: Any) -> str:
    return f"DROP_{_entity_type(statement)}"


def _entity_type(statement: Any) -> str:
    """CAPACITY, RESERVATION, ...: a string in resolved trees, an identifier in parse trees."""
    named = tree.field(statement, "entity_type") or tree.field(statement, "type")
    return str(getattr(named, "id_string", named)).upper()


def _create_index(statement: Any) -> str:
    return f"CREATE_{_index_type(statement)}INDEX"


def _alter_index(statement: Any) -> str:
    return f"ALTER_{_index_type(statement)}INDEX"


def _drop_index(statement: Any) -> str:
    return f"DROP_{_index_type(statement)}INDEX"


def _index_type(statement: Any) -> str:
    number = tree.field(statement, "index_type")
    if tree.field(statement, "is_search") or number == _SEARCH_INDEX:
        return "SEARCH_"
    return "VECTOR_" if tree.field(statement, "is_vector") or number == _VECTOR_INDEX else ""


def _drop_row_access_policy(statement: Any) -> str:
    return "DROP_ALL_ROW_ACCESS_POLICIES" if tree.field(statement, "is_drop_all") else "DROP_ROW_ACCESS_POLICY"


def _hinted(statement: Any) -> str:
    return statement_kind(tree.unwrap(statement.statement))


# ResolvedDropIndexStmtEnums.IndexType and its two look-alikes
_SEARCH_INDEX = 1
_VECTOR_INDEX = 2

_SPECIAL = {
    "CreateTable": _create_table,
    "Drop": _drop,
    "CreateEntity": _create_entity,
    "AlterEntity": _alter_entity,
    "DropEntity": _drop_entity,
    "CreateIndex": _create_index,
    "AlterIndex": _alter_index,
    "DropIndex": _drop_index,
    "DropRowAccessPolicy": _drop_row_access_policy,
    "Hinted": _hinted,
}
