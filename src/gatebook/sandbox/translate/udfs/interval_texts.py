"""INTERVAL values as months, days and microseconds: reading, printing, justifying, and stepping through time."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

from gatebook.sandbox.translate.udfs.registry import BOOL, DATE, INT, INTS, TEXT, EvaluationError, Udf
from gatebook.sandbox.translate.udfs.zones import civil, micros_of

_HOUR, _MINUTE, _SECOND = 3_600_000_000, 60_000_000, 1_000_000
_DAY = 24 * _HOUR
_YEARS = r"(?P<ysign>[+-]?)(?P<years>\d+)-(?P<months>\d+)"
_DAYS = r"(?P<dsign>[+-]?)(?P<days>\d+)"
_CLOCK = r"(?P<tsign>[+-]?)(?P<hours>\d+):(?P<minutes>\d+):(?P<seconds>\d+)(?:\.(?P<fraction>\d{1,9}))?"
_TEXT = re.compile(rf"(?:{_YEARS})?\s*(?:(?<!\S){_DAYS}(?!\S))?\s*(?:(?<!\S){_CLOCK})?")
_ISO = re.compile(
    r"P(?:([+-]?\d+)Y)?(?:([+-]?\d+)M)?(?:([+-]?\d+)W)?(?:([+-]?\d+)D)?"
    r"(?:T(?:([+-]?\d+)H)?(?:([+-]?\d+)M)?(?:([+-]?)(\d+)(?:[.,](\d{1,9}))?S)?)?"
)


def _read(text: str) -> list[int]:
    """`1-2 3 4:5:6.7` or `P1Y2M3DT4H5M6.7S`."""
    canonical, iso = _TEXT.fullmatch(text.strip()), _ISO.fullmatch(text.strip())
    if canonical and re.search(r"\d\D+\d", text):  # a number alone could be anything
        return _read_canonical(canonical)
    if iso and len(text.strip()) > 2:
        years, months, weeks, days, hours, minutes = (int(iso[i] or 0) for i in range(1, 7))
        seconds = _fraction(iso[8], iso[9]) * (-1 if iso[7] == "-" else 1)
        return [years * 12 + months, weeks * 7 + days, hours * _HOUR + minutes * _MINUTE + seconds]
    raise EvaluationError(f"Invalid INTERVAL value '{text}'")


def _read_canonical(match: re.Match[str]) -> list[int]:
    number = {name: int(match[name] or 0) for name in ("years", "months", "days", "hours", "minutes")}
    micros = number["hours"] * _HOUR + number["minutes"] * _MINUTE + _fraction(match["seconds"], match["fraction"])
    signs = [-1 if match[name] == "-" else 1 for name in ("ysign", "dsign", "tsign")]
    return [signs[0] * (number["years"] * 12 + number["months"]), signs[1] * number["days"], signs[2] * micros]


def _fraction(seconds: str | None, digits: str | None) -> int:
    return int(seconds or 0) * _SECOND + int((digits or "")[:6].ljust(6, "0"))


def interval_text(months: int, days: int, micros: int) -> str:
    """BigQuery's canonical form."""
    years, rest = divmod(abs(months), 12)
    clock, fraction = divmod(abs(micros), _SECOND)
    text = f"{'-' if months < 0 else ''}{years}-{rest} {days} {'-' if micros < 0 else ''}"
    text += f"{clock // 3600}:{clock // 60 % 60}:{clock % 60}"
    if fraction:
        text += f".{fraction // 1000:03}" if fraction % 1000 == 0 else f".{fraction:06}"
    return text


