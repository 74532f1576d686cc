from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.googlesql import protos
from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.edits import rewrite
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.references import Names, split_edits


def golden(name: str) -> str:
    return (Path(__file__).parent / "golden" / name).read_text().strip()


def dotted(found: frozenset[tuple[str, ...]]) -> set[str]:
    return {".".join(path) for path in found}


# Of each text: the tables in it.
TABLES = [
    (tables.strip(), sql.strip()) for tables, sql in (line.split("|", 1) for line in golden("tables.txt").splitlines())
]


@pytest.mark.parametrize(("expected", "sql"), TABLES)
def test_tables(expected: str, sql: str, analyzer: Analyzer) -> None:
    assert dotted(analyzer.names(sql).tables) == set(expected.split())


# What ExtractTableNames leaves out: targets of DDL and tables that are named outside of queries.
BEYOND_THE_ORACLE = ("CREATE", "DROP", "ALTER", "GRANT", "LOAD", "TRUNCATE", "UPDATE d.t SET (DELETE")


@pytest.mark.parametrize("sql", [sql for _, sql in TABLES if ";" not in sql and not sql.startswith(BEYOND_THE_ORACLE)])
def test_tables_are_those_that_the_analyzer_itself_extracts(sql: str, analyzer: Analyzer) -> None:
    names = analyzer.names(sql)
    assert dotted(names.tables) == extracted(analyzer, rewrite(sql, split_edits(names.references)).sql)


def extracted(analyzer: Analyzer, sql: str) -> set[str]:
    request = protos.service.ExtractTableNamesFromStatementRequest(
        sql_statement=sql, options=analyzer._resolver.language
    )
    reply = analyzer.engine.call(
        "ExtractTableNamesFromStatement", request, protos.service.ExtractTableNamesFromStatementResponse
    )
    return {".".join(name.table_name_segment) for name in reply.table_name}


IDENTIFIERS = st.sampled_from("abc")
PATHS = st.lists(IDENTIFIERS, min_size=1, max_size=3).map(".".join)


@st.composite
def queries(draw: st.DrawFn, depth: int = 2) -> str:
    ctes = draw(st.lists(IDENTIFIERS, max_size=2, unique=True)) if depth else []
    recursive = draw(st.booleans())
    entries = [f"{name} AS ({draw(queries(depth=depth - 1))})" for name in ctes]
    clause = f"WITH {'RECURSIVE ' if recursive else ''}{', '.join(entries)} " if entries else ""
    items = [draw(from_items(depth)) for _ in range(draw(st.integers(1, 3)))]
    joined = items[0]
    for item in items[1:]:
        joined += draw(st.sampled_from([f", {item}", f" JOIN {item} ON TRUE", f" LEFT JOIN {item} USING (x)"]))
    if depth and draw(st.booleans()):
        subquery = f"({draw(queries(depth=depth - 1))})"
        where = f" WHERE EXISTS {subquery}"
    else:
        where = ""
    if draw(st.booleans()):
        return f"{clause}SELECT * FROM {joined}{where}"
    piped = draw(st.sampled_from(["", "|> WHERE TRUE", "|> JOIN a.b ON TRUE", "|> WHERE TRUE |> CROSS JOIN b.c"]))
    return f"{clause}FROM {joined} {piped}{' |>' + where if where else ''}"


@st.composite
def from_items(draw: st.DrawFn, depth: int) -> str:
    alias = draw(st.sampled_from(["", " AS a", " AS b", " AS d"]))
    if depth and draw(st.integers(0, 3)) == 0:
        return f"({draw(queries(depth=depth - 1))}){alias}"
    if draw(st.integers(0, 5)) == 0:
        return f"UNNEST([1]){alias}"
    return draw(PATHS) + alias


@given(sql=queries())
@settings(max_examples=80, deadline=None)
def test_scoping_is_that_of_the_analyzer(sql: str, analyzer: Analyzer) -> None:
    ours = dotted(analyzer.names(sql).tables)
    theirs = extracted(analyzer, sql)
    # In subqueries of pipe operators ExtractTableNames takes correlated paths for tables; resolving does not.
    assert ours <= theirs if "|>" in sql else ours == theirs


def test_functions_procedures_and_models(analyzer: Analyzer) -> None:
    names = analyzer.names(
        """
        CREATE TEMP FUNCTION mine(x INT64) AS (x);
        SELECT mine(1), d.f(SAFE.SUBSTR(a, 1)), `p.d.g`(a), (a).UPPER(), NET.HOST(a), COUNT(*)
        FROM d.tvf(1), ML.PREDICT(MODEL `p.d.m`, TABLE t);
        CALL p.d.proc(d.h(1));
        DROP FUNCTION d.old;
        """
    )
    assert dotted(names.functions) == {"d.f", "SUBSTR", "p.d.g", "UPPER", "NET.HOST", "COUNT", "d.h", "d.old"}
    assert dotted(names.table_functions) == {"d.tvf", "ML.PREDICT"}
    assert dotted(names.procedures) == {"p.d.proc"}
    assert dotted(names.models) == {"p.d.m"}
    assert dotted(names.temporary("function")) == {"mine"}


def by_text(sql: str, names: Names) -> dict[str, tuple[str, bool, bool]]:
    return {item.range.text(sql): (item.kind, item.target, item.dotted) for item in names.references}


@pytest.mark.parametrize(
    "sql",
    [
        "WITH `a.b` AS (SELECT 1) SELECT * FROM `a.b`",
        "SELECT * FROM t AS `a.b`, `a.b`.items",
        "SELECT * FROM (SELECT 1) AS `a\\x2eb`, `a.b`",
        "FROM t |> AS `a.b` |> JOIN `a.b` USING (id)",
        "UPDATE t AS `a.b` SET x = 1 WHERE TRUE",
    ],
)
def test_aliases_with_dots_are_refused(sql: str, analyzer: Analyzer) -> None:
    with pytest.raises(SqlError, match=r"The alias `a\.b` cannot have a dot"):
        analyzer.names(sql)


def test_references_count_bytes(analyzer: Analyzer) -> None:
    sql = "INSERT INTO `é`.t (a) SELECT 'ü', d.f(a) FROM `p.d.é`"
    assert by_text(sql, analyzer.names(sql)) == {
        "`é`.t": ("table", True, False),
        "d.f": ("function", False, False),
        "`p.d.é`": ("table", False, True),
    }


@pytest.mark.parametrize(("sql", "expected"), [pair.split("\n") for pair in golden("normalised.txt").split("\n\n")])
def test_normalise_writes_names_in_full(sql: str, expected: str, analyzer: Analyzer) -> None:
    assert analyzer.normalise(sql, "p", "d0", keep=frozenset({"KEPT"})) == expected
    assert analyzer.normalise(expected, "other", "other", keep=frozenset({"a", "kept"})) == expected
