"""Sessions through Google's client: https://cloud.google.com/bigquery/docs/sessions-intro."""

import pytest
from google.api_core.exceptions import BadRequest, MethodNotImplemented
from google.auth.credentials import AnonymousCredentials
from google.cloud.bigquery import Client, ConnectionProperty, QueryJobConfig


def _in(session_id, **options):
    return QueryJobConfig(connection_properties=[ConnectionProperty("session_id", session_id)], **options)


def _values(rows):
    return [tuple(row.values()) for row in rows]


@pytest.fixture
def session(client):
    job = client.query("CREATE TEMP TABLE picked AS SELECT 1 AS n", QueryJobConfig(create_session=True))
    job.result()
    return job.session_info.session_id


def test_temporary_tables_live_from_call_to_call(client, session):
    client.query("INSERT INTO picked VALUES (2)", _in(session)).result()
    rows = client.query("SELECT n FROM picked ORDER BY n", _in(session)).result()
    assert _values(rows) == [(1,), (2,)]
    with pytest.raises(BadRequest, match="picked"):
        client.query("SELECT n FROM picked").result()


def test_variables_functions_and_settings_live_from_call_to_call(client, session):
    client.query("DECLARE seen INT64 DEFAULT 40; SET @@time_zone = 'Asia/Tokyo';", _in(session)).result()
    client.query("SET seen = seen + 2", _in(session)).result()
    client.query("CREATE TEMP FUNCTION doubled(n INT64) AS (n * 2)", _in(session)).result()
    rows = client.query("SELECT doubled(seen) AS d, @@time_zone AS z, @@session_id AS s", _in(session)).result()
    assert _values(rows) == [(84, "Asia/Tokyo", session)]


def test_parameters_are_of_one_call(client, session):
    with pytest.raises(BadRequest, match="parameter"):
        client.query("SELECT @p", _in(session)).result()


def test_every_reply_names_the_session(client, session):
    job = client.query("SELECT 1", _in(session))
    job.result()
    assert job.session_info.session_id == session
    created = client.query_and_wait("SELECT 1", job_config=QueryJobConfig(create_session=True))
    assert _values(created) == [(1,)]


def test_a_dry_run_in_a_session_sees_what_it_holds(client, session):
    job = client.query("SELECT n FROM picked", _in(session, dry_run=True))
    assert [field.name for field in job.schema] == ["n"]


def test_a_session_ends_when_it_is_aborted(client, session):
    client.query("CALL BQ.ABORT_SESSION()", _in(session)).result()
    with pytest.raises(BadRequest, match=f"Session {session} is not found"):
        client.query("SELECT 1", _in(session)).result()


def test_a_session_is_aborted_by_its_id(client, session):
    client.query(f"CALL BQ.ABORT_SESSION('{session}')").result()
    with pytest.raises(BadRequest, match="is not found"):
        client.query("SELECT 1", _in(session)).result()
    with pytest.raises(BadRequest, match="is not found"):
        client.query(f"CALL BQ.ABORT_SESSION('{session}')").result()
    with pytest.raises(BadRequest, match="in a session"):
        client.query("CALL BQ.ABORT_SESSION()").result()


def test_a_session_is_its_project_s(client, sandbox, session):
    other = Client("other-project", AnonymousCredentials(), client_options={"api_endpoint": sandbox.rest_url})
    with pytest.raises(BadRequest, match="is not found"):
        other.query("SELECT 1", _in(session)).result()


def test_a_transaction_begins_and_ends_in_one_call(client, session):
    with pytest.raises(MethodNotImplemented, match="stay open between the calls"):
        client.query("BEGIN TRANSACTION; INSERT INTO picked VALUES (3);", _in(session)).result()
    client.query("BEGIN TRANSACTION; INSERT INTO picked VALUES (4); COMMIT TRANSACTION;", _in(session)).result()
    assert _values(client.query("SELECT n FROM picked ORDER BY n", _in(session)).result()) == [(1,), (4,)]


def test_a_session_runs_one_query_at_a_time(client, session):
    busy = client.query("SELECT COUNT(*) FROM UNNEST(GENERATE_ARRAY(1, 60000)) a, UNNEST(GENERATE_ARRAY(1, 60000)) b",
                        _in(session))  # fmt: skip
    while busy.state == "PENDING":
        busy.reload()
    with pytest.raises(MethodNotImplemented, match="at the same time in one session"):
        client.query("SELECT 1", _in(session)).result()
    busy.cancel()
    with pytest.raises(Exception, match=r"stopped|cancelled"):
        busy.result()
