"""Arithmetic on DATE, DATETIME, TIME and TIMESTAMP: add, diff, trunc, extract, last day, buckets."""

from __future__ import annotations

from collections.abc import Mapping

from gatebook.sandbox.translate import intervals
from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.translator import FunctionSql
from gatebook.sandbox.translate.zones import instant, local

_MICROS = {
    "DAY": 86_400_000_000,
    "HOUR": 3_600_000_000,
    "MINUTE": 60_000_000,
    "SECOND": 1_000_000,
    "MILLISECOND": 1_000,
    "MICROSECOND": 1,
}
MONTHS_OF = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_DAYS = {"DAY": 1, "WEEK": 7}
# Days from Monday to the first day of the week.
_WEEKS = {
    "ISOWEEK": 0,
    "WEEK_MONDAY": 0,
    "WEEK_TUESDAY": 1,
    "WEEK_WEDNESDAY": 2,
    "WEEK_THURSDAY": 3,
    "WEEK_FRIDAY": 4,
    "WEEK_SATURDAY": 5,
    "WEEK": 6,
}
_EPOCH = "DATE '1970-01-01'"
_MONDAY = "DATE '0001-01-01'"  # a Monday, and the first day there is


def date_of_days(days: str) -> str:
    """DATE of a number of days since 1970, refused outside BigQuery's years 1 to 9999."""
    return f"({_EPOCH} + bq_checked_day({days}))"


def date_plus(date: str, change: str) -> str:
    """DATE moved by `+ days` or `- days`."""
    return date_of_days(f"({date} - {_EPOCH}) {change}")


def timestamp_of_micros(micros: str, kind: str) -> str:
    """TIMESTAMP or DATETIME of microseconds since 1970, refused outside years 1 to 9999."""
    return f"{'make_timestamptz' if kind == 'TIMESTAMP' else 'make_timestamp'}(bq_checked_micros({micros}))"


def date_step(count: str, part: str) -> str:
    """INTERVAL of a number of date parts."""
    if part in MONTHS_OF:
        return f"to_months(CAST({count} * {MONTHS_OF[part]} AS INTEGER))"
    if part in _DAYS:
        return f"to_days(CAST({count} * {_DAYS[part]} AS INTEGER))"
    raise Unmapped(f"a DATE step of {part}")


def timestamp_step(count: str, part: str) -> str:
    """Microseconds of a number of parts."""
    if part not in _MICROS:
        raise Unmapped(f"a TIMESTAMP step of {part}")
    return f"{count} * {_MICROS[part]}"


def interval_of(count: str, part: str) -> str:
    """INTERVAL of a number of parts of any size."""
    if part in MONTHS_OF or part in _DAYS:
        return date_step(count, part)
    return f"to_microseconds({timestamp_step(count, part)})"


def _add(sign: str) -> FunctionSql:
    def render(call: Call) -> str:
        kind, part, value, count = call.kind(), call.enum(2), call[0], call[1]
        if kind == "TIME":
            return f"({value} {sign} to_microseconds({timestamp_step(count, part)}))"
        if kind == "DATE":
            if part in _DAYS:
                return date_plus(value, f"{sign} {count} * {_DAYS[part]}")
            return date_of_days(f"CAST({value} {sign} {date_step(count, part)} AS DATE) - {_EPOCH}")
        if kind == "DATETIME" and part in MONTHS_OF | {"WEEK": 7}:
            return timestamp_of_micros(f"epoch_us({value} {sign} {date_step(count, part)})", kind)
        return timestamp_of_micros(f"epoch_us({value}) {sign} {timestamp_step(count, part)}", kind)

    return render


def _add_interval(sign: str) -> FunctionSql:
    def render(call: Call) -> str:
        kind = call.result.kind
        if kind == "TIMESTAMP":
            return f"make_timestamptz(bq_checked_micros(epoch_us({local(call[0])} {sign} {call[1]})))"
        return timestamp_of_micros(f"epoch_us({call[0]} {sign} {call[1]})", kind)

    return render


