"""The golden cases in cases/*.sql."""

from collections import Counter

import duckdb
import pytest
from translate_cases import Case, observe, read_cases

from gatebook.googlesql.analyzer import Analyzer
from gatebook.sandbox.translate import Environment

_CASES = read_cases()


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case.topic}: {case.sql[:70]}")
def test_case(case: Case, analyzer: Analyzer, connection: duckdb.DuckDBPyConnection, environment: Environment) -> None:
    assert case.expected
    assert observe(case.sql, analyzer, connection, environment) == case.expected


def test_there_are_enough_cases_and_none_twice() -> None:
    assert len(_CASES) >= 250
    assert not [sql for sql, count in Counter(case.sql for case in _CASES).items() if count > 1]
