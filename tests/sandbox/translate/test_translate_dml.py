"""INSERT, UPDATE, DELETE, MERGE and TRUNCATE run as their plans say."""

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Table
from gatebook.googlesql.types import INT64, STRING, array_of, struct_of
from gatebook.sandbox.translate import DmlPlan, Environment, Unmapped, dml_plan, duckdb_type, prepare

PLACE = struct_of([("city", STRING), ("geo", struct_of([("lat", INT64), ("lon", INT64)]))])
PEOPLE = (Column("id", INT64), Column("name", STRING), Column("place", PLACE), Column("tags", array_of(STRING)))
CATALOG = Catalog(
    tables=(Table(("p", "d", "people"), PEOPLE), Table(("p", "d", "news"), PEOPLE[:2])),
    default_project="p",
    default_dataset="d",
)

Run = Callable[[str], dict[str, int] | str]


@pytest.fixture
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        prepare(connection)
        listed = ", ".join(f"{column.name} {duckdb_type(column.type)}" for column in PEOPLE[2:])
        connection.execute(f"CREATE TABLE people (id BIGINT, name VARCHAR DEFAULT 'nobody', {listed} DEFAULT [])")
        connection.execute("CREATE TABLE news (id BIGINT, name VARCHAR)")
        connection.execute("INSERT INTO people VALUES (1, 'ann', {'city': 'Rome', 'geo': {'lat': 1, 'lon': 2}}, ['a'])")
        connection.execute("INSERT INTO people VALUES (2, 'bob', NULL, []), (3, 'cid', NULL, [])")
        yield connection


@pytest.fixture
def run(database: duckdb.DuckDBPyConnection, analyzer: Analyzer, environment: Environment) -> Run:
    def run(sql: str) -> dict[str, int] | str:
        return _execute(database, dml_plan(analyzer.analyze(sql, CATALOG).statement, environment))

    return run


def _execute(database: duckdb.DuckDBPyConnection, plan: DmlPlan) -> dict[str, int] | str:
    assert plan.table == "p.d.people"
    try:
        for sql in plan.setup:
            database.execute(sql)
        if plan.violation and (found := database.execute(plan.violation).fetchone()):
            return str(found[0])
        counts: dict[str, int] = {}
        for step in plan.steps:
            (count,) = database.execute(step.sql).fetchone() or (0,)
            counts[step.action] = counts.get(step.action, 0) + count
        return counts
    finally:
        for sql in plan.cleanup:
            database.execute(sql)


def _rows(database: duckdb.DuckDBPyConnection, columns: str = "id, name") -> list[Any]:
    return database.execute(f"SELECT {columns} FROM people ORDER BY id").fetchall()


def test_insert_values_defaults_and_null_arrays(run: Run, database) -> None:
    assert run("INSERT INTO people (id, name, tags) VALUES (4, DEFAULT, NULL), (5, 'eve', ['x'])") == {"insert": 2}
    assert _rows(database, "id, name, tags")[3:] == [(4, "nobody", []), (5, "eve", ["x"])]


def test_insert_select(run: Run, database) -> None:
    assert run("INSERT people (id, name) SELECT id + 10, UPPER(name) FROM people WHERE id < 3") == {"insert": 2}
    assert _rows(database)[3:] == [(11, "ANN"), (12, "BOB")]


def test_arrays_with_null_are_refused(run: Run) -> None:
    with pytest.raises(duckdb.Error, match="Array cannot have a null element; error in writing field tags"):
        run("INSERT INTO people (id, tags) VALUES (9, ['a', NULL])")


def test_update(run: Run, database) -> None:
    assert run("UPDATE people SET name = CONCAT(name, '!'), tags = DEFAULT WHERE id <= 2") == {"update": 2}
    assert _rows(database, "id, name, tags") == [(1, "ann!", []), (2, "bob!", []), (3, "cid", [])]


