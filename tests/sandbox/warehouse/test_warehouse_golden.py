"""Sessions of SQL with what BigQuery answers: see warehouse_cases for the notation."""

import pytest
from conftest import Session
from warehouse_cases import golden_cases, golden_files, observe


@pytest.mark.parametrize("name", golden_files())
def test_session(session: Session, name: str) -> None:
    cases = golden_cases(name)
    assert cases
    for case in cases:
        observed = observe(session.warehouse, case.sql)
        expected = case.expected
        assert {key: observed.get(key, []) for key in {*expected, "error"}} == {"error": [], **expected}, case.sql
