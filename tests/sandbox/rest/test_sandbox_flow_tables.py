"""Datasets, tables, routines and policies as Google's own client handles them."""

import pytest
from google.api_core.exceptions import BadRequest, Conflict, NotFound, PreconditionFailed
from google.api_core.iam import Policy
from google.cloud import bigquery
from google.cloud.bigquery import PolicyTagList, SchemaField

TAGS = PolicyTagList(["projects/demo-project/locations/us/taxonomies/1/policyTags/2"])
SCHEMA = [
    SchemaField("id", "INTEGER", mode="REQUIRED", description="number"),
    SchemaField("email", "STRING", policy_tags=TAGS),
    SchemaField("address", "RECORD", fields=(SchemaField("town", "STRING"), SchemaField("zips", "STRING", "REPEATED"))),
]


def test_demo_data(client):
    assert [item.dataset_id for item in client.list_datasets()] == ["shop"]
    assert {item.table_id for item in client.list_tables("shop")} == {"customers", "orders", "events"}
    customers = client.get_table("shop.customers")
    assert customers.num_rows == 2000
    assert customers.num_bytes > 100_000
    fields = {field.name: field for field in customers.schema}
    assert fields["email"].policy_tags.names[0].endswith("policyTags/101")
    assert fields["address"].fields[1].name == "postal_code"
    assert all(field.description for field in customers.schema)
    assert client.get_table("shop.events").time_partitioning.field == "occurred_at"
    assert [project.project_id for project in client.list_projects()] == ["demo-project"]


def test_dataset_lifecycle(client):
    name = "demo-project.lifecycle"
    made = bigquery.Dataset(name)
    made.labels, made.description, made.location = {"a": "b"}, "one", "US"
    client.create_dataset(made)
    with pytest.raises(Conflict, match="Already Exists: Dataset demo-project:lifecycle"):
        client.create_dataset(name)
    assert client.create_dataset(name, exists_ok=True).description == "one"
    assert [item.dataset_id for item in client.list_datasets(filter="labels.a:b")] == ["lifecycle"]
    dataset = client.get_dataset(name)
    dataset.description, dataset.default_table_expiration_ms = "two", 3_600_000
    updated = client.update_dataset(dataset, ["description", "default_table_expiration_ms"])
    assert (updated.description, updated.labels) == ("two", {"a": "b"})
    assert updated.etag != dataset.etag
    with pytest.raises(PreconditionFailed):
        client.update_dataset(dataset, ["description"])
    client.create_table(f"{name}.t")
    with pytest.raises(BadRequest, match="still in use"):
        client.delete_dataset(name)
    client.delete_dataset(name, delete_contents=True)
    with pytest.raises(NotFound):
        client.get_dataset(name)
    client.delete_dataset(name, not_found_ok=True)


def test_table_lifecycle(client, dataset):
    name = f"{dataset}.people"
    client.create_table(bigquery.Table(name, schema=SCHEMA))
    with pytest.raises(Conflict, match="Already Exists: Table"):
        client.create_table(name)
    table = client.get_table(name)
    assert table.schema == SCHEMA
    assert (table.table_type, table.num_rows) == ("TABLE", 0)
    table.description, table.labels = "people", {"pii": "yes"}
    table.schema = [*table.schema, SchemaField("phone", "STRING")]
    updated = client.update_table(table, ["description", "labels", "schema"])
    assert (updated.description, updated.labels) == ("people", {"pii": "yes"})
    assert [field.name for field in updated.schema] == ["id", "email", "address", "phone"]
    assert updated.schema[1].policy_tags == TAGS
    updated.schema = updated.schema[:2]
    with pytest.raises(BadRequest):
        client.update_table(updated, ["schema"])
    (listed,) = client.list_tables(dataset)
    assert (listed.table_id, listed.table_type, listed.labels) == ("people", "TABLE", {"pii": "yes"})
    client.delete_table(name)
    with pytest.raises(NotFound):
        client.get_table(name)
    client.delete_table(name, not_found_ok=True)


def test_partitioned_and_clustered_tables(client, dataset):
    table = bigquery.Table(f"{dataset}.parts", schema=[SchemaField("day", "DATE"), SchemaField("k", "STRING")])
    table.time_partitioning = bigquery.TimePartitioning(field="day")
    table.clustering_fields = ["k"]
    client.create_table(table)
    (listed,) = client.list_tables(dataset)
    assert (listed.time_partitioning.type_, listed.clustering_fields) == ("DAY", ["k"])
    assert client.get_table(table.reference).partitioning_type == "DAY"


