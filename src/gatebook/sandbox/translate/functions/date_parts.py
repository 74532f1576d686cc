"""Making dates and times from their parts, from numbers and texts, and back; the current time; intervals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC as UTC_ZONE

from gatebook.googlesql.types import DATE, DATETIME, STRING, TIME, TIMESTAMP, SqlType
from gatebook.sandbox.translate import intervals
from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.expressions.casts import cast_sql, session_zone, timestamp_text
from gatebook.sandbox.translate.functions.dates import date_of_days, interval_of, timestamp_of_micros
from gatebook.sandbox.translate.literals import value_sql
from gatebook.sandbox.translate.translator import FunctionSql
from gatebook.sandbox.translate.zones import instant, local


def _now(call: Call) -> str:
    return value_sql(call.translator.environment.now.astimezone(UTC_ZONE), TIMESTAMP)


def _current(cast: str) -> FunctionSql:
    def render(call: Call) -> str:
        return f"CAST({local(_now(call), call.zone(0))} AS {cast})"

    return render


def _date(call: Call) -> str:
    if len(call) == 3:
        return f"bq_make_date({call[0]}, {call[1]}, {call[2]})"
    if call.kind() == "TIMESTAMP":
        return f"CAST({local(call[0], call.zone(1))} AS DATE)"
    return _converted(call, DATE)


def _datetime(call: Call) -> str:
    if len(call) == 6:
        return f"make_timestamp(bq_make_datetime({', '.join(call)}))"
    if call.kind() == "TIMESTAMP":
        return local(call[0], call.zone(1))
    if len(call) == 2 and call.kind(1) == "TIME":
        return f"({call[0]} + {call[1]})"
    return _converted(call, DATETIME)


def _time(call: Call) -> str:
    if len(call) == 3:
        return f"bq_make_time({', '.join(call)})"
    if call.kind() == "TIMESTAMP":
        return f"CAST({local(call[0], call.zone(1))} AS TIME)"
    return _converted(call, TIME)


def _timestamp(call: Call) -> str:
    kind = call.kind()
    if kind == "STRING":
        return f"make_timestamptz(bq_timestamp_micros({call[0]}, {call.zone(1)}))"
    if kind == "TIMESTAMP":
        return call[0]
    return instant(call[0] if kind == "DATETIME" else f"CAST({call[0]} AS TIMESTAMP)", call.zone(1))


def _converted(call: Call, target: SqlType) -> str:
    return cast_sql(call[0], call.type(0), target, session_zone(call.translator))


def _string(call: Call) -> str:
    if call.kind() == "TIMESTAMP":
        return timestamp_text(call[0], call.zone(1))
    return _converted(call, STRING)


def _format(call: Call) -> str:
    kind = call.kind(1)
    value = f"CAST({call[1]} AS TIMESTAMP)" if kind == "DATE" else call[1]
    return f"bq_format_time({call[0]}, epoch_us({value}), {call.zone(2)}, '{kind}')"


def _parse(call: Call) -> str:
    kind = call.result.kind
    if call.kind(2) == "INT64":
        raise Unmapped(f"{call.name.upper()} with a precision")
    micros = f"bq_strptime({call[0]}, {call[1]}, {call.zone(2)}, '{kind}')"
    if kind in ("TIMESTAMP", "DATETIME"):
        return f"{'make_timestamptz' if kind == 'TIMESTAMP' else 'make_timestamp'}({micros})"
    return f"CAST(make_timestamp({micros}) AS {kind})"


def _since_epoch(size: int) -> FunctionSql:
    return "epoch_us({0})" if size == 1 else f"bq_floor_div(epoch_us({{0}}), {size})"


def _from_epoch(size: int) -> FunctionSql:
    def render(call: Call) -> str:
        if call.kind() == "TIMESTAMP":
            return call[0]
        return timestamp_of_micros(f"{call[0]} * {size}", "TIMESTAMP")

    return render


def _interval(call: Call) -> str:
    return interval_of(call[0], call.enum(1))


def _make_interval(call: Call) -> str:
    sizes = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
    return f"({' + '.join(interval_of(count, part) for count, part in zip(call, sizes, strict=False))})"


def _justify(how: str) -> FunctionSql:
    def render(call: Call) -> str:
        before, after = call.once(0)
        return f"{before}{intervals.from_parts(f'bq_justify_{how}({intervals.parts(call[0])})')}{after}"

    return render


FUNCTIONS: Mapping[str, FunctionSql] = {
    "current_date": _current("DATE"),
    "current_datetime": _current("TIMESTAMP"),
    "current_time": _current("TIME"),
    "current_timestamp": _now,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "timestamp": _timestamp,
    "string/TIMESTAMP": _string,
    "string/DATE": _string,
    "string/DATETIME": _string,
    "string/TIME": _string,
    **dict.fromkeys(["format_date", "format_datetime", "format_time", "format_timestamp"], _format),
    **dict.fromkeys(["parse_date", "parse_datetime", "parse_time", "parse_timestamp"], _parse),
    "unix_date": "({0} - DATE '1970-01-01')",
    "date_from_unix_date": lambda call: date_of_days(call[0]),
    "unix_seconds": _since_epoch(1_000_000),
    "unix_millis": _since_epoch(1_000),
    "unix_micros": _since_epoch(1),
    "timestamp_seconds": _from_epoch(1_000_000),
    "timestamp_millis": _from_epoch(1_000),
    "timestamp_micros": _from_epoch(1),
    "timestamp_from_unix_seconds": _from_epoch(1_000_000),
    "timestamp_from_unix_millis": _from_epoch(1_000),
    "timestamp_from_unix_micros": _from_epoch(1),
    "$interval": _interval,
    "make_interval": _make_interval,
    "justify_hours": _justify("hours"),
    "justify_days": _justify("days"),
    "justify_interval": _justify("interval"),
}
