"""What the body of a routine reads that routines.insert or update makes: it runs for whoever calls it later."""

import re

from gatebook.core import documents
from gatebook.core.analysis.footprint import Opaque
from gatebook.core.analysis.job_document import QueryAsk
from gatebook.core.analysis.resources import routine_of
from gatebook.core.model import Call, JsonObject
from gatebook.googlesql.errors import CatalogError
from gatebook.googlesql.routine_statement import create_statement

_METHODS = frozenset({"bigquery.routines.insert", "bigquery.routines.update"})
# Languages that reach no table but through Spark, which only procedures have: those cannot be called here.
_WITHOUT_SQL = frozenset({"JAVASCRIPT", "PYTHON", "JAVA", "SCALA"})
_BEGIN = re.compile(r"\s*BEGIN\b", re.IGNORECASE)


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
