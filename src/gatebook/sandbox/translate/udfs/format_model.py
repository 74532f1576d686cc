"""CAST ... FORMAT between STRING and dates and times: BigQuery's format models (YYYY-MM-DD HH24:MI)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta, timezone

from gatebook.sandbox.translate.udfs.registry import INT, TEXT, EvaluationError, Udf
from gatebook.sandbox.translate.udfs.strftime import DAYS, MONTHS
from gatebook.sandbox.translate.udfs.zones import civil, in_zone, instant_of, micros_of, zone_named

_TOKEN = re.compile(
    r"YYYY|YYY|YY|Y|RRRR|RR|MONTH|MON|MM|MI|DAY|DY|DDD|DD|D|HH24|HH12|HH|SSSSS|SS|FF[1-9]|A\.M\.|P\.M\.|AM|PM|TZH|TZM"
    r'|"(?:[^"\\]|\\.)*"|[-./,\';:]| +',
    re.IGNORECASE,
)
_CALENDAR = frozenset(["YYYY", "YYY", "YY", "Y", "RRRR", "RR", "MONTH", "MON", "MM", "DAY", "DY", "DDD", "DD", "D"])
_CLOCK = frozenset(["HH24", "HH12", "HH", "MI", "SS", "SSSSS", "AM", "PM", "A.M.", "P.M."]) | {
    f"FF{n}" for n in range(1, 10)
}


def _tokens(model: str) -> list[str]:
    tokens, position = [], 0
    while position < len(model):
        match = _TOKEN.match(model, position)
        if match is None:
            raise EvaluationError(f"Cannot find matched format element at {position}")
        tokens.append(match[0])
        position = match.end()
    return tokens


def _matched(word: str, element: str) -> str:
    """The case of the first two letters of the element is the case of the word."""
    if element[0].islower():
        return word.lower()
    return word.upper() if element[1:2].isupper() or not element[1:2].isalpha() else word.capitalize()


def _offset_minutes(moment: datetime) -> int:
    return round((moment.utcoffset() or timedelta(0)).total_seconds() / 60)


_FORMATS: Mapping[str, Callable[[datetime, str], str]] = {
    "YYYY": lambda m, _: f"{m.year:04}",
    "RRRR": lambda m, _: f"{m.year:04}",
    "YYY": lambda m, _: f"{m.year % 1000:03}",
    "YY": lambda m, _: f"{m.year % 100:02}",
    "RR": lambda m, _: f"{m.year % 100:02}",
    "Y": lambda m, _: f"{m.year % 10}",
    "MM": lambda m, _: f"{m.month:02}",
    "MON": lambda m, e: _matched(MONTHS[m.month - 1][:3], e),
    "MONTH": lambda m, e: _matched(MONTHS[m.month - 1], e),
    "DAY": lambda m, e: _matched(DAYS[m.weekday()], e),
    "DY": lambda m, e: _matched(DAYS[m.weekday()][:3], e),
    "D": lambda m, _: f"{m.isoweekday() % 7 + 1}",
    "DD": lambda m, _: f"{m.day:02}",
    "DDD": lambda m, _: f"{m.timetuple().tm_yday:03}",
    "HH": lambda m, _: f"{m.hour % 12 or 12:02}",
    "HH12": lambda m, _: f"{m.hour % 12 or 12:02}",
    "HH24": lambda m, _: f"{m.hour:02}",
    "MI": lambda m, _: f"{m.minute:02}",
    "SS": lambda m, _: f"{m.second:02}",
    "SSSSS": lambda m, _: f"{m.hour * 3600 + m.minute * 60 + m.second:05}",
    "TZH": lambda m, _: f"{'-' if _offset_minutes(m) < 0 else '+'}{abs(_offset_minutes(m)) // 60:02}",
    "TZM": lambda m, _: f"{abs(_offset_minutes(m)) % 60:02}",
    **dict.fromkeys(["AM", "PM"], lambda m, e: _case_of("AM" if m.hour < 12 else "PM", e)),
    **dict.fromkeys(["A.M.", "P.M."], lambda m, e: _case_of("A.M." if m.hour < 12 else "P.M.", e)),
}


def _case_of(word: str, element: str) -> str:
    return word.lower() if element[0].islower() else word


def _literal(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token.startswith('"') else token


def _refuse(kind: str, element: str) -> None:
    foreign = {"DATE": _CLOCK | {"TZH", "TZM"}, "TIME": _CALENDAR | {"TZH", "TZM"}, "DATETIME": {"TZH", "TZM"}}
    if element in foreign.get(kind, frozenset()):
        raise EvaluationError(f"{kind} does not support '{element}'")


def _format(micros: int, model: str, zone: str, kind: str) -> str:
    moment = in_zone(micros, zone) if kind == "TIMESTAMP" else civil(micros)
    out = []
    for token in _tokens(model):
        element = token.upper()
        _refuse(kind, element)
        if element.startswith("FF"):
            out.append(f"{moment.microsecond:06}000"[: int(element[2])])
        else:
            write = _FORMATS.get(element)
            out.append(write(moment, token) if write else _literal(token))
    return "".join(out)


class _Reader:
    """One text, read element by element."""

    def __init__(self, text: str, kind: str) -> None:
        self._text, self._kind = text.strip(), kind
        self.number: dict[str, int] = {}
        self.sign = 1

    def read(self, token: str) -> None:
        """Take what the element describes off the text."""
        element = token.upper()
        _refuse(self._kind, element)
        if element in _NUMBERS:
            name, width = _NUMBERS[element]
            self._take_number(name, width)
        elif element.startswith("FF"):
            digits = self._take(rf"\d{{1,{element[2]}}}")
            self.number["micros"] = int(digits[:6].ljust(6, "0"))
        elif element in ("MON", "MONTH"):
            self._take_word("month", [name[:3] if element == "MON" else name for name in MONTHS])
        elif element in ("A.M.", "P.M."):
            self._take_word("half", ["A.M.", "P.M."])
        elif element == "TZH":
            sign = self._take(r"[+-]?")
            self.sign = -1 if sign == "-" else 1
            self._take_number("zone_hour", 2)
        elif element in ("DAY", "DY", "D", "DDD", "AM", "PM"):
            raise EvaluationError(f"Format element '{element}' is not supported for parsing")
        else:
            self._take_literal(_literal(token))

    def finish(self) -> None:
        """Nothing may be left."""
        if self._text.strip():
            raise EvaluationError("Failed to parse input string: illegal trailing data")

    def _take(self, pattern: str) -> str:
        match = re.match(pattern, self._text, re.ASCII)
        if match is None:
            raise EvaluationError("Failed to parse input string")
        self._text = self._text[match.end() :]
        return match[0]

    def _take_number(self, name: str, width: int) -> None:
        self.number[name] = int(self._take(rf"\d{{1,{width}}}"))

    def _take_word(self, name: str, words: list[str]) -> None:
        for index, word in enumerate(words):
            if self._text[: len(word)].upper() == word.upper():
                self.number[name] = index + 1
                self._text = self._text[len(word) :]
                return
        raise EvaluationError("Failed to parse input string")

    def _take_literal(self, text: str) -> None:
        if text.isspace():
            self._text = self._text.lstrip()
        elif self._text.startswith(text):
            self._text = self._text[len(text) :]
        else:
            raise EvaluationError(f"Failed to parse input string with format element '{text}'")


_NUMBERS: Mapping[str, tuple[str, int]] = {
    "YYYY": ("year", 5),
    "RRRR": ("year", 5),
    "YYY": ("year3", 3),
    "YY": ("year2", 2),
    "RR": ("year_near", 2),
    "Y": ("year1", 1),
    "MM": ("month", 2),
    "DD": ("day", 2),
    "HH": ("hour12", 2),
    "HH12": ("hour12", 2),
    "HH24": ("hour", 2),
    "MI": ("minute", 2),
    "SS": ("second", 2),
    "SSSSS": ("second_of_day", 5),
    "TZM": ("zone_minute", 2),
}


def _parse(text: str, model: str, zone: str, kind: str, now: int) -> int:
    """Microseconds of a civil time, or of an instant for TIMESTAMP. What the model leaves out of a date is today's."""
    reader = _Reader(text, kind)
    for token in _tokens(model):
        reader.read(token)
    reader.finish()
    base = zone_named(zone)
    today = civil(0) if kind == "TIME" else in_zone(now, zone)
    try:
        moment = _moment(reader.number, today)
    except ValueError:
        raise EvaluationError(f"Invalid result from parsing function: {text}") from None
    if kind != "TIMESTAMP":
        return micros_of(moment)
    if "zone_hour" in reader.number:
        minutes = reader.number["zone_hour"] * 60 + reader.number.get("zone_minute", 0)
        base = timezone(timedelta(minutes=reader.sign * minutes))
    return instant_of(moment, base)


