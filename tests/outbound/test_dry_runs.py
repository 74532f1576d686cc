"""Dry runs: remembered, asked once for all who wait, and refused in upstream's words."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gatebook.core.analysis.dry_run import DryRun
from gatebook.core.analysis.footprint import TableRef
from gatebook.core.methods import METHODS
from gatebook.core.model import Call, Caller, CallerKind, Origin
from gatebook.errors import Fault, Reason
from gatebook.outbound.dry_runs import UpstreamDryRuns
from gatebook.ports import UpstreamRequest

QUERY = next(method for method in METHODS if method.name == "bigquery.jobs.query")
CALLER = Caller("https://issuer", "repo:acme", CallerKind.WORKLOAD, "acme")
OTHER = Caller("https://issuer", "repo:other", CallerKind.WORKLOAD, "other")
TOLD = {
    "statistics": {
        "totalBytesProcessed": "42",
        "query": {
            "statementType": "SELECT",
            "referencedTables": [{"projectId": "acme", "datasetId": "shop", "tableId": "orders"}],
        },
    }
}


class Upstream:
    """Answers every dry run alike, and keeps what it was asked."""

    def __init__(self, status: int = 200, body: object = TOLD) -> None:
        self.status, self.headers, self.asked = status, (), []  # type: ignore[var-annotated]
        self.body = json.dumps(body).encode()

    async def forward(self, request: UpstreamRequest, caller: Caller) -> "Upstream":
        assert isinstance(request.body, bytes)
        self.asked.append((request.target, json.loads(request.body), caller))
        await asyncio.sleep(0)
        return self

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self.body

    async def close(self) -> None:
        pass


def call(sql: str = "SELECT 1", **members: Any) -> Call:
    return Call("c", 0, QUERY, {"projectId": "acme"}, (), {}, {"query": sql, **members}, Origin("", ""))


def dry_runs(upstream: Upstream, fresh_seconds: float = 60) -> UpstreamDryRuns:
    return UpstreamDryRuns(upstream, fresh_seconds)  # type: ignore[arg-type]  # a reply and its upstream in one


def test_a_dry_run_is_asked_once_and_remembered_for_each_caller() -> None:
    async def scene() -> None:
        upstream = Upstream()
        asked = dry_runs(upstream)
        both = await asyncio.gather(asked.dry_run(call(), CALLER), asked.dry_run(call(), CALLER))
        assert both[0] == DryRun("SELECT", (TableRef("acme", "shop", "orders"),), 42)
        assert both[0] is both[1] is await asked.dry_run(call(maxResults=3), CALLER)
        assert len(upstream.asked) == 1
        await asked.dry_run(call(), OTHER)
        await asked.dry_run(call("SELECT 2"), CALLER)
        assert len(upstream.asked) == 3
        assert all(job["configuration"]["dryRun"] is True for _, job, _ in upstream.asked)

    asyncio.run(scene())


def test_an_old_one_is_asked_anew() -> None:
    async def scene() -> None:
        upstream = Upstream()
        asked = dry_runs(upstream, fresh_seconds=0.0)
        await asked.dry_run(call(), CALLER)
        await asyncio.sleep(0.001)
        await asked.dry_run(call(), CALLER)
        assert len(upstream.asked) == 2

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": {"message": "Syntax error at [1:1]"}}, Reason.SQL_INVALID),
        (403, {"error": {"message": "Access Denied: Table x"}}, Reason.DENIED),
        (404, {"error": {"message": "Not found: Table x"}}, Reason.TABLE_NOT_FOUND),
        (400, {}, Reason.UPSTREAM_BROKEN),
        (501, {"error": {"message": "Not implemented"}}, Reason.SQL_INVALID),
        (403, {"error": {"message": "x", "errors": [{"reason": "rateLimitExceeded"}]}}, Reason.UPSTREAM_BROKEN),
        (500, {"error": {"message": "x"}}, Reason.UPSTREAM_BROKEN),
        (302, {}, Reason.UPSTREAM_BROKEN),
    ],
)
def test_a_refused_dry_run_refuses_the_call_and_is_not_remembered(status: int, body: object, reason: Reason) -> None:
    async def scene() -> None:
        upstream = Upstream(status, body)
        asked = dry_runs(upstream)
        for _ in range(2):
            with pytest.raises(Fault) as caught:
                await asked.dry_run(call(), CALLER)
            assert caught.value.reason is reason
        assert len(upstream.asked) == 2

    asyncio.run(scene())


@pytest.mark.parametrize(
    "body", [[], None, "x", {"statistics": []}, {"statistics": {"query": {"referencedTables": 7}}}]
)
def test_an_answer_of_another_shape_tells_nothing(body: object) -> None:
    asked = dry_runs(Upstream(200, body))
    assert asyncio.run(asked.dry_run(call(), CALLER)) == DryRun(None, (), None)


def test_a_dry_run_of_the_callers_own_needs_none() -> None:
    upstream = Upstream()
    assert asyncio.run(dry_runs(upstream).dry_run(call(dryRun=True), CALLER)) is None
    assert upstream.asked == []
