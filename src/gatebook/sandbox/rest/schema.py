"""Small facts about a REST schema's fields (TableFieldSchema, as JSON)."""

from collections.abc import Mapping
from typing import Any

from gatebook.sandbox.warehouse import Resource

_ALIASES: Mapping[str, str] = {
    "INT64": "INTEGER",
    "FLOAT64": "FLOAT",
    "BOOL": "BOOLEAN",
    "STRUCT": "RECORD",
    "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC",
}
"""REST accepts two names for some types and answers with the value's one."""


def field_type(field: Mapping[str, Any]) -> str:
    """The field's type under the name REST answers with: ``INT64`` becomes ``INTEGER``."""
    name = str(field["type"]).upper()
    return _ALIASES.get(name, name)


def field_mode(field: Mapping[str, Any]) -> str:
    """``NULLABLE``, ``REQUIRED`` or ``REPEATED``."""
    return str(field.get("mode") or "NULLABLE").upper()


def is_repeated(field: Mapping[str, Any]) -> bool:
    """Whether the field is an array."""
    return field_mode(field) == "REPEATED"


def element(field: Resource) -> Resource:
    """An array field's element, as a field of its own."""
    return {**field, "mode": "NULLABLE"}


def fields_of(table: Mapping[str, Any]) -> list[Resource]:
    """The top-level fields of a table resource; none when it has no schema."""
    fields: list[Resource] = table.get("schema", {}).get("fields", [])
    return fields
