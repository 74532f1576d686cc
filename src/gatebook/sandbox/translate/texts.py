"""Values as text: CAST AS STRING, FORMAT's %t and %T, and JSON.

Composite values are printed by SQL that follows their type, so that every scalar inside is printed by its own rule.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Literal

from gatebook.googlesql.types import STRING, SqlType
from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.expressions.casts import cast_sql, range_text, session_zone
from gatebook.sandbox.translate.names import case, string
from gatebook.sandbox.translate.types import element, field_sql, loop_name
from gatebook.sandbox.translate.zones import UTC

Printer = Callable[[str, SqlType, str], str]
JsonStyle = Literal["text", "value", "wide"]


def _scalar_text(value: str, sql_type: SqlType, zone: str) -> str:
    """A scalar as CAST AS STRING has it; JSON as its text, BYTES escaped."""
    match sql_type.kind:
        case "STRING" | "GEOGRAPHY":
            return value
        case "JSON":
            return f"CAST({value} AS VARCHAR)"
        case "BYTES":
            return f"bq_bytes_escaped({value})"
        case "RANGE":
            return range_text(value, sql_type, zone)
        case "FLOAT64":
            return f"bq_float_display({value})"
        case _:
            return cast_sql(value, sql_type, STRING, zone)


def display_text(value: str, sql_type: SqlType, zone: str) -> str:
    """FORMAT's %t, never NULL."""
    if sql_type.kind in ("ARRAY", "STRUCT"):
        return _composite(value, sql_type, display_text, zone, one_field="({})")
    return f"coalesce({_scalar_text(value, sql_type, zone)}, 'NULL')"


_LITERALS = {
    "STRING": "bq_quoted({})",
    "BYTES": "bq_quoted_bytes({})",
    "FLOAT64": "bq_float_literal({})",
    "INT64": "CAST({} AS VARCHAR)",
    "BOOL": "CAST({} AS VARCHAR)",
}
_PREFIXED = frozenset(["DATE", "DATETIME", "TIME", "TIMESTAMP", "NUMERIC", "BIGNUMERIC"])


def literal_text(value: str, sql_type: SqlType, zone: str) -> str:
    """FORMAT's %T: SQL that gives the value again; never NULL."""
    kind = sql_type.kind
    if kind in ("ARRAY", "STRUCT"):
        return _composite(value, sql_type, literal_text, zone, one_field="STRUCT({})")
    if kind in _LITERALS:
        text = _LITERALS[kind].format(value)
    elif kind in _PREFIXED:
        text = f"'{kind} \"' || {cast_sql(value, sql_type, STRING, zone)} || '\"'"
    elif kind == "JSON":
        text = f"'JSON ' || bq_quoted(CAST({value} AS VARCHAR))"
    elif kind == "INTERVAL":
        text = f"'INTERVAL \"' || {cast_sql(value, sql_type, STRING, zone)} || '\" YEAR TO SECOND'"
    elif kind == "RANGE":
        text = f"'RANGE<{element(sql_type).kind}> \"' || {range_text(value, sql_type, zone)} || '\"'"
    else:
        text = f"'{kind} \"' || {_scalar_text(value, sql_type, zone)} || '\"'"
    return f"coalesce({text}, 'NULL')"


def _composite(value: str, sql_type: SqlType, inner: Printer, zone: str, one_field: str) -> str:
    if sql_type.kind == "ARRAY":
        name = loop_name(sql_type)
        items = f"list_transform({value}, lambda {name}: {inner(name, element(sql_type), zone)})"
        return f"coalesce('[' || array_to_string({items}, ', ') || ']', 'NULL')"
    fields = [inner(field_sql(value, sql_type, i), field.type, zone) for i, field in enumerate(sql_type.fields)]
    opening, closing = (one_field if len(fields) == 1 else "({})").split("{}")
    listed = " || ', ' || ".join(fields)
    return f"CASE WHEN {value} IS NULL THEN 'NULL' ELSE {string(opening)} || {listed} || {string(closing)} END"


def json_text(value: str, sql_type: SqlType, style: JsonStyle = "text") -> str:
    """JSON of a value, never NULL. Style `text` is TO_JSON_STRING: numbers that no double holds become strings.

    Style `value` is for JSON values: FLOAT64 stay floats, wide numbers numbers; `wide` has wide numbers as strings.
    """
    kind = sql_type.kind
    if kind == "ARRAY":
        name = loop_name(sql_type)
        inner = json_text(name, element(sql_type), style)
        items = f"list_transform({value}, lambda {name}: {inner})"
        return f"coalesce('[' || array_to_string({items}, ',') || ']', 'null')"
    if kind == "RANGE":
        start, end = (json_text(f"struct_extract({value}, '{b}')", element(sql_type), style) for b in ("start", "end"))
        return case(
            (f"{value} IS NULL", "'null'"), otherwise=f"'{{\"start\":' || {start} || ',\"end\":' || {end} || '}}'"
        )
    if kind == "STRUCT":
        fields = (
            string(json.dumps(field.name, ensure_ascii=False) + ":")
            + " || "
            + json_text(field_sql(value, sql_type, i), field.type, style)
            for i, field in enumerate(sql_type.fields)
        )
        listed = " || ',' || ".join(fields)
        return f"CASE WHEN {value} IS NULL THEN 'null' ELSE '{{' || {listed} || '}}' END"
    return f"coalesce({_scalar_json(value, sql_type, style)}, 'null')"


def _scalar_json(value: str, sql_type: SqlType, style: JsonStyle) -> str:
    text = _scalar_text(value, sql_type, UTC)
    match sql_type.kind:
        case "BOOL" | "JSON":
            return f"CAST({value} AS VARCHAR)"
        case "INT64":
            return f"CAST({value} AS VARCHAR)" if style == "value" else f"bq_int64_to_json({value})"
        case "NUMERIC" | "BIGNUMERIC":
            return f"bq_numeric_to_json({text}, '{style}')"
        case "FLOAT64":
            return f"bq_float64_to_json({value}, '{style}')"
        case "BYTES":
            return f"bq_json_quoted(to_base64({value}))"
        case "DATETIME":
            return f"bq_json_quoted(replace({text}, ' ', 'T'))"
        case "TIMESTAMP":
            return f"bq_json_quoted(replace(replace({text}, ' ', 'T'), '+00', 'Z'))"
        case "INTERVAL":
            return f"bq_json_quoted(bq_interval_iso({text}))"
        case _:
            return f"bq_json_quoted({text})"


def format_call(call: Call) -> str:
    """FORMAT(pattern, ...): each argument goes as its %t text and its %T text, and the pattern picks."""
    zone = session_zone(call.translator)
    arguments = [(call[i], call.type(i)) for i in range(1, len(call))]
    shown = ", ".join(_format_argument(value, sql_type, zone) for value, sql_type in arguments)
    literals = ", ".join(literal_text(value, sql_type, zone) for value, sql_type in arguments)
    kinds = string(",".join(sql_type.kind for _, sql_type in arguments))
    return f"bq_format({call[0]}, CAST([{shown}] AS VARCHAR[]), CAST([{literals}] AS VARCHAR[]), {kinds})"


def _format_argument(value: str, sql_type: SqlType, zone: str) -> str:
    if sql_type.kind in ("ARRAY", "STRUCT"):
        return display_text(value, sql_type, zone)
    return _scalar_text(value, sql_type, zone)
