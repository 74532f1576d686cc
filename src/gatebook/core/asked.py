"""What a Call asked, in the form that the book keeps."""

from gatebook.core import documents
from gatebook.core.book.digests import digest_of_request
from gatebook.core.book.records import Request
from gatebook.core.model import Call, Effect, JsonObject

_QUERY = "bigquery.jobs.query"
_INSERT = "bigquery.jobs.insert"  # and its forms that carry a file

# Where a method's document holds SQL.
_SQL: dict[str, tuple[tuple[str, ...], ...]] = {
    _QUERY: (("query",),),
    _INSERT: (("configuration", "query", "query"),),
    "bigquery.tables.insert": (("view", "query"), ("materializedView", "query")),
    "bigquery.tables.patch": (("view", "query"), ("materializedView", "query")),
    "bigquery.tables.update": (("view", "query"), ("materializedView", "query")),
    "bigquery.routines.insert": (("definitionBody",),),
    "bigquery.routines.update": (("definitionBody",),),
}


def asked(call: Call) -> Request:
    """Give the full SQL, the query parameters and a digest of the whole request. Whatever the client sent, no error."""
    document, name = call.document, call.method.name
    if name == _QUERY:
        query = settings = reference = documents.obj(document)
    elif name.startswith(_INSERT):
        settings = documents.obj(document, "configuration")
        query, reference = documents.obj(settings, "query"), documents.obj(document, "jobReference")
        name = _INSERT
    else:
        query, settings, reference = {}, {}, {}
    return Request(
        _sql_in(document, name),
        tuple(documents.items(query, "queryParameters")),
        digest_of_request(call),
        documents.text(reference, "jobId") if name == _INSERT else None,
        documents.text(reference, "location") or call.parameter("location"),
        _says_dry_run(settings),
    )


def _sql_in(document: object, name: str) -> str | None:
    for path in _SQL.get(name, ()):
        text = documents.text(document, *path)
        if text is not None:
            return text
    return None


def makes_a_job(call: Call) -> bool:
    """Tell whether the call, if it succeeds, leaves a job behind; a dry run does not, whatever its reply says."""
    if call.method.effect is not Effect.JOB:
        return False
    if call.method.name == _QUERY:
        return not _says_dry_run(documents.obj(call.document))
    settings = documents.obj(call.document, "configuration")
    return "query" not in settings or not _says_dry_run(settings)


def is_dry_run(call: Call) -> bool:
    """Tell whether the call only asks what a job would do."""
    if call.method.name == _QUERY:
        return _says_dry_run(documents.obj(call.document))
    return call.method.name.startswith(_INSERT) and _says_dry_run(documents.obj(call.document, "configuration"))


def _says_dry_run(settings: JsonObject) -> bool:
    return settings.get("dryRun") not in (None, False, "false")  # Google's servers read "true" as true
