import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.rest.paging import page, page_offset, page_token
from gatebook.sandbox.rest.partial import apply, parse

REPLY = {
    "kind": "k",
    "jobReference": {"projectId": "p", "jobId": "j"},
    "rows": [{"f": [{"v": "1"}]}],
    "jobs": [{"id": "a", "status": {"state": "DONE", "errors": []}}],
}


@pytest.mark.parametrize(
    ("mask", "wanted"),
    [
        ("kind", {"kind": "k"}),
        ("jobReference, rows", {"jobReference": REPLY["jobReference"], "rows": REPLY["rows"]}),
        ("jobReference/jobId", {"jobReference": {"jobId": "j"}}),
        ("jobReference(jobId,projectId),kind", {"jobReference": REPLY["jobReference"], "kind": "k"}),
        ("jobs/status/state", {"jobs": [{"status": {"state": "DONE"}}]}),
        ("jobs(id,status(state))", {"jobs": [{"id": "a", "status": {"state": "DONE"}}]}),
        ("jobReference/*", {"jobReference": REPLY["jobReference"]}),
        ("*", REPLY),
        ("*/jobId", {"kind": "k", "jobReference": {"jobId": "j"}, "rows": [{}], "jobs": [{}]}),
        ("jobReference,jobReference/jobId", {"jobReference": REPLY["jobReference"]}),
        ("jobReference/jobId,jobReference/projectId", {"jobReference": REPLY["jobReference"]}),
        ("absent", {}),
    ],
)
def test_a_mask_selects(mask, wanted):
    assert apply(parse(mask), REPLY) == wanted


@pytest.mark.parametrize("mask", ["", ",", "a,", "a(b", "a)b", "a//b", "a(b)c", "a b;", "(a)"])
def test_what_is_no_mask_is_refused(mask):
    with pytest.raises(ApiError, match="Invalid field selection"):
        parse(mask)


@given(st.text(alphabet="ab,/()* ", max_size=30))
def test_any_text_is_a_mask_or_refused(text):
    with contextlib.suppress(ApiError):
        assert isinstance(apply(parse(text), {"a": {"b": 1}}), dict)


def test_pages_follow_each_other_and_end():
    items, token, found = list(range(10)), None, []
    for _ in range(4):
        part, token = page(items, token, 3, default=100)
        found.append(part)
    assert found == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert token is None
    assert page(items, None, None, default=100) == (items, None)


@pytest.mark.parametrize("token", ["5", "!", page_token(3)[1:], "Z2I6eA"])
def test_a_token_of_nobody_is_refused(token):
    with pytest.raises(ApiError, match="Invalid page token"):
        page_offset(token)
