"""Storage Read's `row_restriction`: one boolean expression over a table's columns, and nothing else.

https://cloud.google.com/bigquery/docs/reference/storage/rpc/google.cloud.bigquery.storage.v1#tablereadoptions
"""

from gatebook.googlesql.errors import SqlError
from gatebook.sandbox.errors import invalid
from gatebook.sandbox.warehouse.binding.analysts import Analysts


def check_restriction(analysts: Analysts, restriction: str) -> None:
    """400 unless the text is one expression without subqueries.

    It is put between parentheses behind WHERE; a text such as `1) UNION ALL (SELECT ...` must not get there.
    """
    try:
        alone = analysts.is_scalar_expression(restriction)
    except SqlError as error:
        raise invalid(f"Row restriction is not a valid expression: {error.message}") from error
    if not alone:
        raise invalid("Row restriction must be a single expression without subqueries")
