"""Node's @google-cloud/bigquery."""

from client_runs import DENIAL, Workload


def test_node(workload: Workload) -> None:
    told = workload.node("node.mjs").told
    assert told["rows"] == [{"customer_id": 1}, {"customer_id": 2}, {"customer_id": 3}]
    assert told["parameters"] == [{"a": 7, "b": ["x", "y"]}]
    assert told["paged"] == [[1000, 1000], [1000, 2000], [500, 2500]]
    assert told["streamed"] == 2500 * 2501 // 2
    assert told["load"] == ["DONE", "2"]
    assert told["table"] == [[1, "inserted"], [2, "loaded"], [3, "changed"]]
    assert told["dryBytes"] > 0
    assert told["script"] == [{"y": 42}]
    assert told["children"] >= 1
    assert [(code, DENIAL in text) for code, text in told["denials"]] == [(403, True), (403, True)]
    assert len(workload.denials()) == 2, "no refusal is asked for again"
    exchanges = workload.exchanges()
    assert {row["caller"]["name"] for row in exchanges} == {"acme/node:nightly.yml"}
    written = [row["footprint"]["tables"] for row in workload.exchanges("--table", "acme-warehouse.from_node.t")]
    assert len(written) >= 5
