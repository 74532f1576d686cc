"""GoogleSQL types as values, and their three other forms: SQL text, the analyzer's protobuf, BigQuery's REST schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gatebook.googlesql import protos
from gatebook.googlesql.errors import CatalogError
from gatebook.googlesql.identifiers import spelled

_PROTO_KINDS = {
    "INT64": "TYPE_INT64",
    "FLOAT64": "TYPE_DOUBLE",
    "BOOL": "TYPE_BOOL",
    "STRING": "TYPE_STRING",
    "BYTES": "TYPE_BYTES",
    "DATE": "TYPE_DATE",
    "DATETIME": "TYPE_DATETIME",
    "TIME": "TYPE_TIME",
    "TIMESTAMP": "TYPE_TIMESTAMP",
    "NUMERIC": "TYPE_NUMERIC",
    "BIGNUMERIC": "TYPE_BIGNUMERIC",
    "GEOGRAPHY": "TYPE_GEOGRAPHY",
    "JSON": "TYPE_JSON",
    "INTERVAL": "TYPE_INTERVAL",
    "RANGE": "TYPE_RANGE",
    "ARRAY": "TYPE_ARRAY",
    "STRUCT": "TYPE_STRUCT",
}
_NUMBER_OF_KIND = {kind: protos.types.TypeKind.Value(name) for kind, name in _PROTO_KINDS.items()}
_KIND_OF_NUMBER = {number: kind for kind, number in _NUMBER_OF_KIND.items()}

# BigQuery's REST API answers with the legacy names and accepts both.
_RECORDS_NESTED = 15  # https://cloud.google.com/bigquery/quotas#all_tables
_REST_NAMES = {"INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD"}
_KIND_OF_NAME = {
    **{kind: kind for kind in _PROTO_KINDS},
    **{rest: kind for kind, rest in _REST_NAMES.items()},
    "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC",
}


@dataclass(frozen=True, slots=True)
class StructField:
    """One field of a struct or column of a row; `name` is empty for an anonymous field."""

    name: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class SqlType:
    """A GoogleSQL type; `element` belongs to ARRAY and RANGE, `fields` to STRUCT; STRING(10) is just STRING.

    Types that BigQuery does not have but the analyzer may produce keep the analyzer's kind name (`UUID`,
    `GRAPH_ELEMENT`).
    """

    kind: str
    element: SqlType | None = None
    fields: tuple[StructField, ...] = ()

    def sql(self) -> str:
        """The type as written in SQL: `ARRAY<STRUCT<a INT64, b STRING>>`."""
        if self.element is not None:
            return f"{self.kind}<{self.element.sql()}>"
        if self.kind == "STRUCT":
            return f"STRUCT<{', '.join(_field_sql(field) for field in self.fields)}>"
        return self.kind

    def __str__(self) -> str:
        return self.sql()


def _field_sql(field: StructField) -> str:
    return f"{spelled(field.name)} {field.type.sql()}" if field.name else field.type.sql()


INT64 = SqlType("INT64")
FLOAT64 = SqlType("FLOAT64")
BOOL = SqlType("BOOL")
STRING = SqlType("STRING")
BYTES = SqlType("BYTES")
DATE = SqlType("DATE")
DATETIME = SqlType("DATETIME")
TIME = SqlType("TIME")
TIMESTAMP = SqlType("TIMESTAMP")
NUMERIC = SqlType("NUMERIC")
BIGNUMERIC = SqlType("BIGNUMERIC")
GEOGRAPHY = SqlType("GEOGRAPHY")
JSON = SqlType("JSON")
INTERVAL = SqlType("INTERVAL")


def array_of(element: SqlType) -> SqlType:
    """ARRAY<element>."""
    return SqlType("ARRAY", element=element)


def struct_of(fields: Iterable[tuple[str, SqlType]]) -> SqlType:
    """STRUCT of (name, type) pairs."""
    return SqlType("STRUCT", fields=tuple(StructField(name, type_) for name, type_ in fields))


def to_proto(sql_type: SqlType) -> Any:
    """The analyzer's TypeProto; CatalogError when BigQuery has no such type."""
    number = _NUMBER_OF_KIND.get(sql_type.kind)
    if number is None:
        raise CatalogError(f"unknown type {sql_type.kind}")
    proto = protos.types.TypeProto(type_kind=number)
    if sql_type.kind in ("ARRAY", "RANGE"):
        if sql_type.element is None:
            raise CatalogError(f"{sql_type.kind} needs an element type")
        holder = proto.array_type if sql_type.kind == "ARRAY" else proto.range_type
        holder.element_type.CopyFrom(to_proto(sql_type.element))
    elif sql_type.kind == "STRUCT":
        proto.struct_type.SetInParent()
        for field in sql_type.fields:
            proto.struct_type.field.add(field_name=field.name, field_type=to_proto(field.type))
    return proto


