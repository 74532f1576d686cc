"""What is built on Google's Python client: pandas-gbq, SQLAlchemy's bigquery://, ibis."""

from client_runs import DENIAL, Workload


def _is_recorded(workload: Workload, table: str, denials: int) -> None:
    """Every refusal was asked for once, every call is its caller's, and the table's story is in the book."""
    assert len(workload.denials()) == denials
    assert {row["caller"]["name"] for row in workload.exchanges()} == {f"acme/{workload.name}:nightly.yml"}
    assert len(workload.exchanges("--table", f"acme-warehouse.{table}")) >= 3


def test_pandas_gbq(workload: Workload) -> None:
    told = workload.python("pandas_gbq_flow.py").told
    assert told["rows"] == [1, 2, 3]
    assert told["many"] == [120_000, 120_000 * 120_001 // 2]
    assert told["written"] == [[1, "x"], [2, "y"], [3, "z"]]
    assert told["dry_bytes"] > 0
    assert told["table"] == 4
    assert DENIAL in told["denial"]
    _is_recorded(workload, "from_pandas.t", 1)


def test_sqlalchemy(workload: Workload) -> None:
    told = workload.python("sqlalchemy_flow.py").told
    assert told["columns"] == ["address", "address.city", "address.country"]
    assert (told["rows"], told["parameter"]) == ([1, 2, 3], [2])
    assert told["many"] == 12_000 * 12_001 // 2
    assert told["table"] == [[1, "x"], [2, "changed"]]
    assert told["schemas"]
    assert DENIAL in told["denial"]
    _is_recorded(workload, "from_sqlalchemy.t", 1)


def test_ibis(workload: Workload) -> None:
    told = workload.python("ibis_flow.py").told
    assert (told["rows"], told["schema"]) == ([1, 2, 3], True)
    assert told["many"] == 30_000 * 30_001 // 2
    assert told["arrow"] == 30_000
    assert told["table"] == [6, -1]
    assert told["tables"] == ["t"]
    assert DENIAL in told["denial"]
    assert "hidden dataset" in told["memtable"], "where ibis puts memtables belongs to nobody"
    _is_recorded(workload, "from_ibis.t", 2)
