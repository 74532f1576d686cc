import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_calls import METHOD, call_of, insert, query

from gatebook.core.asked import asked
from gatebook.core.book.records import Request

PARAMETERS = [{"name": "day", "parameterType": {"type": "DATE"}, "parameterValue": {"value": "2026-01-31"}}]


def without_digest(request: Request) -> tuple[object, ...]:
    return request.sql, request.query_parameters, request.job_id, request.location, request.dry_run


def test_a_query_request():
    document = {"query": "SELECT @day", "queryParameters": PARAMETERS, "location": "EU", "dryRun": True}
    assert without_digest(asked(query(document))) == ("SELECT @day", tuple(PARAMETERS), None, "EU", True)


@pytest.mark.parametrize("name", ["bigquery.jobs.insert", "bigquery.jobs.insert.multipart"])
def test_a_job(name):
    document = {
        "jobReference": {"projectId": "acme", "jobId": "job-1", "location": "US"},
        "configuration": {"dryRun": True, "query": {"query": "SELECT 1", "queryParameters": PARAMETERS}},
    }
    request = asked(call_of(METHOD[name], document))
    assert without_digest(request) == ("SELECT 1", tuple(PARAMETERS), "job-1", "US", True)


def test_a_query_request_is_not_read_as_a_job_and_a_job_not_as_a_query_request():
    both = {"query": "SELECT 1", "configuration": {"query": {"query": "SELECT 2"}}, "jobReference": {"jobId": "j"}}
    assert asked(query(both)).sql == "SELECT 1"
    assert asked(query(both)).job_id is None
    assert asked(insert(both)).sql == "SELECT 2"


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("bigquery.tables.insert", {"view": {"query": "SELECT 1"}}),
        ("bigquery.tables.patch", {"materializedView": {"query": "SELECT 1"}}),
        ("bigquery.routines.update", {"definitionBody": "SELECT 1"}),
    ],
)
def test_sql_in_other_documents_is_kept_too(name, document):
    assert asked(call_of(METHOD[name], document)).sql == "SELECT 1"


def test_a_call_without_a_document():
    call = call_of(METHOD["bigquery.jobs.get"], None, parameters=[("location", "EU")])
    assert without_digest(asked(call)) == (None, (), None, "EU", False)


def test_the_digest_is_of_everything_asked():
    same = asked(query({"query": "SELECT 1", "location": "EU"}, call_id="a"))
    assert same.digest == asked(query({"location": "EU", "query": "SELECT 1"}, call_id="b")).digest
    assert same.digest.startswith("sha256:")
    others = [
        query({"query": "SELECT 2", "location": "EU"}),
        query({"query": "SELECT 1", "location": "EU", "maxResults": 1}),
        query({"query": "SELECT 1", "location": "EU"}, parameters=[("fields", "rows")]),
        insert({"query": "SELECT 1", "location": "EU"}),
    ]
    assert len({same.digest, *(asked(other).digest for other in others)}) == 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["query", "configuration", "queryParameters", "jobReference", "location", "dryRun", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(document=st.dictionaries(st.sampled_from(["query", "configuration", "jobReference"]), JSON))
def test_no_document_is_an_error(document):
    for call in (query(document), insert(document)):
        request = asked(call)
        assert request.sql is None or isinstance(request.sql, str)
        assert request.job_id is None or isinstance(request.job_id, str)
