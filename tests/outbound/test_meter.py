"""What callers have used: by minute, by day, and by jobs that run."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from gatebook.core.belongings import Job
from gatebook.core.methods import METHODS
from gatebook.core.model import Call, Caller, CallerKind, Origin
from gatebook.core.policy.question import Usage
from gatebook.core.replies.facts import ReplyFacts
from gatebook.outbound import meter as module
from gatebook.outbound.meter import UpstreamMeter
from gatebook.ports import UpstreamRequest

BY_NAME = {method.name: method for method in METHODS}
CALLER = Caller("https://issuer", "repo:acme", CallerKind.WORKLOAD, "acme")
OTHER = Caller("https://issuer", "repo:other", CallerKind.WORKLOAD, "other")
NOON = 1_790_000_000_000_000 // 86_400_000_000 * 86_400_000_000 + 43_200_000_000
DAY = 86_400_000_000
NOTHING = ReplyFacts()


class Upstream:
    """Answers jobs.get with a state for each job."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.asked: list[str] = []

    async def forward(self, request: UpstreamRequest, caller: Caller) -> "Reply":
        self.asked.append(request.target)
        job_id = request.target.partition("?")[0].rpartition("/")[2]
        state = self.states.get(job_id)
        document = {"status": {"state": state}, "statistics": {"totalBytesProcessed": "50"}}
        return Reply(200, document) if state else Reply(404, {})


class Reply:
    def __init__(self, status: int, document: object) -> None:
        self.status, self.headers, self._body = status, (), json.dumps(document).encode()

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._body

    async def close(self) -> None:
        pass


def call(number: int = 1, method: str = "bigquery.jobs.query") -> Call:
    document = {"query": "SELECT 1"} if method.endswith("query") else None
    return Call(f"c{number}", 0, BY_NAME[method], {"projectId": "acme"}, (), {}, document, Origin("", ""))


def job(number: int, **facts: Any) -> ReplyFacts:
    return ReplyFacts(whole=True, job=Job("acme", "EU", f"j{number}"), location="EU", **facts)


def run(scene: Callable[[UpstreamMeter, Upstream], Awaitable[None]], used: int = 0) -> None:
    async def go() -> None:
        upstream = Upstream()
        meter = UpstreamMeter(upstream, lambda _key, _since: used)  # type: ignore[arg-type]  # answers jobs.get only
        await scene(meter, upstream)

    asyncio.run(go())


def test_calls_of_the_last_minute_are_counted_for_each_caller() -> None:
    async def scene(meter: UpstreamMeter, _: Upstream) -> None:
        for second in range(5):
            meter.begin(call(second, "bigquery.tables.get"), CALLER, None, NOON + second * 1_000_000)
        assert meter.usage(CALLER, NOON + 5_000_000) == Usage(calls_last_minute=5)
        assert meter.usage(CALLER, NOON + 62_000_000).calls_last_minute == 2
        assert meter.usage(CALLER, NOON + 64_000_000).calls_last_minute == 0
        assert meter.usage(OTHER, NOON) == Usage()

    run(scene)


def test_a_job_runs_from_its_call_until_a_reply_says_that_it_ended() -> None:
    async def scene(meter: UpstreamMeter, _: Upstream) -> None:
        meter.begin(call(1), CALLER, 10, NOON)
        assert meter.usage(CALLER, NOON) == Usage(1, 1, 10)
        meter.end(call(1), CALLER, job(1, job_state="RUNNING"))
        assert meter.usage(CALLER, NOON) == Usage(1, 1, 10)
        meter.end(call(2, "bigquery.jobs.get"), CALLER, job(1, job_state="DONE", bytes_processed=7))
        assert meter.usage(CALLER, NOON) == Usage(1, 0, 7)
        meter.end(call(3, "bigquery.jobs.get"), CALLER, job(1, job_state="DONE", bytes_processed=7))
        assert meter.usage(CALLER, NOON) == Usage(1, 0, 7)

    run(scene)


@pytest.mark.parametrize(
    ("facts", "running", "used"),
    [
        (job(1, job_state="DONE", bytes_processed=3), 0, 3),
        (job(1, job_state="DONE"), 0, 10),  # BigQuery did not tell: what was expected counts
        (ReplyFacts(whole=True, bytes_processed=4), 0, 4),  # a query without a job
        (ReplyFacts(whole=True, error_reason="invalidQuery"), 0, 0),
        (NOTHING, 0, 10),  # it broke off: the job may have run
    ],
)
def test_what_a_call_used_is_what_its_reply_shows(facts: ReplyFacts, running: int, used: int) -> None:
    async def scene(meter: UpstreamMeter, _: Upstream) -> None:
        meter.begin(call(), CALLER, 10, NOON)
        meter.end(call(), CALLER, facts)
        assert meter.usage(CALLER, NOON) == Usage(1, running, used)

    run(scene)


