"""Dates, times and intervals as BigQuery reads them from text in files and JSON rows.

Formats: https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical-elements#date_literals and
https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-csv#data_types. Every reader raises
ValueError for text that BigQuery refuses.
"""

import datetime as dt
import re
import zoneinfo

import pyarrow as pa

_DATE = r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,6})\d{0,3})?)?"
_ZONE = r"(?P<zone>Z|z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?|[A-Za-z]+(?:/[A-Za-z_+-]+\d*)+)"
_DATE_ONLY = re.compile(_DATE)
_TIME_ONLY = re.compile(_CLOCK)
_MOMENT = re.compile(rf"{_DATE}(?:[Tt ]+{_CLOCK})?\s*{_ZONE}?")
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")
_NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:[Ee][+-]?\d+)?")
_INTERVAL = re.compile(
    r"(?P<date_sign>-?)(?P<years>\d+)-(?P<months>\d+) (?P<days>-?\d+) "
    r"(?P<time_sign>-?)(?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>\d+)(?:\.(?P<fraction>\d{1,9}))?"
)
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def date(text: str) -> dt.date:
    """``YYYY-[M]M-[D]D``."""
    return dt.date(*_date_parts(_match(_DATE_ONLY, text, "date")))


def time(text: str) -> dt.time:
    """``[H]H:[M]M[:[S]S[.F]]``."""
    return dt.time(*_clock_parts(_match(_TIME_ONLY, text, "time")))


def civil(text: str) -> dt.datetime:
    """A DATETIME: date and optional time, without a zone."""
    match = _match(_MOMENT, text, "datetime")
    if match["zone"]:
        raise ValueError(f"Invalid datetime string {text!r}")
    return dt.datetime(*_date_parts(match), *_clock_parts(match))  # noqa: DTZ001 - DATETIME has no zone


def timestamp(text: str) -> dt.datetime:
    """A TIMESTAMP: date, optional time and zone (UTC without one), or seconds since the epoch."""
    if _NUMBER.fullmatch(text):
        return epoch(float(text))
    match = _match(_MOMENT, text, "timestamp")
    zone = _zone(match["zone"] or "UTC")
    local = dt.datetime(*_date_parts(match), *_clock_parts(match), tzinfo=zone)
    return local.astimezone(dt.UTC)


def epoch(seconds: float) -> dt.datetime:
    """A TIMESTAMP given as seconds since the epoch, to the microsecond."""
    try:
        return _EPOCH + dt.timedelta(microseconds=round(seconds * 1_000_000))
    except OverflowError:
        raise ValueError(f"Timestamp is out of bounds: {seconds}") from None


def interval(text: str) -> pa.MonthDayNano:
    """An INTERVAL in canonical form ``[sign]Y-M [sign]D [sign]H:M:S[.F]``."""
    match = _match(_INTERVAL, text, "interval")
    months = int(match["years"]) * 12 + int(match["months"])
    seconds = (int(match["hours"]) * 60 + int(match["minutes"])) * 60 + int(match["seconds"])
    nanoseconds = seconds * 1_000_000_000 + int((match["fraction"] or "").ljust(9, "0"))
    return pa.MonthDayNano(
        [
            -months if match["date_sign"] else months,
            int(match["days"]),
            -nanoseconds if match["time_sign"] else nanoseconds,
        ]
    )


def _match(pattern: re.Pattern[str], text: str, kind: str) -> re.Match[str]:
    match = pattern.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"Invalid {kind} string {text!r}")
    return match


def _date_parts(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match["year"]), int(match["month"]), int(match["day"])


def _clock_parts(match: re.Match[str]) -> tuple[int, int, int, int]:
    fraction = (match["fraction"] or "").ljust(6, "0")
    return int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0), int(fraction)


def _zone(name: str) -> dt.tzinfo:
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign, hours, minutes = offset.groups()
        span = dt.timedelta(hours=int(hours), minutes=int(minutes or 0))
        return dt.timezone(-span if sign == "-" else span)
    if name.upper() in {"Z", "UTC", "GMT"}:
        return dt.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ValueError(f"Invalid time zone: {name}") from None
