"""One issuer, one sandbox and one gateway for all acceptance tests."""

from collections.abc import Iterator

import pytest
from google.cloud import bigquery

from acceptance_gateway import PROJECT, Gateway, free_port, gateway_on, running
from gatebook.issuer.serving import ServedIssuer


@pytest.fixture(scope="session")
def issuer() -> Iterator[ServedIssuer]:
    with ServedIssuer() as served:
        yield served


@pytest.fixture(scope="session")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ("sandbox", "--port", str(port), "--grpc-port", "0", "--project", PROJECT, "--demo-data")
    ready = f"{url}/bigquery/v2/projects/{PROJECT}/datasets"
    with running("sandbox", tmp_path_factory.mktemp("sandbox"), ready, *arguments):
        yield url


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory, issuer: ServedIssuer, sandbox_url: str) -> Iterator[Gateway]:
    with gateway_on(tmp_path_factory.mktemp("gateway"), issuer, sandbox_url) as running_gateway:
        yield running_gateway


@pytest.fixture
def client(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[bigquery.Client]:
    made = gateway.client(monkeypatch)
    yield made
    made.close()
