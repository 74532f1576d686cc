"""DryRun: what upstream says of a query that it has read and not run, which costs and changes nothing."""

from dataclasses import dataclass

from gatebook.core import documents
from gatebook.core.analysis.footprint import TableRef
from gatebook.core.asked import makes_a_job
from gatebook.core.model import Call, Effect, JsonObject

# https://cloud.google.com/bigquery/docs/reference/rest/v2/Job#JobStatistics2.FIELDS.total_bytes_processed_accuracy
_TOO_LOW = frozenset({"LOWER_BOUND", "UNKNOWN"})
_SCRIPT = "SCRIPT"  # upstream looks at a script's first statements only

# Members of a QueryRequest that a Job has in `configuration.query`, and what would make the dry run do something.
_OF_THE_QUERY = (
    "connectionProperties", "defaultDataset", "parameterMode", "query", "queryParameters", "useLegacySql",
)  # fmt: skip
_DOING = frozenset({"createSession"})


@dataclass(frozen=True, slots=True)
class DryRun:
    """None where upstream did not tell, or told a number that may be too low. `tables` are those it would read."""

    statement_type: str | None
    tables: tuple[TableRef, ...]
    bytes_processed: int | None


def dry_run_job(call: Call) -> JsonObject | None:
    """Give the Job resource that asks upstream what the call's query would do; None for a call that runs no query."""
    if call.method.effect is not Effect.JOB or not makes_a_job(call):
        return None
    if call.method.name == "bigquery.jobs.query":
        request = documents.obj(call.document)
        query = {name: request[name] for name in _OF_THE_QUERY if name in request}
        location = documents.text(request, "location")
    else:
        query = documents.obj(call.document, "configuration", "query")
        location = documents.text(call.document, "jobReference", "location")
    if not query:
        return None
    query = {name: value for name, value in query.items() if name not in _DOING}
    job: JsonObject = {"configuration": {"dryRun": True, "query": query}}
    if location is not None:
        job["jobReference"] = {"projectId": call.resource["projectId"], "location": location}
    return job


def read_dry_run(resource: object) -> DryRun:
    """Read the Job resource that a dry run is answered with."""
    statistics = documents.obj(resource, "statistics")
    query = documents.obj(statistics, "query")
    kind = documents.text(query, "statementType")
    return DryRun(kind, tuple(_tables(query)), None if kind == _SCRIPT else _bytes(statistics, query))


def _tables(query: JsonObject) -> list[TableRef]:
    references = documents.items(query, "referencedTables")
    names = ([documents.text(item, name) for name in ("projectId", "datasetId", "tableId")] for item in references)
    return [TableRef(project or "", dataset or "", table or "") for project, dataset, table in names]


def _bytes(statistics: JsonObject, query: JsonObject) -> int | None:
    if documents.text(query, "totalBytesProcessedAccuracy") in _TOO_LOW:
        return None
    told = query.get("totalBytesProcessed") or statistics.get("totalBytesProcessed")
    return int(told) if isinstance(told, str | int) and str(told).isdecimal() else None
