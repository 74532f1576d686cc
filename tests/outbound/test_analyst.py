"""The analyst on the real analyzer, with an upstream in memory that counts what it is asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from gatebook.core.analysis.footprint import Footprint, Statement, TableRef, Trait
from gatebook.core.methods import METHODS
from gatebook.core.model import Body, Call, Caller, CallerKind, Effect, Method, Origin
from gatebook.core.policy.question import ColumnFacts
from gatebook.errors import Fault, Reason, Refused, UpstreamFailed
from gatebook.googlesql.pool import AnalyzerPool
from gatebook.outbound.analyst import SqlAnalyst
from gatebook.outbound.schemas import Schemas
from gatebook.outbound.upstream_schemas import UpstreamSchemas
from gatebook.ports import UpstreamRequest

CALLER = Caller("https://issuer", "repo:acme", CallerKind.WORKLOAD, "acme")
QUERY = Method("bigquery.jobs.query", "POST", "/bigquery/v2/projects/{projectId}/queries", Effect.JOB, Body.JSON)
INSERT = Method("bigquery.jobs.insert", "POST", "/bigquery/v2/projects/{projectId}/jobs", Effect.JOB, Body.JSON)
TABLES = "/bigquery/v2/projects/acme/datasets/shop/tables/"


class MemoryReply:
    def __init__(self, status: int, document: object) -> None:
        self.status, self.headers = status, (("content-type", "application/json"),)
        self._body = json.dumps(document).encode()

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._body

    async def close(self) -> None:
        pass


class MemoryUpstream:
    """Answers tables.get from `tables` (path to Table resource), and dry runs with `dry_run_schema`."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.broken = False
        self.unchanged = 0

    def put(self, table: str, *columns: str) -> None:
        fields = [{"name": name, "type": "STRING"} for name in columns]
        self.tables[TABLES + table] = {"schema": {"fields": fields}}

    async def forward(self, request: UpstreamRequest, caller: Caller) -> MemoryReply:
        self.asked.append(request.target)
        if self.broken:
            raise UpstreamFailed(Reason.UPSTREAM_UNREACHABLE, "down")
        if request.verb == "POST":
            assert isinstance(request.body, bytes)
            assert json.loads(request.body)["configuration"]["dryRun"] is True
            return MemoryReply(
                200, {"statistics": {"query": {"schema": {"fields": [{"name": "e", "type": "STRING"}]}}}}
            )
        found = self.tables.get(request.target)
        if found is None:
            return MemoryReply(404, {})
        etag = str(hash(json.dumps(found)))
        if dict(request.headers).get("if-none-match") == etag:
            self.unchanged += 1
            return MemoryReply(304, None)
        return MemoryReply(200, {**found, "etag": etag})


def query(sql: str, **members: Any) -> Call:
    document = {"query": sql, "useLegacySql": False, **members}
    return Call("c", 0, QUERY, {"projectId": "acme"}, (), {}, document, Origin("127.0.0.1", "t"))


