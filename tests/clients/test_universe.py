"""Clients that take their endpoints from `GOOGLE_CLOUD_UNIVERSE_DOMAIN`: TLS, and a host for each of Google's APIs."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from client_runs import DENIAL, Workload
from tunnels import tunnels_to

from acceptance_gateway import gateway_on
from gatebook.issuer.serving import ServedIssuer
from throwaway_ca import Authority

DOMAIN = "gateway.test"


@pytest.fixture
def universe(
    workload: Workload, issuer: ServedIssuer, sandbox_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workload]:
    authority = Authority.make(tmp_path / "ca")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    certificate = authority.server_file(f"*.{DOMAIN}", "localhost")
    with gateway_on(tmp_path / "gateway", issuer, sandbox_url, certificate) as gateway:
        port = urlsplit(gateway.url).port
        assert port is not None
        with tunnels_to(port) as (proxy, asked):
            workload.gateway = gateway
            workload.more = {
                "GOOGLE_CLOUD_UNIVERSE_DOMAIN": DOMAIN,
                "HTTPS_PROXY": proxy,
                "SSL_CERT_FILE": str(authority.ca_file),
                "REQUESTS_CA_BUNDLE": str(authority.ca_file),
            }
            workload.credential = {
                "universe_domain": DOMAIN,
                "token_url": f"https://sts.{DOMAIN}/v1/token",
            }
            yield workload
    # ADBC dials Google's Storage API, whatever the universe; here it only reaches the gateway's certificate.
    named = {f"{api}.{DOMAIN}:443" for api in ("bigquery", "sts")}
    assert asked - {"bigquerystorage.googleapis.com:443"} == named


def test_python_in_a_universe(universe: Workload) -> None:
    told = universe.python("universe_flow.py").told
    assert (sorted(told["rows"]), told["arrow"], told["load"]) == ([1, 2, 3], 3000, 2)
    assert told["denial"].startswith("Forbidden: 403")
    assert DENIAL in told["denial"]
    assert len(universe.denials()) == 1
    assert {row["caller"]["name"] for row in universe.exchanges()} == {"acme/python-in-a-universe:nightly.yml"}


def test_adbc(universe: Workload) -> None:
    """It reads rows by the Storage API only, which is not served yet: it says so in its own words."""
    told = universe.python("adbc_flow.py").told
    assert told["rows"].startswith("ProgrammingError: UNAUTHORIZED: [bigquery] Arrow reader requires")
    assert "403: Access Denied: " in told["denial"]
    assert DENIAL in told["denial"]
    assert len(universe.denials()) == 1
    methods = [row["call"]["method"] for row in universe.exchanges("--status", "answered")]
    assert methods == [
        "gatebook.token.exchange",
        "bigquery.jobs.insert",
        "bigquery.jobs.getQueryResults",
        "bigquery.jobs.get",
    ]
