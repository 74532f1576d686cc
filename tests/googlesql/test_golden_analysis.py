import pytest
from golden_cases import GoldenCase, golden_cases

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog
from gatebook.googlesql.errors import SqlError


@pytest.mark.parametrize("case", golden_cases("analysis.sql"), ids=str)
def test_statement_is_analyzed_as_bigquery_does(case: GoldenCase, analyzer: Analyzer, shop: Catalog) -> None:
    if "error" in case.expected:
        with pytest.raises(SqlError) as raised:
            analyzer.analyze(case.sql, shop)
        assert str(raised.value) == case.expected["error"]
        return
    analysis = analyzer.analyze(case.sql, shop)
    assert ", ".join(f"{name} {sql_type}" for name, sql_type in analysis.columns) == case.expected.get("columns", "")
    assert ", ".join(sorted(analysis.tables)) == case.expected.get("tables", "")
    assert analysis.kind == case.expected.get("kind", "SELECT")
    assert analysis.sql == case.expected.get("sql", case.sql)
