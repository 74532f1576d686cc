"""Whose a job is that no reply has taught of: what the job and the book must say together, and nothing less."""

import asyncio
import json

import pytest
from fakes import CALLER, FOOTPRINT, IDENTITY, FakeWorld
from hypothesis import given
from hypothesis import strategies as st

from gatebook.core.asked import asked
from gatebook.core.belongings import Job
from gatebook.core.book.records import Promise, Settlement
from gatebook.core.methods import METHODS
from gatebook.core.model import Call, Caller, CallerKind, Ending, JsonObject, Origin, Outcome, Provenance
from gatebook.core.policy.decision import Allow
from gatebook.core.policy.standing import NamedJob
from gatebook.errors import Fault, Reason
from gatebook.whose import adopted, owner_of

BY_NAME = {method.name: method for method in METHODS}
BOB = Caller("https://issuer", "repo:acme/other", CallerKind.WORKLOAD, "acme/other")
QUERY: JsonObject = {"query": "SELECT 1", "useLegacySql": False}
INSERT: JsonObject = {"jobReference": {"jobId": "j1"}, "configuration": {"query": QUERY}}


def promise(name: str = "bigquery.jobs.query", document: JsonObject = QUERY, project: str = "p") -> Promise:
    call = Call("r1", 1, BY_NAME[name], {"projectId": project}, (), {}, document, Origin("127.0.0.1", "test"))
    return Promise(call, IDENTITY, Provenance(), asked(call), FOOTPRINT, Allow((), "builtin-1"), 1)


def resource(job_id: str = "j1", *, record: str | None = "r1", parent: str | None = None) -> JsonObject:
    return {
        "jobReference": {"projectId": "p", "jobId": job_id, "location": "US"},
        "configuration": {"query": QUERY, "labels": {} if record is None else {"gatebook_record": record}},
        "statistics": {"creationTime": "1000"} | ({} if parent is None else {"parentJobId": parent}),
    }


def world(job: JsonObject, made: Promise | None, status: int = 200) -> FakeWorld:
    fake = FakeWorld(json.dumps(job).encode(), status=status)
    fake.book.promises += [] if made is None else [made]
    return fake


def adopt(fake: FakeWorld, location: str | None = None, caller: Caller = CALLER) -> Job | None:
    return asyncio.run(adopted(NamedJob("p", "j1", location), caller, fake.world))


@pytest.mark.parametrize("made", [promise(), promise("bigquery.jobs.insert", INSERT)])
def test_the_job_is_whose_the_promise_is(made: Promise) -> None:
    fake = world(resource(), made)
    assert adopt(fake) == Job("p", "US", "j1")
    assert fake.ownership.jobs == {Job("p", "US", "j1"): CALLER.key}
    assert fake.upstream.requests[0].target == "/bigquery/v2/projects/p/jobs/j1"
    assert adopt(world(resource(), made), caller=BOB) is None


@pytest.mark.parametrize(
    ("job", "made"),
    [
        (resource(record=None), promise()),
        (resource(record="r2"), promise()),
        (resource(), None),
        (resource(), promise(project="q")),
        (resource(), promise("bigquery.datasets.insert", {})),
        (resource(), promise(document={**QUERY, "dryRun": True})),
        ({**resource(), "statistics": {}}, promise()),
        ({**resource(), "statistics": {"creationTime": "soon"}}, promise()),
        ({**resource(), "statistics": {"creationTime": str(11 * 60_000)}}, promise()),
        (resource(), promise("bigquery.jobs.insert", {**INSERT, "jobReference": {"jobId": "j2"}})),
        (resource("j2"), promise()),
        ({**resource(), "jobReference": {"projectId": "p", "jobId": "j1"}}, promise()),
        ({**resource(), "jobReference": {"projectId": "q", "jobId": "j1", "location": "US"}}, promise()),
        (resource(parent="j0"), promise()),
        ({}, promise()),
    ],
)
def test_anything_less_gives_nothing(job: JsonObject, made: Promise | None) -> None:
    fake = world(job, made)
    assert adopt(fake) is None
    assert fake.ownership.jobs == {}


@pytest.mark.parametrize(
    ("ending", "told", "own"),
    [
        (Ending.CLIENT_GONE, None, True),
        (Ending.UPSTREAM_FAILED, None, True),
        (Ending.ANSWERED, "j1", True),
        (Ending.ANSWERED, "j2", False),
    ],
)
def test_one_promise_is_for_one_job(ending: Ending, told: str | None, own: bool) -> None:
    """Somebody repeats the query around Gatebook, labels and all: that is another job."""
    fake = world(resource(), promise())
    fake.book.settlements.append(Settlement("r1", Outcome(200, ending, job_id=told), 2))
    assert (adopt(fake) is not None) is own


def test_a_job_elsewhere_is_another_job() -> None:
    fake = world(resource(), promise())
    assert adopt(fake, "EU") is None
    assert fake.upstream.requests[0].target == "/bigquery/v2/projects/p/jobs/j1?location=EU"
    assert adopt(world(resource(), promise()), "us") == Job("p", "US", "j1")


def test_what_is_known_counts_for_more_than_a_label() -> None:
    fake = world(resource(), promise())
    fake.ownership.jobs[Job("p", "US", "j1")] = BOB.key
    assert adopt(fake) is None
    fake = world(resource(parent="j0"), promise())
    fake.ownership.jobs[Job("p", "US", "j0")] = CALLER.key
    assert adopt(fake) == Job("p", "US", "j1"), "a child is whose its script is"


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_job_that_upstream_does_not_show_is_not_there(status: int) -> None:
    assert adopt(world(resource(), promise(), status)) is None


@pytest.mark.parametrize("status", [401, 500, 503])
def test_an_upstream_that_fails_is_no_answer(status: int) -> None:
    with pytest.raises(Fault) as caught:
        adopt(world(resource(), promise(), status))
    assert caught.value.reason is Reason.UPSTREAM_BROKEN


NAMES = st.sampled_from(
    ["jobReference", "projectId", "jobId", "location", "statistics", "parentJobId", "configuration", "labels",
     "gatebook_record"]
)  # fmt: skip
SHAPES = st.recursive(
    st.none() | st.integers() | st.sampled_from(["p", "US", "j1", "r1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=15,
)


@given(st.dictionaries(NAMES, SHAPES))
def test_no_shape_is_an_error(job: JsonObject) -> None:
    fake = FakeWorld()
    made = promise("bigquery.jobs.insert", INSERT)
    fake.book.promises.append(made)
    assert asyncio.run(owner_of(job, fake.world)) in (None, CALLER.key)
