"""INTERVAL in its three parts, as Python functions take and give it: Python has no type that keeps months apart."""


def parts(value: str) -> str:
    """Months, days and microseconds as three arguments; `value` is repeated."""
    months, days = f"datepart('year', {value}) * 12 + datepart('month', {value})", f"datepart('day', {value})"
    return ", ".join(f"CAST({part} AS BIGINT)" for part in (months, days, micros(value)))


def micros(value: str) -> str:
    """Microseconds of the time part; `value` is repeated."""
    return (
        f"datepart('hour', {value}) * 3600000000 + datepart('minute', {value}) * 60000000"
        f" + datepart('microsecond', {value})"
    )


def from_parts(function: str) -> str:
    """INTERVAL of a list of months, days and microseconds."""
    made = "to_months(CAST(_i[1] AS INTEGER)) + to_days(CAST(_i[2] AS INTEGER)) + to_microseconds(_i[3])"
    return f"(list_transform([{function}], lambda _i: {made}))[1]"


def text(value: str) -> str:
    """`1-2 3 4:5:6.7`."""
    return f"(list_transform([{value}], lambda _i: bq_interval_text({parts('_i')})))[1]"
