"""Job resources: whose, and what clients see of them."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.belongings import Belongings, Job
from gatebook.core.replies.jobs import belongings_in, edited, jobs_in, only_owned

ANONYMOUS = {"projectId": "acme", "datasetId": "_9f3c", "tableId": "anon1"}
NAMED = {"projectId": "acme", "datasetId": "shop", "tableId": "daily"}


def resource(job_id="j1", *, table=None, statement="SELECT", parent=None, session=None):
    statistics = {"query": {"statementType": statement}} if statement else {}
    if parent:
        statistics["parentJobId"] = parent
    if session:
        statistics["sessionInfo"] = {"sessionId": session}
    query = {"query": "SELECT 1", "priority": "INTERACTIVE"}
    if table:
        query["destinationTable"] = table
    return {
        "kind": "bigquery#job",
        "jobReference": {"projectId": "acme", "jobId": job_id, "location": "EU"},
        "configuration": {"jobType": "QUERY", "query": query, "labels": {"gatebook_record": "r1", "team": "data"}},
        "statistics": statistics,
    }


@pytest.mark.parametrize(
    ("table", "statement", "shown"),
    [
        (ANONYMOUS, "SELECT", False),
        (ANONYMOUS, None, False),  # still running
        (ANONYMOUS, "SCRIPT", False),
        (ANONYMOUS, "INSERT", False),
        (NAMED, "SELECT", False),
        (NAMED, None, False),
        (NAMED, "SOMETHING_NEW", False),
        (NAMED, "CREATE_TABLE_AS_SELECT", True),
        (NAMED, "MERGE", True),
        ("not an object", "SELECT", False),
    ],
)
def test_the_table_with_the_results_is_left_out_and_nothing_else(table, statement, shown):
    job = resource(table=table, statement=statement)
    before = deepcopy(job)
    expected = deepcopy(job)
    if not shown:
        del expected["configuration"]["query"]["destinationTable"]
    for reply, wanted in (
        (job, expected),
        ({"kind": "c", "job": job}, {"kind": "c", "job": expected}),
        ({"jobs": [job, job], "nextPageToken": "n"}, {"jobs": [expected, expected], "nextPageToken": "n"}),
    ):
        assert edited(reply) == wanted
    assert job == before, "the reply itself stays as it was: the book may still read it"


def test_the_destination_of_a_load_or_copy_stays():
    for kind in ("load", "copy"):
        job = {"configuration": {kind: {"destinationTable": NAMED}}}
        assert edited(job) == job


def test_belongings_of_a_job_are_its_id_its_hidden_table_and_its_session():
    expected = Belongings((Job("acme", "j1"),), (TableRef("acme", "_9f3c", "anon1"),), (), ("s1",))
    job = resource(table=ANONYMOUS, session="s1")
    assert belongings_in(job) == expected
    assert belongings_in({"job": job}) == expected
    assert belongings_in({"jobs": [job]}) == expected
    assert belongings_in(resource(table=NAMED)).tables == (), "a named table is not the caller's because it read it"


def test_a_list_shows_ones_own_jobs_and_the_children_of_ones_own_scripts():
    mine, child = resource("mine"), resource("child", parent="script")
    others, others_child = resource("others"), resource("stepchild", parent="others")
    document = {"kind": "bigquery#jobList", "jobs": [mine, others, child, others_child], "nextPageToken": "n"}
    assert set(jobs_in(document)) == {Job("acme", name) for name in ("mine", "others", "child", "script", "stepchild")}
    own = {Job("acme", "mine"), Job("acme", "script")}
    shown = only_owned(document, own.__contains__)
    assert shown == {"kind": "bigquery#jobList", "jobs": [mine, child], "nextPageToken": "n"}
    assert belongings_in(shown).jobs == (Job("acme", "mine"), Job("acme", "child"))


def test_a_job_of_the_same_id_in_another_project_is_another_job():
    document = {"jobs": [resource("mine")]}
    assert only_owned(document, {Job("elsewhere", "mine")}.__contains__)["jobs"] == []


@pytest.mark.parametrize("jobs", [None, {}, "x", [None, 1, "x", {}, {"jobReference": {"jobId": "mine"}}]])
def test_what_cannot_be_read_is_not_shown(jobs):
    assert only_owned({"jobs": jobs}, lambda _: True)["jobs"] == []


def test_an_empty_list_stays_as_it_is():
    assert only_owned({"kind": "bigquery#jobList"}, lambda _: False) == {"kind": "bigquery#jobList"}


NAMES = st.sampled_from(
    ["job", "jobs", "configuration", "query", "destinationTable", "statistics", "statementType", "parentJobId",
     "jobReference", "projectId", "jobId", "datasetId", "tableId", "sessionInfo", "sessionId"]
)  # fmt: skip
SHAPES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=15,
)


@given(st.dictionaries(NAMES, SHAPES))
def test_no_shape_is_an_error(document):
    before = deepcopy(document)
    jobs_in(document)
    belongings_in(only_owned(document, lambda job: job.id < "m"))
    edited(document)
    assert document == before
