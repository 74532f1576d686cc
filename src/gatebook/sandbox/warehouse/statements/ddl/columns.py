"""Column definitions, partitioning and clustering of resolved DDL as parts of a table resource."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, StructField, from_proto, from_rest_schema, to_rest_schema
from gatebook.sandbox.errors import invalid_query, not_implemented
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state.physical import PARTITION_TIME
from gatebook.sandbox.warehouse.statements.ddl import options

ReadOptions = Callable[[Iterable[Any]], list[tuple[str, Any]]]
"""Names and values of a resolved option list."""

_PARTITION_UNITS: Final = ("HOUR", "DAY", "MONTH", "YEAR")


def field_of(definition: Any, read_options: ReadOptions) -> Resource:
    """The REST schema field of a resolved column definition."""
    field = to_rest_schema([StructField(definition.name, from_proto(definition.type))])[0]
    if definition.HasField("generated_column_info"):
        raise not_implemented("generated columns")
    _annotate(field, definition.annotations, read_options)
    default = tree.present(definition, "default_value")
    if default is not None:
        field["defaultValueExpression"] = default.sql
    return field


def _annotate(field: Resource, annotations: Any, read_options: ReadOptions) -> None:
    annotations = tree.unwrap(annotations)
    if annotations.not_null:
        if field["mode"] == "REPEATED":
            raise invalid_query(f"NOT NULL cannot be set on the array column {field['name']}")
        field["mode"] = "REQUIRED"
    options.apply(field, read_options(annotations.option_list), options.COLUMN)
    inner = annotations
    if field["mode"] == "REPEATED" and annotations.child_list:
        inner = tree.unwrap(annotations.child_list[0])
    _parameters(field, inner.type_parameters)
    for child, notes in zip(field.get("fields", ()), inner.child_list, strict=False):
        _annotate(child, notes, read_options)


def _parameters(field: Resource, parameters: Any) -> None:
    if parameters.HasField("string_type_parameters") and parameters.string_type_parameters.max_length:
        field["maxLength"] = str(parameters.string_type_parameters.max_length)
    if parameters.HasField("numeric_type_parameters"):
        numeric = parameters.numeric_type_parameters
        if numeric.precision:
            field["precision"] = str(numeric.precision)
        if numeric.scale:
            field["scale"] = str(numeric.scale)


def retyped(field: Resource, sql_type: SqlType, parameters: Any) -> Resource:
    """A REST schema field with another type and its parameters."""
    kept = {key: value for key, value in field.items() if key not in {"fields", "maxLength", "precision", "scale"}}
    written = to_rest_schema([StructField(field["name"], sql_type)])[0]
    result = {**kept, **written, "mode": field["mode"]}
    _parameters(result, parameters)
    return result


def types_of(fields: Iterable[Resource]) -> list[SqlType]:
    """Types of REST schema fields."""
    return [column.type for column in from_rest_schema(list(fields))]


def partitioning(expressions: Iterable[Any]) -> Resource:
    """PARTITION BY as `timePartitioning` or `rangePartitioning`."""
    nodes = [tree.unwrap(expression) for expression in expressions]
    if not nodes:
        return {}
    if len(nodes) > 1:
        raise invalid_query("Only a single PARTITION BY expression is supported but found " + str(len(nodes)))
    node = nodes[0]
    if tree.kind(node) == "ColumnRef":
        return _by_column(node)
    if tree.kind(node) == "FunctionCall":
        return _by_function(node)
    if tree.kind(node) == "Cast":  # DATE(ts) may be resolved as a cast
        return _time("DAY", _column(tree.unwrap(node.expr)))
    raise _unsupported_partitioning()


def _by_column(node: Any) -> Resource:
    if from_proto(node.column.type).kind != "DATE" and node.column.name != "_PARTITIONDATE":
        raise invalid_query(
            "PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), DATETIME_TRUNC(...), "
            "TIMESTAMP_TRUNC(...), DATE_TRUNC(...), RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(...)) or a DATE column"
        )
    return _time("DAY", node.column.name)


def _by_function(node: Any) -> Resource:
    name = tree.field(node, "function").name.rpartition(":")[2].lower()
    arguments = [tree.unwrap(argument) for argument in tree.field(node, "argument_list")]
    if name in {"date", "$extract_date"}:
        return _time("DAY", _column(arguments[0]))
    if name in {"date_trunc", "datetime_trunc", "timestamp_trunc"}:
        return _time(_unit(arguments[1]), _column(arguments[0]))
    if name == "range_bucket":
        return _range(arguments)
    raise _unsupported_partitioning()


def _unit(node: Any) -> str:
    number = node.value.value.enum_value
    units = {1: "YEAR", 2: "MONTH", 3: "DAY", 7: "HOUR"}  # zetasql.functions.DateTimestampPart
    if units.get(number) not in _PARTITION_UNITS:
        raise invalid_query("Partitioning is only supported by HOUR, DAY, MONTH or YEAR")
    return units[number]


def _time(unit: str, column: str) -> Resource:
    if column.upper() in {PARTITION_TIME, "_PARTITIONDATE"}:
        return {"timePartitioning": {"type": unit}}
    return {"timePartitioning": {"type": unit, "field": column}}


def _range(arguments: list[Any]) -> Resource:
    bounds = [tree.unwrap(part) for part in tree.field(arguments[1], "argument_list")]
    start, end, interval = (str(bound.value.value.int64_value) for bound in bounds)
    return {"rangePartitioning": {"field": _column(arguments[0]), "range": {
        "start": start, "end": end, "interval": interval}}}  # fmt: skip


def _column(node: Any) -> str:
    if tree.kind(node) != "ColumnRef":
        raise _unsupported_partitioning()
    name: str = node.column.name
    return name


def _unsupported_partitioning() -> Exception:
    return invalid_query("Unsupported PARTITION BY expression")


def clustering(expressions: Iterable[Any]) -> Resource:
    """CLUSTER BY as `clustering`."""
    names = [_column(tree.unwrap(expression)) for expression in expressions]
    if len(names) > 4:  # https://cloud.google.com/bigquery/docs/clustered-tables#limitations
        raise invalid_query(f"CLUSTER BY supports a maximum of 4 columns but {len(names)} were specified")
    return {"clustering": {"fields": names}} if names else {}
