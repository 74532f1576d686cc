"""Warehouses for tests: project `p`, dataset `d`."""

from collections.abc import Iterator
from typing import Any

import pytest
from warehouse_cases import request

from gatebook.sandbox.warehouse import DatasetName, QueryOutcome, Warehouse


class Session:
    """A warehouse and short ways to use it."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        warehouse.insert_dataset({"datasetReference": {"projectId": "p", "datasetId": "d"}})

    def run(self, sql: str, **fields: Any) -> QueryOutcome:
        return self.warehouse.run(request(sql, **fields))

    def rows(self, sql: str, **fields: Any) -> list[tuple[Any, ...]]:
        outcome = self.run(sql, **fields)
        assert outcome.destination is not None
        return [tuple(row.values()) for row in self.warehouse.read(outcome.destination).read_all().to_pylist()]


@pytest.fixture(scope="session")
def shared() -> Iterator[Warehouse]:
    """One warehouse for all tests: starting the analyzer is what takes time."""
    warehouse = Warehouse(project="p")
    yield warehouse
    warehouse.close()


@pytest.fixture
def session(shared: Warehouse) -> Iterator[Session]:
    """The shared warehouse with an empty dataset `d` and nothing else."""
    yield Session(shared)
    for dataset in shared.list_datasets("p"):
        shared.delete_dataset(DatasetName("p", dataset["datasetReference"]["datasetId"]), delete_contents=True)
