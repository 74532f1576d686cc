"""BigQuery's QueryParameter resources become the analyzer's types."""

from collections.abc import Mapping, Sequence
from typing import Any

from gatebook.core import documents
from gatebook.errors import Reason, Refused
from gatebook.googlesql.types import SqlType, array_of, struct_of

Parameters = Mapping[str, SqlType] | Sequence[SqlType] | None

_SCALARS = frozenset(
    {"INT64", "FLOAT64", "BOOL", "STRING", "BYTES", "DATE", "DATETIME", "TIME", "TIMESTAMP"}
    | {"NUMERIC", "BIGNUMERIC", "GEOGRAPHY", "JSON", "INTERVAL"}
)
_LEGACY_NAMES = {
    "INTEGER": "INT64",
    "FLOAT": "FLOAT64",
    "BOOLEAN": "BOOL",
    "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC",
}
_DEPTH = 16


def parameter_types(query_parameters: Sequence[Any]) -> Parameters:
    """Give types by name, or by position when the parameters have no names. Raises Refused(BODY_MALFORMED).

    The shape is QueryParameter of the REST reference: {"name", "parameterType": {"type", "arrayType", "structTypes"}}.
    """
    if not query_parameters:
        return {}
    named = [documents.text(parameter, "name") for parameter in query_parameters]
    types = [_type(documents.obj(parameter, "parameterType"), _DEPTH) for parameter in query_parameters]
    if not any(named):
        return types
    if not all(named) or len({name.lower() for name in named if name}) != len(named):
        raise Refused(Reason.BODY_MALFORMED, "queryParameters: give every parameter its own name, or none a name.")
    return {name.lower(): sql_type for name, sql_type in zip(named, types, strict=True) if name}


def _type(parameter_type: object, depth: int) -> SqlType:
    written = (documents.text(parameter_type, "type") or "").upper()
    name = _LEGACY_NAMES.get(written, written)
    if depth == 0:
        raise Refused(Reason.BODY_MALFORMED, "queryParameters: the types are nested too deeply.")
    if name == "ARRAY":
        return array_of(_type(documents.obj(parameter_type, "arrayType"), depth - 1))
    if name in ("STRUCT", "RECORD"):
        fields = documents.items(parameter_type, "structTypes")
        return struct_of(
            (documents.text(field, "name") or "", _type(documents.obj(field, "type"), depth - 1)) for field in fields
        )
    if name == "RANGE":
        return SqlType("RANGE", element=_type(documents.obj(parameter_type, "rangeElementType"), depth - 1))
    if name not in _SCALARS:
        raise Refused(Reason.BODY_MALFORMED, "queryParameters: a parameterType has no type that BigQuery knows.")
    return SqlType(name)
