"""Time zones and civil time in microseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gatebook.sandbox.translate.udfs.registry import INT, TEXT, EvaluationError, Udf

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CIVIL_EPOCH = _EPOCH.replace(tzinfo=None)
_OFFSET = re.compile(r"(?:UTC)?([+-])(\d{1,2})(?::?(\d{2}))?")
FIRST_MICROS, LAST_MICROS = -62_135_596_800_000_000, 253_402_300_799_999_999
_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896


@lru_cache(maxsize=256)
def zone_named(name: str) -> tzinfo:
    """A region (`America/Los_Angeles`) or an offset (`+05:30`, `-8`)."""
    offset = _OFFSET.fullmatch(name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes > 14 * 60 or int(offset[3] or 0) > 59:
            raise EvaluationError(f"Invalid time zone: {name}")
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    if name in ("Z", "z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EvaluationError(f"Invalid time zone: {name}") from None


def civil(micros: int) -> datetime:
    """Civil date and time of a count of microseconds."""
    return _CIVIL_EPOCH + timedelta(microseconds=micros)


def micros_of(value: datetime) -> int:
    """Microseconds of a civil date and time."""
    return (value.replace(tzinfo=None) - _CIVIL_EPOCH) // timedelta(microseconds=1)


def in_zone(micros: int, zone: str) -> datetime:
    """An instant, with its zone."""
    try:
        return (_EPOCH + timedelta(microseconds=micros)).astimezone(zone_named(zone))
    except OverflowError:
        raise EvaluationError("Timestamp is out of range in the time zone") from None


def local_micros(micros: int, zone: str) -> int:
    """Civil time of an instant in a zone."""
    return micros_of(in_zone(micros, zone))


def instant_micros(micros: int, zone: str) -> int:
    """The instant of a civil time: the earlier of two, and the time before the gap's jump when there is none."""
    return instant_of(civil(micros), zone_named(zone))


def instant_of(value: datetime, zone: tzinfo) -> int:
    """As `instant_micros`; refused outside of years 1 to 9999."""
    offset = value.replace(tzinfo=zone).utcoffset() or timedelta(0)
    return checked_micros(micros_of(value) - offset // timedelta(microseconds=1))


def checked_micros(micros: int) -> int:
    """Refuse what is no TIMESTAMP or DATETIME of BigQuery."""
    if not FIRST_MICROS <= micros <= LAST_MICROS:
        raise EvaluationError("Timestamp or datetime is out of the allowed range, 0001-01-01 to 9999-12-31")
    return micros


def _checked_day(days: int) -> int:
    if not _FIRST_DAY <= days <= _LAST_DAY:
        raise EvaluationError("Date is out of the allowed range, 0001-01-01 to 9999-12-31")
    return days


def _make_date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise EvaluationError(f"Input calculates to invalid date: {year:04}-{month:02}-{day:02}") from None


def _make_datetime(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    try:
        return (
            micros_of(datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC))
            + (second == 60) * 1_000_000
        )
    except ValueError:
        text = f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
        raise EvaluationError(f"Input calculates to invalid datetime: {text}") from None


def _make_time(hour: int, minute: int, second: int) -> time:
    if 0 <= hour < 24 and 0 <= minute < 60 and second == 60:  # a leap second
        return (datetime.combine(date(1970, 1, 1), time(hour, minute, 59)) + timedelta(seconds=1)).time()
    try:
        return time(hour, minute, second)
    except ValueError:
        raise EvaluationError(f"Input calculates to invalid time: {hour:02}:{minute:02}:{second:02}") from None


UDFS: tuple[Udf, ...] = (
    Udf("bq_local_micros", local_micros, (INT, TEXT), INT),
    Udf("bq_instant_micros", instant_micros, (INT, TEXT), INT),
    Udf("bq_checked_micros", checked_micros, (INT,), INT),
    Udf("bq_checked_day", _checked_day, (INT,), "INTEGER"),
    Udf("bq_make_date", _make_date, (INT, INT, INT), "DATE"),
    Udf("bq_make_datetime", _make_datetime, (INT,) * 6, INT),
    Udf("bq_make_time", _make_time, (INT, INT, INT), "TIME"),
)
