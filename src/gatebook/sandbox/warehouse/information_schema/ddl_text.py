"""The DDL that would make a thing again, as INFORMATION_SCHEMA shows it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from gatebook.sandbox.warehouse.names import DatasetName, TableName
from gatebook.sandbox.warehouse.requests import Resource

_TYPES: Final = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}


def type_sql(field: Resource) -> str:
    """The type of a REST schema field in GoogleSQL, with its parameters."""
    kind = str(_TYPES.get(field["type"], field["type"]))
    if kind == "RECORD":
        inner = (f"{part['name']} {type_sql(part)}" for part in field["fields"])
        kind = f"STRUCT<{', '.join(inner)}>"
    elif kind == "RANGE":
        kind = f"RANGE<{field['rangeElementType']['type']}>"
    parameters = [field[key] for key in ("maxLength", "precision", "scale") if key in field]
    if parameters:
        kind += f"({', '.join(parameters)})"
    return f"ARRAY<{kind}>" if field["mode"] == "REPEATED" else kind


def create_schema(name: DatasetName, resource: Resource) -> str:
    """CREATE SCHEMA."""
    return f"CREATE SCHEMA `{name.project}.{name.dataset}`{_options(resource)};"


def create_table(name: TableName, resource: Resource) -> str:
    """CREATE TABLE or CREATE VIEW."""
    path = f"`{name.project}.{name.dataset}.{name.table}`"
    if resource["type"] == "VIEW":
        return f"CREATE VIEW {path}{_options(resource)}\nAS {resource['view']['query']};"
    if resource["type"] == "MATERIALIZED_VIEW":
        return f"CREATE MATERIALIZED VIEW {path}{_options(resource)}\nAS {resource['materializedView']['query']};"
    columns = ",\n".join(f"  {_column(field)}" for field in resource.get("schema", {}).get("fields", []))
    kind = "SNAPSHOT TABLE" if resource["type"] == "SNAPSHOT" else "TABLE"
    return f"CREATE {kind} {path}\n(\n{columns}\n){_layout(resource)}{_options(resource)};"


def _column(field: Resource) -> str:
    text = f"{field['name']} {type_sql(field)}"
    if "defaultValueExpression" in field:
        text += f" DEFAULT {field['defaultValueExpression']}"
    if field["mode"] == "REQUIRED":
        text += " NOT NULL"
    if field.get("description"):
        text += f" OPTIONS(description={json.dumps(field['description'])})"
    return text


def _layout(resource: Resource) -> str:
    text = ""
    if "timePartitioning" in resource:
        text += f"\nPARTITION BY {_time_partition(resource)}"
    elif "rangePartitioning" in resource:
        bounds = resource["rangePartitioning"]["range"]
        array = f"GENERATE_ARRAY({bounds['start']}, {bounds['end']}, {bounds['interval']})"
        text += f"\nPARTITION BY RANGE_BUCKET({resource['rangePartitioning']['field']}, {array})"
    if resource.get("clustering"):
        text += f"\nCLUSTER BY {', '.join(resource['clustering']['fields'])}"
    return text


def _time_partition(resource: Resource) -> str:
    unit, column = resource["timePartitioning"].get("type", "DAY"), resource["timePartitioning"].get("field")
    if column is None:
        return "_PARTITIONDATE" if unit == "DAY" else f"TIMESTAMP_TRUNC(_PARTITIONTIME, {unit})"
    fields = {field["name"].lower(): field["type"] for field in resource["schema"]["fields"]}
    kind = fields[column.lower()]
    if unit == "DAY":
        return column if kind == "DATE" else f"DATE({column})"
    return f"{kind}_TRUNC({column}, {unit})"


def _options(resource: Resource) -> str:
    listed = ",\n".join(f"  {name}={value}" for name, _, value in options_of(resource))
    return f"\nOPTIONS(\n{listed}\n)" if listed else ""


def options_of(resource: Resource) -> Iterator[tuple[str, str, str]]:
    """Name, type and value of each option that is set, the value as SQL writes it."""
    for key, option in _TEXT_OPTIONS.items():
        if resource.get(key):
            yield option, "STRING", json.dumps(resource[key])
    if resource.get("labels"):
        pairs = ", ".join(f"STRUCT({json.dumps(k)}, {json.dumps(v)})" for k, v in sorted(resource["labels"].items()))
        yield "labels", "ARRAY<STRUCT<STRING, STRING>>", f"[{pairs}]"
    if resource.get("requirePartitionFilter"):
        yield "require_partition_filter", "BOOL", "true"
    if resource.get("expirationTime"):
        moment = datetime.fromtimestamp(int(resource["expirationTime"]) / 1000, UTC)
        yield "expiration_timestamp", "TIMESTAMP", f'TIMESTAMP "{moment.isoformat(timespec="milliseconds")}"'


_TEXT_OPTIONS: Final = {"description": "description", "friendlyName": "friendly_name"}
