"""What calls do that make or change a table by its resource: tables.insert, patch and update.

A changed schema can lose columns and the policy tags that guard them, without a word of SQL.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gatebook.core import documents
from gatebook.core.analysis.footprint import (
    EVERYTHING,
    Resource,
    ResourceKind,
    Source,
    Statement,
    TableRef,
    Trait,
)
from gatebook.core.model import Call, JsonObject

# What a Table resource defines, by the member that does, and the statement that would do the same.
_DEFINITIONS = {
    "view": ("CREATE_VIEW", "ALTER_VIEW"),
    "materializedView": ("CREATE_MATERIALIZED_VIEW", "ALTER_MATERIALIZED_VIEW"),
    "externalDataConfiguration": ("CREATE_EXTERNAL_TABLE", "CREATE_EXTERNAL_TABLE"),
}
_EXPIRIES = (("expirationTime",), ("timePartitioning", "expirationMs"))
# What guards a column, by the member of its TableFieldSchema.
_GUARDS = ("policyTags", "dataPolicies")

_Fields = Mapping[str, JsonObject]  # dotted path in lower case -> TableFieldSchema


def made_table(call: Call, _: JsonObject | None = None) -> tuple[Statement, ...]:
    """Read tables.insert."""
    document = documents.obj(call.document)
    replicated = tuple(_replicated(document))
    return (
        Statement(
            _kind(document, "CREATE_TABLE", 0),
            tables_read=replicated,
            tables_written=_table(call),
            columns_read=tuple((table, EVERYTHING) for table in replicated),
            resources_read=tuple(sorted(set(_files(document)))),
            traits=tuple(sorted(_given_traits(document))),
        ),
    )


def altered_table(call: Call, current: JsonObject | None = None) -> tuple[Statement, ...]:
    """Read tables.patch or tables.update against the table as it is; None counts as a table that loses all it has."""
    document, tables = documents.obj(call.document), _table(call)
    replaces_resource = call.method.name == "bigquery.tables.update"  # PUT: what is not given is given up
    traits = {*_given_traits(document)}
    lost: tuple[Source, ...] = ()
    if replaces_resource or document.get("schema") is not None or call.parameter("autodetect_schema") is not None:
        before = None if current is None else _fields(documents.member(current, "schema"))
        after = _fields(document.get("schema"))
        traits |= _schema_traits(before, after)
        lost = tuple((table, path) for table in tables for path in _lost(before, after))
    if any(document.get(name) is not None for name in _DEFINITIONS):
        traits.add(Trait.REPLACES)
    return (
        Statement(
            _kind(document, "ALTER_TABLE", 1),
            tables_written=tables,
            columns_written=lost,
            resources_read=tuple(sorted(set(_files(document)))),
            traits=tuple(sorted(traits)),
        ),
    )


def _kind(document: JsonObject, plain: str, which: int) -> str:
    return next((kinds[which] for name, kinds in _DEFINITIONS.items() if document.get(name) is not None), plain)


def _table(call: Call) -> tuple[TableRef, ...]:
    named = call.resource.get("tableId") or documents.text(call.document, "tableReference", "tableId")
    if named is None:
        return ()
    whole = named.partition("$")[0].partition("@")[0]
    return (TableRef(call.resource["projectId"], call.resource["datasetId"], whole),)


def _given_traits(document: JsonObject) -> Iterator[Trait]:
    if any(documents.member(document, *path) is not None for path in _EXPIRIES):
        yield Trait.EXPIRES
    if document.get("resourceTags") is not None:  # IAM conditions look at them
        yield Trait.CHANGES_SHARING


def _files(document: JsonObject) -> Iterator[Resource]:
    """Where the rows of an external or BigLake table are, and the connection that reads them."""
    for name in ("externalDataConfiguration", "biglakeConfiguration"):
        section = documents.obj(document, name)
        uris = [*documents.items(section, "sourceUris"), section.get("storageUri"), section.get("fileSetSpecUri")]
        yield from (Resource(ResourceKind.URI, uri) for uri in uris if isinstance(uri, str) and uri)
        connection = documents.text(section, "connectionId")
        if connection:
            yield Resource(ResourceKind.CONNECTION, connection)


def _replicated(document: JsonObject) -> Iterator[TableRef]:
    source = documents.obj(document, "tableReplicationInfo")
    if source:
        yield TableRef(*(str(source.get(name)) for name in ("sourceProjectId", "sourceDatasetId", "sourceTableId")))


def _fields(schema: Any, prefix: str = "") -> _Fields | None:
    """Give a schema's fields by their paths, nested ones too; None for what is no schema."""
    found: dict[str, JsonObject] = {}
    for field in documents.items(schema, "fields"):
        name = documents.text(field, "name")
        if name is None:
            return None
        path = f"{prefix}{name.lower()}"
        found[path] = field
        found.update(_fields(field, f"{path}.") or {})
    return found


def _schema_traits(before: _Fields | None, after: _Fields | None) -> set[Trait]:
    if before is None or after is None:
        return {Trait.REPLACES, Trait.CHANGES_POLICY_TAGS}
    traits = set()
    if _lost(before, after) or any(_shape(before[path]) != _shape(after[path]) for path in before.keys() & after):
        traits.add(Trait.REPLACES)
    if any(_guards(before[path]) != _guards(after.get(path, {})) for path in before):
        traits.add(Trait.CHANGES_POLICY_TAGS)
    return traits


def _lost(before: _Fields | None, after: _Fields | None) -> list[str]:
    if before is None:
        return [EVERYTHING]
    return sorted(before.keys() - (after or {}).keys())


# The names that TableFieldSchema.type has for one type.
_SYNONYMS = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}


def _shape(field: JsonObject) -> tuple[str, bool]:
    kind = str(field.get("type")).upper()
    return _SYNONYMS.get(kind, kind), str(field.get("mode")).upper() == "REPEATED"


def _guards(field: JsonObject) -> list[Any]:
    return [field.get(guard) or None for guard in _GUARDS]
