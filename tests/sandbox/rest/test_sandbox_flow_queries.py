"""Queries as Google's own client makes them."""

import concurrent.futures
import datetime as dt
import decimal

import pytest
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    GoogleAPICallError,
    NotFound,
)
from google.cloud import bigquery
from google.cloud.bigquery import QueryJobConfig
from google.cloud.bigquery.enums import JobCreationMode, QueryApiMethod

NUMBERS = "SELECT n, CAST(n AS STRING) AS s FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS n ORDER BY n"


def test_query_result(client):
    job = client.query("SELECT 1 AS one, 'two' AS two, [3] AS three")
    rows = list(job.result())
    assert [dict(row) for row in rows] == [{"one": 1, "two": "two", "three": [3]}]
    assert (job.state, job.statement_type, job.cache_hit) == ("DONE", "SELECT", False)
    assert job.destination.dataset_id.startswith("_")
    assert job.destination.table_id.startswith("anon")
    assert job.created <= job.started <= job.ended
    assert job.user_email == "sandbox@example.com"
    assert job.location == "US"


def test_jobs_query_method(client):
    job = client.query("SELECT 1 AS x", api_method=QueryApiMethod.QUERY)
    assert [row.x for row in job.result()] == [1]


@pytest.mark.parametrize("page_size", [1000, 2500, 4000, None])
def test_pages(client, page_size):
    rows = client.query(NUMBERS).result(page_size=page_size)
    assert rows.total_rows == 2500
    assert [row.n for row in rows] == list(range(1, 2501))


def test_max_results_and_start_index(client):
    assert [row.n for row in client.query(NUMBERS).result(max_results=3)] == [1, 2, 3]
    assert [row.n for row in client.query(NUMBERS).result(start_index=2498)] == [2499, 2500]


def test_query_and_wait(client):
    rows = client.query_and_wait(NUMBERS, page_size=1000)
    assert [row.s for row in rows] == [str(n) for n in range(1, 2501)]
    assert rows.job_id


def test_query_without_a_job(sandbox):
    client = _client(sandbox, default_job_creation_mode=JobCreationMode.JOB_CREATION_OPTIONAL)
    rows = client.query_and_wait("SELECT 1 AS x")
    assert [row.x for row in rows] == [1]
    assert rows.job_id is None
    assert rows.query_id
    paged = client.query_and_wait(NUMBERS, page_size=1000)
    assert len(list(paged)) == 2500
    assert paged.job_id


def _client(sandbox, **options):
    from google.auth.credentials import AnonymousCredentials

    endpoint = {"api_endpoint": sandbox.rest_url}
    return bigquery.Client("demo-project", AnonymousCredentials(), client_options=endpoint, **options)


def test_rows_to_pandas_and_arrow_by_rest(client):
    frame = client.query(NUMBERS).to_dataframe(create_bqstorage_client=False)
    assert frame["n"].sum() == 2500 * 2501 // 2
    table = client.query(NUMBERS).to_arrow(create_bqstorage_client=False)
    assert table.column("s").to_pylist()[-1] == "2500"


def test_rows_to_pandas_and_arrow_by_storage(client, storage):
    frame = client.query(NUMBERS).to_dataframe(bqstorage_client=storage)
    assert list(frame["n"]) == list(range(1, 2501))
    table = client.query("SELECT * FROM shop.customers").to_arrow(bqstorage_client=storage)
    assert table.num_rows == 2000
    assert client.query("SELECT 1 AS x LIMIT 0").to_arrow(bqstorage_client=storage).num_rows == 0


def test_dry_run(client):
    config = QueryJobConfig(dry_run=True)
    job = client.query("SELECT c.email, o.total FROM shop.customers c JOIN shop.orders o USING (customer_id)", config)
    assert job.state == "DONE"
    assert job.statement_type == "SELECT"
    assert [table.table_id for table in job.referenced_tables] == ["customers", "orders"]
    assert [(field.name, field.field_type) for field in job.schema] == [("email", "STRING"), ("total", "NUMERIC")]
    assert job.total_bytes_processed > 0
    assert job.job_id is None
    with pytest.raises(BadRequest, match="Unrecognized name: nope"):
        client.query("SELECT nope", config)


