"""The clients' environment, one gateway before the sandbox for all of them, and a workload for each test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from client_runs import Workload

from acceptance_gateway import PROJECT, Gateway, free_port, gateway_on, running
from gatebook.issuer.serving import ServedIssuer

SETUP = Path(__file__).parent.parent.parent / "tools" / "setup-clients"


@pytest.fixture(scope="session")
def environments() -> Path:
    environment = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run([SETUP], stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return Path(done.stdout.strip().splitlines()[-1])


@pytest.fixture(scope="session")
def issuer() -> Iterator[ServedIssuer]:
    with ServedIssuer() as served:
        yield served


@pytest.fixture(scope="session")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    ready = f"{url}/bigquery/v2/projects/{PROJECT}/datasets"
    arguments = ("sandbox", "--port", str(port), "--grpc-port", "0", "--project", PROJECT, "--demo-data")
    with running("sandbox", tmp_path_factory.mktemp("sandbox"), ready, *arguments):
        yield url


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, issuer: ServedIssuer, sandbox_url: str) -> Iterator[Gateway]:
    with gateway_on(tmp_path_factory.mktemp("gateway"), issuer, sandbox_url) as running_gateway:
        yield running_gateway


@pytest.fixture
def workload(request: pytest.FixtureRequest, gateway: Gateway, environments: Path, tmp_path: Path) -> Workload:
    name = request.node.name.removeprefix("test_").replace("_", "-").partition("[")[0]
    return Workload(name, gateway, environments, tmp_path)
