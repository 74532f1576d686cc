"""Dry runs: what a statement would read and give, without running it."""

from typing import Any

import pytest
from conftest import Session

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import QueryOutcome, TableName


def dry(session: Session, sql: str, **fields: Any) -> QueryOutcome:
    return session.run(sql, dry_run=True, **fields)


@pytest.fixture
def people(session: Session) -> Session:
    session.run(
        "CREATE TABLE d.people AS"
        " SELECT 1 AS id, 'Ann' AS name, [1, 2] AS codes, STRUCT('Rome' AS city, 1.5 AS x) AS home"
        " UNION ALL SELECT 2, NULL, [], NULL"
    )
    session.run("CREATE VIEW d.named AS SELECT id, UPPER(name) AS name, home.city AS city FROM d.people")
    session.run("CREATE VIEW d.upper AS SELECT name, city FROM d.named")
    return session


def names(outcome: QueryOutcome) -> list[str]:
    return [str(name) for name in outcome.referenced_tables]


def test_it_tells_type_schema_tables_and_bytes_and_runs_nothing(people: Session) -> None:
    outcome = dry(people, "SELECT id, COUNT(*) AS n, [STRUCT(name)] AS deep FROM d.people GROUP BY id, name")
    assert outcome.statement_type == "SELECT"
    assert outcome.schema == [
        {"name": "id", "type": "INTEGER", "mode": "NULLABLE"},
        {"name": "n", "type": "INTEGER", "mode": "NULLABLE"},
        {
            "name": "deep", "type": "RECORD", "mode": "REPEATED",
            "fields": [{"name": "name", "type": "STRING", "mode": "NULLABLE"}],
        },
    ]  # fmt: skip
    assert names(outcome) == ["p:d.people"]
    assert outcome.bytes_processed == 16 + 5
    assert (outcome.destination, outcome.total_rows) == (None, None)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT id FROM d.people", 16),
        ("SELECT name FROM d.people", 2 + 3),
        ("SELECT codes FROM d.people", 16),
        ("SELECT home FROM d.people", 2 + 4 + 8),
        ("SELECT COUNT(*) FROM d.people", 0),
        ("SELECT 1", 0),
        ("SELECT id FROM (SELECT id, UPPER(name) AS u FROM d.people)", 16),
        ("SELECT id FROM d.people WHERE name = 'x'", 16 + 5),
        ("SELECT city FROM d.upper", 14),
        ("SELECT name FROM d.named", 5),
        ("SELECT a.id FROM d.people AS a JOIN d.people AS b ON a.name = b.name", 16 + 5 + 5),
        ("WITH q AS (SELECT id, name FROM d.people) SELECT id FROM q UNION ALL SELECT id FROM q", 16),
        ("CREATE TABLE d.copy AS SELECT name FROM d.people", 5),
        ("CREATE TEMP FUNCTION f() AS ((SELECT MAX(id) FROM d.people)); SELECT f()", 16),
    ],
)
def test_bytes_are_those_of_the_columns_that_are_needed(people: Session, sql: str, expected: int) -> None:
    assert dry(people, sql).bytes_processed == expected


def test_views_are_named_together_with_what_is_beneath_them(people: Session) -> None:
    assert names(dry(people, "SELECT * FROM d.upper")) == ["p:d.named", "p:d.people", "p:d.upper"]


def test_bytes_follow_the_rows(people: Session) -> None:
    people.run("CREATE OR REPLACE TABLE d.people AS SELECT id, 'longer' AS name FROM UNNEST([1, 2, 3]) AS id")
    assert dry(people, "SELECT * FROM d.people").bytes_processed == 3 * 8 + 3 * 8


def test_nothing_happens(people: Session) -> None:
    for sql in ("CREATE TABLE d.made (a INT64)", "DROP TABLE d.people", "CREATE TABLE d.made AS SELECT 1 AS a"):
        dry(people, sql)
    assert people.rows("SELECT table_name FROM d.INFORMATION_SCHEMA.TABLES WHERE table_name IN ('made', 'people')") == [
        ("people",)
    ]


def test_undeclared_parameters_are_told(people: Session) -> None:
    outcome = dry(people, "SELECT @a + 1 AS x FROM d.people WHERE name IN UNNEST(@b)")
    assert outcome.undeclared_parameters == (
        {"name": "a", "parameterType": {"type": "INT64"}},
        {"name": "b", "parameterType": {"type": "ARRAY", "arrayType": {"type": "STRING"}}},
    )
    assert outcome.schema == [{"name": "x", "type": "INTEGER", "mode": "NULLABLE"}]


def test_parameters_with_values(people: Session) -> None:
    given = [{"name": "least", "parameterType": {"type": "INT64"}, "parameterValue": {"value": "2"}}]
    outcome = dry(people, "SELECT name FROM d.people WHERE id >= @least", parameters=given)
    assert outcome.schema == [{"name": "name", "type": "STRING", "mode": "NULLABLE"}]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("SELECT nope FROM d.people", "invalidQuery"),
        ("SELECT * FROM d.nothing", "notFound"),
        ("SELECT 1 AS a, 2 AS a", "invalidQuery"),
        ("CREATE SEARCH INDEX i ON d.people (ALL COLUMNS)", "notImplemented"),
    ],
)
def test_it_fails_as_the_run_would(people: Session, sql: str, reason: str) -> None:
    with pytest.raises(ApiError) as dried:
        dry(people, sql)
    with pytest.raises(ApiError) as run:
        people.run(sql)
    assert (dried.value.reason, dried.value.message) == (reason, run.value.message)


def test_scripts_are_only_parsed(people: Session) -> None:
    outcome = dry(people, "CREATE TEMP TABLE x AS SELECT 1 AS a; SELECT a FROM x")
    assert (outcome.statement_type, outcome.schema, outcome.children) == ("SCRIPT", None, ())
    with pytest.raises(ApiError):
        dry(people, "SELECT 1; SELEC 2")


def test_a_limit_on_bytes_stops_the_query(people: Session) -> None:
    with pytest.raises(ApiError) as error:
        people.run("SELECT id FROM d.people", maximum_bytes_billed=1024)
    assert error.value.reason == "bytesBilledLimitExceeded"
    assert people.run("SELECT id FROM d.people", maximum_bytes_billed=10 << 20).total_rows == 2


def test_destinations_are_named(people: Session) -> None:
    made = people.run("CREATE TABLE d.made AS SELECT 1 AS a")
    assert made.destination == TableName("p", "d", "made")
    kept = people.run("SELECT id FROM d.people", destination=TableName("p", "d", "kept"))
    assert (kept.destination, kept.total_rows) == (TableName("p", "d", "kept"), 2)
    assert people.rows("SELECT COUNT(*) FROM d.kept") == [(2,)]