def test_dry_run_by_jobs_query(client, sandbox):
    body = {"query": "SELECT 1 AS x", "useLegacySql": False, "dryRun": True}
    reply = _post(sandbox, "/queries", body).json()
    assert reply["schema"]["fields"] == [{"name": "x", "type": "INTEGER", "mode": "NULLABLE"}]
    assert reply["jobComplete"] is True
    assert "jobId" not in reply["jobReference"]
    assert "rows" not in reply


def _post(sandbox, path, body, **query):
    import requests

    return requests.post(f"{sandbox.rest_url}/bigquery/v2/projects/demo-project{path}", json=body, params=query)


CIVIL = dt.datetime(2024, 2, 29, 1, 2, 3, tzinfo=dt.UTC).replace(tzinfo=None)

PARAMETERS = [
    bigquery.ScalarQueryParameter("i", "INT64", 2**62),
    bigquery.ScalarQueryParameter("f", "FLOAT64", 1.5),
    bigquery.ScalarQueryParameter("b", "BOOL", True),
    bigquery.ScalarQueryParameter("s", "STRING", "it's \"ż\" \\ \n"),
    bigquery.ScalarQueryParameter("y", "BYTES", b"\x00\xff"),
    bigquery.ScalarQueryParameter("d", "DATE", dt.date(2024, 2, 29)),
    bigquery.ScalarQueryParameter("t", "TIME", dt.time(1, 2, 3, 4)),
    bigquery.ScalarQueryParameter("dt", "DATETIME", CIVIL),
    bigquery.ScalarQueryParameter("ts", "TIMESTAMP", dt.datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=dt.UTC)),
    bigquery.ScalarQueryParameter("n", "NUMERIC", decimal.Decimal("1.25")),
    bigquery.ScalarQueryParameter("bn", "BIGNUMERIC", decimal.Decimal("1e-18")),
    bigquery.ScalarQueryParameter("nothing", "STRING", None),
    bigquery.ArrayQueryParameter("a", "INT64", [3, 1, 2]),
    bigquery.StructQueryParameter(
        "st", bigquery.ScalarQueryParameter("x", "INT64", 1), bigquery.ArrayQueryParameter("y", "STRING", ["a"])
    ),
]  # fmt: skip


def test_named_parameters_of_every_type(client):
    columns = ", ".join(f"@{parameter.name} AS {parameter.name}" for parameter in PARAMETERS)
    (row,) = client.query_and_wait(f"SELECT {columns}", job_config=QueryJobConfig(query_parameters=PARAMETERS))
    wanted = {p.name: p.value for p in PARAMETERS[:-2]} | {"a": [3, 1, 2], "st": {"x": 1, "y": ["a"]}}
    assert dict(row) == wanted


def test_positional_parameters(client):
    parameters = [bigquery.ScalarQueryParameter(None, "INT64", n) for n in (40, 2)]
    (row,) = client.query_and_wait("SELECT ? + ? AS sum", job_config=QueryJobConfig(query_parameters=parameters))
    assert row.sum == 42


def test_default_dataset_labels_and_priority(client):
    config = QueryJobConfig(default_dataset="demo-project.shop", labels={"team": "data"}, priority="BATCH")
    job = client.query("SELECT COUNT(*) AS n FROM customers", config)
    assert [row.n for row in job.result()] == [2000]
    again = client.get_job(job.job_id, location=job.location)
    assert (again.labels, again.priority) == ({"team": "data"}, "BATCH")


def test_destination_table(client, dataset):
    config = QueryJobConfig(destination=f"{dataset}.made", write_disposition="WRITE_TRUNCATE")
    for number in (1, 2):
        job = client.query(f"SELECT {number} AS n", config)
        assert [row.n for row in job.result()] == [number]
        assert job.destination.table_id == "made"
    assert [row.n for row in client.list_rows(f"{dataset}.made")] == [2]
    append = QueryJobConfig(destination=f"{dataset}.made", write_disposition="WRITE_APPEND")
    client.query("SELECT 3 AS n", append).result()
    assert sorted(row.n for row in client.list_rows(f"{dataset}.made")) == [2, 3]
    empty = QueryJobConfig(destination=f"{dataset}.made", write_disposition="WRITE_EMPTY")
    with pytest.raises(Conflict, match="Already Exists"):
        client.query("SELECT 4 AS n", empty).result()


