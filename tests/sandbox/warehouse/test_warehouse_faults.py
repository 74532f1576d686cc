"""Errors from beneath never name what is inside; results leave when their time or room is up."""

import time

import duckdb
import pyarrow as pa
import pytest

from gatebook.googlesql.errors import AnalysisLimit, CatalogError, SqlError
from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.translate import Unmapped
from gatebook.sandbox.warehouse.faults import faults
from gatebook.sandbox.warehouse.state.results import Results


@pytest.mark.parametrize(
    ("sql", "reason", "message"),
    [
        ('SELECT * FROM data."t17"', "notImplemented", "this statement has no exact translation (Catalog)"),
        ("SELECT c12 FROM (SELECT 1 AS c11) _q", "notImplemented", "this statement has no exact translation (Binder)"),
        ("SELEC", "notImplemented", "this statement has no exact translation (Parser)"),
        ("SELECT error('something with data.t17 in it')", "invalidQuery", "The query failed while it ran"),
        ("SELECT error('plain words')", "invalidQuery", "plain words"),
    ],
)
def test_duckdb_errors(sql: str, reason: str, message: str) -> None:
    connection = duckdb.connect()
    with pytest.raises(ApiError) as error, faults():
        connection.execute(sql).fetchall()
    connection.close()
    assert error.value.reason == reason
    assert error.value.message.removeprefix("Not implemented in the embedded BigQuery: ") == message


def test_constraints_name_the_column_only() -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t17 (a INT NOT NULL)")
    with pytest.raises(ApiError) as error, faults():
        connection.execute("INSERT INTO t17 VALUES (NULL)")
    connection.close()
    assert (error.value.reason, error.value.message) == ("invalidQuery", "Required field a cannot be null")


@pytest.mark.parametrize(
    ("raised", "status", "reason"),
    [
        (SqlError("Unrecognized name: x", 1, 8), 400, "invalidQuery"),
        (CatalogError("two tables of one name"), 400, "invalidQuery"),
        (AnalysisLimit("time", "The query is too complex"), 400, "resourcesExceeded"),
        (Unmapped("function f"), 501, "notImplemented"),
        (pa.ArrowInvalid("Rescaling would cause data loss"), 400, "invalidQuery"),
        (ApiError(404, "notFound", "no"), 404, "notFound"),
    ],
)
def test_every_kind_of_error_is_an_api_error(raised: Exception, status: int, reason: str) -> None:
    with pytest.raises(ApiError) as error, faults():
        raise raised
    assert (error.value.status, error.value.reason) == (status, reason)


def test_other_exceptions_are_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError), faults():
        raise ZeroDivisionError


ROWS = pa.table({"a": list(range(1000))})
FIELDS = [{"name": "a", "type": "INTEGER", "mode": "NULLABLE"}]


def test_results_expire() -> None:
    results = Results(lifetime_ms=30)
    name = results.keep("p", "me@example.com", ROWS, FIELDS)
    found = results.find(name)
    assert found is not None
    assert found.resource["numRows"] == "1000"
    time.sleep(0.05)
    assert results.find(name) is None


def test_the_oldest_results_make_room_but_the_newest_always_stays() -> None:
    results = Results(max_bytes=int(ROWS.nbytes * 2.5))
    names = [results.keep("p", "me@example.com", ROWS, FIELDS) for _ in range(4)]
    assert [results.find(name) is not None for name in names] == [False, False, True, True]
    big = results.keep("p", "me@example.com", pa.concat_tables([ROWS] * 5), FIELDS)
    assert [results.find(name) is not None for name in (*names, big)] == [False, False, False, False, True]


def test_results_of_different_users_live_in_different_hidden_datasets() -> None:
    results = Results()
    mine, yours = (results.keep("p", user, ROWS, FIELDS) for user in ("me@example.com", "you@example.com"))
    assert mine.dataset.startswith("_")
    assert mine.dataset != yours.dataset
    assert results.drop(mine)
    assert not results.drop(mine)
