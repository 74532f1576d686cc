"""Rows of the views about datasets, tables, columns and routines."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from gatebook.sandbox.warehouse.binding.standard_types import from_standard
from gatebook.sandbox.warehouse.information_schema import ddl_text
from gatebook.sandbox.warehouse.information_schema.views import Asked, Row
from gatebook.sandbox.warehouse.names import RoutineName, TableName
from gatebook.sandbox.warehouse.requests import Resource
from gatebook.sandbox.warehouse.state.filling import fields_of
from gatebook.sandbox.warehouse.state.store import Entry

_TABLE_TYPES: Final = {
    "TABLE": "BASE TABLE",
    "VIEW": "VIEW",
    "MATERIALIZED_VIEW": "MATERIALIZED VIEW",
    "SNAPSHOT": "SNAPSHOT",
}
_ROUTINE_TYPES: Final = {
    "SCALAR_FUNCTION": "FUNCTION",
    "AGGREGATE_FUNCTION": "AGGREGATE FUNCTION",
    "TABLE_VALUED_FUNCTION": "TABLE FUNCTION",
    "PROCEDURE": "PROCEDURE",
}


def _moment(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)


def _yes(condition: object) -> str:
    return "YES" if condition else "NO"


def schemata(asked: Asked) -> Iterator[Row]:
    """SCHEMATA."""
    for name in asked.datasets:
        resource = asked.state.datasets[name].resource
        yield {
            "catalog_name": name.project,
            "schema_name": name.dataset,
            "creation_time": _moment(resource["creationTime"]),
            "last_modified_time": _moment(resource["lastModifiedTime"]),
            "location": resource["location"],
            "ddl": ddl_text.create_schema(name, resource),
        }


def schemata_options(asked: Asked) -> Iterator[Row]:
    """SCHEMATA_OPTIONS."""
    for name in asked.datasets:
        for option in _options(asked.state.datasets[name].resource):
            yield {"catalog_name": name.project, "schema_name": name.dataset, **option}


def _options(resource: Resource) -> Iterator[Row]:
    for name, option_type, value in ddl_text.options_of(resource):
        yield {"option_name": name, "option_type": option_type, "option_value": value}


def _all_tables(asked: Asked) -> Iterator[tuple[TableName, Entry]]:
    for dataset in asked.datasets:
        yield from asked.state.tables_of(dataset)


def _table(name: TableName) -> Row:
    return {"table_catalog": name.project, "table_schema": name.dataset, "table_name": name.table}


def tables(asked: Asked) -> Iterator[Row]:
    """TABLES."""
    for name, entry in _all_tables(asked):
        base = entry.resource.get("snapshotDefinition", {}).get("baseTableReference", {})
        taken = entry.resource.get("snapshotDefinition", {}).get("snapshotTime")
        yield {
            **_table(name),
            "table_type": _TABLE_TYPES[entry.resource["type"]],
            "is_insertable_into": _yes(entry.resource["type"] == "TABLE"),
            "is_typed": "NO",
            "is_change_history_enabled": _yes(entry.resource.get("enableChangeHistory")),
            "creation_time": _moment(entry.resource["creationTime"]),
            "base_table_catalog": base.get("projectId"),
            "base_table_schema": base.get("datasetId"),
            "base_table_name": base.get("tableId"),
            "snapshot_time_ms": datetime.fromisoformat(taken) if taken else None,
            "ddl": ddl_text.create_table(name, entry.resource),
        }


def table_options(asked: Asked) -> Iterator[Row]:
    """TABLE_OPTIONS."""
    for name, entry in _all_tables(asked):
        for option in _options(entry.resource):
            yield {**_table(name), **option}


def columns(asked: Asked) -> Iterator[Row]:
    """COLUMNS."""
    for name, entry in _all_tables(asked):
        clustered = [column.lower() for column in entry.resource.get("clustering", {}).get("fields", [])]
        partitioning = entry.resource.get("timePartitioning") or entry.resource.get("rangePartitioning") or {}
        partition = partitioning.get("field", "")
        for position, field in enumerate(fields_of(entry), start=1):
            key = field["name"].lower()
            yield {
                **_table(name),
                "column_name": field["name"],
                "ordinal_position": position,
                "is_nullable": _yes(field["mode"] != "REQUIRED"),
                "data_type": ddl_text.type_sql(field),
                "is_generated": "NEVER",
                "is_hidden": "NO",
                "is_system_defined": "NO",
                "is_partitioning_column": _yes(key == partition.lower()),
                "clustering_ordinal_position": clustered.index(key) + 1 if key in clustered else None,
                "collation_name": "NULL",
                "column_default": field.get("defaultValueExpression", "NULL"),
                "rounding_mode": field.get("roundingMode"),
                "policy_tags": field.get("policyTags", {}).get("names", []),
            }


def column_field_paths(asked: Asked) -> Iterator[Row]:
    """COLUMN_FIELD_PATHS: every column and every field nested in it."""
    for name, entry in _all_tables(asked):
        for field in fields_of(entry):
            for path, inner in _paths(field, ""):
                yield {
                    **_table(name),
                    "column_name": field["name"],
                    "field_path": path,
                    "data_type": ddl_text.type_sql(inner),
                    "description": inner.get("description"),
                    "collation_name": "NULL",
                    "rounding_mode": inner.get("roundingMode"),
                    "policy_tags": inner.get("policyTags", {}).get("names", []),
                }


def _paths(field: Resource, prefix: str) -> Iterator[tuple[str, Resource]]:
    path = f"{prefix}{field['name']}"
    yield path, field
    for inner in field.get("fields", ()):
        yield from _paths(inner, f"{path}.")


def views(asked: Asked) -> Iterator[Row]:
    """VIEWS."""
    for name, entry in _all_tables(asked):
        definition = entry.resource.get("view")
        if definition:
            yield {**_table(name), "view_definition": definition["query"], "use_standard_sql": "YES"}


def _all_routines(asked: Asked) -> Iterator[tuple[RoutineName, Resource]]:
    for dataset in asked.datasets:
        for name, entry in asked.state.routines_of(dataset):
            yield name, entry.resource


def _specific(name: RoutineName) -> Row:
    return {"specific_catalog": name.project, "specific_schema": name.dataset, "specific_name": name.routine}


def routines(asked: Asked) -> Iterator[Row]:
    """ROUTINES."""
    for name, resource in _all_routines(asked):
        language = resource.get("language", "SQL")
        returned = resource.get("returnType")
        yield {
            **_specific(name),
            "routine_catalog": name.project,
            "routine_schema": name.dataset,
            "routine_name": name.routine,
            "routine_type": _ROUTINE_TYPES[resource["routineType"]],
            "data_type": from_standard(returned).sql() if returned else None,
            "routine_body": "SQL" if language == "SQL" else "EXTERNAL",
            "routine_definition": resource["definitionBody"],
            "external_language": None if language == "SQL" else language,
            "created": _moment(resource["creationTime"]),
            "last_altered": _moment(resource["lastModifiedTime"]),
        }


def parameters(asked: Asked) -> Iterator[Row]:
    """PARAMETERS."""
    for name, resource in _all_routines(asked):
        for position, argument in enumerate(resource.get("arguments", ()), start=1):
            data_type = argument.get("dataType")
            yield {
                **_specific(name),
                "ordinal_position": position,
                "parameter_mode": argument.get("mode"),
                "is_result": "NO",
                "parameter_name": argument.get("name"),
                "data_type": from_standard(data_type).sql() if data_type else "ANY TYPE",
            }