def test_a_day_begins_at_midnight_utc() -> None:
    async def scene(meter: UpstreamMeter, _: Upstream) -> None:
        await meter.prepare(CALLER, NOON, None)
        meter.begin(call(1), CALLER, 10, NOON)
        meter.end(call(1), CALLER, job(1, job_state="RUNNING"))
        assert meter.usage(CALLER, NOON).bytes_today == 1010
        assert meter.usage(CALLER, NOON + DAY).bytes_today == 0
        meter.end(call(2, "bigquery.jobs.get"), CALLER, job(1, job_state="DONE"))
        assert meter.usage(CALLER, NOON + DAY) == Usage()

    run(scene, used=1000)


def test_the_book_is_asked_once_for_each_caller() -> None:
    asked: list[tuple[str, int]] = []

    def used(key: str, since: int) -> int:
        asked.append((key, since))
        return 5

    async def go() -> None:
        meter = UpstreamMeter(Upstream(), used)  # type: ignore[arg-type]  # never asked here
        await asyncio.gather(*(meter.prepare(CALLER, NOON, None) for _ in range(3)))
        await meter.prepare(CALLER, NOON, None)
        assert meter.usage(CALLER, NOON).bytes_today == 5

    asyncio.run(go())
    assert asked == [(CALLER.key, NOON - DAY // 2)]


def test_bigquery_is_asked_after_jobs_before_they_are_held_against_a_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ASK_AGAIN_SECONDS", 0.0)

    async def scene(meter: UpstreamMeter, upstream: Upstream) -> None:
        for number in range(3):
            meter.begin(call(number), CALLER, 10, NOON)
            meter.end(call(number), CALLER, job(number, job_state="RUNNING"))
        upstream.states = {"j0": "RUNNING", "j1": "DONE"}  # j2 is unknown: deleted
        await meter.prepare(CALLER, NOON, 4)
        assert upstream.asked == []
        await meter.prepare(CALLER, NOON, 3)
        assert len(upstream.asked) == 3
        assert all("location=EU" in target for target in upstream.asked)
        assert meter.usage(CALLER, NOON) == Usage(3, 1, 10 + 50 + 10)

    run(scene)


def test_bigquery_is_not_asked_again_at_once() -> None:
    async def scene(meter: UpstreamMeter, upstream: Upstream) -> None:
        meter.begin(call(1), CALLER, 10, NOON)
        meter.end(call(1), CALLER, job(1, job_state="RUNNING"))
        upstream.states = {"j1": "RUNNING"}
        for _ in range(3):
            await meter.prepare(CALLER, NOON, 1)
        assert len(upstream.asked) == 1

    run(scene)


def test_rows_are_counted_by_job_and_by_table_and_day() -> None:
    async def scene(meter: UpstreamMeter, _: Upstream) -> None:
        await meter.prepare(CALLER, NOON, None)
        page = replace(call(2, "bigquery.jobs.getQueryResults"), resource={"projectId": "acme", "jobId": "j1"})
        table = {"projectId": "acme", "datasetId": "shop", "tableId": "orders"}
        listing = replace(call(3, "bigquery.tabledata.list"), resource=table)
        meter.begin(call(1), CALLER, 0, NOON)
        meter.end(call(1), CALLER, job(1, job_state="DONE", rows=10))
        meter.end(page, CALLER, job(1, job_state="DONE", rows=5))
        meter.end(listing, CALLER, ReplyFacts(whole=True, rows=7))
        meter.end(replace(listing, resource={**table, "tableId": "orders$20260101"}), CALLER, ReplyFacts(rows=1))
        assert (meter.rows_given(page, CALLER), meter.rows_given(listing, CALLER)) == (15, 8)
        assert meter.rows_given(page, OTHER) == 0
        asked = replace(page, parameters=(("maxResults", "20"),))
        meter.begin(asked, CALLER, None, NOON)
        assert meter.rows_given(page, CALLER) == 35  # until it is known how many came
        meter.end(asked, CALLER, NOTHING)
        assert meter.rows_given(page, CALLER) == 15
        meter.usage(CALLER, NOON + DAY)
        assert (meter.rows_given(page, CALLER), meter.rows_given(listing, CALLER)) == (15, 0)

    run(scene)


def test_a_dry_run_of_the_callers_own_is_no_job() -> None:
    async def scene(meter: UpstreamMeter, _: Upstream) -> None:
        asked = replace(call(), document={"query": "SELECT 1", "dryRun": True})
        meter.begin(asked, CALLER, 10, NOON)
        assert meter.usage(CALLER, NOON) == Usage(1, 0, 0)

    run(scene)
