"""PARSE_DATE and its family: BigQuery's format elements read from a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from gatebook.sandbox.translate.udfs.registry import INT, TEXT, EvaluationError, Udf
from gatebook.sandbox.translate.udfs.strftime import DAYS, MONTHS
from gatebook.sandbox.translate.udfs.zones import instant_of, micros_of, zone_named

_COMPOSED = {
    "c": "%a %b %e %H:%M:%S %Y",
    "D": "%m/%d/%y",
    "x": "%m/%d/%y",
    "F": "%Y-%m-%d",
    "R": "%H:%M",
    "r": "%I:%M:%S %p",
    "T": "%H:%M:%S",
    "X": "%H:%M:%S",
}
_ELEMENT = re.compile(r"%(E4Y|E[1-9]S|E\*S|Ez|O[a-zA-Z]|E[a-zA-Z]|.)|(\s+)|(.)", re.DOTALL)


@dataclass(slots=True)
class _Parts:
    """What was read; later elements overrule earlier ones."""

    number: dict[str, int] = field(default_factory=dict)
    zone: tzinfo | None = None
    fraction: int = 0


def _number(name: str, width: int, low: int, high: int) -> Callable[[str, _Parts], str]:
    pattern = re.compile(
        rf"\s*([+-]?\d{{1,{width}}})" if name in ("year", "epoch") else rf"\s*(\d{{1,{width}}})", re.ASCII
    )

    def read(text: str, parts: _Parts) -> str:
        match = pattern.match(text)
        if match is None or not low <= int(match[1]) <= high:
            raise ValueError(name)
        parts.number[name] = int(match[1])
        return text[match.end() :]

    return read


def _word(name: str, words: tuple[str, ...]) -> Callable[[str, _Parts], str]:
    def read(text: str, parts: _Parts) -> str:
        for index, word in enumerate(words):
            for form in (word, word[:3]):
                if text[: len(form)].lower() == form.lower():
                    parts.number[name] = index + 1
                    return text[len(form) :]
        raise ValueError(name)

    return read


def _half(text: str, parts: _Parts) -> str:
    half = text[:2].upper()
    if half not in ("AM", "PM"):
        raise ValueError("p")
    parts.number["pm"] = int(half == "PM")
    return text[2:]


def _long_year(text: str, parts: _Parts) -> str:
    """%Y overrules %C and %y before it."""
    parts.number.pop("short_year", None)
    parts.number.pop("century", None)
    return _number("year", 4, 0, 9999)(text, parts)


def _seconds(digits: str) -> Callable[[str, _Parts], str]:
    pattern = re.compile(
        r"\s*(\d{1,2})(?:\.(\d+))?" if digits == "*" else rf"\s*(\d{{1,2}})(?:\.(\d{{1,{digits}}}))?", re.ASCII
    )

    def read(text: str, parts: _Parts) -> str:
        match = pattern.match(text)
        if match is None or int(match[1]) > 60:
            raise ValueError("S")
        parts.number["second"] = int(match[1])
        parts.fraction = int((match[2] or "")[:6].ljust(6, "0"))
        return text[match.end() :]

    return read


def _offset(text: str, parts: _Parts) -> str:
    match = re.match(r"\s*(?:([+-])(\d{1,2}):?(\d{2})?|[Zz])", text)
    if match is None:
        raise ValueError("z")
    minutes = int(match[2] or 0) * 60 + int(match[3] or 0)
    parts.zone = timezone(timedelta(minutes=-minutes if match[1] == "-" else minutes))
    return text[match.end() :]


def _zone(text: str, parts: _Parts) -> str:
    match = re.match(r"\s*([A-Za-z0-9_+\-/:]+)", text)
    if match is None:
        raise ValueError("Z")
    parts.zone = zone_named(match[1])
    return text[match.end() :]


_READERS: Mapping[str, Callable[[str, _Parts], str]] = {
    "A": _word("weekday", DAYS),
    "a": _word("weekday", DAYS),
    "B": _word("month", MONTHS),
    "b": _word("month", MONTHS),
    "h": _word("month", MONTHS),
    "C": _number("century", 2, 0, 99),
    "d": _number("day", 2, 1, 31),
    "e": _number("day", 2, 1, 31),
    "G": _number("iso_year", 4, 0, 9999),
    "H": _number("hour", 2, 0, 23),
    "k": _number("hour", 2, 0, 23),
    "I": _number("hour12", 2, 1, 12),
    "l": _number("hour12", 2, 1, 12),
    "j": _number("year_day", 3, 1, 366),
    "M": _number("minute", 2, 0, 59),
    "m": _number("month", 2, 1, 12),
    "P": _half,
    "p": _half,
    "Q": _number("quarter", 1, 1, 4),
    "S": _number("second", 2, 0, 60),
    "s": _number("epoch", 12, -62_135_596_800, 253_402_300_799),
    "U": _number("week_sunday", 2, 0, 53),
    "W": _number("week_monday", 2, 0, 53),
    "V": _number("iso_week", 2, 1, 53),
    "u": _number("weekday", 1, 1, 7),
    "w": _number("weekday", 1, 0, 6),
    "J": _number("iso_year_day", 3, 1, 371),
    "Y": _long_year,
    "E4Y": _long_year,
    "y": _number("short_year", 2, 0, 99),
    "z": _offset,
    "Ez": _offset,
    "Z": _zone,
    "E*S": _seconds("*"),
    **{f"E{digits}S": _seconds(str(digits)) for digits in range(1, 10)},
}


def _read(pattern: str, text: str, parts: _Parts) -> str:
    for match in _ELEMENT.finditer(pattern):
        element, space, literal = match.groups()
        if literal is not None or element == "%":
            if not text.startswith(literal or "%"):
                raise ValueError(pattern)
            text = text[1:]
        elif space is not None or element in ("n", "t"):
            text = text.lstrip()
        elif element in _COMPOSED:
            text = _read(_COMPOSED[element], text, parts)
        else:
            reader = _READERS.get(element) or _READERS.get(element[1:])
            if reader is None:
                raise EvaluationError(f"Format element %{element} is not implemented here")
            text = reader(text, parts)
    return text


def _date(parts: _Parts) -> date:
    number = parts.number
    year = _year(number)
    if "iso_year" in number:
        return _iso_date(number["iso_year"], number)
    if "year_day" in number:
        found = date(year, 1, 1) + timedelta(days=number["year_day"] - 1)
        if found.year != year:
            raise ValueError("j")
        return found
    for name, first_day in (("week_sunday", 6), ("week_monday", 0)):
        if name in number:
            return _in_week(year, number[name], first_day, number)
    month = number.get("month", number.get("quarter", 1) * 3 - 2)
    return date(year, month, number.get("day", 1))


def _year(number: Mapping[str, int]) -> int:
    if "short_year" in number:
        short = number["short_year"]
        return number["century"] * 100 + short if "century" in number else short + (2000 if short < 69 else 1900)
    return number.get("year", number["century"] * 100 if "century" in number else 1970)


def _iso_date(year: int, number: Mapping[str, int]) -> date:
    if "iso_week" in number:
        raise EvaluationError("ISO parse elements are not supported yet")
    return date.fromisocalendar(year, 1, 1) + timedelta(days=number.get("iso_year_day", 1) - 1)


def _in_week(year: int, week: int, first_day: int, number: Mapping[str, int]) -> date:
    """The first day of a week of the year."""
    if "weekday" in number:
        raise EvaluationError("Weekday parse elements are not supported yet")
    start = date(year, 1, 1)
    return start + timedelta(days=(first_day - start.weekday()) % 7 + (week - 1) * 7)


def _time(parts: _Parts) -> tuple[time, timedelta]:
    number, leap = parts.number, timedelta(0)
    hour = number.get("hour", 0)
    if "hour12" in number:
        hour = number["hour12"] % 12 + 12 * number.get("pm", 0)
    second = number.get("second", 0)
    if second == 60:
        second, leap, parts.fraction = 59, timedelta(seconds=1), 0
    return time(hour, number.get("minute", 0), second, parts.fraction), leap


def _parse(pattern: str, text: str, zone: str, kind: str) -> int:
    """Microseconds of a civil time, or of an instant for TIMESTAMP."""
    base = zone_named(zone)
    try:
        parts = _read_all(pattern, text)
        moment = _moment(parts)
    except (ValueError, OverflowError):
        raise EvaluationError(f'Failed to parse input string "{text}"') from None
    if "epoch" in parts.number:
        if kind in ("DATE", "TIME"):
            raise EvaluationError(f"Invalid format: %s is not allowed for the {kind} type.")
        return parts.number["epoch"] * 1_000_000
    return instant_of(moment, parts.zone or base) if kind == "TIMESTAMP" else micros_of(moment)


def _read_all(pattern: str, text: str) -> _Parts:
    parts = _Parts()
    if _read(pattern, text.strip(), parts).strip():
        raise ValueError("illegal trailing data")
    return parts


def _moment(parts: _Parts) -> datetime:
    clock, leap = _time(parts)
    return datetime.combine(_date(parts), clock) + leap


UDFS: tuple[Udf, ...] = (Udf("bq_strptime", _parse, (TEXT, TEXT, TEXT, TEXT), INT),)