def test_views(client, dataset):
    view = bigquery.Table(f"{dataset}.towns")
    view.view_query = "SELECT address.city AS town, COUNT(*) AS n FROM `demo-project.shop.customers` GROUP BY 1"
    made = client.create_table(view)
    assert (made.table_type, [field.name for field in made.schema]) == ("VIEW", ["town", "n"])
    rows = client.query_and_wait(f"SELECT SUM(n) AS n FROM {dataset}.towns")
    assert [row.n for row in rows] == [2000]
    with pytest.raises(BadRequest):
        list(client.list_rows(made))


def test_list_rows(client):
    rows = client.list_rows("shop.orders", max_results=5)
    assert [row.order_id for row in rows] == [1, 2, 3, 4, 5]
    table = client.get_table("shop.orders")
    paged = client.list_rows(table, page_size=2500)
    assert [len(list(page)) for page in paged.pages] == [2500, 2500, 1000]
    assert [row.order_id for row in client.list_rows(table, start_index=5998)] == [5999, 6000]
    chosen = client.list_rows(table, selected_fields=[table.schema[0], table.schema[7]], max_results=1)
    assert list(next(iter(chosen)).keys()) == ["order_id", "coupon"]
    assert client.list_rows(table, max_results=10).to_dataframe(create_bqstorage_client=False).shape == (10, 8)


def test_list_rows_of_an_anonymous_result(client):
    job = client.query("SELECT 1 AS x UNION ALL SELECT 2 ORDER BY x")
    job.result()
    assert [row.x for row in client.list_rows(client.get_table(job.destination))] == [1, 2]


def test_routines(client, dataset):
    routine = bigquery.Routine(f"{dataset}.twice", type_="SCALAR_FUNCTION", language="SQL", body="x * 2")
    int64 = bigquery.StandardSqlDataType(type_kind=bigquery.StandardSqlTypeNames.INT64)
    routine.arguments = [bigquery.RoutineArgument(name="x", data_type=int64)]
    routine.return_type = int64
    client.create_routine(routine)
    with pytest.raises(Conflict):
        client.create_routine(routine)
    assert [row.y for row in client.query_and_wait(f"SELECT `{dataset}`.twice(21) AS y")] == [42]
    assert [item.routine_id for item in client.list_routines(dataset)] == ["twice"]
    found = client.get_routine(routine.reference)
    assert (found.body, found.language) == ("x * 2", "SQL")
    found.body = "x * 3"
    client.update_routine(found, ["body", "arguments", "language", "type_", "return_type"])
    assert [row.y for row in client.query_and_wait(f"SELECT `{dataset}`.twice(21) AS y")] == [63]
    client.delete_routine(routine.reference)
    with pytest.raises(NotFound):
        client.get_routine(routine.reference)


def test_iam_policies_are_kept(client, dataset):
    table = client.create_table(f"{dataset}.guarded", exists_ok=True)
    policy = client.get_iam_policy(table)
    assert policy.etag == "ACAB"
    policy.bindings = [{"role": "roles/bigquery.dataViewer", "members": {"user:a@example.com"}}]
    kept = client.set_iam_policy(table, policy)
    assert client.get_iam_policy(table).bindings == kept.bindings
    stale = Policy(etag="ACAB")
    with pytest.raises(PreconditionFailed):
        client.set_iam_policy(table, stale)
    asked = ["bigquery.tables.get", "bigquery.tables.getData"]
    assert client.test_iam_permissions(table, asked) == {"permissions": asked}


def test_what_the_sandbox_has_none_of(client, dataset):
    assert list(client.list_models(dataset)) == []
    with pytest.raises(NotFound, match="Not found: Model"):
        client.get_model(f"{dataset}.m")
    assert (
        list(client.list_row_access_policies("shop.orders") if hasattr(client, "list_row_access_policies") else [])
        == []
    )
    assert client.get_service_account_email().endswith("@bigquery-encryption.iam.gserviceaccount.com")


def test_copy(client, dataset):
    source = client.query(f"CREATE TABLE {dataset}.source (a INT64) AS SELECT 1 AS a")
    source.result()
    job = client.copy_table(f"{dataset}.source", f"{dataset}.copied")
    job.result()
    assert [row.a for row in client.list_rows(f"{dataset}.copied")] == [1]
    with pytest.raises(Conflict):
        client.copy_table(f"{dataset}.source", f"{dataset}.copied").result()
    config = bigquery.CopyJobConfig(write_disposition="WRITE_APPEND")
    client.copy_table([f"{dataset}.source", f"{dataset}.copied"], f"{dataset}.copied", job_config=config).result()
    assert client.get_table(f"{dataset}.copied").num_rows == 3
    with pytest.raises(NotFound):
        client.copy_table(f"{dataset}.nope", f"{dataset}.other").result()