def _iso(text: str) -> str:
    """The canonical form as ISO 8601."""
    months, days, micros = _read(text)
    sign = -1 if micros < 0 else 1
    clock, fraction = divmod(abs(micros), _SECOND)
    date = [
        (abs(months) // 12 * (-1 if months < 0 else 1), "Y"),
        (abs(months) % 12 * (-1 if months < 0 else 1), "M"),
        (days, "D"),
    ]
    times = [(sign * (clock // 3600), "H"), (sign * (clock // 60 % 60), "M")]
    out = "P" + "".join(f"{value}{unit}" for value, unit in date if value)
    hours = "".join(f"{value}{unit}" for value, unit in times if value)
    if clock % 60 or fraction:
        digits = f".{fraction:06}".rstrip("0").rstrip(".")
        hours += f"{'-' if sign < 0 else ''}{clock % 60}{digits}S"
    return out + ("T" + hours if hours else "") if out != "P" or hours else "P0Y"


def _toward_zero(value: int, size: int) -> tuple[int, int]:
    quotient = abs(value) // size * (1 if value >= 0 else -1)
    return quotient, value - quotient * size


def _justify_hours(months: int, days: int, micros: int) -> list[int]:
    carried, rest = _toward_zero(days * _DAY + micros, _DAY)
    return [months, carried, rest]


def _justify_days(months: int, days: int, micros: int) -> list[int]:
    carried, rest = _toward_zero(months * 30 + days, 30)
    return [carried, rest, micros]


def _justify_interval(months: int, days: int, micros: int) -> list[int]:
    carried, rest = _toward_zero((months * 30 + days) * _DAY + micros, 30 * _DAY)
    return [carried, *_toward_zero(rest, _DAY)]


def _divided(months: int, days: int, micros: int, divisor: int) -> list[int]:
    """What is left of months becomes days of 30 to a month, what is left of days time; truncated to microseconds."""
    if divisor == 0:
        raise EvaluationError("Interval division by zero")
    whole_months, rest = _toward_zero(months, abs(divisor))
    whole_days, rest = _toward_zero(rest * 30 + days, abs(divisor))
    whole_micros, _ = _toward_zero(rest * _DAY + micros, abs(divisor))
    sign = 1 if divisor > 0 else -1
    return [sign * whole_months, sign * whole_days, sign * whole_micros]


def moved(moment: datetime, months: int, days: int, micros: int) -> datetime:
    """A moment and an interval: months first, cut to the month's last day."""
    month = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(month, 12)
    try:
        day = min(moment.day, monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day) + timedelta(days=days, microseconds=micros)
    except (ValueError, OverflowError):
        raise EvaluationError("Date or time is out of the allowed range") from None


def _bucket(value: int, months: int, days: int, micros: int, origin: int) -> int:
    """Start of the bucket that holds a moment; buckets are counted from the origin."""
    if sum(part != 0 for part in (months, days, micros)) != 1 or months < 0 or days < 0 or micros < 0:
        raise EvaluationError("Bucket width INTERVAL must be positive and have one part only")
    if not months:
        width = days * _DAY + micros
        return origin + (value - origin) // width * width
    start, moment = civil(origin), civil(value)
    count = ((moment.year - start.year) * 12 + moment.month - start.month) // months
    while micros_of(moved(start, count * months, 0, 0)) > value:
        count -= 1
    while micros_of(moved(start, (count + 1) * months, 0, 0)) <= value:
        count += 1
    return micros_of(moved(start, count * months, 0, 0))


def _range_edges(
    start: int | None, end: int | None, months: int, days: int, micros: int, partial: bool
) -> list[list[int]] | None:
    """Starts and ends of consecutive parts of a range."""
    if start is None or end is None:
        raise EvaluationError("GENERATE_RANGE_ARRAY needs a bounded range")
    if months < 0 or days < 0 or micros < 0 or not (months or days or micros):
        raise EvaluationError("GENERATE_RANGE_ARRAY needs a positive step")
    first, edges, count = civil(start), [], 0
    low = start
    while low < end:
        count += 1
        high = micros_of(moved(first, months * count, days * count, micros * count))
        if high <= end or partial:
            edges.append([low, min(high, end)])
        low = high
    return edges


def _generated_dates(start: date, end: date, months: int, days: int) -> list[date]:
    """GENERATE_DATE_ARRAY: each date is a step from the one before, so that month ends drift."""
    if not (months or days):
        raise EvaluationError("Sequence step cannot be 0.")
    dates, forward = [], months > 0 or days > 0
    current = start
    while (current <= end) if forward else (current >= end):
        dates.append(current)
        current = moved(datetime.combine(current, time()), months, days, 0).date()
    return dates


UDFS: tuple[Udf, ...] = (
    Udf("bq_interval_read", _read, (TEXT,), INTS),
    Udf("bq_interval_text", interval_text, (INT, INT, INT), TEXT),
    Udf("bq_interval_iso", _iso, (TEXT,), TEXT),
    Udf("bq_justify_hours", _justify_hours, (INT, INT, INT), INTS),
    Udf("bq_justify_days", _justify_days, (INT, INT, INT), INTS),
    Udf("bq_justify_interval", _justify_interval, (INT, INT, INT), INTS),
    Udf("bq_interval_divide", _divided, (INT, INT, INT, INT), INTS),
    Udf("bq_bucket", _bucket, (INT, INT, INT, INT, INT), INT),
    Udf("bq_generate_dates", _generated_dates, (DATE, DATE, INT, INT), "DATE[]"),
    Udf("bq_range_edges", _range_edges, (INT, INT, INT, INT, INT, BOOL), INTS + "[]"),
)
