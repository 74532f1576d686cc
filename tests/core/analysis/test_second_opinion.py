"""What upstream says that a query touches, against the footprint."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import book_samples as samples
from gatebook.core.analysis.dry_run import DryRun, dry_run_job, read_dry_run
from gatebook.core.analysis.footprint import Footprint, Statement, TableRef
from gatebook.core.analysis.second_opinion import contradictions
from gatebook.core.methods import METHODS
from gatebook.core.model import Call, Origin

BY_NAME = {method.name: method for method in METHODS}
ORDERS = TableRef("acme", "shop", "orders")


def call(method: str, document: dict[str, Any]) -> Call:
    return Call("c", 0, BY_NAME[f"bigquery.{method}"], {"projectId": "acme"}, (), {}, document, Origin("", ""))


def test_a_query_request_is_asked_as_a_job_of_its_own() -> None:
    request = {
        "query": "SELECT @x", "useLegacySql": False, "queryParameters": [{"name": "x"}], "parameterMode": "NAMED",
        "defaultDataset": {"datasetId": "shop"}, "location": "EU", "requestId": "r", "maxResults": 3,
        "createSession": True, "labels": {"a": "b"}, "connectionProperties": [{"key": "session_id", "value": "s"}],
    }  # fmt: skip
    assert dry_run_job(call("jobs.query", request)) == {
        "jobReference": {"projectId": "acme", "location": "EU"},
        "configuration": {
            "dryRun": True,
            "query": {
                "query": "SELECT @x", "useLegacySql": False, "queryParameters": [{"name": "x"}],
                "parameterMode": "NAMED", "defaultDataset": {"datasetId": "shop"},
                "connectionProperties": [{"key": "session_id", "value": "s"}],
            },
        },
    }  # fmt: skip


def test_a_query_job_is_asked_without_its_id_and_without_a_session() -> None:
    query = {"query": "SELECT 1", "createSession": True, "destinationTable": {"tableId": "t"}, "priority": "BATCH"}
    job = {"jobReference": {"jobId": "j"}, "configuration": {"query": query, "jobTimeoutMs": "1"}}
    asked = dry_run_job(call("jobs.insert", job))
    assert asked == {
        "configuration": {
            "dryRun": True,
            "query": {"query": "SELECT 1", "destinationTable": {"tableId": "t"}, "priority": "BATCH"},
        }
    }


@pytest.mark.parametrize(
    ("method", "document"),
    [
        ("jobs.query", {"query": "SELECT 1", "dryRun": True}),
        ("jobs.insert", {"configuration": {"dryRun": True, "query": {"query": "SELECT 1"}}}),
        ("jobs.insert", {"configuration": {"load": {"destinationTable": {}}}}),
        ("jobs.insert", {"configuration": {"copy": {}}}),
        ("tables.insert", {"view": {"query": "SELECT 1"}}),
    ],
)
def test_what_runs_no_query_is_not_asked(method: str, document: dict[str, Any]) -> None:
    assert dry_run_job(call(method, document)) is None


@pytest.mark.parametrize(
    ("statistics", "expected"),
    [
        ({"totalBytesProcessed": "17", "query": {"statementType": "SELECT"}}, 17),
        ({"query": {"totalBytesProcessed": "17", "totalBytesProcessedAccuracy": "UPPER_BOUND"}}, 17),
        ({"query": {"totalBytesProcessed": "17", "totalBytesProcessedAccuracy": "LOWER_BOUND"}}, None),
        ({"query": {"totalBytesProcessed": "17", "totalBytesProcessedAccuracy": "UNKNOWN"}}, None),
        ({"totalBytesProcessed": "0", "query": {"statementType": "SCRIPT"}}, None),
        ({"totalBytesProcessed": "-1"}, None),
        ({"totalBytesProcessed": {}}, None),
        ({}, None),
    ],
)
def test_bytes_count_only_when_they_are_not_too_few(statistics: dict[str, Any], expected: int | None) -> None:
    assert read_dry_run({"statistics": statistics}).bytes_processed == expected


READS = Footprint((Statement("SELECT", (ORDERS, TableRef("acme", "web", "events_*"))),))


@pytest.mark.parametrize(
    ("kind", "tables", "found"),
    [
        ("SELECT", (ORDERS,), 0),
        (None, (), 0),
        ("SCRIPT", (ORDERS,), 0),
        ("SELECT", (TableRef("acme", "web", "events_20260101"),), 0),
        ("SELECT", (TableRef("acme", "web", "events_*"),), 0),
        ("DROP_TABLE", (ORDERS,), 1),
        ("SELECT", (TableRef("acme", "shop", "customers"),), 1),
        ("SELECT", (TableRef("other", "shop", "orders"),), 1),
        ("SELECT", (TableRef("acme", "shop", "Orders"),), 1),
        ("SELECT", (TableRef("acme", "shop", "orders_old"),), 1),
        ("SELECT", (TableRef("acme", "_anon", "result"),), 1),
        ("DELETE", (TableRef("", "", ""),), 2),
    ],
)
def test_what_the_footprint_lacks_is_a_contradiction(kind: str | None, tables: Any, found: int) -> None:
    assert len(contradictions(READS, DryRun(kind, tables, 0))) == found


@given(samples.footprints, st.data())
def test_a_footprint_never_contradicts_itself(footprint: Footprint, data: st.DataObject) -> None:
    kinds = st.sampled_from(footprint.statement_types) if footprint.statement_types else st.none()
    tables = st.lists(st.sampled_from(footprint.tables), max_size=3) if footprint.tables else st.just([])
    dry_run = DryRun(data.draw(kinds), tuple(data.draw(tables)), None)
    assert contradictions(footprint, dry_run) == ()
