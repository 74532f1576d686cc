"""What a translation takes from its environment: parameters, variables, routines, the clock, tables."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb
import pytest

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Routine, Table
from gatebook.googlesql.types import FLOAT64, INT64, STRING, TIMESTAMP, SqlType, array_of, struct_of
from gatebook.sandbox.translate import Environment, Unmapped, query_sql, value_sql

ORDERS = Table(("p", "d", "orders"), (Column("id", INT64), Column("who", STRING)))
EVENTS = Table(("p", "d", "events_*"), (Column("n", INT64), Column("_TABLE_SUFFIX", STRING, pseudo=True)))

ROUTINES = {
    "p.d.twice": "CREATE TEMP FUNCTION f(x INT64) AS (x + x)",
    "p.d.evens": """CREATE TEMP FUNCTION f(n INT64) AS (
        (SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, n)) AS i WHERE MOD(i, 2) = 0))""",
    "p.d.weighted": "CREATE TEMP AGGREGATE FUNCTION f(x FLOAT64, w FLOAT64) AS (SUM(x * w) / SUM(w))",
    "p.d.upto": """CREATE TEMP TABLE FUNCTION f(n INT64) AS
        SELECT i, CAST(i AS STRING) AS s FROM UNNEST(GENERATE_ARRAY(1, n)) AS i""",
    "p.d.biggest": """CREATE TEMP TABLE FUNCTION f(t TABLE<id INT64, who STRING>) AS
        SELECT who, id FROM t ORDER BY id DESC LIMIT 1""",
    "p.d.script": "CREATE TEMP FUNCTION f(x INT64) RETURNS INT64 LANGUAGE js AS 'return x'",
    "p.d.loop": "CREATE TEMP FUNCTION f(x INT64) AS (x)",
}
CATALOG = Catalog(
    tables=(ORDERS, EVENTS),
    routines=(
        Routine(("p", "d", "twice"), "scalar", arguments=(("x", INT64),), return_type=INT64),
        Routine(("p", "d", "evens"), "scalar", arguments=(("n", INT64),), return_type=INT64),
        Routine(("p", "d", "script"), "scalar", language="JS", arguments=(("x", INT64),), return_type=INT64),
        Routine(("p", "d", "nowhere"), "scalar", language="JS", arguments=(("x", INT64),), return_type=INT64),
        Routine(("p", "d", "weighted"), "aggregate", arguments=(("x", FLOAT64), ("w", FLOAT64)), return_type=FLOAT64),
        Routine(
            ("p", "d", "upto"),
            "table",
            arguments=(("n", INT64),),
            return_columns=(Column("i", INT64), Column("s", STRING)),
        ),
        Routine(
            ("p", "d", "biggest"),
            "table",
            arguments=(("t", SqlType("TABLE", fields=struct_of([("id", INT64), ("who", STRING)]).fields)),),
            return_columns=(Column("who", STRING), Column("id", INT64)),
        ),
    ),
    constants=(("limit_", INT64), ("names", array_of(STRING))),
    default_project="p",
    default_dataset="d",
)
TABLES = {
    "p.d.orders": "(VALUES (CAST(1 AS BIGINT), 'ann'), (7, 'bob')) AS o(id, who)",
    "p.d.events_*": "(SELECT 1::BIGINT AS n, '20240101' AS _TABLE_SUFFIX UNION ALL SELECT 2, '20240102')",
}


@pytest.fixture
def rich(environment: Environment, analyzer: Analyzer) -> Environment:
    def routine(name: str) -> Any:
        sql = ROUTINES.get(name)
        return None if sql is None else analyzer.analyze(sql, Catalog()).statement

    return replace(
        environment,
        table_sql=TABLES.__getitem__,
        routine=routine,
        constants={"limit_": "CAST(3 AS BIGINT)", "names": "['x', 'y']"},
        parameters={"low": value_sql(2, INT64), "names": value_sql(["a", None], array_of(STRING))},
        system_variables={"project_id": "'p'"},
    )


class Answer:
    def __init__(self, connection: duckdb.DuckDBPyConnection, analyzer: Analyzer, environment: Environment) -> None:
        self._connection, self._analyzer, self._environment = connection, analyzer, environment

    def __call__(self, sql: str, parameters: Any = None) -> Sequence[tuple[Any, ...]]:
        statement = self._analyzer.analyze(sql, CATALOG, parameters).statement
        return self._connection.execute(query_sql(statement, self._environment).sql).fetchall()


@pytest.fixture
def answer(connection: duckdb.DuckDBPyConnection, analyzer: Analyzer, rich: Environment) -> Answer:
    return Answer(connection, analyzer, rich)


def test_tables_and_pseudo_columns_come_from_the_environment(answer: Answer) -> None:
    assert answer("SELECT who FROM orders WHERE id > 5") == [("bob",)]
    assert answer("SELECT n FROM `p.d.events_*` WHERE _TABLE_SUFFIX >= '20240102'") == [(2,)]


def test_named_and_positional_parameters(answer: Answer, connection, analyzer, rich) -> None:
    assert answer("SELECT @low + 1, ARRAY_LENGTH(@names)", {"low": INT64, "names": array_of(STRING)}) == [(3, 2)]
    positional = Answer(connection, analyzer, replace(rich, parameters={1: "'a'", 2: "'b'"}))
    assert positional("SELECT CONCAT(?, ?)", [STRING, STRING]) == [("ab",)]


def test_struct_parameters(connection, analyzer, rich) -> None:
    point = struct_of([("x", INT64), ("", STRING), ("x", array_of(INT64))])
    environment = replace(rich, parameters={"s": value_sql((1, "t", [2, 3]), point)})
    statement = analyzer.analyze(
        "SELECT @s AS s, ARRAY_LENGTH(UNSET) FROM (SELECT [1] AS UNSET)", CATALOG, {"s": point}
    )
    (row,) = connection.execute(query_sql(statement.statement, environment).sql).fetchall()
    assert row == ({"x": 1, "_field_2": "t", "x_3": [2, 3]}, 1)


def test_parameter_without_value_is_refused(analyzer, rich) -> None:
    with pytest.raises(Unmapped, match="query parameter other without a value"):
        query_sql(analyzer.analyze("SELECT @other", CATALOG, {"other": INT64}).statement, rich)


def test_script_variables_and_system_variables(answer: Answer) -> None:
    assert answer("SELECT limit_ * 2, names[OFFSET(1)], @@project_id") == [(6, "y", "p")]
    assert answer("SELECT id FROM orders WHERE id < limit_") == [(1,)]


def test_sql_functions_are_inlined(answer: Answer) -> None:
    assert answer("SELECT twice(twice(3)), evens(5)") == [(12, 2)]
    assert answer("SELECT id, evens(id) FROM orders ORDER BY id") == [(1, 0), (7, 3)]


def test_an_argument_is_evaluated_once(answer: Answer) -> None:
    assert answer("SELECT MOD(twice(CAST(FLOOR(RAND() * 1e9) AS INT64)), 2)") == [(0,)]


def test_sql_aggregate_functions(answer: Answer) -> None:
    assert answer("SELECT weighted(x, w) FROM UNNEST([STRUCT(1.0 AS x, 1.0 AS w), (4.0, 3.0)])") == [(3.25,)]


def test_table_functions(answer: Answer) -> None:
    assert answer("SELECT s FROM upto(3) WHERE i > 1 ORDER BY i") == [("2",), ("3",)]
    assert answer("SELECT who FROM biggest(TABLE orders)") == [("bob",)]
    assert answer("SELECT who FROM biggest((SELECT id, UPPER(who) AS who FROM orders WHERE id < 5))") == [("ANN",)]


@pytest.mark.parametrize("name", ["script", "nowhere"])
def test_functions_without_sql_body_are_refused(answer: Answer, name: str) -> None:
    with pytest.raises(Unmapped, match=f"p.d.{name}"):
        answer(f"SELECT {name}(1)")


def test_recursive_functions_are_refused(connection, analyzer, rich) -> None:
    call_of_itself = analyzer.analyze("CREATE TEMP FUNCTION f(x INT64) AS (p.d.twice(x))", CATALOG).statement
    environment = replace(rich, routine=lambda _name: call_of_itself)
    with pytest.raises(Unmapped, match="recursive"):
        query_sql(analyzer.analyze("SELECT twice(1)", CATALOG).statement, environment)


def test_the_clock_and_the_user(answer: Answer) -> None:
    assert answer("SELECT SESSION_USER(), CURRENT_DATE(), CURRENT_DATE('Asia/Tokyo'), CURRENT_TIME()") == [
        ("ann@example.com", dt.date(2024, 5, 6), dt.date(2024, 5, 6), dt.time(7, 8, 9, 123456))
    ]
    assert answer("SELECT CURRENT_DATETIME(), CURRENT_TIMESTAMP() = TIMESTAMP '2024-05-06 07:08:09.123456+00'") == [
        (dt.datetime.combine(dt.date(2024, 5, 6), dt.time(7, 8, 9, 123456)), True)
    ]


def test_the_session_time_zone(connection, analyzer, rich) -> None:
    environment = replace(rich, time_zone="America/New_York", parameters={"t": "make_timestamptz(0)"})
    sql = "SELECT CAST(t AS STRING), DATE(t), EXTRACT(HOUR FROM t), FORMAT_TIMESTAMP('%H %Z', t) FROM (SELECT @t AS t)"
    assert Answer(connection, analyzer, environment)(sql, {"t": TIMESTAMP}) == [
        ("1969-12-31 19:00:00-05", dt.date(1969, 12, 31), 19, "19 UTC-5")
    ]


def test_random_functions_differ_and_stay_in_their_range(answer: Answer) -> None:
    assert answer(
        "SELECT COUNT(DISTINCT u), LOGICAL_AND(r >= 0 AND r < 1) FROM (SELECT GENERATE_UUID() AS u, RAND() AS r"
        " FROM UNNEST(GENERATE_ARRAY(1, 50)))"
    ) == [(50, True)]
    assert answer("SELECT COUNT(*) FROM orders TABLESAMPLE SYSTEM (100 PERCENT)") == [(2,)]
    assert answer("SELECT COUNT(*) FROM orders TABLESAMPLE SYSTEM (0 PERCENT)") == [(0,)]


def test_output_columns_are_named_as_bigquery_names_them(analyzer, rich) -> None:
    def names(sql: str) -> list[str]:
        return [column.name for column in query_sql(analyzer.analyze(sql, CATALOG).statement, rich).columns]

    assert names("SELECT 1, 2 AS a, 3") == ["f0_", "a", "f1_"]
    assert names("SELECT AS STRUCT 1 AS x, 2") == ["x", "f0_"]
    assert names("SELECT AS VALUE 5") == ["f0_"]
    assert names("SELECT COUNT(*) FROM orders") == ["f0_"]


def test_time_travel_is_refused(answer: Answer) -> None:
    with pytest.raises(Unmapped, match="FOR SYSTEM_TIME AS OF"):
        answer("SELECT * FROM orders FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()")