class Bench:
    """An analyst, and a loop to run it in."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.pool = AnalyzerPool(1, 2.0)
        self.fresh()

    def fresh(self, seconds: float = 60.0) -> None:
        self.upstream = MemoryUpstream()
        self.upstream.put("customers", "id", "email")
        self.analyst = SqlAnalyst(self.pool, Schemas(UpstreamSchemas(self.upstream), seconds), 100)

    def read(self, call: Call) -> Footprint:
        return self.loop.run_until_complete(self.analyst.understand(call, CALLER))

    def close(self) -> None:
        self.loop.run_until_complete(self.pool.close())
        self.loop.close()


@pytest.fixture(scope="module")
def shared() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def bench(shared: Bench) -> Bench:
    shared.fresh()
    return shared


def test_schemas_are_read_once_and_footprints_kept(bench: Bench) -> None:
    call = query("SELECT email FROM shop.customers")
    assert bench.read(call).columns == ("acme.shop.customers.email",)
    assert bench.read(call) == bench.read(call)
    assert bench.upstream.asked == [TABLES + "customers"]


def test_a_schema_that_changed_upstream_is_read_afresh(bench: Bench) -> None:
    bench.read(query("SELECT email FROM shop.customers"))
    bench.upstream.put("customers", "id", "email", "phone")
    assert bench.read(query("SELECT phone FROM shop.customers")).columns == ("acme.shop.customers.phone",)


def test_a_schema_that_a_forwarded_statement_changes_is_forgotten(bench: Bench) -> None:
    bench.read(query("SELECT * FROM shop.customers"))
    ddl = query("ALTER TABLE shop.customers ADD COLUMN phone STRING")
    bench.analyst.observe(ddl, bench.read(ddl))
    bench.upstream.put("customers", "id", "email", "phone")
    assert "acme.shop.customers.phone" in bench.read(query("SELECT * FROM shop.customers")).columns


def test_what_upstream_says_is_unchanged_keeps_its_footprint(bench: Bench) -> None:
    bench.fresh(seconds=0.0)
    call = query("SELECT * FROM shop.customers")
    first = bench.read(call)
    assert bench.read(call) is first
    assert (len(bench.upstream.asked), bench.upstream.unchanged) == (2, 1)
    bench.upstream.put("customers", "id", "phone")
    assert bench.read(call).columns == ("acme.shop.customers.id", "acme.shop.customers.phone")


def test_default_dataset_and_destination(bench: Bench) -> None:
    configuration = {
        "query": {
            "query": "SELECT email FROM customers",
            "useLegacySql": False,
            "defaultDataset": {"datasetId": "shop"},
            "destinationTable": {"projectId": "acme", "datasetId": "out", "tableId": "copy"},
        }
    }
    call = replace(query(""), method=INSERT, document={"configuration": configuration})
    footprint = bench.read(call)
    assert footprint.statements[-1].tables_written == (TableRef("acme", "out", "copy"),)
    assert footprint.columns == ("acme.shop.customers.email",)


def test_wildcard_tables_and_information_schema_are_described_by_a_dry_run(bench: Bench) -> None:
    assert bench.read(query("SELECT e, _TABLE_SUFFIX FROM `acme.shop.events_*`")).tables == (
        TableRef("acme", "shop", "events_*"),
    )
    (table,) = bench.read(query("SELECT e FROM shop.INFORMATION_SCHEMA.TABLES")).tables
    assert table == TableRef("acme", "shop.INFORMATION_SCHEMA", "TABLES")


def test_a_view_made_by_tables_insert_is_read(bench: Bench) -> None:
    method = Method("bigquery.tables.insert", "POST", "/x", Effect.METADATA_WRITE, Body.JSON)
    document = {
        "tableReference": {"tableId": "v"},
        "view": {"query": "SELECT email FROM acme.shop.customers", "useLegacySql": False},
    }
    call = replace(query(""), method=method, resource={"projectId": "acme", "datasetId": "shop"}, document=document)
    footprint = bench.read(call)
    assert footprint.columns == ("acme.shop.customers.email",)
    assert footprint.statements[0].tables_written == (TableRef("acme", "shop", "v"),)
    legacy = replace(call, document={**document, "view": {"query": "SELECT 1"}})
    assert [opaque.reason for opaque in bench.read(legacy).opaque] == ["legacy_sql"]


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (query("SELECT 1", useLegacySql=True), "legacy_sql"),
        (replace(query("x"), document={"query": "SELECT 1"}), "legacy_sql"),
        (query("SELECT 1", useLegacySql="false"), "legacy_sql"),
        (query("SELECT 1", connectionProperties=[{"key": "service_account", "value": "a@b"}]), "connection_property"),
        (query("SELECT 1", tableDefinitions={"t": {"sourceUris": ["gs://x"]}}), "query_tableDefinitions"),
        (query("SELECT 1", userDefinedFunctionResources=[{"inlineCode": "x"}]), "query_userDefinedFunctionResources"),
        (query("SELECT '" + "a" * 10 + "'" + "||'a'" * 3000), "analysis_limit"),
    ],
)
def test_what_cannot_be_understood_is_opaque(bench: Bench, call: Call, reason: str) -> None:
    assert [opaque.reason for opaque in bench.read(call).opaque] == [reason]


@pytest.mark.parametrize(
    ("call", "reason", "text"),
    [
        (query("SELECT * FROM shop.absent"), Reason.TABLE_NOT_FOUND, "Not found: Table shop.absent"),
        (query("SELEC 1"), Reason.SQL_INVALID, "Syntax error"),
        (query("#legacySQL\nSELECT 1"), Reason.SQL_INVALID, ""),
        (replace(query(""), document={}), Reason.BODY_MALFORMED, "query"),
        (replace(query(""), method=INSERT, document={"configuration": {"query": {}, "load": {}}}),
         Reason.BODY_MALFORMED, "exactly one"),
        (query("SELECT ?", queryParameters=[{"parameterType": {"type": "X"}}]), Reason.BODY_MALFORMED, "parameterType"),
    ],
)  # fmt: skip
def test_refusals_say_why(bench: Bench, call: Call, reason: Reason, text: str) -> None:
    with pytest.raises(Fault) as caught:
        bench.read(call)
    assert caught.value.reason is reason
    assert text in caught.value.message


@pytest.mark.parametrize("named", [{"tableId": "Customers"}, {"projectId": "acme-1234"}, {"datasetId": "SHOP"}])
def test_a_table_under_another_spelling_of_its_name_is_not_there(bench: Bench, named: dict[str, str]) -> None:
    """Case-insensitive datasets and project numbers: rules name the table as it is called."""
    reference = {"projectId": "acme", "datasetId": "shop", "tableId": "customers"}
    bench.upstream.tables[TABLES + "customers"]["tableReference"] = {**reference, **named}
    with pytest.raises(Refused):
        bench.read(query("SELECT email FROM shop.customers"))
    bench.upstream.tables[TABLES + "customers"]["tableReference"] = reference
    assert bench.read(query("SELECT email FROM shop.customers")).opaque == ()


def test_an_upstream_that_is_down_is_told_apart(bench: Bench) -> None:
    bench.upstream.broken = True
    with pytest.raises(UpstreamFailed):
        bench.read(query("SELECT email FROM shop.customers"))


def known(bench: Bench, call: Call, footprint: Footprint) -> Any:
    return bench.loop.run_until_complete(bench.analyst.known_tables(call, CALLER, footprint))


def test_facts_of_touched_columns_come_with_their_tables(bench: Bench) -> None:
    fields = [
        {"name": "id", "type": "STRING"},
        {"name": "email", "type": "STRING", "policyTags": {"names": ["taxonomies/1/policyTags/2"]}},
    ]
    bench.upstream.tables[TABLES + "customers"] = {"schema": {"fields": fields}, "labels": {"pii": "yes"}}
    call = query("SELECT email FROM shop.customers")
    footprint = bench.read(call)
    asked = len(bench.upstream.asked)
    (table,) = found = known(bench, call, footprint)
    assert str(table) == "acme.shop.customers"
    assert found[table].columns == (ColumnFacts("email", ("taxonomies/1/policyTags/2",)),)
    assert found[table].labels == {"pii": "yes"}
    assert known(bench, call, bench.read(call)) is found
    assert len(bench.upstream.asked) == asked


def test_a_table_that_cannot_be_looked_at_has_no_facts(bench: Bench) -> None:
    call = query("SELECT 1")
    footprint = Footprint((Statement("SELECT", (TableRef("acme", "shop", "gone"), TableRef("acme", "_anon", "x"))),))
    assert known(bench, call, footprint) == {}
    assert not [path for path in bench.upstream.asked if "_anon" in path]


def test_a_change_of_a_table_is_held_against_the_table_as_it_is(bench: Bench) -> None:
    patch = next(method for method in METHODS if method.name == "bigquery.tables.patch")
    names = {"projectId": "acme", "datasetId": "shop", "tableId": "customers"}
    document = {"schema": {"fields": [{"name": "id", "type": "STRING"}]}}
    call = replace(query(""), method=patch, resource=names, document=document)
    for _ in range(2):
        (statement,) = bench.read(call).statements
        assert statement.traits == (Trait.REPLACES,)
        assert statement.columns_written == ((TableRef("acme", "shop", "customers"), "email"),)
    assert bench.upstream.asked.count(TABLES + "customers") == 2  # what was remembered could be out of date
