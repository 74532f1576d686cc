"""Job resources: whose, and what clients see of them."""

from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.belongings import Belongings, Job
from gatebook.core.replies.jobs import belongings_in, edited, parent_of

ANONYMOUS = {"projectId": "acme", "datasetId": "_9f3c", "tableId": "anon1"}
NAMED = {"projectId": "acme", "datasetId": "shop", "tableId": "daily"}

PYTHON = "gl-python/3.11.7 gccl/3.47.0"


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
        assert edited(reply, PYTHON) == wanted
    assert job == before, "the reply itself stays as it was: the book may still read it"


def test_the_destination_of_a_load_or_copy_stays():
    for kind in ("load", "copy"):
        job = {"configuration": {kind: {"destinationTable": NAMED}}}
        assert edited(job, PYTHON) == job


def test_a_client_that_reads_by_rest_keeps_the_table():
    job = resource(table=ANONYMOUS)
    assert edited(job, f"dbt-bigquery-1.11.0 {PYTHON}") == job


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({}, True),
        ({"query": {"useQueryCache": True}}, False),
        ({"query": {"useQueryCache": "false"}}, False),
        ({"statistics": {"referencedTables": [NAMED]}}, False),
        ({"statistics": {"statementType": None}}, False),
        ({"statistics": {"statementType": "SCRIPT"}}, False),
    ],
)
def test_a_query_of_nothing_that_is_not_to_be_cached_shows_where_results_go(change, shown):
    job = resource(table=ANONYMOUS)
    job["configuration"]["query"] |= {"useQueryCache": False} | change.get("query", {})
    job["statistics"]["query"] |= change.get("statistics", {})
    assert ("destinationTable" in edited(job, PYTHON)["configuration"]["query"]) is shown


def test_belongings_of_a_job_are_its_id_its_hidden_table_and_its_session():
    expected = Belongings((Job("acme", "EU", "j1"),), (TableRef("acme", "_9f3c", "anon1"),), (), ("s1",))
    job = resource(table=ANONYMOUS, session="s1")
    assert belongings_in(job) == expected
    assert belongings_in({"job": job}) == expected
    assert belongings_in({"jobs": [job]}) == expected
    assert belongings_in(resource(table=NAMED)).tables == (), "a named table is not the caller's because it read it"


def test_a_child_s_script_ran_where_the_child_did():
    assert parent_of(resource("child", parent="script")) == Job("acme", "EU", "script")
    assert parent_of(resource("mine")) is None
    assert parent_of({"statistics": {"parentJobId": "script"}}) is None


@pytest.mark.parametrize("missing", ["projectId", "jobId", "location"])
def test_a_job_that_is_not_named_in_full_belongs_to_nobody(missing):
    job = resource()
    del job["jobReference"][missing]
    assert belongings_in(job).jobs == ()


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
    parent_of(document)
    belongings_in(document)
    edited(document, PYTHON)
    assert document == before
