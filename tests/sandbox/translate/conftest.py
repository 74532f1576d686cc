import datetime as dt
from collections.abc import Iterator

import duckdb
import pytest

from gatebook.googlesql.analyzer import Analyzer
from gatebook.sandbox.translate import Environment, prepare

NOW = dt.datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def analyzer() -> Analyzer:
    return Analyzer()


@pytest.fixture(scope="session")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        prepare(connection)
        yield connection


@pytest.fixture(scope="session")
def environment() -> Environment:
    return Environment(table_sql=lambda name: name.rpartition(".")[2], session_user="ann@example.com", now=NOW)
