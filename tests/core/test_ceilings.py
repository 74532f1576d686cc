"""Ceilings on what a call may bill and give."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.core.ceilings import capped, exhausted, rows_asked
from gatebook.core.methods import METHODS
from gatebook.core.model import Call, Origin
from gatebook.core.policy.decision import NO_CEILINGS, Ceilings

BY_NAME = {method.name.removeprefix("bigquery."): method for method in METHODS}
NAMES = {"projectId": "p", "jobId": "j", "datasetId": "d", "tableId": "t"}


def call(method: str, document: Any = None, **parameters: str) -> Call:
    return Call("c", 0, BY_NAME[method], NAMES, tuple(parameters.items()), {}, document, Origin("", ""))


@pytest.mark.parametrize(
    ("own", "sent"), [(None, "100"), ("50", "50"), (50, "50"), ("500", "100"), ("0", "100"), ("x", "100"), (-1, "100")]
)
def test_the_lower_maximum_of_bytes_is_sent(own: object, sent: str) -> None:
    query = {"query": "SELECT 1"} | ({} if own is None else {"maximumBytesBilled": own})
    asked = capped(call("jobs.query", query), Ceilings(maximum_bytes_billed=100), 0)
    assert asked.document == {**query, "maximumBytesBilled": sent}
    job = {"jobReference": {"jobId": "j"}, "configuration": {"labels": {}, "query": query}}
    asked = capped(call("jobs.insert", job), Ceilings(maximum_bytes_billed=100), 0)
    assert asked.document == {
        **job,
        "configuration": {"labels": {}, "query": {**query, "maximumBytesBilled": sent}},
    }


@pytest.mark.parametrize(
    "asked",
    [
        call("jobs.insert", {"configuration": {"load": {"destinationTable": {}}}}),
        call("jobs.query", {"query": "SELECT 1", "dryRun": True}),
        call("tables.get"),
        call("tables.insert", {"view": {"query": "SELECT 1"}}),
    ],
)
def test_what_bills_nothing_stays_as_it_is(asked: Call) -> None:
    assert capped(asked, Ceilings(maximum_bytes_billed=100), 0) == asked


@pytest.mark.parametrize(("own", "had", "sent"), [(None, 0, 10), ("3", 0, 3), ("50", 0, 10), ("50", 8, 2), ("0", 9, 0)])
def test_the_lower_number_of_rows_is_asked_for(own: str | None, had: int, sent: int) -> None:
    ceilings = Ceilings(result_rows=10)
    for method in ("jobs.getQueryResults", "tabledata.list"):
        given_parameters = {"pageToken": "x"} | ({} if own is None else {"maxResults": own})
        asked = capped(call(method, **given_parameters), ceilings, had)
        assert asked.parameters == (("pageToken", "x"), ("maxResults", str(sent)))
    document = {"query": "SELECT 1"} | ({} if own is None else {"maxResults": int(own)})
    assert capped(call("jobs.query", document), ceilings, had).document == {"query": "SELECT 1", "maxResults": sent}


@pytest.mark.parametrize(
    ("asked", "had", "refused"),
    [
        (call("jobs.getQueryResults"), 9, False),
        (call("jobs.getQueryResults"), 10, True),
        (call("jobs.getQueryResults", maxResults="0"), 10, False),  # asks how the job stands
        (call("tabledata.list", maxResults="1"), 10, True),
        (call("tables.get"), 10, False),
    ],
)
def test_who_has_had_all_rows_is_given_no_more(asked: Call, had: int, refused: bool) -> None:
    assert exhausted(asked, Ceilings(result_rows=10), had) is refused
    assert not exhausted(asked, NO_CEILINGS, had)


def test_a_number_of_rows_that_is_none_counts_as_none() -> None:
    assert [rows_asked(call("tabledata.list", maxResults=text)) for text in ("7", "", "x", "-1", "٣")] == [
        7,
        0,
        0,
        0,
        0,
    ]


@given(st.integers(0, 50), st.integers(0, 50), st.lists(st.integers(0, 50), max_size=8))
def test_no_more_rows_are_given_than_the_ceiling_whatever_pages_are_asked_for(
    limit: int, first: int, pages: list[int]
) -> None:
    ceilings, had = Ceilings(result_rows=limit), 0
    for number, size in enumerate([first, *pages]):
        asked = call("jobs.getQueryResults", maxResults=str(size))
        if exhausted(asked, ceilings, had):
            continue
        had += int(capped(asked, ceilings, had).parameter("maxResults") or "-1")
        assert had <= limit, number
