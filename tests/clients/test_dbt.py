"""dbt with its BigQuery adapter: seeds, models of each kind, tests, and a model that is refused."""

import json
import shutil
from pathlib import Path

import pytest
from client_runs import DENIAL, HERE, Run, Workload


@pytest.fixture
def project(workload: Workload, tmp_path: Path) -> Path:
    target: Path = shutil.copytree(HERE / "dbt_project", tmp_path / "project")
    workload.directory = target
    return target


def dbt(workload: Workload, *arguments: str) -> Run:
    # The endpoint comes from the profile, and the bearer's token only where that is the method.
    workload.more = {"GATEBOOK": workload.gateway.url, "OIDC_TOKEN": workload.token, "BIGQUERY_EMULATOR_HOST": ""}
    return workload.command(str(workload.environments / "python/bin/dbt"), "--log-format", "text", *arguments)


def test_dbt(workload: Workload, project: Path) -> None:
    for _ in range(2):  # the second time the incremental model is merged
        built = dbt(workload, "build")
        assert built.status == 0, built.output
    results = json.loads((project / "target/run_results.json").read_text())["results"]
    assert {result["status"] for result in results} == {"success", "pass"}
    assert len(results) == 6

    refused = dbt(workload, "run", "--target", "bearer", "--select", "denied", "--vars", "denied: true")
    assert refused.status != 0
    assert DENIAL in " ".join(refused.output.split())
    assert len(workload.denials()) == 1
    exchanges = workload.exchanges()
    assert {row["caller"]["name"] for row in exchanges} == {"acme/dbt:nightly.yml"}
    made = workload.exchanges("--table", "acme-warehouse.from_dbt.customers", "--statement", "CREATE_TABLE_AS_SELECT")
    assert made
    assert made[0]["declared"]["run"], "dbt's invocation id"
    assert workload.exchanges("--statement", "MERGE")