def test_syntax_error_has_the_analyzers_position(client):
    with pytest.raises(BadRequest, match=r"Syntax error: .* at \[2:8\]") as caught:
        client.query("SELECT 1;\nSELECT FROM x").result()
    assert caught.value.errors[0]["reason"] == "invalidQuery"
    with pytest.raises(BadRequest, match="Unrecognized name: nope"):
        client.query_and_wait("SELECT nope")


def test_missing_table_and_dataset(client):
    with pytest.raises(NotFound, match=r"Not found: Table demo-project:shop\.nope was not found in location US"):
        client.query("SELECT * FROM shop.nope").result()
    with pytest.raises(NotFound, match="Not found: Dataset demo-project:nope"):
        client.query_and_wait("SELECT * FROM nope.nope")


def test_failure_while_it_runs(client):
    with pytest.raises(BadRequest, match="division by zero"):
        client.query("SELECT 1 / (n - 1) FROM UNNEST([1, 2]) AS n").result()


def test_bytes_billed_limit(client):
    config = QueryJobConfig(maximum_bytes_billed=1)
    with pytest.raises(GoogleAPICallError, match=r"bytesBilledLimitExceeded|bytes billed"):
        client.query("SELECT * FROM shop.customers", config).result()


def test_legacy_sql_is_refused_by_name(client):
    with pytest.raises(GoogleAPICallError, match="legacy SQL"):
        client.query("SELECT 1", QueryJobConfig(use_legacy_sql=True))


def test_dml(client, dataset):
    client.query_and_wait(f"CREATE TABLE {dataset}.t (a INT64, b STRING)")
    insert = client.query(f"INSERT INTO {dataset}.t VALUES (1, 'x'), (2, 'y'), (3, 'z')")
    assert insert.result().num_dml_affected_rows == 3
    assert insert.dml_stats.inserted_row_count == 3
    update = client.query_and_wait(f"UPDATE {dataset}.t SET b = 'q' WHERE a > 1")
    assert update.num_dml_affected_rows == 2
    delete = client.query(f"DELETE FROM {dataset}.t WHERE a = 1")
    delete.result()
    assert (delete.statement_type, delete.num_dml_affected_rows) == ("DELETE", 1)
    assert [(row.a, row.b) for row in client.list_rows(f"{dataset}.t")] == [(2, "q"), (3, "q")]


def test_ddl(client, dataset):
    job = client.query(f"CREATE TABLE {dataset}.c AS SELECT 1 AS a")
    assert job.result().total_rows == 0
    assert (job.statement_type, job.ddl_operation_performed) == ("CREATE_TABLE_AS_SELECT", "CREATE")
    assert job.ddl_target_table.table_id == "c"
    skipped = client.query(f"CREATE TABLE IF NOT EXISTS {dataset}.c (a INT64)")
    skipped.result()
    assert skipped.ddl_operation_performed == "SKIP"
    with pytest.raises(Conflict, match="Already Exists"):
        client.query(f"CREATE TABLE {dataset}.c (a INT64)").result()


def test_script_and_its_children(client):
    sql = "DECLARE n INT64 DEFAULT 2; SELECT n AS first; SET n = n * 21; SELECT n AS second;"
    job = client.query(sql)
    assert [dict(row) for row in job.result()] == [{"second": 42}]
    assert job.statement_type == "SCRIPT"
    children = list(client.list_jobs(parent_job=job.job_id))
    assert len(children) == job.num_child_jobs >= 2
    selects = [child for child in children if child.statement_type == "SELECT"]
    assert [[dict(row) for row in child.result()] for child in reversed(selects)] == [
        [{"first": 2}],
        [{"second": 42}],
    ]
    assert all(child.parent_job_id == job.job_id for child in children)
    assert all(child.script_statistics is not None for child in children)
    assert job.job_id not in {child.job_id for child in client.list_jobs(parent_job=job.job_id)}


def test_many_queries_at_once(client):
    def ask(number):
        return next(iter(client.query(f"SELECT {number} + COUNT(*) AS n FROM shop.orders").result())).n

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, range(16))) == [6000 + number for number in range(16)]


def test_forbidden_is_not_what_the_sandbox_says(client):
    with pytest.raises(GoogleAPICallError) as caught:
        client.query_and_wait("SELECT * FROM `other-project.d.t`")
    assert not isinstance(caught.value, Forbidden)