def _moment(number: Mapping[str, int], today: datetime) -> datetime:
    year, month, day = _year(number, today.year), number.get("month", today.month), number.get("day", 1)
    if today.year == 1970 and today.month == 1 and not number.get("year"):  # a TIME
        day = number.get("day", today.day)
    first = datetime.combine(today.replace(year=year, month=month, day=day, tzinfo=None).date(), time())
    hour = number.get("hour", 0)
    if "hour12" in number:
        hour = number["hour12"] % 12 + (12 if number.get("half") == 2 else 0)
    seconds = number.get("second_of_day", hour * 3600 + number.get("minute", 0) * 60 + number.get("second", 0))
    if not (0 <= seconds < 86400 and number.get("minute", 0) < 60 and number.get("second", 0) < 60):
        raise ValueError("time")
    return first + timedelta(seconds=seconds, microseconds=number.get("micros", 0))


def _year(number: Mapping[str, int], this_year: int) -> int:
    for name, size in (("year3", 1000), ("year2", 100), ("year1", 10)):
        if name in number:
            return this_year // size * size + number[name]
    if "year_near" in number:
        century = this_year // 100
        near = number["year_near"]
        if near < 50 <= this_year % 100:
            century += 1
        elif near >= 50 > this_year % 100:
            century -= 1
        return century * 100 + near
    return number.get("year", this_year)


UDFS: tuple[Udf, ...] = (
    Udf("bq_cast_format_time", _format, (INT, TEXT, TEXT, TEXT), TEXT),
    Udf("bq_cast_parse_time", _parse, (TEXT, TEXT, TEXT, TEXT, INT), INT),
)
