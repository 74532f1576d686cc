"""What replies of each form tell: query responses, pages, job resources, errors."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.core.belongings import Belongings, Job
from gatebook.core.model import Ending, Outcome
from gatebook.core.replies.facts import ReplyFacts, facts_of
from gatebook.core.replies.messages import WITHHELD
from gatebook.core.replies.reader import ReplyReader

REFERENCE = {"projectId": "acme", "jobId": "job_1", "location": "EU"}
JOB = Job("acme", "EU", "job_1")

QUERY_RESPONSE = {
    "kind": "bigquery#queryResponse",
    "schema": {"fields": [{"name": "n", "type": "INTEGER"}]},
    "jobReference": REFERENCE,
    "totalRows": "2",
    "rows": [{"f": [{"v": "1"}]}, {"f": [{"v": "2"}]}],
    "totalBytesProcessed": "1048576",
    "totalBytesBilled": "10485760",
    "jobComplete": True,
    "cacheHit": False,
    "sessionInfo": {"sessionId": "s1"},
}


def told(**facts):
    return ReplyFacts(whole=True, **facts)


FORMS = {
    "jobs.query": (
        QUERY_RESPONSE,
        told(
            job=JOB, location="EU", job_state="DONE", rows=2, total_rows=2, has_schema=True, cache_hit=False,
            bytes_processed=1048576, bytes_billed=10485760, session_id="s1",
        ),
    ),
    "jobs.query, not yet done": (
        {"jobReference": REFERENCE, "jobComplete": False},
        told(job=JOB, location="EU", rows=0),
    ),
    "jobs.query, job creation optional": (
        {"queryId": "q1", "location": "EU", "jobComplete": True, "totalRows": "0"},
        told(location="EU", job_state="DONE", rows=0, total_rows=0),
    ),
    "jobs.query, DML": (
        {"jobReference": REFERENCE, "jobComplete": True, "numDmlAffectedRows": "7", "dmlStats": {"x": "7"}},
        told(job=JOB, location="EU", job_state="DONE", rows=0, rows_affected=7),
    ),
    "jobs.query, Arrow": (
        {"jobReference": REFERENCE, "jobComplete": True, "totalRows": "9", "arrowRecordBatch": {"x": "AAAA"}},
        told(job=JOB, location="EU", job_state="DONE", rows=None, total_rows=9),
    ),
    "a page, masked fields": (
        {"jobReference": REFERENCE, "totalRows": "5", "pageToken": "next", "rows": [{"f": [{"v": None}]}]},
        told(job=JOB, location="EU", rows=1, total_rows=5, has_more=True),
    ),
    "tabledata.list, empty": ({"kind": "bigquery#tableDataList", "totalRows": "0"}, told(rows=0, total_rows=0)),
    "jobs.get, a query": (
        {
            "jobReference": REFERENCE,
            "status": {"state": "DONE"},
            "statistics": {
                "totalBytesProcessed": "1",
                "sessionInfo": {"sessionId": "s1"},
                "query": {
                    "totalBytesProcessed": "5", "totalBytesBilled": "10", "numDmlAffectedRows": "3", "cacheHit": True,
                },
            },
        },
        told(
            job=JOB, location="EU", job_state="DONE", cache_hit=True, rows_affected=3, bytes_processed=5,
            bytes_billed=10, session_id="s1",
        ),
    ),
    "jobs.get, a load": (
        {"jobReference": REFERENCE, "status": {"state": "DONE"}, "statistics": {"load": {"outputRows": "12"}}},
        told(job=JOB, location="EU", job_state="DONE", rows_affected=12),
    ),
    "jobs.insert, a job that failed": (
        {
            "jobReference": REFERENCE,
            "status": {"state": "DONE", "errorResult": {"reason": "accessDenied", "message": "Access Denied: Table t"}},
        },
        told(
            job=JOB, location="EU", job_state="DONE", error_reason="accessDenied",
            error_message="Access Denied: Table t",
        ),
    ),
    "jobs.cancel": (
        {"kind": "bigquery#jobCancelResponse", "job": {"jobReference": REFERENCE, "status": {"state": "RUNNING"}}},
        told(job=JOB, location="EU", job_state="RUNNING"),
    ),
    "an error": (
        {
            "error": {
                "code": 404,
                "message": "Not found: Table acme:shop.orders",
                "errors": [{"message": "Not found: Table acme:shop.orders", "domain": "global", "reason": "notFound"}],
                "status": "NOT_FOUND",
            }
        },
        told(error_reason="notFound", error_message="Not found: Table acme:shop.orders"),
    ),
    "an error without a list": (
        {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}},
        told(error_reason="PERMISSION_DENIED", error_message=WITHHELD),
    ),
    "warnings of a job that went well": (
        {"jobReference": REFERENCE, "jobComplete": True, "errors": [{"reason": "invalid", "message": "row 7: alice"}]},
        told(job=JOB, location="EU", job_state="DONE", rows=0),
    ),
    "not an object": ([], ReplyFacts()),
}  # fmt: skip


def read(data, encoding=None, step=1000):
    reader = ReplyReader(encoding)
    for at in range(0, len(data), step):
        reader.feed(data[at : at + step])
    return reader.finish()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", [None, "identity", "gzip", "X-GZIP"])
def test_each_form_tells_its_facts(form, encoding):
    document, facts = FORMS[form]
    data = json.dumps(document).encode()
    if encoding in ("gzip", "X-GZIP"):
        data = gzip.compress(data)
    for step in (1, 7, 1 << 20):
        assert read(data, encoding, step) == facts


def test_the_facts_become_the_books_outcome_and_the_callers_belongings():
    facts = read(json.dumps(QUERY_RESPONSE).encode())
    assert facts.outcome(200, Ending.ANSWERED, 400) == Outcome(
        status=200, ending="answered", bytes_returned=400, rows_returned=2, job_id="job_1", location="EU",
        job_state="DONE", bytes_processed=1048576, bytes_billed=10485760,
    )  # fmt: skip
    assert facts.belongings() == Belongings(jobs=(JOB,), sessions=("s1",))
    assert ReplyFacts().belongings() == Belongings()


WRONG = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), st.just([]), st.just({"reason": 1}))


@given(
    st.recursive(
        WRONG,
        lambda inner: st.dictionaries(
            st.sampled_from(
                ["jobReference", "projectId", "jobId", "status", "state", "errorResult", "error", "errors",
                 "statistics", "query", "load", "outputRows", "sessionInfo", "sessionId", "totalRows", "cacheHit",
                 "job", "message"]
            ),
            inner,
        ),
        max_leaves=10,
    ).filter(lambda document: isinstance(document, dict))
)  # fmt: skip
def test_a_document_of_the_wrong_shape_is_no_error(document):
    facts = facts_of(document)
    assert facts.job is None or (isinstance(facts.job.project, str) and isinstance(facts.job.id, str))
    assert facts.total_rows is None or facts.total_rows >= 0


@pytest.mark.parametrize("value", ["-1", "1.5", "1e3", "", " 1", "٣", "9" * 30, -1, 1.5, True, None, [], 1 << 70])
def test_what_is_no_count_is_not_taken_for_one(value):
    assert facts_of({"totalRows": value}).total_rows is None


def large_page():
    row = {"f": [{"v": "abcdefghij"}, {"v": [{"v": "1"}, {"v": "2"}]}]}
    return json.dumps({**QUERY_RESPONSE, "rows": [row] * 20_000}, separators=(",", ":")).encode()


@pytest.mark.parametrize("step", [997, 65536])
def test_a_large_compressed_page_is_read_as_it_passes(step):
    facts = read(gzip.compress(large_page()), "gzip", step)
    assert (facts.rows, facts.whole, facts.bytes_billed) == (20_000, True, 10485760)


def test_several_gzip_members_are_one_reply():
    data = large_page()
    parts = b"".join(gzip.compress(data[at : at + 100_000]) for at in range(0, len(data), 100_000))
    assert read(parts, "gzip").rows == 20_000


@pytest.mark.parametrize("step", [1000, 1 << 20])
def test_a_cut_or_damaged_stream_is_not_whole(step):
    compressed = gzip.compress(large_page())
    assert not read(compressed[:-100], "gzip", step).whole
    assert not read(compressed[:500] + b"\xff" * 50 + compressed[550:], "gzip", step).whole
    assert read(b"no gzip at all", "gzip", step) == ReplyFacts()


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "zstd"])
def test_other_codings_pass_unread(encoding):
    assert read(zlib.compress(json.dumps(QUERY_RESPONSE).encode()), encoding) == ReplyFacts()


def test_a_bomb_is_given_up_long_before_its_end():
    spaces = gzip.compress(b" " * (16 * 1024 * 1024), compresslevel=9)
    reader = ReplyReader("gzip")
    reader.feed(spaces * 40)
    assert reader.finish() == ReplyFacts()
    assert reader._bytes_out < 80 * 1024 * 1024
