"""Job resources on their way back: whose they are, and what is taken out of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from gatebook.core import documents
from gatebook.core.analysis.footprint import TableRef
from gatebook.core.belongings import Belongings, Job
from gatebook.core.model import JsonObject
from gatebook.core.policy.standing import is_hidden
from gatebook.core.replies.facts import job_of

# Statements whose destination is the table that their SQL names: nothing to read results from.
_READ_BY_REST = ("dbt-bigquery-",)  # beginnings of user agents; dbt looks up the table of every query
_WRITES = ("CREATE", "ALTER", "DROP", "TRUNCATE", "INSERT", "UPDATE", "DELETE", "MERGE", "LOAD")


def belongings_in(document: JsonObject) -> Belongings:
    """Give what the job resources of a reply belong with: ids, anonymous result tables, sessions.

    The reply of jobs.get, jobs.insert, jobs.cancel, or of jobs.list with the caller's own only; before `edited`.
    """
    resources = tuple(_resources(document))
    return Belongings(
        jobs=tuple(job for resource in resources if (job := job_of(resource)) is not None),
        tables=tuple(table for resource in resources if (table := _result_table(resource)) is not None),
        sessions=tuple(
            session
            for resource in resources
            if (session := documents.text(resource, "statistics", "sessionInfo", "sessionId"))
        ),
    )


def edited(document: JsonObject, user_agent: str) -> JsonObject:
    """Give the reply as the client may see it: without the table that query results are in.

    A client that knows it reads results from the Storage API, which is not behind the gateway; without it, it falls
    back to REST. Tables that a statement's own SQL names (CREATE TABLE, MERGE, ...) stay: clients look them up. So do
    all for clients that read by REST whatever they know; that is help, and no trust: what a caller may reach does not
    depend on it. All else stays too, Gatebook's labels among it: they tell a caller where its job is written down.
    """
    if user_agent.startswith(_READ_BY_REST):
        return document
    if isinstance(document.get("job"), dict):  # jobs.cancel
        return {**document, "job": _without_result_table(document["job"])}
    if isinstance(document.get("jobs"), list):  # jobs.list
        return {**document, "jobs": [_without_result_table(entry) for entry in document["jobs"]]}
    resource: JsonObject = _without_result_table(document)
    return resource


def _resources(document: JsonObject) -> Iterator[object]:
    if "job" in document:
        yield document["job"]
    elif "jobs" in document:
        yield from documents.items(document, "jobs")
    else:
        yield document


def parent_of(resource: object) -> Job | None:
    """Give the script that a job is a child of; it ran where its children do."""
    job, parent = job_of(resource), documents.text(resource, "statistics", "parentJobId")
    return replace(job, id=parent) if job is not None and parent else None


def _result_table(resource: object) -> TableRef | None:
    table = documents.obj(resource, "configuration", "query", "destinationTable")
    names = [documents.text(table, name) for name in ("projectId", "datasetId", "tableId")]
    reference = TableRef(*[name or "" for name in names])
    return reference if all(names) and is_hidden(reference) else None


def _without_result_table(resource: Any) -> Any:
    query = documents.obj(resource, "configuration", "query")
    if "destinationTable" not in query:
        return resource
    statement = documents.text(resource, "statistics", "query", "statementType") or ""
    if (statement.startswith(_WRITES) and _result_table(resource) is None) or _asks_for_its_place(resource, statement):
        return resource
    rest = {name: value for name, value in query.items() if name != "destinationTable"}
    return {**resource, "configuration": {**resource["configuration"], "query": rest}}


def _asks_for_its_place(resource: object, statement: str) -> bool:
    """Tell a query of nothing whose result is not to come from the cache: all there is to know is where results go.

    ibis begins with `SELECT 1` like this, to learn the hidden dataset's name, and cannot go on without it.
    """
    uncached = documents.member(resource, "configuration", "query", "useQueryCache") is False
    return (
        uncached and statement == "SELECT" and not documents.items(resource, "statistics", "query", "referencedTables")
    )
