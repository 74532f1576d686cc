"""SELECT into a named table: write and create dispositions."""

from typing import Any

import pytest
from conftest import Session

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import TableName

TABLE = TableName("p", "d", "t")


def put(session: Session, sql: str, **fields: Any) -> None:
    session.run(sql, destination=TABLE, **fields)


def test_a_missing_table_is_created_unless_forbidden(session: Session) -> None:
    with pytest.raises(ApiError) as error:
        put(session, "SELECT 1 AS a", create_disposition="CREATE_NEVER")
    assert error.value.status == 404
    put(
        session,
        "SELECT DATE '2024-01-01' AS a",
        destination_options={"timePartitioning": {"type": "DAY", "field": "a"}},
    )
    assert session.warehouse.get_table(TABLE)["timePartitioning"] == {"type": "DAY", "field": "a"}


def test_rows_are_only_written_into_an_empty_table_by_default(session: Session) -> None:
    put(session, "SELECT 1 AS a")
    with pytest.raises(ApiError) as error:
        put(session, "SELECT 2 AS a")
    assert (error.value.status, error.value.message) == (409, "Already Exists: Table p:d.t")


def test_append_keeps_the_schema_and_may_widen_it(session: Session) -> None:
    put(session, "SELECT 1 AS a, 'x' AS b")
    put(session, "SELECT 'y' AS b, 2 AS a", write_disposition="WRITE_APPEND")
    with pytest.raises(ApiError) as error:
        put(session, "SELECT 3 AS a, 1.5 AS c", write_disposition="WRITE_APPEND")
    assert error.value.message == "Provided Schema does not match Table p:d.t. Cannot add fields (field: c)"
    options = {"schemaUpdateOptions": ["ALLOW_FIELD_ADDITION"]}
    put(session, "SELECT 3 AS a, 1.5 AS c", write_disposition="WRITE_APPEND", destination_options=options)
    with pytest.raises(ApiError) as changed:
        put(session, "SELECT 'z' AS a", write_disposition="WRITE_APPEND")
    assert "Field a has changed type from INTEGER to STRING" in changed.value.message
    assert session.rows("SELECT * FROM d.t ORDER BY a") == [(1, "x", None), (2, "y", None), (3, None, 1.5)]


def test_truncate_replaces_rows_and_schema(session: Session) -> None:
    session.run("CREATE TABLE d.t (a INT64) OPTIONS(description='kept')")
    put(session, "SELECT 1 AS a")
    put(session, "SELECT 'x' AS b", write_disposition="WRITE_TRUNCATE")
    table = session.warehouse.get_table(TABLE)
    assert (table["description"], [f["name"] for f in table["schema"]["fields"]]) == ("kept", ["b"])
    put(session, "SELECT 'y' AS b", write_disposition="WRITE_TRUNCATE_DATA")
    assert session.rows("SELECT * FROM d.t") == [("y",)]


def test_a_query_may_replace_the_table_it_reads(session: Session) -> None:
    put(session, "SELECT 1 AS a")
    put(session, "SELECT a + 1 AS a FROM d.t", write_disposition="WRITE_TRUNCATE")
    assert session.rows("SELECT a FROM d.t") == [(2,)]


def test_views_cannot_be_destinations(session: Session) -> None:
    session.run("CREATE VIEW d.t AS SELECT 1 AS a")
    with pytest.raises(ApiError) as error:
        put(session, "SELECT 1 AS a", write_disposition="WRITE_TRUNCATE")
    assert error.value.message == "p:d.t is not allowed for this operation because it is currently a VIEW."
