"""The 22 TPC-H queries at scale 0.01: the sandbox answers as plain DuckDB does on the same files.

tpch/*.sql is BigQuery's dialect with the validation parameters of the specification. DuckDB runs the same text,
with date arithmetic spelled its way (`duckdb_sql`); nothing of the sandbox is in its path. At this scale no query
orders two of its rows alike, so answers are compared in order.
"""

import re
import subprocess
import sysconfig
import uuid
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from gatebook.sandbox.warehouse import DatasetName, QueryRequest, Resource, TableName, Warehouse, arrow_schema

SCALE = "0.01"
TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
DATASET = DatasetName("demo-project", "tpch")
QUERIES = {f"q{number:02}": Path(__file__).parent / "tpch" / f"q{number:02}.sql" for number in range(1, 23)}

# With the validation parameters these two answer nothing but zeros and NULL at this scale.
OTHER_PARAMETERS = {
    "q08": ("ECONOMY ANODIZED STEEL", "MEDIUM PLATED COPPER"),
    "q17": ("MED BOX", "JUMBO JAR"),
}

# BigQuery's DATE_ADD and DATE_SUB give a DATE; DuckDB's DATE plus or minus INTERVAL gives a TIMESTAMP.
DATE_CALL = re.compile(r"DATE_(ADD|SUB)\((DATE '[0-9-]+'), (INTERVAL \d+ [A-Z]+)\)")
SIGNS = {"ADD": "+", "SUB": "-"}

# TPC-H has no floating point: a DOUBLE is DuckDB's average or quotient of decimals, which BigQuery keeps NUMERIC.
BIGQUERY_TYPES = {
    "integer": "INTEGER",
    "bigint": "INTEGER",
    "hugeint": "INTEGER",
    "decimal": "NUMERIC",
    "double": "NUMERIC",
    "date": "DATE",
    "varchar": "STRING",
}
NUMERIC_QUANTUM = Decimal("1e-9")

Answer = tuple[list[tuple[str, str]], list[tuple[Any, ...]]]
"""Columns as (name, BigQuery's type), and the rows."""


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with one Parquet file for each table."""
    directory = tmp_path_factory.mktemp("tpch")
    program = Path(sysconfig.get_path("scripts")) / "tpchgen-cli"
    subprocess.run([program, "parquet", "--scale-factor", SCALE, "--output-dir", directory, "--quiet"], check=True)
    return directory


@pytest.fixture(scope="session")
def plain_duckdb(files: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        for table in TABLES:
            connection.read_parquet(str(files / f"{table}.parquet")).create_view(table)
        yield connection


@pytest.fixture(scope="session")
def warehouse(files: Path, plain_duckdb: duckdb.DuckDBPyConnection) -> Iterator[Warehouse]:
    warehouse = Warehouse(project=DATASET.project)
    warehouse.insert_dataset({"datasetReference": DATASET.rest()})
    for table in TABLES:
        load(warehouse, files / f"{table}.parquet", fields(plain_duckdb.table(table)))
    yield warehouse
    warehouse.close()


def load(warehouse: Warehouse, file: Path, schema: list[Resource]) -> None:
    table = TableName(DATASET.project, DATASET.dataset, file.stem)
    warehouse.insert_table({"tableReference": table.rest(), "schema": {"fields": schema}})
    warehouse.append(table, pq.read_table(file).cast(arrow_schema(schema)))


def fields(relation: duckdb.DuckDBPyRelation) -> list[Resource]:
    return [
        {"name": name, "type": BIGQUERY_TYPES[kind.id]}
        for name, kind in zip(relation.columns, relation.types, strict=True)
    ]


@pytest.mark.parametrize("query", QUERIES)
def test_tpch_with_validation_parameters(
    query: str, warehouse: Warehouse, plain_duckdb: duckdb.DuckDBPyConnection
) -> None:
    sql = QUERIES[query].read_text()
    expected = duckdb_answer(plain_duckdb, sql)
    assert expected[1], "an empty answer proves nothing"
    assert sandbox_answer(warehouse, sql) == expected


@pytest.mark.parametrize("query", OTHER_PARAMETERS)
def test_tpch_with_other_parameters(query: str, warehouse: Warehouse, plain_duckdb: duckdb.DuckDBPyConnection) -> None:
    sql = QUERIES[query].read_text().replace(*OTHER_PARAMETERS[query])
    expected = duckdb_answer(plain_duckdb, sql)
    assert all(row[-1] for row in expected[1])
    assert sandbox_answer(warehouse, sql) == expected


def sandbox_answer(warehouse: Warehouse, sql: str) -> Answer:
    request = QueryRequest(sql=sql, project=DATASET.project, job_id=uuid.uuid4().hex, default_dataset=DATASET)
    outcome = warehouse.run(request)
    assert outcome.schema is not None
    assert outcome.destination is not None
    rows = [tuple(row.values()) for row in warehouse.read(outcome.destination).read_all().to_pylist()]
    return [(field["name"], field["type"]) for field in outcome.schema], rows


def duckdb_answer(connection: duckdb.DuckDBPyConnection, sql: str) -> Answer:
    relation = connection.sql(duckdb_sql(sql))
    return [(field["name"], field["type"]) for field in fields(relation)], [
        tuple(as_numeric(value) if isinstance(value, float) else value for value in row) for row in relation.fetchall()
    ]


def duckdb_sql(sql: str) -> str:
    return DATE_CALL.sub(lambda call: f"CAST({call[2]} {SIGNS[call[1]]} {call[3]} AS DATE)", sql)


def as_numeric(value: float) -> Decimal:
    """NUMERIC has nine decimal places and rounds half away from zero."""
    return Decimal(value).quantize(NUMERIC_QUANTUM, ROUND_HALF_UP)
