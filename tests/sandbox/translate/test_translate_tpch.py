"""All 22 TPC-H queries in BigQuery's dialect answer as DuckDB does on the same data."""

import math
import re
import subprocess
import sysconfig
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog, Column, Table
from gatebook.googlesql.types import DATE, INT64, NUMERIC, STRING
from gatebook.sandbox.translate import Environment, prepare, query_sql

QUERIES = sorted((Path(__file__).parent / "tpch").glob("*.sql"))
TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
_TYPES = {"BIGINT": INT64, "VARCHAR": STRING, "DATE": DATE, "DECIMAL(38,9)": NUMERIC}


@pytest.fixture(scope="module")
def tpch(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    directory = tmp_path_factory.mktemp("tpch")
    generator = Path(sysconfig.get_path("scripts")) / "tpchgen-cli"
    subprocess.run(
        [generator, "parquet", "-s", "0.01", f"--output-dir={directory}"], check=True, capture_output=True, timeout=60
    )
    connection = duckdb.connect()
    prepare(connection)
    for table in TABLES:
        source = f"read_parquet('{directory}/{table}.parquet')"
        columns = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
        shown = ", ".join(f"CAST({name} AS {_physical(kind)}) AS {name}" for name, kind, *_ in columns)
        connection.execute(f"CREATE TABLE {table} AS SELECT {shown} FROM {source}")
    return connection


def _physical(kind: str) -> str:
    if kind.startswith("DECIMAL"):
        return "DECIMAL(38,9)"
    return "BIGINT" if kind in ("INTEGER", "BIGINT") else kind


@pytest.fixture(scope="module")
def catalog(tpch: duckdb.DuckDBPyConnection) -> Catalog:
    tables = []
    for table in TABLES:
        columns = tpch.execute(f"DESCRIBE {table}").fetchall()
        tables.append(Table(("p", "d", table), tuple(Column(name, _TYPES[kind]) for name, kind, *_ in columns)))
    return Catalog(tables=tuple(tables), default_project="p", default_dataset="d")


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_answers_as_duckdb(
    path: Path, tpch: duckdb.DuckDBPyConnection, catalog: Catalog, analyzer: Analyzer, environment: Environment
) -> None:
    sql = path.read_text()
    translation = query_sql(analyzer.analyze(sql, catalog).statement, environment)
    actual = tpch.execute(translation.sql).fetchall()
    expected = tpch.execute(_in_duckdb_dialect(sql)).fetchall()
    assert [column.name for column in translation.columns] == [column[0] for column in tpch.description]
    assert len(actual) == len(expected) > 0
    for one, other in zip(actual, expected, strict=True):
        assert all(map(_close, one, other)), (one, other)


def _in_duckdb_dialect(sql: str) -> str:
    return re.sub(r"DATE_SUB\((.*?), (INTERVAL .*?)\)", r"(\1 - \2)", sql)


def _close(one: Any, other: Any) -> bool:
    if isinstance(one, Decimal | float) and isinstance(other, Decimal | float | int):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def test_there_are_all_queries() -> None:
    assert [path.stem for path in QUERIES] == [f"q{number:02}" for number in range(1, 23)]
