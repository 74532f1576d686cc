"""Definitions mean what they mean where they live: names of other projects, variables of procedures, loops."""

from itertools import pairwise

import pytest

from gatebook.core.analysis.footprint import Statement
from gatebook.core.analysis.script import read_script
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Definition, Routine, Table
from gatebook.googlesql.errors import AnalysisLimit
from gatebook.googlesql.types import INT64, STRING

ANALYZER = Analyzer()
NOTES = (Column("id", INT64), Column("note", STRING))
OURS, THEIRS = Table(("acme", "shop", "orders"), NOTES), Table(("other", "shop", "orders"), NOTES)
VIEW = Table(("other", "shop", "notes"), NOTES, definition=Definition("SELECT id, note FROM shop.orders", "other"))
LATEST = Routine(
    ("other", "shop", "latest"),
    "scalar",
    arguments=(("x", None),),
    body="(SELECT MAX(note) FROM shop.orders WHERE id > x) -- the last line is a comment",
)
SINCE = Routine(
    ("other", "shop", "since"), "table", arguments=(("x", INT64),), body="SELECT note FROM shop.orders WHERE id > x"
)
KEEP = Routine(
    ("acme", "shop", "keep"),
    "procedure",
    arguments=(("value", STRING), ("kept", STRING)),
    modes=("IN", "INOUT"),
    body="BEGIN DECLARE copy STRING DEFAULT kept; SET kept = value; SELECT copy; END",
)


def read(sql: str) -> tuple[Statement, ...]:
    catalog = Catalog((OURS, THEIRS, VIEW), (LATEST, SINCE, KEEP), default_project="acme", default_dataset="shop")
    return read_script(ANALYZER, sql, catalog, {}).statements


def sources(statement: Statement) -> list[str]:
    return [f"{table}.{path}" for output in statement.outputs for table, path in output.sources]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT note FROM other.shop.notes",
        "SELECT other.shop.latest(3)",
        "SELECT since.note FROM other.shop.since(3) AS since, orders",
    ],
)
def test_short_names_in_a_definition_belong_to_its_own_project(sql: str) -> None:
    assert sources(read(sql)[-1]) == ["other.shop.orders.note"]


def test_what_a_procedure_gives_back_is_held_by_the_callers_variable() -> None:
    declared = "DECLARE x STRING DEFAULT 'x'; DECLARE copy STRING;"
    sql = f"{declared} CALL shop.keep((SELECT MAX(note) FROM orders), x); SELECT x, copy"
    *_, inside, after = read(sql)
    assert sources(inside) == []  # what x held before the call
    assert [output.sources != () for output in after.outputs] == [True, False]


def test_values_go_around_a_loop_as_often_as_they_may() -> None:
    names = [f"v{number}" for number in range(6)]
    moves = " ".join(f"SET {later} = {earlier};" for earlier, later in reversed(list(pairwise(names))))
    body = f"SELECT v5; {moves} SET v0 = (SELECT MAX(note) FROM orders);"
    sql = f"DECLARE {', '.join(names)} STRING; LOOP {body} END LOOP"
    assert sources(read(sql)[0]) == ["acme.shop.orders.note"]


def test_a_text_that_is_nested_too_deeply_is_given_up() -> None:
    with pytest.raises(AnalysisLimit):
        read("SELECT " + "(SELECT " * 390 + "MAX(note) FROM orders" + ")" * 390)