def _week_number(date: str, first_day: int) -> str:
    """Weeks since the first Monday of the calendar; counts rise on the given day."""
    return f"((({date} - {_MONDAY}) + {(7 - first_day) % 7}) // 7)"


def _diff(call: Call) -> str:
    kind, part, end, start = call.kind(), call.enum(2), call[0], call[1]
    if kind == "TIMESTAMP":
        return f"((epoch_us({end}) - epoch_us({start})) // {_micros_of(part, kind)})"
    if kind == "TIME" or (kind == "DATETIME" and part in _MICROS and part != "DAY"):
        size = _micros_of(part, kind)
        return f"(bq_floor_div(epoch_us({end}), {size}) - bq_floor_div(epoch_us({start}), {size}))"
    if kind == "DATETIME":
        end, start = f"CAST({end} AS DATE)", f"CAST({start} AS DATE)"
    return _date_diff(part, end, start)


def _micros_of(part: str, kind: str) -> int:
    if part not in _MICROS:
        raise Unmapped(f"{kind} difference in {part}")
    return _MICROS[part]


def _date_diff(part: str, end: str, start: str) -> str:
    if part == "DAY":
        return f"({end} - {start})"
    if part in _WEEKS:
        return f"({_week_number(end, _WEEKS[part])} - {_week_number(start, _WEEKS[part])})"
    if part in MONTHS_OF:
        return f"date_diff('{part.lower()}', {start}, {end})"
    if part == "ISOYEAR":
        return f"(isoyear({end}) - isoyear({start}))"
    raise Unmapped(f"DATE difference in {part}")


def _date_trunc(date: str, part: str) -> str:
    if part == "DAY":
        return date
    if part in _WEEKS:
        shift = (7 - _WEEKS[part]) % 7
        return date_plus(_MONDAY, f"+ {_week_number(date, _WEEKS[part])} * 7 - {shift}")
    if part in MONTHS_OF:
        return f"CAST(date_trunc('{part.lower()}', {date}) AS DATE)"
    if part == "ISOYEAR":
        return f"CAST(date_trunc('week', make_date(isoyear({date}), 1, 4)) AS DATE)"
    raise Unmapped(f"DATE truncated to {part}")


def _datetime_trunc(value: str, part: str) -> str:
    if part in _MICROS and part != "DAY":
        return f"date_trunc('{part.lower()}', {value})"
    return f"CAST({_date_trunc(f'CAST({value} AS DATE)', part)} AS TIMESTAMP)"


def _trunc(call: Call) -> str:
    kind, part = call.kind(), call.enum(1)
    if kind == "DATE":
        return _date_trunc(call[0], part)
    if kind == "DATETIME":
        return _datetime_trunc(call[0], part)
    if kind == "TIME":
        return f"CAST(date_trunc('{part.lower()}', {_EPOCH} + {call[0]}) AS TIME)"
    return instant(_datetime_trunc(local(call[0], call.zone(2)), part), call.zone(2))


_EXTRACT: Mapping[str, str] = {
    "YEAR": "year({0})",
    "QUARTER": "quarter({0})",
    "MONTH": "month({0})",
    "DAY": "day({0})",
    "DAYOFWEEK": "(dayofweek({0}) + 1)",
    "DAYOFYEAR": "dayofyear({0})",
    "ISOYEAR": "isoyear({0})",
    "ISOWEEK": "week({0})",
    "HOUR": "hour({0})",
    "MINUTE": "minute({0})",
    "SECOND": "CAST(second({0}) AS BIGINT)",
    "MILLISECOND": "(millisecond({0}) % 1000)",
    "MICROSECOND": "(microsecond({0}) % 1000000)",
    "NANOSECOND": "(microsecond({0}) % 1000000 * 1000)",
}


