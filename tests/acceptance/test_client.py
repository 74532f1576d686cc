"""Google's unmodified Python client through the gateway, and what the book then says."""

import secrets
import time
from typing import Any

import pandas as pd
import pytest
from google.api_core.exceptions import BadRequest, Forbidden, NotFound
from google.cloud import bigquery

from acceptance_gateway import Gateway

SHA = "8fe1b322a576d59fe6257052a4107df7dc1b8c78"


def newest(gateway: Gateway, *arguments: str) -> dict[str, Any]:
    return gateway.book("--limit", "1", *arguments)[0]


def test_a_query_is_answered_and_recorded(gateway: Gateway, client: bigquery.Client) -> None:
    sql = f"SELECT customer_id, email FROM shop.customers ORDER BY customer_id LIMIT 3 -- {secrets.token_hex(8)}"
    job = client.query(sql, job_config=bigquery.QueryJobConfig(labels={"team": "finance"}))
    assert len(list(job.result())) == 3
    (inserted,) = [row for row in gateway.book() if row["request"]["sql"] == sql]
    record = gateway.record(inserted["id"])
    assert record["call"]["method"] == "bigquery.jobs.insert"
    assert record["request"]["job_id"] == job.job_id
    assert record["caller"]["name"].startswith("acme/warehouse-etl")
    assert record["attested"]["commit"] == SHA
    assert record["attested"]["run"] == "7201"
    assert "commit" not in record["declared"]
    assert record["footprint"]["tables"] == ["acme-warehouse.shop.customers"]
    assert "acme-warehouse.shop.customers.email" in record["footprint"]["columns"]
    assert record["footprint"]["statement_types"] == ["SELECT"]
    assert (record["decision"]["effect"], record["decision"]["rules"]) == ("allow", ["builtin/known-caller"])
    pages = [row for row in gateway.book() if row["call"]["resource"].get("jobId") == job.job_id]
    assert 3 in [row["outcome"]["rows_returned"] for row in pages]


def test_the_job_carries_the_records_id_and_keeps_the_users_labels(client: bigquery.Client) -> None:
    job = client.query("SELECT 1", job_config=bigquery.QueryJobConfig(labels={"team": "finance"}))
    job.result()
    labels = client.get_job(job.job_id).labels
    assert labels["team"] == "finance"
    assert labels["gatebook_record"]
    assert labels["gatebook_run"] == "7201"


def test_rows_returned_are_counted(gateway: Gateway, client: bigquery.Client) -> None:
    rows = list(client.query_and_wait("SELECT customer_id FROM shop.customers LIMIT 7"))
    assert len(rows) == 7
    assert newest(gateway, "--method", "jobs.query")["outcome"]["rows_returned"] == 7


def test_dataframes_and_arrow_come_through_the_gateway(client: bigquery.Client) -> None:
    frame = client.query("SELECT customer_id, email FROM shop.customers LIMIT 5").to_dataframe()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame) == 5
    assert client.query("SELECT [1, 2] AS a, STRUCT('x' AS b) AS s").to_arrow().to_pylist() == [
        {"a": [1, 2], "s": {"b": "x"}}
    ]


def test_parameters_pages_scripts_and_dry_runs(client: bigquery.Client) -> None:
    parameter = bigquery.ScalarQueryParameter("n", "INT64", 2500)
    config = bigquery.QueryJobConfig(query_parameters=[parameter])
    numbers = client.query("SELECT x FROM UNNEST(GENERATE_ARRAY(1, @n)) AS x ORDER BY x", job_config=config)
    assert [row.x for row in numbers.result(page_size=1000)] == list(range(1, 2501))
    dry = client.query("SELECT email FROM shop.customers", job_config=bigquery.QueryJobConfig(dry_run=True))
    assert dry.total_bytes_processed > 0
    script = client.query("DECLARE x INT64 DEFAULT 2; CREATE TEMP TABLE t AS SELECT x AS a; SELECT a * 21 AS b FROM t")
    assert [row.b for row in script.result()] == [42]
    children = list(client.list_jobs(parent_job=script.job_id))
    assert children
    assert all(client.get_job(child.job_id).state == "DONE" for child in children)


def test_tables_are_made_loaded_listed_changed_and_dropped(client: bigquery.Client) -> None:
    name = f"{client.project}.d_{secrets.token_hex(4)}"
    client.create_dataset(name)
    table = client.create_table(bigquery.Table(f"{name}.t", [bigquery.SchemaField("a", "INT64")]))
    assert client.insert_rows_json(table, [{"a": 1}, {"a": 2}]) == []
    client.load_table_from_json([{"a": 3}], table).result()
    client.load_table_from_dataframe(pd.DataFrame({"a": [4]}), table).result()
    assert sorted(row.a for row in client.list_rows(table)) == [1, 2, 3, 4]
    table = client.get_table(table)
    table.description = "numbers"
    assert client.update_table(table, ["description"]).description == "numbers"
    copied = client.copy_table(table, f"{name}.u")
    copied.result()
    assert client.get_table(f"{name}.u").num_rows == 4
    client.query(f"DELETE FROM `{name}.t` WHERE a > 2").result()
    assert [item.table_id for item in client.list_tables(name)] == ["t", "u"]
    client.delete_dataset(name, delete_contents=True)
    with pytest.raises(NotFound):
        client.get_table(f"{name}.t")


