from pathlib import Path

import pytest

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog

GOLDEN = Path(__file__).parent / "golden"


def rows(name: str) -> list[tuple[str, str]]:
    lines = (GOLDEN / name).read_text().splitlines()
    return [(kind.strip(), sql.strip()) for kind, sql in (line.split("|", 1) for line in lines)]


@pytest.mark.parametrize(("kind", "sql"), rows("statement_kinds.txt"))
def test_parse_tree_and_resolved_tree_name_the_same_statement_type(
    kind: str, sql: str, analyzer: Analyzer, shop: Catalog
) -> None:
    assert analyzer.statements(sql).kind == kind
    assert analyzer.analyze(sql, shop).kind == kind


@pytest.mark.parametrize(("kind", "sql"), rows("statement_kinds_by_parse.txt"))
def test_statement_type_is_known_where_the_analyzer_needs_more_than_the_catalog_has(
    kind: str, sql: str, analyzer: Analyzer
) -> None:
    assert analyzer.statements(sql).kind == kind


def test_a_text_of_several_statements_is_a_script(analyzer: Analyzer) -> None:
    assert analyzer.statements("SELECT 1; SELECT 2;").kind == "SCRIPT"
    assert analyzer.statements("BEGIN SELECT 1; END").kind == "SCRIPT"
    assert analyzer.statements("SELECT 1;").kind == "SELECT"
    assert analyzer.statements("-- nothing\n").kind == "SCRIPT"
