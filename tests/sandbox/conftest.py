"""A sandbox with demo data, started once for all tests that speak to it over the network."""

import secrets
from collections.abc import Iterator

import grpc
import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from google.cloud.bigquery_storage_v1 import BigQueryReadClient
from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport
from running_sandbox import Running

from gatebook.sandbox.server import Addresses, Options


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Addresses]:
    running = Running(Options(demo_data=True))
    yield running.addresses
    running.stop()


@pytest.fixture(scope="session")
def client(sandbox: Addresses) -> Iterator[bigquery.Client]:
    """Google's client, pointed at the sandbox and otherwise its own."""
    made = bigquery.Client(
        project="demo-project",
        credentials=AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=sandbox.rest_url),
    )
    yield made
    made.close()


@pytest.fixture(scope="session")
def storage(sandbox: Addresses) -> Iterator[BigQueryReadClient]:
    """Google's Storage Read client over a plaintext channel."""
    with grpc.insecure_channel(sandbox.grpc_address) as channel:
        yield BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))


@pytest.fixture
def dataset(client: bigquery.Client) -> Iterator[str]:
    """An empty dataset of the test's own: `demo-project.<name>`."""
    name = f"demo-project.t_{secrets.token_hex(5)}"
    client.create_dataset(name)
    yield name
    client.delete_dataset(name, delete_contents=True, not_found_ok=True)