def from_proto(proto: Any) -> SqlType:
    """Read the analyzer's TypeProto."""
    kind = _KIND_OF_NUMBER.get(proto.type_kind)
    if kind is None:
        return SqlType(protos.types.TypeKind.Name(proto.type_kind).removeprefix("TYPE_"))
    if kind == "ARRAY":
        return SqlType(kind, element=from_proto(proto.array_type.element_type))
    if kind == "RANGE":
        return SqlType(kind, element=from_proto(proto.range_type.element_type))
    if kind == "STRUCT":
        fields = (StructField(f.field_name, from_proto(f.field_type)) for f in proto.struct_type.field)
        return SqlType(kind, fields=tuple(fields))
    return SqlType(kind)


def from_rest_schema(fields: Sequence[Mapping[str, Any]], depth: int = 0) -> tuple[StructField, ...]:
    """Read `TableSchema.fields` of BigQuery's REST API v2: mode REPEATED becomes ARRAY, RECORD becomes STRUCT.

    Raises CatalogError; also for records nested deeper than BigQuery has them.
    """
    if depth > _RECORDS_NESTED:
        raise CatalogError(f"records are nested deeper than {_RECORDS_NESTED} levels")
    return tuple(StructField(str(field["name"]), _from_rest_field(field, depth)) for field in fields)


def _from_rest_field(field: Mapping[str, Any], depth: int) -> SqlType:
    name = str(field["type"]).upper()
    kind = _KIND_OF_NAME.get(name)
    if kind is None or kind == "ARRAY":
        raise CatalogError(f"unknown type {name} of field {field['name']}")
    scalar = SqlType(kind)
    if kind == "STRUCT":
        scalar = SqlType(kind, fields=from_rest_schema(field.get("fields", ()), depth + 1))
    elif kind == "RANGE":
        scalar = SqlType(kind, element=SqlType(str(field["rangeElementType"]["type"]).upper()))
    return array_of(scalar) if str(field.get("mode", "")).upper() == "REPEATED" else scalar


def to_rest_schema(fields: Iterable[StructField]) -> list[dict[str, Any]]:
    """Write `TableSchema.fields` as BigQuery's REST API answers it; anonymous fields become `_field_N` as there."""
    return [_to_rest_field(field, position) for position, field in enumerate(fields, start=1)]


def _to_rest_field(field: StructField, position: int) -> dict[str, Any]:
    repeated = field.type.kind == "ARRAY" and field.type.element is not None
    scalar = field.type.element if field.type.kind == "ARRAY" and field.type.element is not None else field.type
    rest: dict[str, Any] = {
        "name": field.name or f"_field_{position}",
        "type": _REST_NAMES.get(scalar.kind, scalar.kind),
        "mode": "REPEATED" if repeated else "NULLABLE",
    }
    if scalar.kind == "STRUCT":
        rest["fields"] = to_rest_schema(scalar.fields)
    elif scalar.kind == "RANGE" and scalar.element is not None:
        rest["rangeElementType"] = {"type": scalar.element.kind}
    return rest
