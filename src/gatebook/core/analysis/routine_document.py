"""What routines.insert and update do: they make code that runs for whoever calls it later, and reads what it says."""

import re
from collections.abc import Iterator

from gatebook.core import documents
from gatebook.core.analysis.footprint import Opaque, Resource, ResourceKind, Statement, Trait
from gatebook.core.analysis.job_document import QueryAsk
from gatebook.core.analysis.resources import routine_of
from gatebook.core.model import Call, JsonObject
from gatebook.googlesql.errors import CatalogError
from gatebook.googlesql.routine_statement import create_statement

_METHODS = frozenset({"bigquery.routines.insert", "bigquery.routines.update"})
# Languages that reach no table but through Spark, which only procedures have: those cannot be called here.
_WITHOUT_SQL = frozenset({"JAVASCRIPT", "PYTHON", "JAVA", "SCALA"})
# Kinds of routines by the statement that makes them.
_STATEMENTS = {"TABLE_VALUED_FUNCTION": "CREATE_TABLE_FUNCTION", "PROCEDURE": "CREATE_PROCEDURE"}
_BEGIN = re.compile(r"\s*BEGIN\b", re.IGNORECASE)


def made_routine(call: Call, _: JsonObject | None = None) -> tuple[Statement, ...]:
    """Read what the document says apart from the body: the routine, and what its code reaches outside BigQuery."""
    document = documents.obj(call.document)
    name = call.resource.get("routineId") or documents.text(document, "routineReference", "routineId")
    whole = f"{call.resource['projectId']}.{call.resource['datasetId']}.{name}"
    return (
        Statement(
            _STATEMENTS.get(documents.text(document, "routineType") or "", "CREATE_FUNCTION"),
            resources_read=tuple(sorted(set(_reached(document)))),
            resources_written=(Resource(ResourceKind.ROUTINE, whole),),
            traits=(Trait.REPLACES,) if call.method.name == "bigquery.routines.update" else (),
        ),
    )


def _reached(document: JsonObject) -> Iterator[Resource]:
    remote = documents.obj(document, "remoteFunctionOptions")
    connections = [remote.get("connection"), documents.member(document, "sparkOptions", "connection")]
    uris = [remote.get("endpoint"), *documents.items(document, "importedLibraries")]
    named = ((ResourceKind.CONNECTION, connections), (ResourceKind.URI, uris))
    yield from (Resource(kind, value) for kind, values in named for value in values if isinstance(value, str))


def read_routine(call: Call) -> QueryAsk | None:
    """Give the routine as the one CREATE statement that makes it; None when it has no SQL. Raises Refused."""
    document = call.document
    if call.method.name not in _METHODS or document is None:
        return None
    remote = documents.member(document, "remoteFunctionOptions") is not None
    if remote or documents.text(document, "language") in _WITHOUT_SQL:
        return None
    try:
        return _ask(call, _create(document))
    except CatalogError as error:
        return _ask(call, "", Opaque("routine", f"{error}."))


def _ask(call: Call, sql: str, *opaque: Opaque) -> QueryAsk:
    return QueryAsk(sql, call.resource["projectId"], None, {}, None, opaque)


def _create(document: JsonObject) -> str:
    body = documents.text(document, "definitionBody") or ""
    if documents.text(document, "routineType") == "PROCEDURE":
        return (
            f"CREATE PROCEDURE body()\n{body}" if _BEGIN.match(body) else f"CREATE PROCEDURE body()\nBEGIN\n{body}\nEND"
        )
    return create_statement(routine_of(("body",), {**document, "language": "SQL"}))
