"""Playbooks: who is called, in what order, and what is in the book, whatever goes wrong on the way."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest
from fakes import CALLER, FakeWorld

from gatebook.core.analysis.footprint import Footprint, Opaque, Statement
from gatebook.core.belongings import Job
from gatebook.core.methods import METHODS, UPLOAD_MULTIPART, UPLOAD_RESUMABLE
from gatebook.core.model import Call, Ending, JsonObject, Method, Origin
from gatebook.errors import Fault, Reason, Refused, Unavailable, UpstreamFailed
from gatebook.journey import refused, travel
from gatebook.ports import Content, Reply

BY_NAME = {method.name: method for method in METHODS}
ROWS = b'{"jobReference":{"projectId":"p","jobId":"j1","location":"US"},"jobComplete":true,"totalRows":"2",'
ROWS_END = b'"rows":[{"f":[{"v":"1"}]},{"f":[{"v":"2"}]}]}'
SQL: JsonObject = {"query": "SELECT 1", "useLegacySql": False, "labels": {"team": "x"}}
JOB: JsonObject = {
    "jobReference": {"projectId": "p", "jobId": "j2", "location": "US"},
    "configuration": {"query": {"query": "SELECT 1", "destinationTable": {
        "projectId": "p", "datasetId": "_hidden", "tableId": "anon1"}}},
    "status": {"state": "DONE"},
}  # fmt: skip


def call(
    name: str = "bigquery.jobs.query",
    document: JsonObject | None = SQL,
    *,
    method: Method | None = None,
    **resource: str,
) -> Call:
    resource.setdefault("projectId", "p")
    return Call("c1", 1, method or BY_NAME[name], resource, (), {}, document, Origin("127.0.0.1", "test"))


async def body_of(reply: Reply) -> bytes:
    if isinstance(reply.body, bytes):
        return reply.body
    return b"".join([piece async for piece in reply.body])


def go(fake: FakeWorld, asked: Call | None = None, content: Content | None = None) -> tuple[Reply, bytes]:
    async def scene() -> tuple[Reply, bytes]:
        reply = await travel(asked or call(), None, content, fake.world)
        return reply, await body_of(reply)

    return asyncio.run(scene())


def fails(fake: FakeWorld, reason: Reason, asked: Call | None = None) -> Fault:
    with pytest.raises(Fault) as caught:
        go(fake, asked)
    assert caught.value.reason is reason
    return caught.value


def test_the_whole_road_in_order() -> None:
    fake = FakeWorld(ROWS, ROWS_END)
    reply, body = go(fake)
    assert (reply.status, body) == (200, ROWS + ROWS_END)
    assert fake.events == [
        "identify",
        "understand",
        "promise",
        "forward",
        "observe",
        "close",
        "settle answered",
        "learn",
    ]
    outcome = fake.book.settlements[0].outcome
    assert (outcome.job_id, outcome.rows_returned, outcome.bytes_returned) == ("j1", 2, len(body))
    assert fake.ownership.jobs == {Job("p", "US", "j1"): CALLER.key}


def test_a_reply_that_is_here_at_once_is_settled_before_any_of_it_goes_on() -> None:
    fake = FakeWorld(ROWS, ROWS_END)
    fake.reply.at_once = True
    reply, body = go(fake)
    assert (reply.status, reply.body, body) == (200, ROWS + ROWS_END, ROWS + ROWS_END)
    assert fake.events[-2:] == ["settle answered", "learn"]
    outcome = fake.book.settlements[0].outcome
    assert (outcome.job_id, outcome.rows_returned, outcome.bytes_returned) == ("j1", 2, len(body))
    assert fake.ownership.jobs == {Job("p", "US", "j1"): CALLER.key}


def test_a_reply_that_is_here_at_once_is_not_given_without_its_settlement() -> None:
    fake = FakeWorld(ROWS, ROWS_END)
    fake.reply.at_once = True
    fake.book.settle_fault = Unavailable(Reason.BOOK_UNAVAILABLE, "disk")
    fails(fake, Reason.BOOK_UNAVAILABLE)
    assert len(fake.book.promises) == 1


def test_an_error_that_is_here_at_once_is_passed_on() -> None:
    fake = FakeWorld(b'{"error":{"code":404,"message":"Not found","errors":[{"reason":"notFound"}]}}', status=404)
    fake.reply.at_once = True
    reply, _ = go(fake)
    (settlement,) = fake.book.settlements
    assert (reply.status, settlement.outcome.ending) == (404, Ending.UPSTREAM_ERROR)
    assert fake.ownership.learned == []


def test_the_forwarded_request_is_stamped_and_built_anew() -> None:
    fake = FakeWorld(ROWS, ROWS_END)
    go(fake)
    (request,) = fake.upstream.requests
    assert (request.verb, request.target) == ("POST", "/bigquery/v2/projects/p/queries")
    assert isinstance(request.body, bytes)
    labels = json.loads(request.body)["labels"]
    assert labels == {"team": "x", "gatebook_record": "c1", "gatebook_caller": "acme-etl", "gatebook_run": "7"}


def test_the_last_piece_waits_for_the_settlement() -> None:
    async def scene() -> None:
        fake = FakeWorld(b"{", b"}")
        reply = await travel(call(), None, None, fake.world)
        assert not isinstance(reply.body, bytes)
        assert await anext(reply.body) == b"{"
        assert fake.book.settlements == []
        assert await anext(reply.body) == b"}"
        assert len(fake.book.settlements) == 1

    asyncio.run(scene())


def test_a_settlement_that_cannot_be_written_cuts_the_reply() -> None:
    fake = FakeWorld(ROWS, ROWS_END)
    fake.book.settle_fault = Unavailable(Reason.BOOK_UNAVAILABLE, "disk")

    async def scene() -> list[bytes]:
        reply = await travel(call(), None, None, fake.world)
        assert not isinstance(reply.body, bytes)
        first = await anext(reply.body)
        with pytest.raises(Unavailable):
            await anext(reply.body)
        return [first]

    assert asyncio.run(scene()) == [ROWS]
    assert len(fake.book.promises) == 1


@pytest.mark.parametrize(
    ("part", "fault", "events"),
    [
        ("identifier", Refused(Reason.TOKEN_EXPIRED, "old"), ["identify", "refuse"]),
        ("identifier", Unavailable(Reason.ISSUER_UNAVAILABLE, "down"), ["identify", "refuse"]),
        ("analyst", Refused(Reason.SQL_INVALID, "bad"), ["identify", "understand", "refuse"]),
        ("analyst", UpstreamFailed(Reason.UPSTREAM_TIMEOUT, "slow"), ["identify", "understand", "refuse"]),
    ],
)
def test_what_fails_before_the_promise_is_a_refusal_and_goes_nowhere(
    part: str, fault: Fault, events: list[str]
) -> None:
    fake = FakeWorld(ROWS)
    getattr(fake, part).fault = fault
    fails(fake, fault.reason)
    assert fake.events == events
    assert fake.upstream.requests == []
    (refusal,) = fake.book.refusals
    assert (refusal.reason, refusal.message) == (fault.reason, fault.message)
    assert (refusal.identity is None) == (part == "identifier")
    assert refusal.request.sql == "SELECT 1"


def test_a_denial_is_in_the_book_with_its_rule() -> None:
    fake = FakeWorld(ROWS)
    fake.analyst.footprint = Footprint((Statement("SELECT", opaque=(Opaque("legacy_sql", "no"),)),))
    fails(fake, Reason.SQL_OPAQUE)
    (refusal,) = fake.book.refusals
    assert refusal.decision is not None
    assert refusal.decision.rules == ("builtin/understood",)


def test_nothing_is_forwarded_when_the_book_cannot_be_written() -> None:
    fake = FakeWorld(ROWS)
    fake.book.fault = Unavailable(Reason.BOOK_UNAVAILABLE, "disk full")
    fails(fake, Reason.BOOK_UNAVAILABLE)
    assert fake.upstream.requests == []


def test_a_refusal_that_cannot_be_written_is_answered_as_that() -> None:
    fake = FakeWorld(ROWS)
    fake.identifier.fault = Refused(Reason.TOKEN_EXPIRED, "old")
    fake.book.fault = Unavailable(Reason.BOOK_UNAVAILABLE, "disk full")
    fails(fake, Reason.BOOK_UNAVAILABLE)


@pytest.mark.parametrize(
    ("fault", "ending"),
    [
        (UpstreamFailed(Reason.UPSTREAM_UNREACHABLE, "down"), Ending.UPSTREAM_FAILED),
        (Refused(Reason.DENIED, "no service account"), Ending.REFUSED),
        (asyncio.CancelledError(), Ending.CLIENT_GONE),
        (ValueError("a bug"), Ending.FAILED),
    ],
)
def test_every_failure_of_the_upstream_hop_is_settled(fault: BaseException, ending: Ending) -> None:
    fake = FakeWorld(ROWS)
    fake.upstream.fault = fault
    with pytest.raises(type(fault)):
        go(fake)
    assert [settlement.outcome.ending for settlement in fake.book.settlements] == [ending]
    assert fake.ownership.jobs == {}


def test_an_upstream_that_breaks_off_is_settled_and_teaches_nothing() -> None:
    fake = FakeWorld(ROWS, UpstreamFailed(Reason.UPSTREAM_BROKEN, "cut"))
    fails(fake, Reason.UPSTREAM_BROKEN)
    outcome = fake.book.settlements[0].outcome
    assert (outcome.ending, outcome.error_reason) == (Ending.UPSTREAM_FAILED, "upstream_broken")
    assert fake.ownership.jobs == {}


def test_an_error_of_upstream_passes_in_full() -> None:
    error = b'{"error":{"code":404,"message":"Not found: Table","errors":[{"reason":"notFound"}]}}'
    fake = FakeWorld(error, status=404)
    reply, body = go(fake)
    assert (reply.status, body) == (404, error)
    outcome = fake.book.settlements[0].outcome
    assert (outcome.ending, outcome.status, outcome.error_reason) == (Ending.UPSTREAM_ERROR, 404, "notFound")


@pytest.mark.parametrize("begun", [False, True])
def test_a_client_that_goes_away_is_settled_and_upstream_let_go(begun: bool) -> None:
    fake = FakeWorld(ROWS, ROWS_END, b"more")

    async def scene() -> None:
        reply = await travel(call(), None, None, fake.world)
        assert not isinstance(reply.body, bytes)
        if begun:
            await anext(reply.body)
        await reply.body.aclose()

    asyncio.run(scene())
    assert fake.events[-2:] == ["close", "settle client_gone"]


def test_a_client_that_goes_away_while_the_reply_is_awaited() -> None:
    fake = FakeWorld(ROWS)

    class Slow:
        async def forward(self, *_: object) -> None:
            await asyncio.sleep(60)

    async def scene() -> None:
        world = type(fake.world)(**{**{n: getattr(fake.world, n) for n in fake.world.__slots__}, "upstream": Slow()})
        task = asyncio.create_task(travel(call(), None, None, world))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert fake.events[-1] == "settle client_gone"


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "a stream"])
def test_a_client_that_goes_away_while_the_settlement_is_written_waits_for_it(at_once: bool) -> None:
    fake = FakeWorld(ROWS)
    fake.reply.at_once = at_once

    async def scene() -> None:
        fake.book.disk = asyncio.Event()

        async def everything() -> None:
            reply = await travel(call(), None, None, fake.world)
            assert not isinstance(reply.body, bytes)
            async for _ in reply.body:
                pass

        task = asyncio.create_task(everything())
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.sleep(0.01)
        assert not task.done(), "the settlement is not durable yet"
        fake.book.disk.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert [event for event in fake.events if event.startswith("settle")] == ["settle answered"]


def test_a_job_resource_is_learned_from_and_loses_its_anonymous_table() -> None:
    fake = FakeWorld(json.dumps(JOB).encode())
    document = {"configuration": {"query": SQL}, "jobReference": {"projectId": "p", "jobId": "j2"}}
    _, body = go(fake, call("bigquery.jobs.insert", document))
    assert "destinationTable" not in json.loads(body)["configuration"]["query"]
    assert fake.ownership.jobs == {Job("p", "US", "j2"): CALLER.key}
    assert [str(table) for facts in fake.ownership.learned for table in facts.tables] == ["p._hidden.anon1"]
    assert fake.events.index("learn") < fake.events.index("settle answered")


def test_a_job_id_of_another_caller_is_taken() -> None:
    fake = FakeWorld(json.dumps(JOB).encode())
    fake.ownership.jobs[Job("p", "US", "j2")] = "somebody else"
    document = {"configuration": {"query": SQL}, "jobReference": {"projectId": "p", "jobId": "j2"}}
    fails(fake, Reason.JOB_DUPLICATE, call("bigquery.jobs.insert", document))


@pytest.mark.parametrize("owner", [None, "somebody else"])
@pytest.mark.parametrize("name", ["bigquery.jobs.get", "bigquery.jobs.getQueryResults", "bigquery.jobs.cancel"])
def test_jobs_of_others_are_not_found(name: str, owner: str | None) -> None:
    fake = FakeWorld(json.dumps(JOB).encode())
    if owner:
        fake.ownership.jobs[Job("p", "US", "j2")] = owner
    fails(fake, Reason.JOB_NOT_FOUND, call(name, None, jobId="j2"))
    assert [request.target for request in fake.upstream.requests] == ["/bigquery/v2/projects/p/jobs/j2"], "one look"


def test_a_list_of_jobs_shows_only_ones_own() -> None:
    def entry(job_id: str) -> JsonObject:
        return {"jobReference": {"projectId": "p", "jobId": job_id, "location": "US"}}

    child: JsonObject = {**entry("child"), "statistics": {"parentJobId": "mine"}}
    fake = FakeWorld(json.dumps({"jobs": [entry("mine"), entry("theirs"), child]}).encode())
    fake.ownership.jobs[Job("p", "US", "mine")] = CALLER.key
    fake.ownership.jobs[Job("p", "US", "theirs")] = "somebody else"
    _, body = go(fake, call("bigquery.jobs.list", None))
    assert [job["jobReference"]["jobId"] for job in json.loads(body)["jobs"]] == ["mine", "child"]
    assert fake.ownership.jobs[Job("p", "US", "child")] == CALLER.key
    assert fake.ownership.jobs[Job("p", "US", "theirs")] == "somebody else"


def test_an_upload_url_leads_back_to_the_gateway_and_belongs_to_its_caller() -> None:
    fake = FakeWorld()
    fake.reply.headers = (("location", "http://upstream/upload/bigquery/v2/projects/p/jobs?upload_id=u1"),)
    document: JsonObject = {"configuration": {"load": {"destinationTable": {"datasetId": "d", "tableId": "t"}}}}
    reply, _ = go(fake, call(document=document, method=UPLOAD_RESUMABLE))
    location = dict(reply.headers)["location"]
    assert location.startswith("http://gate.test/upload/bigquery/v2/projects/p/jobs?")
    assert asyncio.run(fake.ownership.upload_owner("u1")) == CALLER.key


def test_a_multipart_upload_is_framed_anew() -> None:
    fake = FakeWorld(json.dumps(JOB).encode())

    async def file() -> AsyncGenerator[bytes, None]:
        yield b"a,b\n"
        yield b"1,2\n"

    document: JsonObject = {"configuration": {"load": {"destinationTable": {"datasetId": "d", "tableId": "t"}}}}

    async def scene() -> bytes:
        await travel(call(document=document, method=UPLOAD_MULTIPART), None, Content(file(), "text/csv", 8), fake.world)
        (request,) = fake.upstream.requests
        assert request.body is not None
        assert not isinstance(request.body, bytes)
        sent = b"".join([piece async for piece in request.body])
        assert request.content_length == len(sent)
        return sent

    sent = asyncio.run(scene())
    assert b"a,b\n1,2\n" in sent
    assert b'"gatebook_record":"c1"' in sent


@pytest.mark.parametrize("content", [b"[1]", b"{", b"\xff"])
def test_a_job_resource_that_cannot_be_read_is_upstreams_fault(content: bytes) -> None:
    fake = FakeWorld(content)
    document = {"configuration": {"query": SQL}}
    fails(fake, Reason.UPSTREAM_BROKEN, call("bigquery.jobs.insert", document))
    assert fake.book.settlements[0].outcome.ending == Ending.UPSTREAM_FAILED


def test_what_the_door_refuses_is_in_the_book() -> None:
    fake = FakeWorld()
    asyncio.run(refused(call(document=None), Refused(Reason.PATH_UNKNOWN, "no such path"), fake.world))
    (refusal,) = fake.book.refusals
    assert (refusal.reason, refusal.identity, refusal.footprint) == (Reason.PATH_UNKNOWN, None, None)


def test_a_bug_is_not_swallowed() -> None:
    fake = FakeWorld(ROWS)
    fake.analyst.fault = ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        go(fake)
    assert fake.upstream.requests == []
    assert fake.book.refusals[0].reason is Reason.INTERNAL


def test_a_client_that_goes_away_before_the_promise_is_in_the_book() -> None:
    fake = FakeWorld(ROWS)
    fake.analyst.fault = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        go(fake)
    assert fake.book.refusals[0].outcome.ending is Ending.CLIENT_GONE


def test_a_reply_that_echoes_a_made_up_job_gives_nothing() -> None:
    fake = FakeWorld(ROWS + ROWS_END)
    go(fake, call("bigquery.datasets.insert", {"jobReference": {"projectId": "p", "jobId": "j1"}}))
    assert asyncio.run(fake.world.ownership.job_owner(Job("p", "US", "j1"))) is None


@pytest.mark.parametrize(("name", "document"), [("bigquery.jobs.query", SQL), ("bigquery.jobs.insert", JOB)])
def test_a_client_that_asks_for_few_fields_still_lets_the_job_be_known(name: str, document: JsonObject) -> None:
    fake = FakeWorld(ROWS + ROWS_END)
    go(fake, replace(call(name, document), parameters=(("fields", "rows"), ("location", "US"))))
    (request,) = fake.upstream.requests
    assert "fields=rows%2CjobReference%2C" in request.target
    assert request.target.endswith("&location=US")


def test_other_methods_give_the_fields_that_are_asked_for() -> None:
    fake = FakeWorld(b"{}")
    go(fake, replace(call("bigquery.tables.list", None, datasetId="d"), parameters=(("fields", "kind"),)))
    assert fake.upstream.requests[0].target.endswith("?fields=kind")


@pytest.mark.parametrize("said", [True, "true"])
def test_a_dry_run_gives_no_job(said: object) -> None:
    """Upstream keeps no job of it: the id it names may be anybody's."""
    fake = FakeWorld(json.dumps(JOB).encode())
    go(fake, call("bigquery.jobs.insert", {"configuration": {"dryRun": said, "query": {"query": "SELECT 1"}}}))
    assert asyncio.run(fake.world.ownership.job_owner(Job("p", "US", "j2"))) is None


