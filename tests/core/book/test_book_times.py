"""Times as people give them and as they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatebook.core.book.times import read_time, show_time

NOW = 1_790_000_000_000_000


@pytest.mark.parametrize(
    ("text", "seconds_ago"),
    [
        ("90s", 90),
        ("5m", 300),
        ("2h", 7200),
        ("7d", 604_800),
        ("1w", 604_800),
        ("2026-09-21T14:13:20Z", 0),
        ("2026-09-21T16:13:20+02:00", 0),
        ("2026-09-21T14:13:19.5Z", 0.5),
        ("2026-09-21 14:12:20Z", 60),
        ("2026-09-21", 51_200),
    ],
)
def test_reads(text: str, seconds_ago: float) -> None:
    assert read_time(text, NOW) == NOW - int(seconds_ago * 1_000_000)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2h30m", "-2h", "2026-13-01", "2026-09-21T14:13:20", "2026-09-21 14:13"]
)
def test_refuses_what_could_be_misread(text: str) -> None:
    with pytest.raises(ValueError, match=r"time zone|neither a time"):
        read_time(text, NOW)


@given(st.integers(-30_000_000_000_000_000, 250_000_000_000_000_000))
def test_what_is_shown_is_read_back(microseconds: int) -> None:
    assert read_time(show_time(microseconds), NOW) == microseconds


def test_a_number_that_is_no_time_is_shown() -> None:
    assert show_time(2**70) == f"{2**70} us"
