"""REST table schemas: checked, put into the form BigQuery answers, and compared when one replaces another."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from gatebook.googlesql.types import DATE, STRING, TIMESTAMP, StructField, from_rest_schema
from gatebook.sandbox.errors import ApiError, invalid, not_implemented
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import Resource

_TYPES: Final = {
    "INT64": "INTEGER", "FLOAT64": "FLOAT", "BOOL": "BOOLEAN", "STRUCT": "RECORD", "DECIMAL": "NUMERIC",
    "BIGDECIMAL": "BIGNUMERIC", "INT": "INTEGER", "SMALLINT": "INTEGER", "BIGINT": "INTEGER",
    **{name: name for name in ("INTEGER", "FLOAT", "BOOLEAN", "RECORD", "STRING", "BYTES", "DATE",
    "DATETIME", "TIME", "TIMESTAMP", "NUMERIC", "BIGNUMERIC", "GEOGRAPHY", "JSON", "INTERVAL", "RANGE")},
}  # fmt: skip
_MODES: Final = ("NULLABLE", "REQUIRED", "REPEATED")
_MAX_NAME_CHARACTERS: Final = 300
_MAX_DEPTH: Final = 15
# https://cloud.google.com/bigquery/docs/schemas#column_names
_RESERVED_PREFIXES: Final = ("_table_", "_file_", "_partition", "_row_timestamp", "__root__", "_colidentifier")
_FORBIDDEN_CHARACTERS: Final = re.compile(r"[!\"$()*,./;?@\[\\\]^`{}~]")

Fields = list[Resource]


def normalised(fields: Iterable[Resource], depth: int = 1) -> Fields:
    """The fields as BigQuery answers them: canonical type names, a mode on each, nothing empty."""
    result = [_normalised_field(field, depth) for field in fields]
    seen: set[str] = set()
    for field in result:
        if field["name"].lower() in seen:
            raise invalid(f"Field {field['name']} already exists in schema")
        seen.add(field["name"].lower())
    return result


def _normalised_field(field: Resource, depth: int) -> Resource:
    name = _checked_name(field.get("name"))
    given = str(field.get("type", "")).upper()
    if given not in _TYPES:
        raise invalid(f"Invalid value for type: {field.get('type')} is not a valid value")
    mode = str(field.get("mode") or "NULLABLE").upper()
    if mode not in _MODES:
        raise invalid(f"Invalid value for mode: {field.get('mode')} is not a valid value")
    result = {key: value for key, value in field.items() if value is not None and value != {}}
    result |= {"name": name, "type": _TYPES[given], "mode": mode}
    if "precision" in result and (depth > 1 or mode == "REPEATED"):
        raise not_implemented(f"{_TYPES[given]} with precision inside of STRUCT or ARRAY")
    if _TYPES[given] == "RECORD":
        result["fields"] = _record_fields(name, field, depth)
    elif "fields" in result:
        del result["fields"]
    return result


def _record_fields(name: str, field: Resource, depth: int) -> Fields:
    if not field.get("fields"):
        raise invalid(f"Field {name} is type RECORD but has no schema")
    if depth >= _MAX_DEPTH:
        raise invalid(f"Nested field depth exceeds the maximum of {_MAX_DEPTH}")
    return normalised(field["fields"], depth + 1)


def _checked_name(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise invalid("Field name is missing in schema")
    if len(name) > _MAX_NAME_CHARACTERS or _FORBIDDEN_CHARACTERS.search(name):
        raise invalid(
            f'Invalid field name "{name}". Fields must contain the allowed characters, and be at most '
            f"{_MAX_NAME_CHARACTERS} characters long. For allowed characters, please refer to "
            "https://cloud.google.com/bigquery/docs/schemas#column_names"
        )
    if name.lower().startswith(_RESERVED_PREFIXES):
        raise invalid(
            f'Invalid field name "{name}". Field names are not allowed to start with the (case-insensitive) prefixes '
            "_PARTITION, _TABLE_, _FILE_, _ROW_TIMESTAMP, __ROOT__ and _COLIDENTIFIER"
        )
    return name


def evolved(name: TableName, present: Sequence[Resource], wanted: Iterable[Resource]) -> Fields:
    """The schema a table gets when `wanted` is patched over `present`.

    Columns may be added (NULLABLE or REPEATED) and REQUIRED may relax to NULLABLE; nothing may go, move
    or change its type. Policy tags that `wanted` does not mention stay; an empty list of names removes
    them.
    """
    return _evolved(name, present, normalised(wanted), "")


def _evolved(name: TableName, present: Sequence[Resource], wanted: Fields, path: str) -> Fields:
    by_name = {field["name"].lower(): field for field in wanted}
    for old in present:
        if old["name"].lower() not in by_name:
            raise _mismatch(name, f"Field {path}{old['name']} is missing in new schema")
    old_by_name = {field["name"].lower(): field for field in present}
    result = []
    for field in wanted:
        old_field = old_by_name.get(field["name"].lower())
        result.append(_added(name, field) if old_field is None else _evolved_field(name, old_field, field, path))
    return result


def _added(name: TableName, field: Resource) -> Resource:
    if field["mode"] == "REQUIRED":
        raise _mismatch(name, f"Cannot add required fields to an existing schema. (field: {field['name']})")
    return without_empty_tags(field)


def _evolved_field(name: TableName, old: Resource, new: Resource, path: str) -> Resource:
    where = f"{path}{old['name']}"
    if old["type"] != new["type"]:
        raise _mismatch(name, f"Field {where} has changed type from {old['type']} to {new['type']}")
    relaxed = (old["mode"], new["mode"]) == ("REQUIRED", "NULLABLE")
    if old["mode"] != new["mode"] and not relaxed:
        raise _mismatch(name, f"Field {where} has changed mode from {old['mode']} to {new['mode']}")
    result = {**new, "name": old["name"]}
    if "policyTags" not in result and "policyTags" in old:
        result["policyTags"] = old["policyTags"]
    if old["type"] == "RECORD":
        result["fields"] = _evolved(name, old["fields"], new["fields"], f"{where}.")
    return without_empty_tags(result)


def without_empty_tags(field: Resource) -> Resource:
    """The field without a policy tag list that names none, which is how clients ask for removal."""
    if field.get("policyTags", {"names": [""]}).get("names"):
        return field
    return {key: value for key, value in field.items() if key != "policyTags"}


def _mismatch(name: TableName, what: str) -> ApiError:
    return invalid(f"Provided Schema does not match Table {name}. {what}.")


def columns_of(resource: Resource) -> tuple[StructField, ...]:
    """Names and types of a table resource's columns."""
    return from_rest_schema(resource.get("schema", {}).get("fields", []))


def pseudo_columns_of(resource: Resource) -> tuple[StructField, ...]:
    """Columns that are there without being in the schema: the partition time of ingestion-time partitioned tables."""
    if not is_ingestion_partitioned(resource):
        return ()
    daily = resource["timePartitioning"].get("type", "DAY") == "DAY"
    date = (StructField("_PARTITIONDATE", DATE),) if daily else ()
    return (StructField("_PARTITIONTIME", TIMESTAMP), *date)


def is_ingestion_partitioned(resource: Resource) -> bool:
    """Whether rows are partitioned by when they arrived rather than by a column."""
    partitioning = resource.get("timePartitioning")
    return partitioning is not None and not partitioning.get("field")


TABLE_SUFFIX: Final = StructField("_TABLE_SUFFIX", STRING)
