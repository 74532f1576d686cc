"""Definitions of views and routines: fetched until nothing is missing, believed as long as all of them hold."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from test_analyst import CALLER, TABLES, Bench, MemoryReply, MemoryUpstream, query

from gatebook.core.model import Caller
from gatebook.outbound.analyst import SqlAnalyst
from gatebook.outbound.schemas import Schemas
from gatebook.outbound.upstream_schemas import UpstreamSchemas
from gatebook.ports import UpstreamRequest

ROUTINES = TABLES.replace("/tables/", "/routines/")


def view(sql: str, *columns: str) -> dict[str, Any]:
    fields = [{"name": name, "type": "STRING"} for name in columns]
    return {"type": "VIEW", "view": {"query": sql, "useLegacySql": False}, "schema": {"fields": fields}}


def function(body: str) -> dict[str, Any]:
    return {
        "routineType": "SCALAR_FUNCTION",
        "language": "SQL",
        "arguments": [{"name": "x", "dataType": {"typeKind": "STRING"}}],
        "returnType": {"typeKind": "STRING"},
        "definitionBody": body,
    }


@pytest.fixture(scope="module")
def shared() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def bench(shared: Bench) -> Bench:
    shared.fresh()
    shared.upstream.tables |= {
        TABLES + "mails": view("SELECT shop.hide(email) AS mail FROM shop.customers", "mail"),
        TABLES + "masked": view("SELECT mail FROM shop.mails", "mail"),
        ROUTINES + "hide": function("CONCAT(x, (SELECT MAX(word) FROM shop.words))"),
    }
    shared.upstream.put("words", "word")
    return shared


def sources(bench: Bench, sql: str) -> list[str]:
    (statement,) = bench.read(query(sql)).statements
    return [f"{table.table}.{column}" for output in statement.outputs for table, column in output.sources]


def test_definitions_are_followed_to_the_tables_at_their_end(bench: Bench) -> None:
    assert sources(bench, "SELECT mail FROM shop.masked") == ["customers.email", "words.word"]
    assert sources(bench, "SELECT mail FROM shop.masked") == ["customers.email", "words.word"]
    assert sorted(bench.upstream.asked) == sorted(
        [*(TABLES + name for name in ("customers", "mails", "masked", "words")), ROUTINES + "hide"]
    )


@pytest.mark.parametrize("changed", ["ALTER TABLE shop.words RENAME COLUMN word TO term", "DROP SCHEMA shop"])
def test_a_change_at_the_end_of_the_chain_is_noticed(bench: Bench, changed: str) -> None:
    bench.read(query("SELECT mail FROM shop.masked"))
    ddl = query(changed)
    bench.analyst.observe(ddl, bench.read(ddl))
    bench.upstream.put("words", "term")
    bench.upstream.tables[ROUTINES + "hide"] = function("CONCAT(x, 'y')")
    bench.analyst.observe(drop := query("DROP FUNCTION shop.hide"), bench.read(drop))
    assert sources(bench, "SELECT mail FROM shop.masked") == ["customers.email"]


def test_definitions_that_no_longer_fit_are_read_afresh(bench: Bench) -> None:
    bench.read(query("SELECT mail FROM shop.masked"))
    bench.upstream.put("customers", "id", "address")
    bench.upstream.tables[TABLES + "mails"] = view("SELECT address AS mail FROM shop.customers", "mail")
    bench.analyst.observe(drop := query("ALTER TABLE shop.customers DROP COLUMN email"), bench.read(drop))
    footprint = bench.read(query("SELECT mail FROM shop.masked"))
    assert footprint.opaque == ()
    assert "acme.shop.customers.address" in footprint.columns


def test_a_view_whose_tables_may_not_be_seen_is_opaque(bench: Bench) -> None:
    bench.upstream.tables[TABLES + "mails"] = view("SELECT salary AS mail FROM hr.staff", "mail")
    footprint = bench.read(query("SELECT mail FROM shop.mails"))
    assert [opaque.reason for opaque in footprint.opaque] == ["view_definition"]
    assert sources(bench, "SELECT mail FROM shop.mails") == ["mails.mail"]


def test_definitions_are_followed_so_far_and_no_further(bench: Bench) -> None:
    for number in range(40):
        bench.upstream.tables[TABLES + f"v{number}"] = view(f"SELECT a FROM shop.v{number + 1}", "a")
    footprint = bench.read(query("SELECT a FROM shop.v0"))
    assert {opaque.reason for opaque in footprint.opaque} == {"view_definition"}
    assert len(bench.upstream.asked) < 30


class SlowUpstream(MemoryUpstream):
    """Counts how many it answers at the same time."""

    def __init__(self) -> None:
        super().__init__()
        self.at_once = self.most = 0

    async def forward(self, request: UpstreamRequest, caller: Caller) -> MemoryReply:
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0.01)
        self.at_once -= 1
        return await super().forward(request, caller)


def test_many_tables_are_looked_up_at_once(bench: Bench) -> None:
    upstream = SlowUpstream()
    for number in range(20):
        upstream.put(f"t{number}", "a")
    analyst = SqlAnalyst(bench.pool, Schemas(UpstreamSchemas(upstream), 60.0), 10)
    call = query("SELECT 1 FROM " + ", ".join(f"shop.t{number}" for number in range(20)))
    bench.loop.run_until_complete(analyst.understand(call, CALLER))
    assert upstream.most == 20


def test_the_body_of_a_procedure_is_part_of_its_call(bench: Bench) -> None:
    bench.upstream.tables[ROUTINES + "purge"] = {
        "routineType": "PROCEDURE",
        "language": "SQL",
        "definitionBody": "BEGIN DELETE FROM shop.words WHERE TRUE; END",
    }
    footprint = bench.read(query("CALL shop.purge()"))
    assert footprint.statement_types == ("CALL", "DELETE")
    assert footprint.opaque == ()


def test_another_default_dataset_is_another_question(bench: Bench) -> None:
    bench.upstream.put("words", "word")
    call = query("SELECT word FROM words", defaultDataset={"datasetId": "shop"})
    assert bench.read(call).columns == ("acme.shop.words.word",)
    other = replace(call, document={**(call.document or {}), "defaultDataset": {"datasetId": "hr"}})
    bench.upstream.tables[TABLES.replace("shop", "hr") + "words"] = view(
        "SELECT email AS word FROM shop.customers", "word"
    )
    assert "acme.shop.customers.email" in bench.read(other).columns
