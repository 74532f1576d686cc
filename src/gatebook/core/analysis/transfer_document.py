"""Jobs that move whole tables: load, copy and extract. None of them has SQL; each is what a statement would do."""

from collections.abc import Callable, Iterator, Mapping

from gatebook.core import documents
from gatebook.core.analysis.destination import Destination, read_destination, referenced_table
from gatebook.core.analysis.footprint import EVERYTHING, Resource, ResourceKind, Source, Statement, TableRef, Trait
from gatebook.core.model import JsonObject
from gatebook.errors import Reason, Refused

# What copy.operationType makes of the destination; left out, it is a plain copy.
_COPIES = {"SNAPSHOT": "CREATE_SNAPSHOT_TABLE", "CLONE": "CREATE_TABLE"}


def _load(project: str, section: JsonObject) -> tuple[Statement, ...]:
    destination = _required(read_destination(project, section))
    files = [*documents.items(section, "sourceUris"), section.get("referenceFileSchemaUri")]
    return (
        *destination.truncation,
        Statement(
            "LOAD_DATA",
            tables_written=(destination.table,),
            columns_written=_whole((destination.table,)),
            resources_read=_uris(files),
            traits=destination.traits,
        ),
    )


def _copy(project: str, section: JsonObject) -> tuple[Statement, ...]:
    given = documents.items(section, "sourceTables")
    if section.get("sourceTable") is not None:
        given = [*given, section["sourceTable"]]
    if not given:
        raise Refused(Reason.BODY_MALFORMED, "copy.sourceTable: the table to copy is missing.")
    sources = tuple(referenced_table(project, item) for item in given)
    destination = _required(read_destination(project, section))
    earlier = any("@" in (documents.text(item, "tableId") or "") for item in given)
    return (
        *destination.truncation,
        Statement(
            _COPIES.get(documents.text(section, "operationType") or "", "COPY"),
            tables_read=sources,
            tables_written=(destination.table,),
            columns_read=_whole(sources),
            columns_written=_whole((destination.table,)),
            traits=(*destination.traits, *((Trait.TIME_TRAVEL,) if earlier else ())),
        ),
    )


def _extract(project: str, section: JsonObject) -> tuple[Statement, ...]:
    files = _uris([*documents.items(section, "destinationUris"), section.get("destinationUri")])
    if "sourceModel" in section:
        model = Resource(ResourceKind.MODEL, _model(section["sourceModel"]))
        return (Statement("EXPORT_MODEL", resources_read=(model,), resources_written=files),)
    if section.get("sourceTable") is None:
        raise Refused(Reason.BODY_MALFORMED, "sourceTable: the table is missing.")
    source = (referenced_table(project, section["sourceTable"]),)
    earlier = "@" in (documents.text(section, "sourceTable", "tableId") or "")
    return (
        Statement(
            "EXPORT_DATA",
            tables_read=source,
            columns_read=_whole(source),
            resources_written=files,
            traits=(Trait.TIME_TRAVEL,) if earlier else (),
        ),
    )


TRANSFERS: Mapping[str, Callable[[str, JsonObject], tuple[Statement, ...]]] = {
    "load": _load,
    "copy": _copy,
    "extract": _extract,
}


def _required(destination: Destination | None) -> Destination:
    if destination is None:
        raise Refused(Reason.BODY_MALFORMED, "destinationTable: the table is missing.")
    return destination


def _whole(tables: tuple[TableRef, ...]) -> tuple[Source, ...]:
    return tuple((table, EVERYTHING) for table in tables)


def _uris(values: list[object]) -> tuple[Resource, ...]:
    return tuple(sorted(set(_as_uris(values))))


def _as_uris(values: list[object]) -> Iterator[Resource]:
    yield from (Resource(ResourceKind.URI, value) for value in values if isinstance(value, str) and value)


def _model(reference: object) -> str:
    names = [documents.text(reference, name) for name in ("projectId", "datasetId", "modelId")]
    if None in names:
        raise Refused(Reason.BODY_MALFORMED, "extract.sourceModel: the model is not named in full.")
    return ".".join(str(name) for name in names)
