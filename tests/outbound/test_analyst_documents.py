"""Documents that upstream could read otherwise than Gatebook, and definitions that read when somebody uses them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from test_analyst import INSERT, Bench, query

from gatebook.core.analysis.footprint import Footprint, TableRef
from gatebook.core.model import Body, Call, Effect, Method
from gatebook.errors import Reason, Refused

SHOP = {"projectId": "acme", "datasetId": "shop"}
TABLE = {**SHOP, "tableId": "orders"}
SECRET = {"projectId": "acme", "datasetId": "_anon", "tableId": "secret"}


@pytest.fixture(scope="module")
def shared() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def bench(shared: Bench) -> Bench:
    shared.fresh()
    return shared


def job(**configuration: Any) -> Call:
    return replace(query(""), method=INSERT, document={"configuration": configuration})


def resource(method: str, document: dict[str, Any], **names: str) -> Call:
    made = Method(f"bigquery.{method}", "POST", "/x", Effect.METADATA_WRITE, Body.JSON)
    return replace(query(""), method=made, document=document, resource={**SHOP, **names})


def columns_read(footprint: Footprint) -> list[str]:
    return [f"{table}.{path}" for statement in footprint.statements for table, path in statement.columns_read]


def copied(**members: Any) -> Call:
    return job(copy={"sourceTable": TABLE, "destinationTable": {**TABLE, "tableId": "c"}, **members})


@pytest.mark.parametrize(
    "call",
    [
        copied(sourceTables=SECRET),
        copied(sourceTable=[SECRET]),
        copied(destinationTable=[SECRET]),
        query("SELECT 1", connectionProperties={"key": "session_id", "value": "x"}),
        query("SELECT 1", defaultDataset=[SHOP]),
        query("SELECT 1", defaultDataset={"datasetId": ["shop"]}),
        query("SELECT 1", queryParameters={"name": "x"}),
        job(query={"query": "SELECT 1", "useLegacySql": False, "destinationTable": [SECRET]}),
        job(extract={"sourceTable": {**TABLE, "projectId": 7}}),
        job(extract={"sourceTable": {**TABLE, "projectId": "12345"}}),
        job(extract={"sourceTable": {**TABLE, "datasetId": "shop._anon"}}),
        replace(query(""), method=INSERT, document={"jobReference": [{}], "configuration": {}}),
        replace(query(""), method=INSERT, document={"jobReference": {"projectId": "other"}, "configuration": {}}),
        resource("tables.insert", {"tableReference": SECRET}),
        resource("tables.patch", {"tableReference": {**TABLE, "tableId": "x"}}, tableId="orders"),
        resource("routines.update", {"routineReference": {**SHOP, "routineId": "x"}}, routineId="y"),
        resource("datasets.update", {"datasetReference": {"projectId": "acme", "datasetId": "_anon"}}),
        resource("datasets.update", {"access": {"role": "OWNER"}}),
        resource("tables.insert", {"view": {"query": "SELECT 1", "useLegacySql": False}, "materializedView": {}}),
    ],
)  # fmt: skip
def test_documents_with_two_readings_are_refused(bench: Bench, call: Call) -> None:
    with pytest.raises(Refused) as caught:
        bench.read(call)
    assert caught.value.reason is Reason.BODY_MALFORMED


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"connectionProperties": [{"key": "dataset_project_id", "value": v} for v in "ab"]}, "connection_property"),
        (
            {
                "connectionProperties": [{"key": "dataset_project_id", "value": "other"}],
                "defaultDataset": {"projectId": "acme", "datasetId": "shop"},
            },
            "default_project",
        ),
    ],
)
def test_names_with_two_meanings_are_opaque(bench: Bench, members: dict[str, Any], reason: str) -> None:
    assert [opaque.reason for opaque in bench.read(query("SELECT 1", **members)).opaque] == [reason]


@pytest.mark.parametrize(
    "call",
    [copied(), copied(sourceTable=None, sourceTables=[TABLE]), job(extract={"sourceTable": TABLE})],
)
def test_copies_and_extracts_read_all_columns(bench: Bench, call: Call) -> None:
    assert columns_read(bench.read(call)) == ["acme.shop.orders.*"]


def routine(body: str, **members: Any) -> Call:
    reference = {**SHOP, "routineId": "r"}
    return resource("routines.insert", {"routineReference": reference, "definitionBody": body, **members})


def read_with_secret(bench: Bench, call: Call) -> Footprint:
    bench.upstream.tables["/bigquery/v2/projects/acme/datasets/_anon/tables/secret"] = {
        "schema": {"fields": [{"name": "email", "type": "STRING"}]}
    }
    return bench.read(call)


@pytest.mark.parametrize(
    "call",
    [
        routine("(SELECT MAX(email) FROM _anon.secret)", routineType="SCALAR_FUNCTION"),
        routine("(SELECT MAX(email) FROM _anon.secret)", routineType="SCALAR_FUNCTION", language="SQL"),
        routine("(SELECT MAX(email) FROM _anon.secret)", routineType="SCALAR_FUNCTION", language="sql"),
        routine("SELECT email FROM `acme._anon.secret` -- all", routineType="TABLE_VALUED_FUNCTION"),
        routine("BEGIN SELECT email FROM _anon.secret; END", routineType="PROCEDURE"),
        routine("SELECT email FROM _anon.secret;", routineType="PROCEDURE"),
        routine(
            "(SELECT MAX(email) FROM _anon.secret)",
            routineType="SCALAR_FUNCTION",
            arguments=[{"name": "x", "argumentKind": "ANY_TYPE"}],
        ),
        replace(
            routine("(SELECT MAX(email) FROM _anon.secret)", routineType="SCALAR_FUNCTION"),
            method=Method("bigquery.routines.update", "PUT", "/x", Effect.METADATA_WRITE, Body.JSON),
        ),
    ],
)
def test_what_a_routine_reads_is_read_when_it_is_made(bench: Bench, call: Call) -> None:
    assert TableRef("acme", "_anon", "secret") in read_with_secret(bench, call).tables


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (routine("1); SELECT 1; SELECT (2", routineType="SCALAR_FUNCTION"), "definition"),
        (routine("1", routineType="SOMETHING"), "routine"),
    ],
)
def test_routines_that_cannot_be_read_are_opaque(bench: Bench, call: Call, reason: str) -> None:
    assert [opaque.reason for opaque in bench.read(call).opaque] == [reason]


def test_javascript_reads_no_table(bench: Bench) -> None:
    call = routine("return 1", routineType="SCALAR_FUNCTION", language="JAVASCRIPT")
    assert bench.read(call).tables == ()


def test_all_columns_are_spelled_out_where_the_schema_is_known(bench: Bench) -> None:
    """Else the book would not find a copy, or a listing of all rows, when it is asked for a column."""
    bench.upstream.put("orders", "id", "note")
    assert columns_read(bench.read(copied())) == ["acme.shop.orders.id", "acme.shop.orders.note"]
    listing = Method("bigquery.tabledata.list", "GET", "/x", Effect.DATA_READ, Body.NONE)
    call = replace(query(""), method=listing, document=None, resource={**SHOP, "tableId": "orders"})
    assert bench.read(call).columns == ("acme.shop.orders.id", "acme.shop.orders.note")


def test_result_tables_are_not_looked_up(bench: Bench) -> None:
    listing = Method("bigquery.tabledata.list", "GET", "/x", Effect.DATA_READ, Body.NONE)
    call = replace(query(""), method=listing, document=None, resource={**SECRET})
    assert read_with_secret(bench, call).columns == ("acme._anon.secret.*",)
    assert bench.upstream.asked == []
