"""EXPORT DATA and LOAD DATA: rows to and from files."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gatebook.googlesql import tree
from gatebook.sandbox.errors import invalid_query, not_implemented
from gatebook.sandbox.warehouse.names import TableName
from gatebook.sandbox.warehouse.requests import QueryOutcome, Resource
from gatebook.sandbox.warehouse.state import filling, tables
from gatebook.sandbox.warehouse.state.filling import fields_of
from gatebook.sandbox.warehouse.state.fitting import cast_to_table
from gatebook.sandbox.warehouse.state.rows import canonical
from gatebook.sandbox.warehouse.statements.ddl import columns, options
from gatebook.sandbox.warehouse.statements.statement import Statement

_FORMATS: Final[Mapping[str, str]] = {
    "CSV": "CSV",
    "JSON": "NEWLINE_DELIMITED_JSON",
    "NEWLINE_DELIMITED_JSON": "NEWLINE_DELIMITED_JSON",
    "PARQUET": "PARQUET",
    "AVRO": "AVRO",
}
_OVERWRITE: Final = 2  # zetasql ResolvedAuxLoadDataStmt.InsertionMode
# Statement options as those of the REST job configurations, which have the same meaning.
_EXPORT: Final[Mapping[str, str]] = {
    "compression": "compression",
    "field_delimiter": "fieldDelimiter",
    "header": "printHeader",
    "use_avro_logical_types": "useAvroLogicalTypes",
}
_LOAD: Final[Mapping[str, str]] = {
    "field_delimiter": "fieldDelimiter",
    "skip_leading_rows": "skipLeadingRows",
    "quote": "quote",
    "null_marker": "nullMarker",
    "allow_jagged_rows": "allowJaggedRows",
    "allow_quoted_newlines": "allowQuotedNewlines",
    "ignore_unknown_values": "ignoreUnknownValues",
    "max_bad_records": "maxBadRecords",
    "encoding": "encoding",
}


def export_data(statement: Statement) -> QueryOutcome:
    """EXPORT DATA OPTIONS(...) AS SELECT."""
    given = dict(statement.options(statement.field("option_list")))
    uri, extract = _export_options(given)
    files = statement.job.services.files
    if not given.get("overwrite") and files.exist(uri):
        raise invalid_query(f"Invalid value: destination URI {uri} is not empty; set overwrite to true to replace it")
    rows, fields = statement.query_rows()
    count = files.write(uri, canonical(rows, fields).to_reader(), fields, extract)
    outcome = statement.outcome(bytes_processed=statement.bound.bytes_read())
    return replace(outcome, exported_files=count, exported_rows=rows.num_rows)


def _export_options(given: Mapping[str, Any]) -> tuple[str, Resource]:
    uri = given.get("uri")
    if not uri or uri.count("*") != 1:
        raise invalid_query("Option 'uri' value must be a wildcard URI with exactly one '*'")
    extract = {"destinationFormat": _format(given), "printHeader": False}
    return uri, extract | _renamed(given, _EXPORT, {"uri", "format", "overwrite"})


def _format(given: Mapping[str, Any]) -> str:
    wanted = str(given.get("format", "")).upper()
    if wanted not in _FORMATS:
        raise not_implemented(f"files of format {wanted or 'unknown'}")
    return _FORMATS[wanted]


def _renamed(given: Mapping[str, Any], known: Mapping[str, str], others: set[str]) -> Resource:
    result: Resource = {}
    for name, value in given.items():
        if name.lower() in known:
            result[known[name.lower()]] = value
        elif name.lower() not in others:
            raise not_implemented(f"the option {name}")
    return result


def load_data(statement: Statement) -> QueryOutcome:
    """LOAD DATA INTO or OVERWRITE a table FROM FILES."""
    if tree.present(statement.node, "partition_filter") is not None:
        raise not_implemented("LOAD DATA into partitions")
    name = statement.table_name(list(statement.field("name_path")), temporary=bool(statement.field("is_temp_table")))
    given = dict(statement.options(statement.field("from_files_option_list")))
    load = {"sourceFormat": _format(given)} | _renamed(given, _LOAD, {"uris", "format"})
    count = _load(statement, name, list(given.get("uris") or ()), load)
    statement.job.scope.system["row_count"] = str(count)
    return replace(statement.outcome(), destination=name)


def _load(statement: Statement, name: TableName, uris: list[str], load: Resource) -> int:
    change = statement.change
    existing = change.state.tables.get(name)
    defined = [
        columns.field_of(tree.unwrap(item), statement.options) for item in statement.field("column_definition_list")
    ]
    schema = defined or (fields_of(existing) if existing else None)
    found, rows = statement.job.services.files.read(uris, load, schema)
    if existing is not None and statement.field("insertion_mode") == _OVERWRITE:
        change.drop(name)
        existing = None
    if existing is None:
        resource: Resource = {
            "schema": {"fields": schema or found},
            **columns.partitioning(statement.field("partition_by_list")),
            **columns.clustering(statement.field("cluster_by_list")),
        }
        options.apply(resource, statement.options(statement.field("option_list")), options.TABLE)
        tables.insert(change, name, resource)
    rows, entry = cast_to_table(change, name, rows)
    filling.append(change, entry, rows)
    tables.touch(change, name)
    return int(rows.num_rows)
