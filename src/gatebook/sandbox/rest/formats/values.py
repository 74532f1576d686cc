"""JSON values of rows (insertAll, newline-delimited JSON) as the Python values Arrow builds columns from.

Coercions are BigQuery's: numbers may be text, TIMESTAMP may be epoch seconds, BYTES is base64.
"""

import base64
import binascii
import decimal
import json
from collections.abc import Callable, Mapping
from typing import Any

from gatebook.sandbox.rest.formats import temporal
from gatebook.sandbox.rest.schema import element, field_mode, field_type, is_repeated
from gatebook.sandbox.warehouse import Resource

_BOOLEANS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}
_INT64 = range(-(1 << 63), 1 << 63)
_DIGITS = decimal.Context(prec=80, rounding=decimal.ROUND_HALF_UP)


class BadValue(Exception):
    """A value its column refuses. location: the dotted field name."""

    def __init__(self, location: str, message: str) -> None:
        super().__init__(message)
        self.location = location
        self.message = message


def record(row: Any, fields: list[Resource], *, ignore_unknown: bool, path: str = "") -> dict[str, Any]:
    """A JSON object as a value of these fields, names matched without regard to case."""
    if not isinstance(row, Mapping):
        raise BadValue(path.rstrip("."), f"This field: {path.rstrip('.')} is not a record.")
    by_name = {str(name).lower(): value for name, value in row.items()}
    known = {field["name"].lower() for field in fields}
    for name in () if ignore_unknown else row:
        if str(name).lower() not in known:
            raise BadValue(f"{path}{name}", f"no such field: {path}{name}.")
    return {field["name"]: value(by_name.get(field["name"].lower()), field, ignore_unknown, path) for field in fields}


def value(given: Any, field: Resource, ignore_unknown: bool, path: str = "") -> Any:
    """One JSON value as a value of its field."""
    where = f"{path}{field['name']}"
    if is_repeated(field):
        return _array(given, field, ignore_unknown, path)
    if given is None:
        if field_mode(field) == "REQUIRED":
            raise BadValue(where, f"Missing required field: {where}.")
        return None
    kind = field_type(field)
    if kind == "RECORD":
        return record(given, field["fields"], ignore_unknown=ignore_unknown, path=f"{where}.")
    if isinstance(given, list) and kind != "JSON":
        raise BadValue(where, f"Array specified for non-repeated field: {where}.")
    return scalar(given, field, where)


def scalar(given: Any, field: Resource, where: str) -> Any:
    """One JSON scalar, or text of a CSV cell, as a value of its field's type."""
    kind = field_type(field)
    try:
        if kind == "RANGE":
            return _range(given, field_type(field["rangeElementType"]))
        return _READERS[kind](given)
    except (ValueError, TypeError, ArithmeticError):
        shown = given if isinstance(given, str) else json.dumps(given)
        raise BadValue(where, f"Cannot convert value to {kind.lower()} (bad value): {shown}") from None


def _array(given: Any, field: Resource, ignore_unknown: bool, path: str) -> list[Any]:
    where = f"{path}{field['name']}"
    if given is None:
        return []
    if not isinstance(given, list):
        raise BadValue(where, f"Repeated value added outside of an array, field: {where}.")
    if None in given:
        raise BadValue(where, f"Only optional fields can be set to NULL. Field: {where}; Value: NULL")
    return [value(item, element(field), ignore_unknown, path) for item in given]


def _range(given: Any, bound: str) -> dict[str, Any]:
    if isinstance(given, Mapping):
        bounds = (given.get("start"), given.get("end"))
    elif isinstance(given, str) and given.startswith("[") and given.endswith(")"):
        first, _, second = given[1:-1].partition(",")
        bounds = (first.strip(), second.strip())
    else:
        raise ValueError("not a range")
    start, end = (None if text in (None, "", "UNBOUNDED", "NULL") else _READERS[bound](text) for text in bounds)
    return {"start": start, "end": end}


def _integer(given: Any) -> int:
    if isinstance(given, float) and not given.is_integer():
        raise ValueError("fraction")
    number = int(given)
    if isinstance(given, bool) or number not in _INT64:
        raise ValueError("out of range")
    return number


def _float(given: Any) -> float:
    if isinstance(given, bool):
        raise TypeError("boolean")
    return float(given)


def _boolean(given: Any) -> bool:
    if isinstance(given, bool):
        return given
    return _BOOLEANS[str(given).lower()] if str(given).lower() in _BOOLEANS else _refuse()


def _string(given: Any) -> str:
    if isinstance(given, str):
        return given
    return json.dumps(given) if not isinstance(given, Mapping) else _refuse()


def _bytes(given: Any) -> bytes:
    try:
        return base64.b64decode(str(given), validate=True)
    except binascii.Error:
        return base64.urlsafe_b64decode(str(given))


def _decimal(digits: int, scale: int) -> Callable[[Any], decimal.Decimal]:
    limit = decimal.Decimal(10) ** digits
    step = decimal.Decimal(1).scaleb(-scale)

    def read(given: Any) -> decimal.Decimal:
        number = decimal.Decimal(str(given)).quantize(step, context=_DIGITS)
        return number if number.copy_abs() < limit else _refuse()

    return read


def _json(given: Any) -> str:
    """JSON columns keep a text that is JSON as it means, and any other JSON value as it stands."""
    parsed = json.loads(given) if isinstance(given, str) else given
    return json.dumps(parsed, separators=(",", ":"), ensure_ascii=False)


def _timestamp(given: Any) -> Any:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return temporal.epoch(given)
    return temporal.timestamp(given)


def _refuse() -> Any:
    raise ValueError("refused")


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "STRING": _string,
    "BYTES": _bytes,
    "INTEGER": _integer,
    "FLOAT": _float,
    "BOOLEAN": _boolean,
    "DATE": temporal.date,
    "DATETIME": temporal.civil,
    "TIME": temporal.time,
    "TIMESTAMP": _timestamp,
    "NUMERIC": _decimal(29, 9),
    "BIGNUMERIC": _decimal(38, 38),
    "GEOGRAPHY": _string,
    "JSON": _json,
    "INTERVAL": temporal.interval,
}
