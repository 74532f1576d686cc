"""What a decision's ceilings do to a forwarded call: bytes that its job may bill, rows that its reply may hold."""

from dataclasses import dataclass, replace
from typing import Any

from gatebook.core import documents
from gatebook.core.asked import makes_a_job
from gatebook.core.belongings import Job
from gatebook.core.model import Call, Effect, JsonObject
from gatebook.core.policy.decision import Ceilings

_QUERY = "bigquery.jobs.query"
_RESULTS = "bigquery.jobs.getQueryResults"
_ROWS = "bigquery.tabledata.list"


def capped(call: Call, ceilings: Ceilings, rows_given: int) -> Call:
    """Give the call as it may go on. `rows_given`: the rows of the same job or table that its caller has had already.

    What the client asked for itself stays where it is lower. Asking for fewer rows cuts no result: the client is told
    of a next page, and asks for it.
    """
    if ceilings.maximum_bytes_billed is not None:
        call = _billed_at_most(call, ceilings.maximum_bytes_billed)
    if ceilings.result_rows is not None:
        call = _rows_at_most(call, max(0, ceilings.result_rows - rows_given))
    return call


def exhausted(call: Call, ceilings: Ceilings, rows_given: int) -> bool:
    """Tell whether the call asks for rows of a result or table of which its caller has had all that it may."""
    if ceilings.result_rows is None or call.method.name not in (_RESULTS, _ROWS):
        return False
    return rows_given >= ceilings.result_rows and _number(call.parameter("maxResults")) != 0


@dataclass(frozen=True, slots=True)
class RowsOf:
    """The job, wherever it is, or the table that rows are of."""

    name: str
    is_job: bool


def rows_of(call: Call) -> RowsOf | None:
    """Give the job or table whose rows the call asks for, where its path names one."""
    resource = call.resource
    if call.method.name == _RESULTS:
        return RowsOf(f"{resource['projectId']}:{resource['jobId']}", is_job=True)
    if call.method.name == _ROWS:
        table = resource["tableId"].partition("$")[0].partition("@")[0]
        return RowsOf(f"{resource['projectId']}.{resource['datasetId']}.{table}", is_job=False)
    return None


def rows_of_job(job: Job | None) -> RowsOf | None:
    """Give the same for a job that a reply names."""
    return None if job is None else RowsOf(f"{job.project}:{job.id}", is_job=True)


def rows_asked(call: Call) -> int:
    """Give how many rows the call's query string asks for, 0 when it leaves that to upstream."""
    return _number(call.parameter("maxResults")) or 0


def _billed_at_most(call: Call, maximum: int) -> Call:
    if call.method.effect is not Effect.JOB or not makes_a_job(call) or call.document is None:
        return call
    if call.method.name == _QUERY:
        return replace(call, document=_with_maximum(call.document, maximum))
    configuration = documents.obj(call.document, "configuration")
    query = documents.obj(configuration, "query")
    if not query:
        return call
    capped_query = {**configuration, "query": _with_maximum(query, maximum)}
    return replace(call, document={**call.document, "configuration": capped_query})


def _with_maximum(query: JsonObject, maximum: int) -> JsonObject:
    own = _number(query.get("maximumBytesBilled"))
    # BigQuery takes 0 for no maximum at all.
    lowest = maximum if own is None or own == 0 else min(own, maximum)
    return {**query, "maximumBytesBilled": str(lowest)}


def _rows_at_most(call: Call, maximum: int) -> Call:
    if call.method.name == _QUERY and call.document is not None:
        return replace(call, document={**call.document, "maxResults": _lower(call.document.get("maxResults"), maximum)})
    if call.method.name in (_RESULTS, _ROWS):
        others = [(name, value) for name, value in call.parameters if name != "maxResults"]
        lowest = _lower(call.parameter("maxResults"), maximum)
        return replace(call, parameters=(*others, ("maxResults", str(lowest))))
    return call


def _lower(given: Any, maximum: int) -> int:
    own = _number(given)
    return maximum if own is None else min(own, maximum)


def _number(value: object) -> int | None:
    """Read an int64 as JSON and query strings carry it; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if value >= 0 else None
    return int(value) if isinstance(value, str) and value.isascii() and value.isdecimal() else None
