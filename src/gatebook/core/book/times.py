"""Times of the book as people write and read them."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RELATIVE = re.compile(r"([0-9]{1,9})(s|m|h|d|w)")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def read_time(text: str, now_microseconds: int) -> int:
    """Read `2026-11-23T04:05:06Z` (RFC 3339), `2026-11-23` (its midnight, UTC), or an age such as `2h` or `7d`.

    Gives microseconds since the epoch. Raises ValueError.
    """
    age = _RELATIVE.fullmatch(text)
    if age:
        return now_microseconds - int(age[1]) * _UNIT_SECONDS[age[2]] * 1_000_000
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is neither a time like 2026-11-23T04:05:06Z nor an age like 2h or 7d") from None
    if moment.tzinfo is None:
        if "T" in text.upper() or " " in text:
            raise ValueError(f"{text!r} does not say its time zone: add Z or an offset like +01:00")
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def show_time(microseconds: int) -> str:
    """Give a time as RFC 3339 in UTC with microseconds; a number that is no time is shown as it is."""
    try:
        moment = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return f"{microseconds} us"
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment.year >= 1000 else f"{microseconds} us"
