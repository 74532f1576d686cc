"""FORMAT_DATE and its family: BigQuery's format elements."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from gatebook.sandbox.translate.udfs.registry import INT, TEXT, EvaluationError, Udf
from gatebook.sandbox.translate.udfs.zones import civil, in_zone, micros_of

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ELEMENT = re.compile(r"%(E4Y|E[1-9]S|E\*S|Ez|O[a-zA-Z]|E[a-zA-Z]|.)", re.DOTALL)
_TIME_OF_DAY = frozenset("HIklMpPRrSTXcsZz") | {"Ez", "E*S"} | {f"E{n}S" for n in range(1, 10)}
_CALENDAR = frozenset("AaBbhCcDdeFGgJjmQUuVWwxYyzZs") | {"E4Y", "Ez"}


def _offset(moment: datetime, colon: str) -> str:
    minutes = round((moment.utcoffset() or timedelta(0)).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}{colon}{rest:02}"


def _zone(moment: datetime) -> str:
    minutes = round((moment.utcoffset() or timedelta(0)).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    if not minutes:
        return "UTC"
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _weeks(moment: datetime, first_day: int) -> int:
    """Weeks that began in this year; `first_day` counts from Monday."""
    return (moment.timetuple().tm_yday + 6 - (moment.weekday() - first_day) % 7) // 7


def _twelve(moment: datetime) -> int:
    return moment.hour % 12 or 12


def _composed(pattern: str) -> Callable[[datetime], str]:
    return lambda moment: formatted(pattern, moment)


ELEMENTS: Mapping[str, Callable[[datetime], str]] = {
    "A": lambda m: DAYS[m.weekday()],
    "a": lambda m: DAYS[m.weekday()][:3],
    "B": lambda m: MONTHS[m.month - 1],
    "b": lambda m: MONTHS[m.month - 1][:3],
    "h": lambda m: MONTHS[m.month - 1][:3],
    "C": lambda m: f"{m.year // 100:02}",
    "c": _composed("%a %b %e %H:%M:%S %Y"),
    "D": _composed("%m/%d/%y"),
    "d": lambda m: f"{m.day:02}",
    "e": lambda m: f"{m.day:2}",
    "F": _composed("%Y-%m-%d"),
    "G": lambda m: f"{m.isocalendar()[0]}",
    "g": lambda m: f"{m.isocalendar()[0] % 100:02}",
    "H": lambda m: f"{m.hour:02}",
    "I": lambda m: f"{_twelve(m):02}",
    "j": lambda m: f"{m.timetuple().tm_yday:03}",
    "k": lambda m: f"{m.hour:2}",
    "l": lambda m: f"{_twelve(m):2}",
    "M": lambda m: f"{m.minute:02}",
    "m": lambda m: f"{m.month:02}",
    "n": lambda _: "\n",
    "P": lambda m: "am" if m.hour < 12 else "pm",
    "p": lambda m: "AM" if m.hour < 12 else "PM",
    "Q": lambda m: f"{(m.month + 2) // 3}",
    "R": _composed("%H:%M"),
    "r": _composed("%I:%M:%S %p"),
    "S": lambda m: f"{m.second:02}",
    "s": lambda m: f"{(micros_of(m) - (m.utcoffset() or timedelta(0)) // timedelta(microseconds=1)) // 1_000_000}",
    "T": _composed("%H:%M:%S"),
    "t": lambda _: "\t",
    "U": lambda m: f"{_weeks(m, 6):02}",
    "u": lambda m: f"{m.isoweekday()}",
    "V": lambda m: f"{m.isocalendar()[1]:02}",
    "W": lambda m: f"{_weeks(m, 0):02}",
    "w": lambda m: f"{m.isoweekday() % 7}",
    "X": _composed("%H:%M:%S"),
    "x": _composed("%m/%d/%y"),
    "Y": lambda m: f"{m.year}",
    "y": lambda m: f"{m.year % 100:02}",
    "Z": _zone,
    "z": lambda m: _offset(m, ""),
    "Ez": lambda m: _offset(m, ":"),
    "E4Y": lambda m: f"{m.year:04}",
    "E*S": lambda m: f"{m.second:02}" + (f".{m.microsecond:06}".rstrip("0") if m.microsecond else ""),
    "%": lambda _: "%",
}


def formatted(pattern: str, moment: datetime, allowed: Callable[[str], bool] = lambda _: True) -> str:
    """The pattern with its elements replaced; unknown and not allowed ones stay as they are."""

    def replace(match: re.Match[str]) -> str:
        element = match[1]
        if element == "J":
            raise EvaluationError("Format element %J not supported yet")
        if not allowed(element):
            return match[0]
        if element[0] == "E" and element[1:2].isdigit() and element != "E4Y":
            return f"{moment.second:02}.{f'{moment.microsecond:06}000'[: int(element[1])]}"
        if element[0] in "EO" and len(element) == 2 and element != "Ez":
            element = element[1]
        write = ELEMENTS.get(element)
        return match[0] if write is None else write(moment)

    return _ELEMENT.sub(replace, pattern)


def _format(pattern: str, micros: int, zone: str, kind: str) -> str:
    if kind == "TIMESTAMP":
        return formatted(pattern, in_zone(micros, zone))
    foreign = {"DATE": _TIME_OF_DAY, "TIME": _CALENDAR}.get(kind, frozenset("Zz") | {"Ez"})
    return formatted(pattern, civil(micros), lambda element: element not in foreign)


UDFS: tuple[Udf, ...] = (Udf("bq_format_time", _format, (TEXT, INT, TEXT, TEXT), TEXT),)
