"""JSON functions that read."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from gatebook.sandbox.translate.udfs.json_values import (
    MISSING,
    InvalidJsonError,
    Members,
    RawNumber,
    found_at,
    found_lax,
    lax_path,
    normal,
    parsed_path,
    read_json,
    read_text,
    write,
)
from gatebook.sandbox.translate.udfs.numbers import float_text, parse_int64
from gatebook.sandbox.translate.udfs.printing import json_quoted
from gatebook.sandbox.translate.udfs.registry import BOOL, FLOAT, INT, JSON, TEXT, TEXTS, EvaluationError, Udf


def scalar_text(value: Any) -> str | None:
    """A scalar as JSON_VALUE gives it; None for null, arrays and objects."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, RawNumber | str):
        return str(value)
    return write(value) if isinstance(value, int | float) else None


def _at(read: Callable[[str], Any], text: str, path: str, style: str) -> Any:
    lax = lax_path(path)
    if lax is not None:
        return found_lax(read(text), parsed_path(lax[0], style), recursive=lax[1])
    steps = parsed_path(path, style)
    try:
        return found_at(read(text), steps)
    except InvalidJsonError:
        return MISSING


def _value(read: Callable[[str], Any]) -> Callable[[str, str, str], str | None]:
    return lambda text, path, style: scalar_text(_at(read, text, path, style))


def _query(read: Callable[[str], Any], *, null: str | None) -> Callable[[str, str, str], str | None]:
    def query(text: str, path: str, style: str) -> str | None:
        found = _at(read, text, path, style)
        if found is MISSING:
            return None
        return (null if style == "standard" or null else None) if found is None else write(found)

    return query


def _query_array(read: Callable[[str], Any]) -> Callable[[str, str, str], list[str] | None]:
    def query(text: str, path: str, style: str) -> list[str] | None:
        found = _at(read, text, path, style)
        return [write(item) for item in found] if isinstance(found, list) else None

    return query


def _value_array(read: Callable[[str], Any]) -> Callable[[str, str, str], list[str | None] | None]:
    def values(text: str, path: str, style: str) -> list[str | None] | None:
        found = _at(read, text, path, style)
        if not isinstance(found, list) or any(isinstance(item, list | dict) for item in found):
            return None
        return [scalar_text(item) for item in found]

    return values


def _field(text: str, name: str) -> str | None:
    value = read_json(text)
    return write(value[name]) if isinstance(value, dict) and name in value else None


def _item(text: str, index: int) -> str | None:
    value = read_json(text)
    return write(value[index]) if isinstance(value, list) and 0 <= index < len(value) else None


def _type(text: str) -> str:
    value = read_json(text)
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")


def _keys(text: str, depth: int, mode: str) -> list[str]:
    """Paths of all members, objects in arrays included as the mode says."""
    if depth <= 0:
        raise EvaluationError("max_depth must be positive")
    mode = mode.lower()
    found = dict.fromkeys(_member_paths(read_json(text), "", depth, mode, in_array=False))
    return sorted(found)


def _member_paths(value: Any, path: str, depth: int, mode: str, *, in_array: bool) -> Iterator[str]:
    if isinstance(value, list) and mode != "strict" and not (in_array and mode == "lax"):
        for item in value:
            yield from _member_paths(item, path, depth, mode, in_array=True)
    if not isinstance(value, dict) or depth == 0:
        return
    for name, item in value.items():
        shown = json_quoted(name) if "." in name or '"' in name else name
        here = f"{path}.{shown}" if path else shown
        yield here
        yield from _member_paths(item, here, depth - 1, mode, in_array=False)


def _flatten(text: str) -> list[str]:
    def flat(value: Any) -> Iterator[str]:
        if isinstance(value, list):
            for item in value:
                yield from flat(item)
        else:
            yield write(value)

    return list(flat(read_json(text)))


def _contains(text: str, wanted: str) -> bool:
    def inside(value: Any, part: Any) -> bool:
        if isinstance(value, dict) and isinstance(part, dict):
            return all(name in value and inside(value[name], item) for name, item in part.items())
        if isinstance(value, list) and isinstance(part, list):
            return all(any(inside(item, other) for item in value) for other in part)
        same_kind = isinstance(value, bool) == isinstance(part, bool) and isinstance(value, str) == isinstance(
            part, str
        )
        return same_kind and bool(value == part)

    value, part = read_json(text), read_json(wanted)
    if isinstance(value, list) and not isinstance(part, list | dict):
        return any(inside(item, part) for item in value)
    return inside(value, part)


def _pretty(text: str, pretty: bool) -> str:
    if not pretty:
        return text
    return _indented(read_text(text), "")


def _indented(value: Any, indent: str) -> str:
    inner = indent + "  "
    if isinstance(value, dict) and value:
        pairs = value.pairs if isinstance(value, Members) else value.items()
        members = (f"{inner}{json_quoted(name)}: {_indented(item, inner)}" for name, item in pairs)
        return "{\n" + ",\n".join(members) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(inner + _indented(item, inner) for item in value) + f"\n{indent}]"
    return write(value)