def test_update_of_nested_fields(run: Run, database) -> None:
    assert run("UPDATE people SET place.geo.lat = place.geo.lat + 10, place.city = 'Oslo' WHERE id = 1") == {
        "update": 1
    }
    assert _rows(database, "place")[0] == ({"city": "Oslo", "geo": {"lat": 11, "lon": 2}},)
    with pytest.raises(duckdb.Error, match="Cannot set field of NULL STRUCT"):
        run("UPDATE people SET place.city = 'Oslo' WHERE id = 2")


def test_update_from(run: Run, database) -> None:
    database.execute("INSERT INTO news VALUES (2, 'ben'), (3, 'cat'), (9, 'zoe')")
    assert run("UPDATE people p SET name = n.name FROM news n WHERE p.id = n.id AND n.name <> 'cat'") == {"update": 1}
    assert _rows(database) == [(1, "ann"), (2, "ben"), (3, "cid")]


def test_update_refuses_two_sources_for_one_row(run: Run, database) -> None:
    database.execute("INSERT INTO news VALUES (2, 'ben'), (2, 'bert')")
    message = "UPDATE/MERGE must match at most one source row for each target row"
    assert run("UPDATE people p SET name = n.name FROM news n WHERE p.id = n.id") == message
    assert _rows(database)[1] == (2, "bob")


def test_delete_and_truncate(run: Run, database) -> None:
    assert run("DELETE FROM people WHERE id IN (SELECT id + 1 FROM people WHERE name = 'ann')") == {"delete": 1}
    assert _rows(database) == [(1, "ann"), (3, "cid")]
    assert run("TRUNCATE TABLE people") == {"delete": 2}


def test_merge_with_every_clause(run: Run, database) -> None:
    database.execute("INSERT INTO news VALUES (1, 'anna'), (2, 'delete me'), (8, 'new'), (9, 'skip')")
    sql = """
        MERGE people p USING news n ON p.id = n.id
        WHEN MATCHED AND n.name = 'delete me' THEN DELETE
        WHEN MATCHED THEN UPDATE SET name = CONCAT(p.name, '/', n.name), place.city = n.name
        WHEN NOT MATCHED BY TARGET AND n.name <> 'skip' THEN INSERT (id, name, tags) VALUES (n.id, DEFAULT, [n.name])
        WHEN NOT MATCHED BY SOURCE THEN UPDATE SET name = 'gone'
    """
    assert run(sql) == {"delete": 1, "update": 2, "insert": 1}
    assert _rows(database, "id, name, tags") == [(1, "ann/anna", ["a"]), (3, "gone", []), (8, "nobody", ["new"])]
    assert _rows(database, "place.city")[0] == ("anna",)


def test_merge_on_false_replaces_all(run: Run, database) -> None:
    database.execute("INSERT INTO news VALUES (7, 'only')")
    sql = """
        MERGE people USING news ON FALSE
        WHEN NOT MATCHED THEN INSERT (id, name) ROW WHEN NOT MATCHED BY SOURCE THEN DELETE
    """
    assert run(sql) == {"insert": 1, "delete": 3}
    assert _rows(database) == [(7, "only")]


def test_merge_refuses_two_sources_for_one_row_that_changes(run: Run, database) -> None:
    database.execute("INSERT INTO news VALUES (1, 'x'), (1, 'y')")
    refused = "MERGE people p USING news n ON p.id = n.id WHEN MATCHED THEN UPDATE SET name = n.name"
    assert "at most one source row" in str(run(refused))
    harmless = "MERGE people p USING news n ON p.id = n.id AND n.name = 'x' WHEN MATCHED THEN DELETE"
    assert run(harmless) == {"delete": 1}


def test_nothing_is_left_behind(run: Run, database) -> None:
    run("UPDATE people SET name = 'x' WHERE TRUE")
    assert database.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall() == []


def test_nested_dml_is_refused(run: Run) -> None:
    with pytest.raises(Unmapped, match="array elements"):
        run("UPDATE people SET (DELETE tags WHERE TRUE) WHERE TRUE")
