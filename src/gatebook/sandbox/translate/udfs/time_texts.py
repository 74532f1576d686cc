"""Reading dates and times as CAST does, and printing a TIMESTAMP in a zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from gatebook.sandbox.translate.udfs.registry import DATE, INT, TEXT, TIME, EvaluationError, Udf
from gatebook.sandbox.translate.udfs.zones import in_zone, instant_of, micros_of, zone_named

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})(?:\.(?P<fraction>\d{1,9}))?"
_DAY = r"(?P<year>\d{4,5})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_ZONE = r"(?P<zone>[Zz]|\s?[+-]\d{1,2}(?::\d{2})?|\s[A-Za-z][A-Za-z0-9_+\-/]*)"
_TIMESTAMP = re.compile(rf"\s*{_DAY}(?:(?:[Tt]|\s+){_CLOCK})?{_ZONE}?\s*", re.ASCII)
_DATE = re.compile(rf"\s*{_DAY}\s*", re.ASCII)
_TIME = re.compile(rf"\s*{_CLOCK}\s*", re.ASCII)


def _read(match: re.Match[str]) -> datetime:
    """The civil time in a match; ValueError when there is no such day or hour."""
    parts = match.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    fraction = parts.get("fraction") or ""
    if fraction[6:].strip("0"):
        raise ValueError("nanoseconds")
    micros = int(fraction[:6].ljust(6, "0"))
    day = date(int(parts["year"]), int(parts["month"]), int(parts["day"])) if "year" in parts else date(1970, 1, 1)
    moment = datetime.combine(day, time(hour, minute, min(second, 59), micros))
    if second == 60:  # a leap second is the first second of the next minute
        return moment.replace(microsecond=0) + timedelta(seconds=1)
    if second > 60:
        raise ValueError("second")
    return moment


def _moment(pattern: re.Pattern[str], text: str, message: str) -> tuple[datetime, str | None]:
    match = pattern.fullmatch(text)
    try:
        if match is not None:
            return _read(match), match.groupdict().get("zone")
    except (ValueError, OverflowError):
        pass
    raise EvaluationError(message)


def parse_timestamp(text: str, zone: str) -> int:
    """Microseconds; the zone in the text wins over the argument."""
    moment, written = _moment(_TIMESTAMP, text, f"Invalid timestamp: '{text}'")
    return instant_of(moment, zone_named(written.strip() if written else zone))


def _parse_datetime(text: str) -> int:
    moment, zone = _moment(_TIMESTAMP, text, f'Invalid datetime string "{text}"')
    if zone is not None:
        raise EvaluationError(f'Invalid datetime string "{text}"')
    return micros_of(moment)


def _parse_date(text: str) -> date:
    return _moment(_DATE, text, f"Invalid date: '{text}'")[0].date()


def _parse_time(text: str) -> time:
    return _moment(_TIME, text, f'Invalid time string "{text}"')[0].time()


def _timestamp_text(micros: int, zone: str) -> str:
    """`2024-01-01 00:00:00.123+05:30`."""
    moment = in_zone(micros, zone)
    text = f"{moment.year:04}-{moment:%m-%d %H:%M:%S}"
    if moment.microsecond:
        text += f".{moment.microsecond:06}" if moment.microsecond % 1000 else f".{moment.microsecond // 1000:03}"
    minutes = round((moment.utcoffset() or timedelta(0)).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return text + f"{'-' if minutes < 0 else '+'}{hours:02}" + (f":{rest:02}" if rest else "")


def _range(parse: Callable[[str], Any]) -> Callable[[str], dict[str, Any]]:
    def parse_range(text: str) -> dict[str, Any]:
        match = re.fullmatch(r"\[(.*), (.*)\)", text)
        if match is None:
            raise EvaluationError(f"Invalid range value: {text}")
        start, end = (None if bound.upper() in ("UNBOUNDED", "NULL") else parse(bound) for bound in match.groups())
        if start is not None and end is not None and start >= end:
            raise EvaluationError("Range start element must be smaller than range end element")
        return {"start": start, "end": end}

    return parse_range


def _bounds(kind: str) -> str:
    return f'STRUCT("start" {kind}, "end" {kind})'


UDFS: tuple[Udf, ...] = (
    Udf("bq_timestamp_micros", parse_timestamp, (TEXT, TEXT), INT),
    Udf("bq_datetime_micros", _parse_datetime, (TEXT,), INT),
    Udf("bq_parse_date", _parse_date, (TEXT,), DATE),
    Udf("bq_parse_time", _parse_time, (TEXT,), TIME),
    Udf("bq_timestamp_text_in_zone", _timestamp_text, (INT, TEXT), TEXT),
    Udf("bq_parse_range_date", _range(_parse_date), (TEXT,), _bounds("DATE")),
    Udf("bq_range_micros_datetime", _range(_parse_datetime), (TEXT,), _bounds("BIGINT")),
    Udf("bq_range_micros_timestamp", _range(lambda text: parse_timestamp(text, "UTC")), (TEXT,), _bounds("BIGINT")),
)
