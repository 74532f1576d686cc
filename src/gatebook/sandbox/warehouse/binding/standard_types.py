"""SqlType as the REST API's StandardSqlDataType, in which routines write their types.

https://cloud.google.com/bigquery/docs/reference/rest/v2/StandardSqlDataType
"""

from gatebook.googlesql.types import SqlType, StructField, array_of
from gatebook.sandbox.errors import invalid
from gatebook.sandbox.warehouse.requests import Resource


def to_standard(sql_type: SqlType) -> Resource:
    """Write a type."""
    if sql_type.kind == "ARRAY" and sql_type.element:
        return {"typeKind": "ARRAY", "arrayElementType": to_standard(sql_type.element)}
    if sql_type.kind == "RANGE" and sql_type.element:
        return {"typeKind": "RANGE", "rangeElementType": to_standard(sql_type.element)}
    if sql_type.kind == "STRUCT":
        fields = [{"name": field.name, "type": to_standard(field.type)} for field in sql_type.fields]
        return {"typeKind": "STRUCT", "structType": {"fields": fields}}
    return {"typeKind": sql_type.kind}


def from_standard(data_type: Resource) -> SqlType:
    """Read a type."""
    kind = data_type.get("typeKind")
    if not isinstance(kind, str):
        raise invalid("Required parameter is missing: typeKind")
    if kind == "ARRAY":
        return array_of(from_standard(data_type["arrayElementType"]))
    if kind == "RANGE":
        return SqlType("RANGE", element=from_standard(data_type["rangeElementType"]))
    if kind == "STRUCT":
        fields = data_type["structType"]["fields"]
        return SqlType(
            "STRUCT", fields=tuple(StructField(field.get("name", ""), from_standard(field["type"])) for field in fields)
        )
    return SqlType(kind)


def to_parameter_type(sql_type: SqlType) -> Resource:
    """Write a type as a QueryParameterType."""
    if sql_type.kind == "ARRAY" and sql_type.element:
        return {"type": "ARRAY", "arrayType": to_parameter_type(sql_type.element)}
    if sql_type.kind == "STRUCT":
        parts = [{"name": field.name, "type": to_parameter_type(field.type)} for field in sql_type.fields]
        return {"type": "STRUCT", "structTypes": parts}
    if sql_type.kind == "RANGE" and sql_type.element:
        return {"type": "RANGE", "rangeElementType": to_parameter_type(sql_type.element)}
    return {"type": sql_type.kind}
