"""Datasets, tables and routines by REST resource."""

from typing import Any

import pyarrow as pa
import pytest
from conftest import Session

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import DatasetName, RoutineName, TableName

TABLE = TableName("p", "d", "t")
TAGS = {"names": ["projects/p/locations/us/taxonomies/1/policyTags/2"]}


def table(fields: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"tableReference": TABLE.rest(), "schema": {"fields": fields}, **more}


def field(name: str, kind: str = "STRING", mode: str = "NULLABLE", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "mode": mode, **more}


def refused(error: pytest.ExceptionInfo[ApiError]) -> tuple[int, str, str]:
    return error.value.status, error.value.reason, error.value.message


def test_a_dataset_from_its_birth_to_its_end(session: Session) -> None:
    warehouse, name = session.warehouse, DatasetName("p", "more")
    made = warehouse.insert_dataset({"datasetReference": {"datasetId": "more"}, "labels": {"a": "1", "b": "2"}})
    assert (made["id"], made["kind"], made["location"], made["type"]) == ("p:more", "bigquery#dataset", "US", "DEFAULT")
    assert made["creationTime"] == made["lastModifiedTime"]
    patched = warehouse.patch_dataset(name, {"description": "x", "labels": {"a": None, "c": "3"}}, made["etag"])
    assert (patched["description"], patched["labels"]) == ("x", {"b": "2", "c": "3"})
    assert patched["etag"] != made["etag"]
    with pytest.raises(ApiError) as stale:
        warehouse.patch_dataset(name, {"description": "y"}, made["etag"])
    assert refused(stale)[:2] == (412, "conditionNotMet")
    updated = warehouse.update_dataset(name, {"friendlyName": "f"})
    assert "description" not in updated
    assert updated["friendlyName"] == "f"
    assert [d["datasetReference"]["datasetId"] for d in warehouse.list_datasets("p")] == ["d", "more"]
    warehouse.delete_dataset(name)
    with pytest.raises(ApiError) as gone:
        warehouse.get_dataset(name)
    assert refused(gone) == (404, "notFound", "Not found: Dataset p:more was not found in location US")


def test_tables_are_where_their_dataset_is(session: Session) -> None:
    session.warehouse.insert_dataset({"datasetReference": {"datasetId": "europe"}, "location": "EU"})
    session.run("CREATE TABLE europe.t AS SELECT 1 AS a")
    assert session.warehouse.get_table(TableName("p", "europe", "t"))["location"] == "EU"
    assert session.warehouse.patch_dataset(DatasetName("p", "europe"), {"location": "US"})["location"] == "EU"


@pytest.mark.parametrize("wrong", ["", "with-dash", "sp ace", "x" * 1025])
def test_impossible_dataset_ids_are_refused(session: Session, wrong: str) -> None:
    with pytest.raises(ApiError) as error:
        session.warehouse.insert_dataset({"datasetReference": {"datasetId": wrong}})
    assert error.value.status == 400


def test_a_dataset_that_holds_something_is_kept_unless_asked(session: Session) -> None:
    session.warehouse.insert_table(table([field("a")]))
    with pytest.raises(ApiError) as error:
        session.warehouse.delete_dataset(DatasetName("p", "d"))
    assert refused(error) == (400, "resourceInUse", "Dataset p:d is still in use")
    session.warehouse.delete_dataset(DatasetName("p", "d"), delete_contents=True)
    assert session.warehouse.list_datasets("p") == []


def test_a_table_as_bigquery_answers_it(session: Session) -> None:
    fields = [
        field("id", "INT64", "REQUIRED"),
        field("mail", "STRING", policyTags=TAGS),
        {"name": "parts", "type": "STRUCT", "mode": "repeated", "fields": [{"name": "x", "type": "FLOAT64"}]},
    ]
    session.warehouse.insert_table(table(fields, description="people", clustering={"fields": ["id"]}))
    session.warehouse.append(TABLE, session.warehouse.read(TABLE).read_all())
    got = session.warehouse.get_table(TABLE)
    assert got["schema"]["fields"] == [
        field("id", "INTEGER", "REQUIRED"),
        field("mail", policyTags=TAGS),
        field("parts", "RECORD", "REPEATED", fields=[field("x", "FLOAT")]),
    ]
    assert (got["type"], got["id"], got["numRows"], got["numBytes"]) == ("TABLE", "p:d.t", "0", "0")
    listed = session.warehouse.list_tables(DatasetName("p", "d"))
    assert [(t["id"], t["type"], "schema" in t) for t in listed] == [("p:d.t", "TABLE", False)]


def test_what_is_given_and_got_can_be_changed_by_the_caller(session: Session) -> None:
    given = table([field("a", policyTags={"names": ["x"]})])
    session.warehouse.insert_table(given)
    given["schema"]["fields"][0]["policyTags"]["names"].append("y")
    session.warehouse.get_table(TABLE)["schema"]["fields"].clear()
    assert session.warehouse.get_table(TABLE)["schema"]["fields"][0]["policyTags"] == {"names": ["x"]}


