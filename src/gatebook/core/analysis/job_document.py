"""What a job document asks for, before any SQL in it is read.

`read_job` gives a QueryAsk for SQL, or the Statement of a load, copy or extract job. Whatever in the document could
reach data in a way that neither the SQL nor these kinds tell is opaque.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gatebook.core import documents
from gatebook.core.analysis.document_shapes import check_names
from gatebook.core.analysis.footprint import EVERYTHING, Opaque, Statement, TableRef
from gatebook.core.analysis.parameters import Parameters, parameter_types
from gatebook.core.model import Call
from gatebook.core.stamping import OUR_PREFIX
from gatebook.errors import Reason, Refused

# Members of a query section that reach data beyond the SQL text.
_OPAQUE_MEMBERS = {
    "tableDefinitions": "tableDefinitions let a query read files; make an external table instead",
    "userDefinedFunctionResources": "userDefinedFunctionResources load code; define the function in the query instead",
    "systemVariables": "systemVariables are BigQuery's to set",
    "secureContext": "secureContext is not known to Gatebook",
    "continuous": "continuous queries do not end, so what they touch cannot be settled",
}
_ROWS_IN_JSON = (None, "", "QUERY_RESULTS_FORMAT_UNSPECIFIED", "STRUCT_ENCODING")
_KNOWN_PROPERTIES = frozenset({"session_id", "time_zone", "dataset_project_id", "query_label"})
_VIEW_METHODS = frozenset({"bigquery.tables.insert", "bigquery.tables.patch", "bigquery.tables.update"})
_JOB_KINDS = ("query", "load", "copy", "extract")


@dataclass(frozen=True, slots=True)
class QueryAsk:
    """A query to be read: its text, where unqualified names belong, its parameters and its destination."""

    sql: str
    project: str
    dataset: str | None
    parameters: Parameters
    destination: TableRef | None
    opaque: tuple[Opaque, ...]


def read_query_request(call: Call) -> QueryAsk:
    """Read the QueryRequest of jobs.query. Raises Refused(BODY_MALFORMED, ROUTE_CLOSED)."""
    request = documents.obj(call.document)
    if request.get("queryResultsFormat") not in _ROWS_IN_JSON:
        # Given as JSON all the same, they would be an empty result to Google's client: it looks for Arrow only.
        raise Refused(
            Reason.ROUTE_CLOSED,
            "Access Denied: Gatebook gives the rows of a query as JSON. queryResultsFormat (query_results_format in"
            " Python) wants them in another form, whose later pages come from the Storage API, which Gatebook does not"
            " serve yet. Leave it out; to_arrow() and to_dataframe() work without it.",
        )
    return _query(call, request)


def read_job(call: Call) -> QueryAsk | Statement:
    """Read the Job resource of jobs.insert. Raises Refused(BODY_MALFORMED)."""
    configuration = documents.obj(call.document, "configuration")
    kinds = [kind for kind in _JOB_KINDS if kind in configuration]
    if len(kinds) != 1 or not isinstance(configuration[kinds[0]], dict):
        raise Refused(Reason.BODY_MALFORMED, "configuration: give exactly one of query, load, copy and extract.")
    section = configuration[kinds[0]]
    if kinds[0] == "query":
        return _query(call, section)
    return {"load": _load, "copy": _copy, "extract": _extract}[kinds[0]](call.resource["projectId"], section)


def read_view(call: Call) -> QueryAsk | None:
    """Read the query of a view that tables.insert, patch or update defines; None when it defines none."""
    if call.method.name not in _VIEW_METHODS:
        return None
    named = [name for name in ("view", "materializedView") if documents.member(call.document, name) is not None]
    if len(named) > 1:
        raise Refused(Reason.BODY_MALFORMED, "give one of view and materializedView.")
    for name in named:
        section = documents.obj(call.document, name)
        if section.get("query") is not None:
            legacy = name == "view" and section.get("useLegacySql") is not False
            return _query(call, {**section, "useLegacySql": legacy})
    return None


def _query(call: Call, section: dict[str, Any]) -> QueryAsk:
    sql = documents.text(section, "query")
    if sql is None:
        raise Refused(Reason.BODY_MALFORMED, "query: the text of the query is missing.")
    project = _property(section, "dataset_project_id") or call.resource["projectId"]
    default = documents.obj(section, "defaultDataset")
    return QueryAsk(
        sql=sql,
        project=documents.text(default, "projectId") or project,
        dataset=documents.text(default, "datasetId"),
        parameters=parameter_types(documents.items(section, "queryParameters")),
        destination=_table(call.resource["projectId"], section, "destinationTable"),
        opaque=tuple(_opaque(call, section)),
    )


def _opaque(call: Call, section: dict[str, Any]) -> Iterator[Opaque]:
    # The API reads a missing useLegacySql as true, in both methods.
    if section.get("useLegacySql") is not False:
        yield Opaque(
            "legacy_sql",
            "legacy SQL cannot be read. Set useLegacySql to false (left out, it means true in the REST API).",
        )
    for name, why in _OPAQUE_MEMBERS.items():
        if section.get(name):
            yield Opaque(f"query_{name}", f"{why}.")
    yield from _opaque_properties(section)


def _opaque_properties(section: dict[str, Any]) -> Iterator[Opaque]:
    keys = [documents.text(item, "key") for item in documents.items(section, "connectionProperties")]
    if not _KNOWN_PROPERTIES.issuperset(keys) or len(set(keys)) != len(keys):
        yield Opaque(
            "connection_property", "connectionProperties may hold session_id, time_zone and query_label, each once."
        )
    if OUR_PREFIX in (_property(section, "query_label") or "").lower():
        yield Opaque("query_label", "query_label may not hold Gatebook's own labels.")
    named = {_property(section, "dataset_project_id"), documents.text(section, "defaultDataset", "projectId")} - {None}
    if len(named) > 1:
        yield Opaque("default_project", "dataset_project_id and defaultDataset name different projects.")


def _property(section: dict[str, Any], name: str) -> str | None:
    properties = documents.items(section, "connectionProperties")
    return next((documents.text(item, "value") for item in properties if documents.text(item, "key") == name), None)


def _load(project: str, section: dict[str, Any]) -> Statement:
    return Statement("LOAD_DATA", tables_written=_one(project, section, "destinationTable"))


def _copy(project: str, section: dict[str, Any]) -> Statement:
    sources = tuple(_reference(project, item) for item in documents.items(section, "sourceTables"))
    if section.get("sourceTable") is not None:
        sources = (*sources, _reference(project, section["sourceTable"]))
    if not sources:
        raise Refused(Reason.BODY_MALFORMED, "copy.sourceTable: the table to copy is missing.")
    written = _one(project, section, "destinationTable")
    return Statement("COPY", tables_read=sources, tables_written=written, columns_read=_whole(sources))


def _extract(project: str, section: dict[str, Any]) -> Statement:
    if "sourceModel" in section:
        opaque = Opaque("model", "models are not known to Gatebook yet; extract tables only.")
        return Statement("EXPORT_MODEL", opaque=(opaque,))
    source = _one(project, section, "sourceTable")
    return Statement("EXPORT_DATA", tables_read=source, columns_read=_whole(source))


def _whole(tables: tuple[TableRef, ...]) -> tuple[tuple[TableRef, str], ...]:
    return tuple((table, EVERYTHING) for table in tables)


def _one(project: str, section: dict[str, Any], name: str) -> tuple[TableRef, ...]:
    table = _table(project, section, name)
    if table is None:
        raise Refused(Reason.BODY_MALFORMED, f"{name}: the table is missing.")
    return (table,)


def _table(project: str, section: dict[str, Any], name: str) -> TableRef | None:
    return _reference(project, section[name]) if section.get(name) is not None else None


def _reference(project: str, reference: object) -> TableRef:
    dataset, table = documents.text(reference, "datasetId"), documents.text(reference, "tableId")
    if not dataset or not table:
        raise Refused(Reason.BODY_MALFORMED, "a table reference lacks its datasetId or tableId.")
    # A partition or time decorator names a part of the table: the table is what is touched.
    whole = table.partition("$")[0].partition("@")[0]
    named = documents.member(reference, "projectId")
    check_names("table reference", {"projectId": named, "datasetId": dataset, "tableId": whole})
    return TableRef(named or project, dataset, whole)
