"""What a job document asks for, before any SQL in it is read.

`read_job` gives a QueryAsk for SQL, or the Statements of a load, copy or extract job (transfer_document). Whatever in
the document could reach data in a way that neither the SQL nor these kinds tell is opaque.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gatebook.core import documents
from gatebook.core.analysis.destination import Destination, read_destination
from gatebook.core.analysis.footprint import Opaque, Statement
from gatebook.core.analysis.parameters import Parameters, parameter_types
from gatebook.core.analysis.transfer_document import TRANSFERS
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
_JOB_KINDS = ("query", *TRANSFERS)


@dataclass(frozen=True, slots=True)
class QueryAsk:
    """A query to be read: its text, where unqualified names belong, its parameters and its destination."""

    sql: str
    project: str
    dataset: str | None
    parameters: Parameters
    destination: Destination | None
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


def read_job(call: Call) -> QueryAsk | tuple[Statement, ...]:
    """Read the Job resource of jobs.insert. Raises Refused(BODY_MALFORMED)."""
    configuration = documents.obj(call.document, "configuration")
    kinds = [kind for kind in _JOB_KINDS if kind in configuration]
    if len(kinds) != 1 or not isinstance(configuration[kinds[0]], dict):
        raise Refused(Reason.BODY_MALFORMED, "configuration: give exactly one of query, load, copy and extract.")
    section = configuration[kinds[0]]
    if kinds[0] == "query":
        return _query(call, section)
    return TRANSFERS[kinds[0]](call.resource["projectId"], section)


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
        destination=read_destination(call.resource["projectId"], section),
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
