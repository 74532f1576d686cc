"""BigQuery's Table and Routine resources (REST v2) become what the analyzer may know.

Both functions raise CatalogError for a resource that is not shaped as the REST reference says, or has types that are
not known.
"""

from collections.abc import Iterator
from typing import Any

from gatebook.core import documents
from gatebook.googlesql.catalog import Column, Definition, External, Routine, RoutineKind, Table
from gatebook.googlesql.errors import CatalogError
from gatebook.googlesql.types import DATE, STRING, TIMESTAMP, SqlType, array_of, from_rest_schema, struct_of

_ROUTINE_KINDS: dict[str, RoutineKind] = {
    "SCALAR_FUNCTION": "scalar",
    "AGGREGATE_FUNCTION": "aggregate",
    "TABLE_VALUED_FUNCTION": "table",
    "PROCEDURE": "procedure",
}

_VIEWS = ("VIEW", "MATERIALIZED_VIEW")


def table_of(path: tuple[str, ...], resource: object) -> Table:
    """Read a Table resource; views come with the schema of their output. Pseudo columns follow from its kind."""
    fields = documents.items(resource, "schema", "fields")
    try:
        columns = [Column(field.name, field.type) for field in from_rest_schema(fields)]
    except (KeyError, TypeError, AttributeError) as error:
        raise CatalogError("a table's schema is not shaped as BigQuery's") from error
    return Table(
        path,
        (*columns, *_pseudo_columns(path, resource)),
        definition=_definition(path, resource),
        external=_external(resource),
    )


def _definition(path: tuple[str, ...], resource: object) -> Definition | None:
    """Read the query of a view. The API calls SQL legacy when nothing is said, also where it answers."""
    if documents.member(resource, "materializedView") is not None:
        return Definition(documents.text(resource, "materializedView", "query"), path[0])
    if documents.member(resource, "view") is not None or documents.text(resource, "type") in _VIEWS:
        legacy = documents.member(resource, "view", "useLegacySql") is not False
        sql = documents.text(resource, "view", "query")
        return Definition(sql, path[0], legacy=legacy and sql is not None)
    return None


def _external(resource: object) -> External | None:
    """Read where the files of an external or BigLake table are."""
    for member, uris in (("externalDataConfiguration", "sourceUris"), ("biglakeConfiguration", "storageUri")):
        if documents.member(resource, member) is not None:
            one = documents.text(resource, member, uris)
            listed = [uri for uri in documents.items(resource, member, uris) if isinstance(uri, str)]
            return External(tuple(listed) if one is None else (one,), documents.text(resource, member, "connectionId"))
    return None


def _pseudo_columns(path: tuple[str, ...], resource: object) -> Iterator[Column]:
    """Find `_PARTITIONTIME` and `_PARTITIONDATE` (partitioned by ingestion), `_TABLE_SUFFIX` (wildcard tables)."""
    partitioning = documents.member(resource, "timePartitioning")
    if isinstance(partitioning, dict) and not partitioning.get("field"):
        yield Column("_PARTITIONTIME", TIMESTAMP, pseudo=True)
        if partitioning.get("type", "DAY") == "DAY":
            yield Column("_PARTITIONDATE", DATE, pseudo=True)
    if path[-1].endswith("*"):
        yield Column("_TABLE_SUFFIX", STRING, pseudo=True)
    if documents.member(resource, "externalDataConfiguration") is not None:
        yield Column("_FILE_NAME", STRING, pseudo=True)


def routine_of(path: tuple[str, ...], resource: object) -> Routine:
    """Read a Routine resource: functions, aggregate functions, table functions and procedures."""
    kind = _ROUTINE_KINDS.get(documents.text(resource, "routineType") or "")
    if kind is None:
        raise CatalogError("a routine has a routineType that is not known")
    arguments = documents.items(resource, "arguments")
    returned = documents.member(resource, "returnType")
    columns = documents.items(resource, "returnTableType", "columns")
    remote = documents.member(resource, "remoteFunctionOptions") is not None
    return Routine(
        path=path,
        kind=kind,
        language="REMOTE" if remote else (documents.text(resource, "language") or "SQL"),
        arguments=tuple((documents.text(item, "name") or "", _argument_type(item)) for item in arguments),
        return_type=None if returned is None else _type(returned),
        return_columns=tuple(
            Column(documents.text(item, "name") or "", _type(documents.member(item, "type"))) for item in columns
        ),
        body=documents.text(resource, "definitionBody") or "",
        modes=tuple(documents.text(item, "mode") or "IN" for item in arguments) if kind == "procedure" else (),
        connection=documents.text(resource, "remoteFunctionOptions", "connection"),
    )


def _argument_type(argument: Any) -> SqlType | None:
    if documents.text(argument, "argumentKind") == "ANY_TYPE":
        return None
    return _type(documents.member(argument, "dataType"))


def _type(data_type: object) -> SqlType:
    """Read a StandardSqlDataType: {"typeKind", "arrayElementType", "structType", "rangeElementType"}."""
    kind = documents.text(data_type, "typeKind")
    if kind is None:
        raise CatalogError("a routine's type is not shaped as BigQuery's")
    if kind == "ARRAY":
        return array_of(_type(documents.member(data_type, "arrayElementType")))
    if kind == "RANGE":
        return SqlType("RANGE", element=_type(documents.member(data_type, "rangeElementType")))
    if kind == "STRUCT":
        fields = documents.items(data_type, "structType", "fields")
        return struct_of((documents.text(f, "name") or "", _type(documents.member(f, "type"))) for f in fields)
    return SqlType(kind)
