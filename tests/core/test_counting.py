"""Which refusals are written in full, and what the others are counted as."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import book_samples as samples
from gatebook.core.book.entry import read, write
from gatebook.core.book.records import Refusal
from gatebook.core.counting import Bounds, Counted, Tally, shortened, source_of, summary
from gatebook.core.model import Origin
from gatebook.errors import Reason

MINUTE = 60_000_000
BOUNDS = Bounds(in_full=3, in_full_together=5, answered=8)


def refusal(
    number: int, address: str = "10.0.0.1", at: int = 0, reason: Reason = Reason.TOKEN_MISSING, agent: str = "curl"
) -> Refusal:
    plain = samples.refusal(number)
    call = replace(plain.call, origin=Origin(address, agent))
    return replace(plain, call=call, identity=None, reason=reason, at_microseconds=at)


def in_full(tally: Tally, refusals: list[Refusal]) -> list[bool]:
    return [tally.note(one) is None for one in refusals]


def test_the_first_of_a_minute_are_in_full_and_the_next_minute_begins_anew() -> None:
    tally = Tally(BOUNDS)
    assert in_full(tally, [refusal(n) for n in range(5)]) == [True, True, True, False, False]
    assert in_full(tally, [refusal(n, at=MINUTE) for n in range(5)]) == [True, True, True, False, False]


def test_sources_have_bounds_of_their_own_and_one_together() -> None:
    tally = Tally(BOUNDS)
    assert in_full(tally, [refusal(n, "10.0.0.1") for n in range(4)]) == [True, True, True, False]
    assert in_full(tally, [refusal(n, "10.0.0.2") for n in range(4)]) == [True, True, False, False]
    assert in_full(tally, [refusal(1, "10.0.0.3")]) == [False]


def test_a_minute_that_is_over_tells_how_many_and_why() -> None:
    tally = Tally(BOUNDS)
    for n in range(6):
        tally.note(refusal(n))
    for n in range(6, 8):
        tally.note(refusal(n, reason=Reason.PATH_UNKNOWN))
    assert list(tally.over(MINUTE - 1)) == []
    (count,) = tally.over(MINUTE)
    assert count.untold == {Reason.TOKEN_MISSING: 3, Reason.PATH_UNKNOWN: 2}
    assert (count.first, count.last) == tuple(
        Counted(one.call.id, one.call.received_at_microseconds, "curl") for one in (refusal(3), refusal(7))
    )
    assert list(tally.over(MINUTE)) == [count], "as long as it is not told"
    count.untold.clear()
    assert list(tally.over(MINUTE)) == []


def test_at_the_end_the_minute_under_way_is_told_too() -> None:
    tally = Tally(BOUNDS)
    for n in range(4):
        tally.note(refusal(n, at=5 * MINUTE))
    assert [count.untold.total() for count in tally.over(None)] == [1]


def test_a_source_hears_why_up_to_a_number() -> None:
    tally = Tally(BOUNDS)
    counts = (tally.note(refusal(n)) for n in range(9))
    answered = [tally.is_answered(count) for count in counts if count is not None]
    assert answered == [True] * 5 + [False]


def test_sources_without_end_are_one() -> None:
    tally = Tally(Bounds(1, 10_000, 1))
    for n in range(3000):
        tally.note(refusal(n, f"10.1.{n // 250}.{n % 250}"))
    counts = list(tally.over(None))
    assert [(count.source, count.untold.total()) for count in counts] == [("several", 3000 - 1024 - 1)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5), st.sampled_from(list(Reason))), max_size=60))
def test_nothing_is_lost_and_nothing_told_twice(refused: list[tuple[str, int, Reason]]) -> None:
    tally, written, told = Tally(BOUNDS), Counter[Reason](), Counter[Reason]()
    for number, (source, minute, reason) in enumerate(sorted(refused, key=lambda item: item[1])):
        if tally.note(refusal(number, source, minute * MINUTE, reason)) is None:
            written[reason] += 1
        for count in tally.over(minute * MINUTE):
            told += count.untold
            count.untold.clear()
    told += sum((count.untold for count in tally.over(None)), Counter())
    assert written + told == Counter(reason for _, _, reason in refused)


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_a_subscriber_is_one_source(address: str, source: str) -> None:
    assert source_of(address) == source


def test_a_summary_is_a_record_like_others() -> None:
    numbers = Counter({Reason.TOKEN_MISSING: 400, Reason.PATH_UNKNOWN: 12})
    record = summary("10.0.0.1", Counted("a" * 32, 7, "curl"), numbers, 9)
    assert read(write(record)[1]) == record
    assert record.call.method.name == "gatebook.refusals.counted"
    assert record.call.resource == {"path_unknown": "12", "token_missing": "400"}
    assert "12 path_unknown, 400 token_missing" in record.message


def test_of_an_unproven_caller_long_texts_are_not_kept() -> None:
    plain = refusal(1, agent="x" * 30_000)
    long = replace(
        plain,
        call=replace(plain.call, parameters=(("pageToken", "y" * 5000),)),
        request=replace(plain.request, sql="z" * 60_000, query_parameters=({"value": "w" * 60_000},)),
    )
    assert len(write(shortened(long))[1]) < 4096
    assert shortened(long).request.digest == plain.request.digest
    kept = shortened(replace(plain, request=replace(plain.request, sql="SELECT 1")))
    assert kept.request.sql == "SELECT 1"