def test_errors_are_bigquerys_own(client: bigquery.Client) -> None:
    with pytest.raises(BadRequest, match=r"Syntax error: Unexpected keyword FROM at \[1:15\]"):
        client.query("SELECT 1 FROM FROM t").result()
    with pytest.raises(BadRequest, match="Unrecognized name: nope"):
        client.query("SELECT nope FROM shop.customers").result()
    with pytest.raises(NotFound, match="Not found: Table"):
        client.query("SELECT * FROM shop.absent").result()
    with pytest.raises(BadRequest, match="division by zero"):
        client.query("SELECT 1 / 0").result()


def test_what_cannot_be_understood_is_refused_at_once(client: bigquery.Client) -> None:
    began = time.monotonic()
    with pytest.raises(Forbidden, match="legacy SQL cannot be read"):
        client.query("SELECT 1", job_config=bigquery.QueryJobConfig(use_legacy_sql=True)).result()
    with pytest.raises(Forbidden, match="EXECUTE IMMEDIATE is made when it runs"):
        client.query("EXECUTE IMMEDIATE CONCAT('SELECT ', CAST(1 AS STRING))").result()
    with pytest.raises(Forbidden, match="changes who may reach data"):
        client.query("GRANT `roles/bigquery.dataViewer` ON SCHEMA shop TO 'user:a@example.com'").result()
    assert time.monotonic() - began < 10, "a client that retries a refusal waits for minutes"


def test_arrow_results_are_refused_at_once_and_recorded(gateway: Gateway, client: bigquery.Client) -> None:
    sql = f"SELECT 1 AS x -- {secrets.token_hex(8)}"
    began = time.monotonic()
    with pytest.raises(Forbidden, match=r"gives the rows of a query as JSON.*Leave it out"):
        client.query_and_wait(sql, query_results_format="ARROW")
    assert time.monotonic() - began < 10
    (record,) = [row for row in gateway.book() if row["request"]["sql"] == sql]
    assert (record["status"], record["caller"]["name"][:4]) == ("refused", "acme")
    assert client.query_and_wait(sql).to_arrow().to_pylist() == [{"x": 1}]
    plain = client.query_and_wait(sql, query_results_format="STRUCT_ENCODING")
    assert [row.x for row in plain] == [1]


def test_a_query_without_a_job_is_recorded_in_full(
    gateway: Gateway, client: bigquery.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.default_job_creation_mode = "JOB_CREATION_OPTIONAL"
    sql = f"SELECT customer_id FROM shop.customers LIMIT 7 -- {secrets.token_hex(8)}"
    rows = client.query_and_wait(sql)
    assert (len(list(rows)), rows.job_id) == (7, None)
    (row,) = [row for row in gateway.book() if row["request"]["sql"] == sql]
    outcome = gateway.record(row["id"])["outcome"]
    assert (row["status"], outcome["rows_returned"], outcome["job_state"], outcome["location"]) == (
        "answered", 7, "DONE", "US",
    )  # fmt: skip
    assert outcome["bytes_processed"] > 0
    paged = client.query_and_wait("SELECT n FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n", page_size=1000)
    assert paged.job_id, "what does not fit one reply is a job, its caller's own"
    assert len(list(paged)) == 2500
    workflow = "acme/other/.github/workflows/x.yml@refs/heads/main"
    other = gateway.client(
        monkeypatch, gateway.token(repository="acme/other", repository_id="777", job_workflow_ref=workflow)
    )
    with pytest.raises(NotFound):
        other.get_job(paged.job_id)


def test_list_jobs_shows_only_ones_own(
    gateway: Gateway, client: bigquery.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = client.query("SELECT 1")
    mine.result()
    workflow = "acme/other/.github/workflows/x.yml@refs/heads/main"
    other_token = gateway.token(repository="acme/other", repository_id="777", job_workflow_ref=workflow)
    other = gateway.client(monkeypatch, other_token)
    theirs = other.query("SELECT 2")
    theirs.result()
    assert theirs.job_id in {job.job_id for job in other.list_jobs(all_users=True)}
    assert mine.job_id not in {job.job_id for job in other.list_jobs(all_users=True)}
    with pytest.raises(NotFound):
        other.get_job(mine.job_id)
    with pytest.raises(NotFound):
        other.cancel_job(mine.job_id)
    path = f"/bigquery/v2/projects/{client.project}/queries/{mine.job_id}"
    assert gateway.request("GET", path, token=other_token)[0] == 404
    assert gateway.request("GET", path)[0] == 200
