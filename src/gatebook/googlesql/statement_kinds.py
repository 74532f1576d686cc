"""BigQuery's statement types (`statementType` of REST v2 JobStatistics2), from kinds of resolved statements."""

from __future__ import annotations

from typing import Any

from gatebook.googlesql import tree

# Resolved kinds whose name alone decides.
_BY_KIND = {
    "QueryStmt": "SELECT",
    "GeneralizedQueryStmt": "SELECT",
    "InsertStmt": "INSERT",
    "UpdateStmt": "UPDATE",
    "DeleteStmt": "DELETE",
    "MergeStmt": "MERGE",
    "TruncateStmt": "TRUNCATE_TABLE",
    "CreateTableStmt": "CREATE_TABLE",
    "CreateTableAsSelectStmt": "CREATE_TABLE_AS_SELECT",
    "CreateViewStmt": "CREATE_VIEW",
    "CreateMaterializedViewStmt": "CREATE_MATERIALIZED_VIEW",
    "CreateExternalTableStmt": "CREATE_EXTERNAL_TABLE",
    "CreateSnapshotTableStmt": "CREATE_SNAPSHOT_TABLE",
    "CreateFunctionStmt": "CREATE_FUNCTION",
    "CreateTableFunctionStmt": "CREATE_TABLE_FUNCTION",
    "CreateProcedureStmt": "CREATE_PROCEDURE",
    "CreateModelStmt": "CREATE_MODEL",
    "CreateSchemaStmt": "CREATE_SCHEMA",
    "CreateRowAccessPolicyStmt": "CREATE_ROW_ACCESS_POLICY",
    "ExportDataStmt": "EXPORT_DATA",
    "ExportModelStmt": "EXPORT_MODEL",
    "CallStmt": "CALL",
    "AssertStmt": "ASSERT",
}


def statement_kind(statement: Any) -> str:
    """BigQuery's statement type of a resolved statement."""
    name = tree.kind(statement)
    return _BY_KIND.get(name, name.removesuffix("Stmt"))