def test_a_schema_grows_by_patch(session: Session) -> None:
    inner = field("r", "RECORD", fields=[field("x", "INTEGER")])
    session.warehouse.insert_table(table([field("a", "INTEGER", "REQUIRED", description="old"), inner]))
    session.rows("SELECT 1")
    session.warehouse.append(TABLE, arrow_row({"a": 1, "r": {"x": 5}}))
    wider = field("r", "RECORD", fields=[field("x", "INTEGER"), field("y", "STRING", "REPEATED")])
    patched = session.warehouse.patch_table(
        TABLE, {"schema": {"fields": [field("a", "INTEGER", description="new"), wider, field("b", "DATE")]}}
    )
    assert [f["mode"] for f in patched["schema"]["fields"]] == ["NULLABLE", "NULLABLE", "NULLABLE"]
    assert session.rows("SELECT * FROM d.t") == [(1, {"x": 5, "y": []}, None)]
    session.warehouse.append(TABLE, arrow_row({"a": None}))
    assert session.warehouse.row_count(TABLE) == 2


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([], "Field a is missing in new schema"),
        ([field("a", "STRING")], "Field a has changed type from INTEGER to STRING"),
        ([field("a", "INTEGER", "REPEATED")], "Field a has changed mode from NULLABLE to REPEATED"),
        ([field("a", "INTEGER"), field("b", mode="REQUIRED")], "Cannot add required fields to an existing schema"),
    ],
)
def test_a_schema_does_not_shrink_or_change(session: Session, fields: list[dict[str, Any]], reason: str) -> None:
    session.warehouse.insert_table(table([field("a", "INTEGER")]))
    with pytest.raises(ApiError) as error:
        session.warehouse.patch_table(TABLE, {"schema": {"fields": fields}})
    assert error.value.status == 400
    assert f"Provided Schema does not match Table p:d.t. {reason}" in error.value.message


def test_policy_tags_stay_until_they_are_emptied(session: Session) -> None:
    session.warehouse.insert_table(table([field("mail", policyTags=TAGS)]))
    silent = session.warehouse.patch_table(TABLE, {"schema": {"fields": [field("mail")]}})
    assert silent["schema"]["fields"][0]["policyTags"] == TAGS
    dropped = session.warehouse.patch_table(TABLE, {"schema": {"fields": [field("mail", policyTags={"names": []})]}})
    assert "policyTags" not in dropped["schema"]["fields"][0]


def test_etags_change_with_rows_and_guard_updates(session: Session) -> None:
    first = session.warehouse.insert_table(table([field("a", "INTEGER")]))["etag"]
    session.warehouse.append(TABLE, arrow_row({"a": 1}))
    second = session.warehouse.get_table(TABLE)["etag"]
    assert first != second
    with pytest.raises(ApiError) as error:
        session.warehouse.patch_table(TABLE, {"description": "x"}, first)
    assert error.value.status == 412
    assert session.warehouse.patch_table(TABLE, {"description": "x"}, second)["description"] == "x"


@pytest.mark.parametrize(
    "fields",
    [
        [field("a"), field("A")],
        [field("a b!")],
        [field("_PARTITION_x")],
        [field("a", "WORD")],
        [field("a", mode="SOMETIMES")],
        [field("a", "RECORD")],
        [{"type": "STRING"}],
    ],
)
def test_impossible_schemas_are_refused(session: Session, fields: list[dict[str, Any]]) -> None:
    with pytest.raises(ApiError) as error:
        session.warehouse.insert_table(table(fields))
    assert (error.value.status, error.value.reason) == (400, "invalid")


def test_a_view_by_resource(session: Session) -> None:
    session.run("CREATE TABLE d.base AS SELECT 1 AS id, 'x' AS mail")
    stated = {"schema": {"fields": [field("mail", description="kept", policyTags=TAGS)]}}
    view = {
        "tableReference": TABLE.rest(),
        "view": {"query": "SELECT mail FROM d.base", "useLegacySql": False},
        **stated,
    }
    made = session.warehouse.insert_table(view)
    assert (made["type"], made["view"]["query"]) == ("VIEW", "SELECT mail FROM d.base")
    assert made["schema"]["fields"] == [field("mail", description="kept", policyTags=TAGS)]
    assert session.rows("SELECT * FROM d.t") == [("x",)]
    with pytest.raises(ApiError) as error:
        session.warehouse.insert_table(
            {**view, "tableReference": {**TABLE.rest(), "tableId": "u"}, "view": {"query": "SELECT no FROM d.base"}}
        )
    assert (error.value.status, error.value.reason) == (400, "invalidQuery")


def test_expired_tables_are_gone_and_can_be_made_again(session: Session) -> None:
    session.warehouse.insert_table(table([field("a")], expirationTime="1000"))
    with pytest.raises(ApiError) as error:
        session.warehouse.get_table(TABLE)
    assert error.value.status == 404
    session.warehouse.insert_table(table([field("b")]))
    assert session.warehouse.get_table(TABLE)["schema"]["fields"] == [field("b")]


def test_a_routine_by_resource(session: Session) -> None:
    name = RoutineName("p", "d", "plus")
    given = {
        "routineReference": name.rest(),
        "routineType": "SCALAR_FUNCTION",
        "language": "SQL",
        "arguments": [{"name": "x", "dataType": {"typeKind": "INT64"}}],
        "definitionBody": "x + 1",
    }
    made = session.warehouse.insert_routine(given)
    assert session.rows("SELECT d.plus(1)") == [(2,)]
    updated = session.warehouse.update_routine(name, {**given, "definitionBody": "x + 10"}, made["etag"])
    assert updated["creationTime"] == made["creationTime"]
    assert session.rows("SELECT d.plus(1)") == [(11,)]
    assert [r["definitionBody"] for r in session.warehouse.list_routines(DatasetName("p", "d"))] == ["x + 10"]
    session.warehouse.delete_routine(name)
    with pytest.raises(ApiError) as error:
        session.warehouse.get_routine(name)
    assert refused(error) == (404, "notFound", "Not found: Routine p:d.plus")


def arrow_row(row: dict[str, Any]) -> pa.Table:

    return pa.Table.from_pylist([row])
