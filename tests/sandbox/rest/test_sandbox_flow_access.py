"""GRANT, REVOKE and row access policies: kept and given back, so that a gateway's refusals are tested against a yes."""

import pytest
from google.api_core.exceptions import BadRequest, Conflict, MethodNotImplemented, NotFound

VIEWER = "roles/bigquery.dataViewer"
TO_ANN = "GRANT TO ('user:ann@example.com')"


@pytest.fixture
def table(client, dataset):
    client.query(f"CREATE TABLE {dataset}.t AS SELECT 1 AS a").result()
    return f"{dataset}.t"


def _run(client, sql):
    return client.query(sql).result()


def _row_policies(client, table):
    project, dataset, name = table.split(".")
    path = f"/projects/{project}/datasets/{dataset}/tables/{name}/rowAccessPolicies"
    return client._connection.api_request("GET", path)["rowAccessPolicies"]


def test_grants_on_a_table_are_in_its_policy(client, table):
    _run(client, f"GRANT `{VIEWER}` ON TABLE `{table}` TO 'user:a@example.com', 'group:g@example.com'")
    _run(client, f"GRANT `{VIEWER}` ON TABLE `{table}` TO 'user:b@example.com'")
    _run(client, f"REVOKE `{VIEWER}` ON TABLE `{table}` FROM 'user:a@example.com'")
    (binding,) = client.get_iam_policy(table).bindings
    assert (binding["role"], set(binding["members"])) == (VIEWER, {"group:g@example.com", "user:b@example.com"})
    _run(client, f"REVOKE `{VIEWER}` ON TABLE `{table}` FROM 'user:b@example.com', 'group:g@example.com'")
    assert client.get_iam_policy(table).bindings == []


def test_grants_on_a_dataset_are_in_its_access_list(client, dataset):
    def shared():
        return [entry.entity_id for entry in client.get_dataset(dataset).access_entries if entry.role == VIEWER]

    _run(client, f"GRANT `{VIEWER}` ON SCHEMA `{dataset}` TO 'user:a@example.com', 'domain:example.com'")
    _run(client, f"GRANT `{VIEWER}` ON SCHEMA `{dataset}` TO 'user:a@example.com'")
    assert sorted(shared()) == ["a@example.com", "example.com"]
    _run(client, f"REVOKE `{VIEWER}` ON SCHEMA `{dataset}` FROM 'user:a@example.com'")
    assert shared() == ["example.com"]


def test_row_access_policies_are_listed_and_keep_a_table_from_being_read(client, table):
    _run(client, f"CREATE ROW ACCESS POLICY mine ON `{table}` GRANT TO ('user:a@example.com') FILTER USING (a > 1)")
    _run(
        client,
        f"CREATE ROW ACCESS POLICY all_of_it ON `{table}` GRANT TO ('allAuthenticatedUsers') FILTER USING (TRUE)",
    )
    first, second = _row_policies(client, table)
    assert first["rowAccessPolicyReference"]["policyId"] == "mine"
    assert (first["filterPredicate"], first["grantees"]) == ("a > 1", ["user:a@example.com"])
    assert second["filterPredicate"] == "TRUE"
    with pytest.raises(Conflict):
        _run(client, f"CREATE ROW ACCESS POLICY mine ON `{table}` {TO_ANN} FILTER USING (a > 2)")
    _run(client, f"CREATE OR REPLACE ROW ACCESS POLICY mine ON `{table}` {TO_ANN} FILTER USING (a > 2)")
    _run(client, f"CREATE ROW ACCESS POLICY IF NOT EXISTS mine ON `{table}` {TO_ANN} FILTER USING (a > 3)")
    assert _row_policies(client, table)[0]["filterPredicate"] == "a > 2"
    for read in (
        lambda: _run(client, f"SELECT a FROM `{table}`"),
        lambda: list(client.list_rows(table)),
        lambda: client.copy_table(table, f"{table}_copy").result(),
        lambda: _run(client, f"CREATE TABLE `{table}_copy` AS SELECT * FROM `{table}`"),
        lambda: _run(client, f"CREATE TABLE `{table}_copy` CLONE `{table}`"),
        lambda: _run(client, f"DELETE FROM `{table}` WHERE a = 1"),
    ):
        with pytest.raises(MethodNotImplemented, match="reading a table with row access policies"):
            read()
    assert "rowAccessPolicies" not in client.get_table(table).to_api_repr()
    _run(client, f"DROP ROW ACCESS POLICY mine ON `{table}`")
    with pytest.raises(NotFound, match="Row access policy mine"):
        _run(client, f"DROP ROW ACCESS POLICY mine ON `{table}`")
    _run(client, f"DROP ROW ACCESS POLICY IF EXISTS mine ON `{table}`")
    _run(client, f"DROP ALL ROW ACCESS POLICIES ON `{table}`")
    assert [row.a for row in _run(client, f"SELECT a FROM `{table}`")] == [1]


@pytest.mark.parametrize(
    ("sql", "error", "text"),
    [
        ("GRANT `roles/x` ON TABLE `{dataset}.none` TO 'user:a@example.com'", NotFound, "Table"),
        ("GRANT `roles/x` ON SCHEMA none TO 'user:a@example.com'", NotFound, "Dataset"),
        ("GRANT `roles/x` ON SCHEMA `{dataset}` TO 'somebody'", BadRequest, "Invalid grantee: somebody"),
        ("CREATE ROW ACCESS POLICY p ON `{table}` {TO_ANN} FILTER USING (b > 1)", BadRequest, "Unrecognized name: b"),
    ],
)
def test_what_is_wrong_is_said(client, dataset, table, sql, error, text):
    with pytest.raises(error, match=text):
        _run(client, sql.format(dataset=dataset, table=table, TO_ANN=TO_ANN))
