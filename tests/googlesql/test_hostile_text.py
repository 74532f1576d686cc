"""Nothing that SQL text can do gives anything but a tree, an objection or a limit; the analyzer works afterwards."""

import time
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Table
from gatebook.googlesql.errors import AnalysisLimit, GoogleSqlError, SqlError
from gatebook.googlesql.types import STRING

WIDE = Catalog(
    tables=(Table(("p", "d", "wide"), tuple(Column(f"c{i}", STRING) for i in range(1000))),),
    default_project="p",
    default_dataset="d",
)

DEEP = {
    "concatenations": "SELECT " + "||".join(["'a'"] * 2000),
    "function calls": "SELECT " + "UPPER(" * 2000 + "'a'" + ")" * 2000,
    "subqueries": "SELECT " + "(SELECT " * 2000 + "1" + ")" * 2000,
    "subqueries in FROM": "SELECT * FROM " + "(SELECT * FROM " * 2000 + "(SELECT 1)" + ")" * 2000,
    "FROM queries": "FROM " + "(FROM " * 2000 + "(SELECT 1)" + ")" * 2000,
    "joins": "SELECT * FROM " + "(" * 3000 + "a" + " JOIN b USING (x))" * 3000,
    "structs": "SELECT " + "STRUCT(" * 2000 + "1" + ")" * 2000,
    "struct types": "SELECT CAST(NULL AS " + "STRUCT<a " * 2000 + "INT64" + ">" * 2000 + ")",
    "array types": "SELECT CAST(NULL AS " + "ARRAY<" * 4000 + "INT64" + ">" * 4000 + ")",
    "negations": "SELECT " + "NOT " * 4000 + "TRUE",
    "scripts": "IF TRUE THEN " * 3000 + "SELECT 1;" + "END IF;" * 3000,
    "brackets": "SELECT " + "[" * 20000,
}


@pytest.mark.parametrize("name", DEEP)
def test_deep_nesting_is_refused(name: str, analyzer: Analyzer) -> None:
    sql = DEEP[name]
    with analyzer.engine.deadline(5.0), suppress(GoogleSqlError):
        analyzer.names(sql)
    with analyzer.engine.deadline(5.0), pytest.raises(GoogleSqlError):
        analyzer.analyze(sql, Catalog())
    assert analyzer.analyze("SELECT 1", Catalog()).kind == "SELECT"


def test_reasonable_nesting_is_read(analyzer: Analyzer) -> None:
    catalog = Catalog()
    assert analyzer.analyze("SELECT " + "||".join(["'a'"] * 150), catalog).columns == (("f0_", STRING),)
    assert analyzer.analyze("SELECT " + "(" * 10000 + "1" + ")" * 10000, catalog).kind == "SELECT"
    assert analyzer.analyze("SELECT " + " OR ".join(["TRUE"] * 2000), catalog).kind == "SELECT"
    assert analyzer.names("SELECT * FROM " + "a" + " JOIN b USING (x)" * 300).tables == {("a",), ("b",)}


def test_large_literals_are_read(analyzer: Analyzer) -> None:
    text = "a" * 1_000_000
    assert analyzer.analyze(f"SELECT '{text}' AS x", Catalog()).columns == (("x", STRING),)
    with pytest.raises(AnalysisLimit) as raised:
        analyzer.statements(f"SELECT '{text * 11}'")
    assert raised.value.kind == "size"


def test_long_analysis_is_cut_off_in_time_and_the_next_one_works(analyzer: Analyzer) -> None:
    started = time.monotonic()
    with analyzer.engine.deadline(0.5), pytest.raises(AnalysisLimit) as raised:
        analyzer.analyze(" UNION ALL ".join(["SELECT * FROM wide"] * 200), WIDE)
    assert raised.value.kind == "time"
    assert time.monotonic() - started < 2.0
    # Everything that was registered in the old instance is registered again in the new one.
    assert analyzer.analyze("SELECT c7 FROM wide", WIDE).tables == {"p.d.wide"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT '\ud800'",
        "\udfff",
        "SELECT \x00",
        "\x00",
        "",
        ";",
        "`",
        "SELECT '",
        '"""',
        "/*",
        "SELECT `a.b",
        "SELECT `\\`.`",
        "@@@",
        "SELECT * FROM `.`",
        "SELECT * FROM `a..b`",
        "SELECT * FROM ````",
        "SELECT \\",
        "\ufeffSELECT )",
    ],
)
def test_odd_texts_are_objected_to(sql: str, analyzer: Analyzer) -> None:
    with pytest.raises(SqlError):
        analyzer.analyze(sql, WIDE)
    with pytest.raises(SqlError):
        analyzer.analyze_expression(sql, WIDE)


FRAGMENTS = st.sampled_from(
    """
    SELECT * FROM c0 wide `p.d.wide` `p`.`d`.wide WHERE GROUP BY HAVING QUALIFY WITH RECURSIVE AS ( ) , . ; 'x' "y" 1 ?
    @a @@row_count IF THEN END LOOP WHILE DO BEGIN DECLARE SET x = DEFAULT CALL |> JOIN ON USING UNNEST [ ] STRUCT < >
    ARRAY CASE WHEN ELSE CREATE TABLE FUNCTION TEMP INSERT INTO VALUES MERGE UPDATE DELETE -- /* */ # ` \\ é || + - OVER
    PIVOT EXECUTE IMMEDIATE RAISE FOR IN REPEAT UNTIL LABEL: SAFE. NET.HOST COUNT( MODEL GRAPH MATCH_RECOGNIZE
    """.split()
)


@given(sql=st.one_of(st.text(max_size=60), st.lists(FRAGMENTS, max_size=25).map(" ".join)))
@example(sql="SELECT `p.d.wide`.c0 FROM `p.d.wide` é")
@settings(max_examples=100, deadline=None)
def test_any_text_gives_a_tree_an_objection_or_a_limit(sql: str, analyzer: Analyzer) -> None:
    for read in (
        analyzer.statements,
        analyzer.names,
        lambda text: analyzer.normalise(text, "p", "d"),
        lambda text: analyzer.analyze(text, WIDE),
        lambda text: analyzer.analyze_expression(text, WIDE),
    ):
        try:
            assert read(sql) is not None
        except GoogleSqlError as error:
            assert str(error)  # noqa: PT017 - either outcome is right, this one must say why