@pytest.mark.parametrize("name", ["bigquery.jobs.get", "bigquery.jobs.getQueryResults", "bigquery.jobs.cancel"])
def test_upstream_looks_for_a_job_where_the_caller_s_is(name: str) -> None:
    fake = FakeWorld(json.dumps(JOB).encode())
    fake.ownership.jobs[Job("p", "EU", "j2")] = "somebody else"
    fake.ownership.jobs[Job("p", "US", "j2")] = CALLER.key
    go(fake, call(name, None, jobId="j2"))
    assert fake.upstream.requests[0].target.endswith("?location=US")
    located = replace(call(name, None, jobId="j2"), parameters=(("location", "us"),))
    go(fake, located)
    assert fake.upstream.requests[1].target.endswith("?location=us")
    fails(fake, Reason.JOB_NOT_FOUND, replace(located, parameters=(("location", "EU"),)))
    fake.ownership.jobs[Job("p", "EU", "j2")] = CALLER.key
    fails(fake, Reason.PARAMETER_UNKNOWN, call(name, None, jobId="j2"))


def test_a_job_id_is_free_where_nobody_is_known_to_have_it() -> None:
    fake = FakeWorld(json.dumps(JOB).encode())
    fake.ownership.jobs[Job("p", "EU", "j2")] = "somebody else"
    reference = {"projectId": "p", "jobId": "j2", "location": "US"}
    go(fake, call("bigquery.jobs.insert", {"configuration": {"query": SQL}, "jobReference": reference}))
    assert fake.ownership.jobs == {Job("p", "EU", "j2"): "somebody else", Job("p", "US", "j2"): CALLER.key}
    taken = {"configuration": {"query": SQL}, "jobReference": {**reference, "location": "eu"}}
    fails(fake, Reason.JOB_DUPLICATE, call("bigquery.jobs.insert", taken))
