"""GoogleSQL resolved trees to DuckDB SQL. Text in, text out; `prepare` alone touches a connection.

    prepare(connection)                  register the functions that translated SQL calls, once per database
    prepare_session(connection)          settings for each further connection (cursor) that runs translated SQL
    query_sql(statement, environment)    resolved query statement, or anything with `query` and `output_column_list`
                                         (CREATE TABLE AS, CREATE VIEW, EXPORT DATA, ...) -> Translation
    expression_sql(node, environment)    resolved scalar expression without columns -> DuckDB expression
    dml_plan(statement, environment)     resolved INSERT, UPDATE, DELETE, MERGE or TRUNCATE -> DmlPlan (plans.py)
    duckdb_type(type)                    physical type of a BigQuery type; types.py says how every type is stored
    stored_sql(sql, type)                a value as tables hold it
    value_sql(value, type)               Python value (values.py) -> DuckDB constant
    error_text(error)                    duckdb.Error -> BigQuery's wording of the same fault
    Unmapped                             raised for whatever has no exact equivalent; names it

The tree is a protobuf of googlesql's resolved statements, as `Analysis.statement` holds it.
"""

from gatebook.sandbox.translate.dml import dml_plan
from gatebook.sandbox.translate.environment import Environment, OutputColumn, Translation
from gatebook.sandbox.translate.errors import Unmapped, error_text
from gatebook.sandbox.translate.literals import value_sql
from gatebook.sandbox.translate.plans import DmlPlan, DmlStep
from gatebook.sandbox.translate.prepare import prepare, prepare_session
from gatebook.sandbox.translate.query import expression_sql, query_sql
from gatebook.sandbox.translate.types import duckdb_type, stored_sql

__all__ = [
    "DmlPlan",
    "DmlStep",
    "Environment",
    "OutputColumn",
    "Translation",
    "Unmapped",
    "dml_plan",
    "duckdb_type",
    "error_text",
    "expression_sql",
    "prepare",
    "prepare_session",
    "query_sql",
    "stored_sql",
    "value_sql",
]