def _extract(call: Call) -> str:
    part, value = call.enum(1), call[0]
    if call.kind() == "INTERVAL":
        return _extract_interval(value, part)
    if call.kind() == "TIMESTAMP":
        value = local(value, call.zone(2))
    if part in _EXTRACT:
        return f"CAST({_EXTRACT[part].format(value)} AS BIGINT)"
    if part in _WEEKS:  # weeks of the year: days before the first week start are in week 0
        weekday = f"(({value}::DATE - {_MONDAY}) + {(7 - _WEEKS[part]) % 7}) % 7"
        return f"((dayofyear({value}) + 6 - {weekday}) // 7)"
    raise Unmapped(f"EXTRACT of {part}")


def _extract_interval(value: str, part: str) -> str:
    if part in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE"):
        return f"datepart('{part.lower()}', {value})"
    scale = {"SECOND": 1_000_000, "MILLISECOND": 1_000, "MICROSECOND": 1}.get(part)
    if scale is None:
        raise Unmapped(f"EXTRACT of {part} from INTERVAL")
    size = f" // {scale}" if scale > 1 else ""
    return f"(datepart('microsecond', {value}) {'% 1000000' if part != 'SECOND' else ''}{size})"


def _extract_to(cast: str) -> FunctionSql:
    """EXTRACT(DATE FROM ts AT TIME ZONE z) and its siblings."""

    def render(call: Call) -> str:
        value = local(call[0], call.zone(1)) if call.kind() == "TIMESTAMP" else call[0]
        return f"CAST({value} AS {cast})"

    return render


def _last_day(call: Call) -> str:
    part = call.enum(1) if len(call) > 1 else "MONTH"
    date = f"CAST({call[0]} AS DATE)" if call.kind() == "DATETIME" else call[0]
    first = _date_trunc(date, part)
    if part in _WEEKS:
        return date_plus(date, f"+ (6 - (({date} - {_MONDAY}) + {(7 - _WEEKS[part]) % 7}) % 7)")
    if part in MONTHS_OF:
        return f"CAST({first} + to_months({MONTHS_OF[part]}) - to_days(1) AS DATE)"
    # Years of 52 and of 53 weeks: one day of the 54th week is in the next.
    return date_plus(_date_trunc(f"CAST({first} + to_days(371) AS DATE)", part), "- 1")


def _bucket(call: Call) -> str:
    """Buckets are counted from the origin, 1950-01-01 when it is left out."""
    kind = call.result.kind
    before, after = call.once(1)
    value, origin = (_micros(call[i], kind) if i < len(call) else "-631152000000000" for i in (0, 2))
    micros = f"bq_bucket({value}, {intervals.parts(call[1])}, {origin})"
    made = f"CAST(make_timestamp({micros}) AS DATE)" if kind == "DATE" else timestamp_of_micros(micros, kind)
    return f"{before}{made}{after}"


def _micros(value: str, kind: str) -> str:
    return f"epoch_us(CAST({value} AS TIMESTAMP))" if kind == "DATE" else f"epoch_us({value})"


_KINDS = ("date", "datetime", "timestamp", "time")

FUNCTIONS: Mapping[str, FunctionSql] = {
    **dict.fromkeys([f"{kind}_add" for kind in _KINDS], _add("+")),
    **dict.fromkeys([f"{kind}_sub" for kind in _KINDS], _add("-")),
    **dict.fromkeys([f"{kind}_diff" for kind in _KINDS], _diff),
    **dict.fromkeys([f"{kind}_trunc" for kind in _KINDS], _trunc),
    **dict.fromkeys([f"${kind}_add_interval" for kind in _KINDS], _add_interval("+")),
    **dict.fromkeys([f"${kind}_sub_interval" for kind in _KINDS], _add_interval("-")),
    "$add/INTERVAL": "({0} + {1})",
    "$extract": _extract,
    "$extract_date": _extract_to("DATE"),
    "$extract_time": _extract_to("TIME"),
    "$extract_datetime": _extract_to("TIMESTAMP"),
    "last_day": _last_day,
    **dict.fromkeys(["date_bucket", "datetime_bucket", "timestamp_bucket"], _bucket),
}
