"""BigQuery's sessions through the gateway: a session is its caller's, and ends when the caller says so."""

import pytest
from google.api_core.exceptions import BadRequest, Forbidden
from google.cloud import bigquery

from acceptance_gateway import Gateway


def in_session(session_id: str) -> bigquery.QueryJobConfig:
    return bigquery.QueryJobConfig(connection_properties=[bigquery.ConnectionProperty("session_id", session_id)])


@pytest.fixture
def session(client: bigquery.Client) -> str:
    job = client.query("SELECT 1", bigquery.QueryJobConfig(create_session=True))
    job.result()
    assert job.session_info is not None
    return str(job.session_info.session_id)


def test_a_session_goes_on_and_ends(client: bigquery.Client, session: str) -> None:
    made = (
        "CREATE TEMP TABLE picked AS SELECT customer_id FROM shop.customers LIMIT 2; SELECT COUNT(*) AS n FROM picked"
    )
    assert [row.n for row in client.query(made, in_session(session)).result()] == [2]
    client.query("CALL BQ.ABORT_SESSION()", in_session(session)).result()
    with pytest.raises(BadRequest, match="is not found"):
        client.query("SELECT 1", in_session(session)).result()


def test_a_session_is_its_callers(gateway: Gateway, monkeypatch: pytest.MonkeyPatch, session: str) -> None:
    workflow = "acme/other/.github/workflows/x.yml@refs/heads/main"
    token = gateway.token(repository="acme/other", repository_id="777", job_workflow_ref=workflow)
    other = gateway.client(monkeypatch, token)
    for statement in ("SELECT 1", "CALL BQ.ABORT_SESSION()"):
        with pytest.raises(Forbidden, match="this session was not created by this caller"):
            other.query(statement, in_session(session)).result()
    with pytest.raises(Forbidden, match="procedure"):
        other.query(f"CALL BQ.ABORT_SESSION('{session}')").result()
