"""Query parameters: the REST `queryParameters` as types for the analyzer and DuckDB variables for the engine.

https://cloud.google.com/bigquery/docs/reference/rest/v2/QueryParameter
"""

from collections.abc import Sequence
from typing import Any, Final

from gatebook.googlesql.types import SqlType, StructField, array_of, from_rest_schema
from gatebook.sandbox.errors import ApiError, invalid
from gatebook.sandbox.warehouse.binding.analysts import ParameterTypes
from gatebook.sandbox.warehouse.requests import Resource


def parameter_types(parameters: Sequence[Resource], *, undeclared: bool) -> ParameterTypes:
    """Types by name or by position. undeclared: whether parameters that nobody gave are fine, when none is given."""
    if not parameters:
        return None if undeclared else {}
    names = [parameter.get("name") for parameter in parameters]
    if all(names):
        return {str(name): type_of(p["parameterType"]) for name, p in zip(names, parameters, strict=True)}
    if any(names):
        raise invalid("Query parameters must be all named or all positional")
    return tuple(type_of(parameter["parameterType"]) for parameter in parameters)


def type_of(parameter_type: Resource) -> SqlType:
    """Read a QueryParameterType."""
    kind = str(parameter_type.get("type", "")).upper()
    if kind == "ARRAY":
        return array_of(type_of(parameter_type["arrayType"]))
    if kind == "STRUCT":
        parts = parameter_type["structTypes"]
        return SqlType(
            "STRUCT", fields=tuple(StructField(part.get("name", ""), type_of(part["type"])) for part in parts)
        )
    if kind == "RANGE":
        return SqlType("RANGE", element=type_of(parameter_type["rangeElementType"]))
    return from_rest_schema([{"name": "parameter", "type": kind}])[0].type


def value_sql(value: Resource | None, sql_type: SqlType) -> str:
    """A QueryParameterValue as a GoogleSQL expression of exactly the type."""
    if value is None:
        return f"CAST(NULL AS {sql_type.sql()})"
    if sql_type.kind == "ARRAY" and sql_type.element:
        element = sql_type.element
        items = ", ".join(value_sql(item, element) for item in value.get("arrayValues") or ())
        return f"{sql_type.sql()}[{items}]"
    if sql_type.kind == "STRUCT":
        return _struct_sql(value.get("structValues"), sql_type)
    if sql_type.kind == "RANGE" and sql_type.element:
        bounds = value.get("rangeValue") or {}
        parts = (value_sql(bounds.get(side), sql_type.element) for side in ("start", "end"))
        return f"RANGE({', '.join(parts)})"
    return _scalar_sql(value.get("value"), sql_type)


def _struct_sql(values: Any, sql_type: SqlType) -> str:
    if values is None:
        return f"CAST(NULL AS {sql_type.sql()})"
    parts = (value_sql(values.get(field.name), field.type) for field in sql_type.fields)
    return f"{sql_type.sql()}({', '.join(parts)})"


def _scalar_sql(value: Any, sql_type: SqlType) -> str:
    if value is None:
        return f"CAST(NULL AS {sql_type.sql()})"
    text = quoted_text(str(value))
    form = _FORMS.get(sql_type.kind)
    return form.format(text) if form else f"CAST({text} AS {sql_type.sql()})"


_FORMS: Final = {
    "STRING": "{}",
    "BYTES": "FROM_BASE64({})",
    "JSON": "PARSE_JSON({})",
    "GEOGRAPHY": "ST_GEOGFROMTEXT({})",
}


def quoted_text(text: str) -> str:
    """A GoogleSQL string literal of any text."""
    escaped = "".join(_escaped(character) for character in text)
    return f'"{escaped}"'


def _escaped(character: str) -> str:
    if character in '\\"':
        return "\\" + character
    return character if character.isprintable() else f"\\U{ord(character):08x}"


def bad_value(name: str | int, sql_type: SqlType, reason: ApiError) -> ApiError:
    """The refusal of a value that is not one of its type."""
    return invalid(f"Invalid value for query parameter {name} of type {sql_type.sql()}: {reason.message}")
