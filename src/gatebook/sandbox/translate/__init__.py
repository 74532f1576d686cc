"""GoogleSQL resolved trees to DuckDB SQL. Pure text in, text out; `prepare` alone touches a connection.

    prepare(connection)                  register functions and macros the translated SQL calls (once per database)
    query_sql(statement, environment)    resolved query statement, or anything with `query` and `output_column_list`
                                         (CREATE TABLE AS, CREATE VIEW, EXPORT DATA, ...) -> Translation
    expression_sql(node, environment)    resolved scalar expression -> DuckDB expression
    dml_plan(statement, environment)     resolved INSERT/UPDATE/DELETE/MERGE/TRUNCATE -> DmlPlan (plans.py)
    duckdb_type(type)                    physical type of a BigQuery type (types.py)
    value_sql(value, type)               Python value -> DuckDB literal (literals.py)
    error_text(error)                    duckdb.Error -> BigQuery's wording of the same fault
    Unmapped                             raised for whatever has no exact equivalent; names it

The tree is a protobuf of googlesql's `ResolvedStatementProto` family, unwrapped or not.
"""

from gatebook.sandbox.translate.environment import Environment, OutputColumn, Translation
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.plans import DmlPlan, DmlStep
from gatebook.sandbox.translate.types import duckdb_type, stored_sql

__all__ = [
    "DmlPlan",
    "DmlStep",
    "Environment",
    "OutputColumn",
    "Translation",
    "Unmapped",
    "duckdb_type",
    "stored_sql",
]
