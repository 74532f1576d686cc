"""Sessions of SQL with what BigQuery answers: see warehouse_cases for the notation."""

import pytest
from warehouse_cases import golden_cases, golden_files, observe

from gatebook.sandbox.warehouse import Warehouse


@pytest.mark.parametrize("name", golden_files())
def test_session(name: str) -> None:
    warehouse = Warehouse(project="p")
    warehouse.insert_dataset({"datasetReference": {"projectId": "p", "datasetId": "d"}})
    cases = golden_cases(name)
    assert cases
    for case in cases:
        observed = observe(warehouse, case.sql)
        expected = case.expected
        assert {key: observed.get(key, []) for key in {*expected, "error"}} == {"error": [], **expected}, case.sql
    warehouse.close()
