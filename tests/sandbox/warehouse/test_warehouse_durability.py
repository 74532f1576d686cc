"""A warehouse on disk is the same when it is opened again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from warehouse_cases import plain, request

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import DatasetName, TableName, Warehouse

_SETUP = (
    "CREATE SCHEMA d OPTIONS(description='kept')",
    "CREATE TABLE d.t (id INT64 NOT NULL OPTIONS(description='key'), made TIMESTAMP DEFAULT CURRENT_TIMESTAMP())",
    "CREATE TABLE d.u AS SELECT 1 AS id, [STRUCT('x' AS a)] AS list, JSON '{\"k\": 1}' AS j",
    "CREATE VIEW d.v AS SELECT id FROM d.u",
    "CREATE FUNCTION d.f(x INT64) AS (x + 1)",
    "CREATE TABLE d.dropped AS SELECT 1 AS a",
    "DROP TABLE d.dropped",
    "ALTER TABLE d.t RENAME TO renamed",
)


def test_everything_is_there_again(tmp_path: Path) -> None:
    first = Warehouse(tmp_path, project="p")
    for sql in _SETUP:
        first.run(request(sql))
    first.append(TableName("p", "d", "renamed"), pa.table({"id": [1, 2]}))
    before = _everything(first)
    first.close()

    second = Warehouse(tmp_path, project="p")
    assert _everything(second) == before
    assert _rows(second, "SELECT d.f(id), j.k FROM d.u JOIN d.v USING (id)") == [[2, "1"]]
    second.run(request("CREATE TABLE d.more AS SELECT id + 1 AS id FROM d.u"))
    second.append(TableName("p", "d", "renamed"), pa.table({"id": [3]}))
    assert _rows(second, "SELECT COUNT(*) FROM d.renamed WHERE made IS NOT NULL") == [[3]]
    second.close()

    third = Warehouse(tmp_path, project="p")
    assert _rows(third, "SELECT id FROM d.more") == [[2]]
    third.close()


def _everything(warehouse: Warehouse) -> object:
    dataset = DatasetName("p", "d")
    tables = [TableName("p", "d", t["tableReference"]["tableId"]) for t in warehouse.list_tables(dataset)]
    rows = {str(name): [plain(row) for row in warehouse.read(name).read_all().to_pylist()] for name in tables}
    resources = [warehouse.get_table(name) for name in tables]
    return warehouse.list_datasets("p"), resources, warehouse.list_routines(dataset), rows


def _rows(warehouse: Warehouse, sql: str) -> list[list[object]]:
    outcome = warehouse.run(request(sql))
    assert outcome.destination is not None
    return [list(row.values()) for row in warehouse.read(outcome.destination).read_all().to_pylist()]


def test_what_expired_while_it_was_closed_is_not_found(tmp_path: Path) -> None:
    first = Warehouse(tmp_path, project="p")
    first.run(request("CREATE SCHEMA d"))
    first.run(request("CREATE TABLE d.t OPTIONS(expiration_timestamp=TIMESTAMP '2001-01-01') AS SELECT 1 AS a"))
    first.close()
    second = Warehouse(tmp_path, project="p")
    with pytest.raises(ApiError) as error:
        second.get_table(TableName("p", "d", "t"))
    assert error.value.status == 404
    assert second.list_tables(DatasetName("p", "d")) == []
    second.close()


_CRASHING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from warehouse_cases import request
from gatebook.sandbox.warehouse import Warehouse
warehouse = Warehouse(Path(sys.argv[1]), project="p")
warehouse.run(request("CREATE SCHEMA d"))
warehouse.run(request("CREATE TABLE d.t AS SELECT 1 AS a"))
print("ready", flush=True)
n = 0
while True:
    n += 1
    warehouse.run(request(f"CREATE OR REPLACE TABLE d.t AS SELECT a FROM UNNEST(GENERATE_ARRAY(1, {n})) AS a"))
    warehouse.run(request(f"CREATE TABLE d.t{n} AS SELECT {n} AS a"))
"""


def test_a_killed_process_leaves_catalog_and_rows_in_step(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", _CRASHING, str(tmp_path), str(Path(__file__).parent)]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    try:
        process.wait(timeout=0.7)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()

    warehouse = Warehouse(tmp_path, project="p")
    for table in warehouse.list_tables(DatasetName("p", "d")):
        name = TableName("p", "d", table["tableReference"]["tableId"])
        assert warehouse.read(name).read_all().num_rows == warehouse.row_count(name)
    warehouse.run(request("CREATE OR REPLACE TABLE d.t AS SELECT 5 AS a"))
    assert _rows(warehouse, "SELECT a FROM d.t") == [[5]]
    warehouse.close()


def test_two_warehouses_cannot_share_a_directory(tmp_path: Path) -> None:
    first = Warehouse(tmp_path, project="p")
    code = (
        "import sys; from pathlib import Path; from gatebook.sandbox.warehouse import Warehouse;"
        "Warehouse(Path(sys.argv[1]))"
    )
    second = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert "in use by another process" in second.stderr
    first.close()
