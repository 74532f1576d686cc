"""One row and one NULL row of every SQL type: as schema, as Arrow, and as Google's clients give them."""

import datetime as dt
import decimal
from typing import Any

import pyarrow as pa
from dateutil.relativedelta import relativedelta

from gatebook.sandbox.rest.rows import interval_text

UTC = dt.UTC
MOMENT = dt.datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
CIVIL = dt.datetime(1, 1, 1, 0, 0, 0, 120, tzinfo=UTC).replace(tzinfo=None)
NUMERIC = decimal.Decimal("-99999999999999999999999999999.999999999")
BIGNUMERIC = decimal.Decimal("12345678901234567890.123456789012345678")

SCALARS: dict[str, tuple[Any, Any]] = {
    # type: (Arrow value, client's value)
    "STRING": ("żółw 🐢\n", "żółw 🐢\n"),
    "BYTES": (b"\x00\xff\xfb", b"\x00\xff\xfb"),
    "INTEGER": (-(2**63), -(2**63)),
    "FLOAT": (1.5e-7, 1.5e-7),
    "BOOLEAN": (False, False),
    "DATE": (dt.date(9999, 12, 31), dt.date(9999, 12, 31)),
    "DATETIME": (CIVIL, CIVIL),
    "TIME": (dt.time(23, 59, 59, 1), dt.time(23, 59, 59, 1)),
    "TIMESTAMP": (MOMENT, MOMENT),
    "NUMERIC": (NUMERIC, NUMERIC),
    "BIGNUMERIC": (BIGNUMERIC, BIGNUMERIC),
    "GEOGRAPHY": ("POINT(-122.35 47.62)", "POINT(-122.35 47.62)"),
    "JSON": ('{"a":[1,null,"x"]}', {"a": [1, None, "x"]}),
    "INTERVAL": (
        pa.MonthDayNano([-14, 3, -3_661_000_001_000]),
        relativedelta(years=-1, months=-2, days=3, hours=-1, minutes=-1, seconds=-1, microseconds=-1),
    ),
}

RANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "DATE": ({"start": dt.date(2020, 1, 1), "end": None},) * 2,
    "DATETIME": ({"start": None, "end": CIVIL},) * 2,
    "TIMESTAMP": ({"start": MOMENT, "end": MOMENT + dt.timedelta(days=1)},) * 2,
}


def fields() -> list[dict[str, Any]]:
    """A column of each type, an array of each, and all of them inside one STRUCT and one array of STRUCTs."""
    single = [{"name": kind.lower(), "type": kind, "mode": "NULLABLE"} for kind in SCALARS]
    ranges = [
        {"name": f"range_{kind.lower()}", "type": "RANGE", "mode": "NULLABLE", "rangeElementType": {"type": kind}}
        for kind in RANGES
    ]
    single += ranges
    arrays = [{**field, "name": f"{field['name']}s", "mode": "REPEATED"} for field in single]
    record = {"name": "record", "type": "RECORD", "mode": "NULLABLE", "fields": [*single, *arrays]}
    return [*single, *arrays, record, {**record, "name": "records", "mode": "REPEATED"}]


def _row(which: int) -> dict[str, Any]:
    single = {kind.lower(): pair[which] for kind, pair in SCALARS.items()}
    single |= {f"range_{kind.lower()}": pair[which] for kind, pair in RANGES.items()}
    arrays = {f"{name}s": [value, value] for name, value in single.items()}
    empty = dict.fromkeys(single) | {name: [] for name in arrays}
    record = single | arrays
    return record | {"record": record, "records": [record, empty]}


def _null_row() -> dict[str, Any]:
    row = _row(0)
    return {name: [] if isinstance(value, list) else None for name, value in row.items()}


def arrow_rows() -> list[dict[str, Any]]:
    """The rows as Arrow takes them."""
    return [_row(0), _null_row(), _row(0)]


def client_rows() -> list[dict[str, Any]]:
    """The rows as google-cloud-bigquery gives them."""
    return [_row(1), _null_row(), _row(1)]


def as_avro_gives(value):
    """DATETIME and INTERVAL are text in Avro."""
    if isinstance(value, pa.MonthDayNano):
        return interval_text(value)
    if isinstance(value, dt.datetime) and value.tzinfo is None:
        return value.isoformat()
    if isinstance(value, list):
        return [as_avro_gives(item) for item in value]
    if isinstance(value, dict):
        return {name: as_avro_gives(inner) for name, inner in value.items()}
    return value
