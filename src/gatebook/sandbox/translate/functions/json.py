"""JSON functions, of JSON values and of JSON in STRINGs.

A JSON value is normalised text; JSON in a STRING is read as it stands: numbers keep their spelling and members their
order.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatebook.googlesql.types import SqlType
from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import string
from gatebook.sandbox.translate.texts import json_text
from gatebook.sandbox.translate.translator import FunctionSql

_ROOT = string("$")


def _read(what: str, *, legacy: bool) -> FunctionSql:
    """JSON_QUERY and its family; the legacy functions write member names in brackets, the others in double quotes."""

    def render(call: Call) -> str:
        source = "json" if call.kind() == "JSON" else "text"
        path, style = call.get(1, _ROOT), "legacy" if legacy else "standard"
        return f"bq_{source}_{what}({call[0]}, {path}, '{style}')"

    return render


def _to_json_string(call: Call) -> str:
    pretty = call.get(1, "FALSE")
    text = json_text(call[0], call.type(0))
    return text if pretty == "FALSE" else f"bq_json_pretty({text}, {pretty})"


def _to_json(call: Call) -> str:
    wide = call.get(1, "FALSE")
    if wide not in ("FALSE", "TRUE"):
        raise Unmapped("TO_JSON with a computed stringify_wide_numbers")
    before, after = call.once(0)
    value = f"bq_json_normal({json_text(call[0], call.type(0), 'wide' if wide == 'TRUE' else 'value')}, 'round')"
    return f"{before}CAST({value} AS JSON){after}"


def _parse(call: Call) -> str:
    mode = call.get(1, "'exact'")
    return f"CAST(bq_json_normal({call[0]}, {mode}) AS JSON)"


def _value(sql: str, sql_type: SqlType) -> str:
    """A value as a part of a JSON value."""
    return json_text(sql, sql_type, "value")


def _array(call: Call) -> str:
    items = " || ',' || ".join(_value(call[i], call.type(i)) for i in range(len(call))) or "''"
    return f"CAST(bq_json_normal('[' || {items} || ']', 'round') AS JSON)"


def _object(call: Call) -> str:
    if call.kind() == "ARRAY":
        inner = call.type(1).element
        if inner is None:
            raise Unmapped("JSON_OBJECT of such arrays")
        values = f"list_transform({call[1]}, lambda _x: {_value('_x', inner)})"
        return f"CAST(bq_json_object({call[0]}, {values}) AS JSON)"
    names = ", ".join(call[i] for i in range(0, len(call), 2))
    values = ", ".join(_value(call[i], call.type(i)) for i in range(1, len(call), 2))
    return f"CAST(bq_json_object(CAST([{names}] AS VARCHAR[]), CAST([{values}] AS VARCHAR[])) AS JSON)"


def _change(function: str) -> FunctionSql:
    """JSON_SET(json, path, value, path, value, ..., [flag])."""

    def render(call: Call) -> str:
        rest = list(range(1, len(call)))
        flag = "TRUE"
        if len(rest) % 2:
            flag = call[rest.pop()]
        paths = ", ".join(call[i] for i in rest[::2])
        values = ", ".join(_value(call[i], call.type(i)) for i in rest[1::2])
        arrays = ", ".join("TRUE" if call.kind(i) == "ARRAY" else "FALSE" for i in rest[1::2])
        return (
            f"CAST({function}({call[0]}, CAST([{paths}] AS VARCHAR[]), CAST([{values}] AS VARCHAR[]),"
            f" CAST([{arrays}] AS BOOLEAN[]), {flag}) AS JSON)"
        )

    return render


def _remove(call: Call) -> str:
    return f"CAST(bq_json_remove({call[0]}, CAST([{', '.join(list(call)[1:])}] AS VARCHAR[])) AS JSON)"


def _subscript(call: Call) -> str:
    if call.kind() != "JSON":
        raise Unmapped(f"subscript of {call.kind()}")
    return f"bq_json_{'item' if call.kind(1) == 'INT64' else 'field'}({call[0]}, {call[1]})"


def _scalar(kind: str, *, lax: bool, array: bool = False) -> FunctionSql:
    name = f"bq_json_{'lax_' if lax else ''}{kind}{'_array' if array else ''}"

    def render(call: Call) -> str:
        if len(call) == 1:
            return f"{name}({call[0]})"
        if call.constant(1) not in ("round", "exact"):
            raise Unmapped(f"{call.name.upper()} with such a wide_number_mode")
        exact = "_exact" if call.constant(1) == "exact" else ""
        return f"{name}{exact}({call[0]})"

    return render


_KINDS = ("bool", "int64", "float64", "string")

FUNCTIONS: Mapping[str, FunctionSql] = {
    "json_value": _read("value", legacy=False),
    "json_query": _read("query", legacy=False),
    "json_value_array": _read("value_array", legacy=False),
    "json_query_array": _read("query_array", legacy=False),
    "json_extract": _read("query", legacy=True),
    "json_extract_scalar": _read("value", legacy=True),
    "json_extract_array": _read("query_array", legacy=True),
    "json_extract_string_array": _read("value_array", legacy=True),
    "to_json_string": _to_json_string,
    "to_json": _to_json,
    "safe_to_json": _to_json,
    "parse_json": _parse,
    "json_array": _array,
    "json_object": _object,
    "json_set": _change("bq_json_set"),
    "json_array_append": _change("bq_json_array_append"),
    "json_array_insert": _change("bq_json_array_insert"),
    "json_remove": _remove,
    "json_strip_nulls": "CAST(bq_json_strip_nulls({all}) AS JSON)",
    "json_keys": "bq_json_keys({all})",
    "json_type": "bq_json_type({0})",
    "json_contains": "bq_json_contains({0}, {1})",
    "json_flatten": "bq_json_flatten({0})",
    "$subscript": _subscript,
    **{f"{kind}/JSON": _scalar(kind, lax=False) for kind in _KINDS},
    **{f"lax_{kind}": _scalar(kind, lax=True) for kind in _KINDS},
    **{f"{kind}_array": _scalar(kind, lax=False, array=True) for kind in _KINDS},
    **{f"lax_{kind}_array": _scalar(kind, lax=True, array=True) for kind in _KINDS},
    "double/JSON": _scalar("float64", lax=False),
    "lax_double": _scalar("float64", lax=True),
    "double_array": _scalar("float64", lax=False, array=True),
    "lax_double_array": _scalar("float64", lax=True, array=True),
}