_WANTED = {"bool": "a boolean", "int64": "an integer", "float64": "a number", "string": "a string"}


def _strict_bool(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _strict_string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _strict_int64(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value) if -(1 << 63) <= value < 1 << 63 else None


def _strict_float64(value: Any) -> float | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def _lax_bool(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value != 0 if isinstance(value, bool | int | float) else None


def _lax_string(value: Any) -> str | None:
    return float_text(value) if isinstance(value, float) else scalar_text(value)


def _lax_int64(value: Any) -> int | None:
    number = _lax_float64(value) if not isinstance(value, bool | int) else value
    if isinstance(value, str):
        try:
            return parse_int64(value)
        except EvaluationError:
            pass
    if number is None or not math.isfinite(number):
        return None
    rounded = number if isinstance(number, int) else int(math.copysign(math.floor(abs(number) + 0.5), number))
    return int(rounded) if -(1 << 63) <= rounded < 1 << 63 else None


def _lax_float64(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    if math.isnan(number):  # DuckDB would take it for NULL
        raise EvaluationError("LAX_FLOAT64 of a string that holds NaN is not implemented here")
    return number


_STRICT = {"bool": _strict_bool, "int64": _strict_int64, "float64": _strict_float64, "string": _strict_string}
_LAX = {"bool": _lax_bool, "int64": _lax_int64, "float64": _lax_float64, "string": _lax_string}
_TYPES = {"bool": BOOL, "int64": INT, "float64": FLOAT, "string": TEXT}


def _strict(kind: str) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        found = _STRICT[kind](value)
        if found is None:
            raise EvaluationError(f"The provided JSON input is not {_WANTED[kind]}")
        return found

    return convert


def _converted(convert: Callable[[Any], Any]) -> Callable[[str], Any]:
    return lambda text: convert(read_json(text))


def _converted_array(convert: Callable[[Any], Any], *, lax: bool) -> Callable[[str], Any]:
    def convert_all(text: str) -> list[Any] | None:
        values = read_json(text)
        if values is None:
            return None
        if not isinstance(values, list):
            if lax:
                return None
            raise EvaluationError("The provided JSON input is not an array")
        return [convert(value) for value in values]

    return convert_all


def _exact_float64(value: Any) -> float | None:
    number = _strict("float64")(value)
    if isinstance(value, int) and int(number) != value:
        raise EvaluationError(f"JSON number: {value} cannot be converted to DOUBLE without loss of precision")
    return float(number)


def _conversions(kind: str) -> tuple[Udf, ...]:
    strict, lax, result = _strict(kind), _LAX[kind], _TYPES[kind]
    return (
        Udf(f"bq_json_{kind}", _converted(strict), (JSON,), result),
        Udf(f"bq_json_lax_{kind}", _converted(lax), (JSON,), result),
        Udf(f"bq_json_{kind}_array", _converted_array(strict, lax=False), (JSON,), result + "[]"),
        Udf(f"bq_json_lax_{kind}_array", _converted_array(lax, lax=True), (JSON,), result + "[]"),
    )


_PATHED = (TEXT, TEXT, TEXT)
_PATHED_JSON = (JSON, TEXT, TEXT)

UDFS: tuple[Udf, ...] = (
    Udf("bq_text_value", _value(read_text), _PATHED, TEXT),
    Udf("bq_text_query", _query(read_text, null=None), _PATHED, TEXT),
    Udf("bq_text_value_array", _value_array(read_text), _PATHED, TEXTS),
    Udf("bq_text_query_array", _query_array(read_text), _PATHED, TEXTS),
    Udf("bq_json_value", _value(read_json), _PATHED_JSON, TEXT),
    Udf("bq_json_query", _query(read_json, null="null"), _PATHED_JSON, JSON),
    Udf("bq_json_value_array", _value_array(read_json), _PATHED_JSON, TEXTS),
    Udf("bq_json_query_array", _query_array(read_json), _PATHED_JSON, JSON + "[]"),
    Udf("bq_json_field", _field, (JSON, TEXT), JSON),
    Udf("bq_json_item", _item, (JSON, INT), JSON),
    Udf("bq_json_type", _type, (JSON,), TEXT),
    Udf("bq_json_keys", _keys, (JSON, INT, TEXT), TEXTS),
    Udf("bq_json_flatten", _flatten, (JSON,), JSON + "[]"),
    Udf("bq_json_contains", _contains, (JSON, JSON), BOOL),
    Udf("bq_json_pretty", _pretty, (TEXT, BOOL), TEXT),
    Udf("bq_json_normal", normal, (TEXT, TEXT), TEXT),
    *(udf for kind in _STRICT for udf in _conversions(kind)),
    Udf("bq_json_float64_exact", _converted(_exact_float64), (JSON,), FLOAT),
    Udf("bq_json_float64_array_exact", _converted_array(_exact_float64, lax=False), (JSON,), FLOAT + "[]"),
)
