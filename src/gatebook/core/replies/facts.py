"""ReplyFacts: what one reply told, whether it was a page of rows, a job resource or an error."""

from collections.abc import Mapping
from typing import Any

import msgspec

from gatebook.core import documents
from gatebook.core.belongings import Belongings, Job
from gatebook.core.model import Outcome
from gatebook.core.replies.messages import recordable_message

MEMBERS = frozenset(
    {
        "jobReference", "location", "jobComplete", "status", "statistics", "sessionInfo", "cacheHit", "pageToken",
        "error", "job", "totalRows", "numDmlAffectedRows", "totalBytesProcessed", "totalBytesBilled",
    }
)  # fmt: skip
_NOTHING: Mapping[str, Any] = {}
_ID_CHARACTERS = 1024
_INT64_DIGITS = 20


class ReplyFacts(msgspec.Struct, frozen=True):
    """None, or False, where the reply did not tell. `whole` is True when it was JSON from its first byte to its last.

    `rows` counts the rows that the reply carried; `has_more` says that it named a next page.
    """

    whole: bool = False
    job: Job | None = None
    location: str | None = None
    job_state: str | None = None
    rows: int | None = None
    total_rows: int | None = None
    has_more: bool = False
    has_schema: bool = False
    cache_hit: bool | None = None
    rows_affected: int | None = None
    bytes_processed: int | None = None
    bytes_billed: int | None = None
    session_id: str | None = None
    error_reason: str | None = None
    error_message: str | None = None

    def outcome(self, status: int, ending: str, bytes_returned: int) -> Outcome:
        """Give the facts as the book's account of the call's end."""
        return Outcome(
            status,
            ending,
            bytes_returned,
            self.rows,
            self.job.id if self.job else None,
            self.location,
            self.job_state,
            self.bytes_processed,
            self.bytes_billed,
            self.rows_affected,
            self.error_reason,
            self.error_message,
        )

    def belongings(self) -> Belongings:
        """Give the job and the session that the reply says the call made. Job resources tell more: see `jobs`."""
        return Belongings(
            jobs=() if self.job is None else (self.job,),
            sessions=() if self.session_id is None else (self.session_id,),
        )


def facts_of(document: Mapping[str, Any], rows: int | None = None, *, whole: bool = True) -> ReplyFacts:
    """Read the top-level members of a reply; those not in MEMBERS may be missing. No document is an error.

    A QueryResponse and a GetQueryResultsResponse tell at the top what a Job tells in its statistics.
    """
    document = _object(document.get("job")) or document  # jobs.cancel wraps its job
    get = document.get
    reference, statistics = _object(get("jobReference")), _object(get("statistics"))
    query, load = _object(statistics.get("query")), _object(statistics.get("load"))
    location = _text(reference.get("location")) or _text(get("location"))
    session = _object(get("sessionInfo") or statistics.get("sessionInfo"))
    state = "DONE" if get("jobComplete") is True else _text(_object(get("status")).get("state"))
    reason, message = _error(document) if "error" in document or "status" in document else (None, None)
    return ReplyFacts(
        whole=whole,
        job=_job(reference, location),
        location=location,
        job_state=state,
        rows=rows,
        total_rows=_count(get("totalRows")),
        has_more=_text(get("pageToken")) is not None,
        has_schema="schema" in document,
        cache_hit=_flag(get("cacheHit"), query.get("cacheHit")),
        rows_affected=_first(get("numDmlAffectedRows"), query.get("numDmlAffectedRows"), load.get("outputRows")),
        bytes_processed=_first(
            get("totalBytesProcessed"), query.get("totalBytesProcessed"), statistics.get("totalBytesProcessed")
        ),
        bytes_billed=_first(get("totalBytesBilled"), query.get("totalBytesBilled")),
        session_id=_text(session.get("sessionId")),
        error_reason=reason,
        error_message=message,
    )


def job_of(resource: object) -> Job | None:
    """Give the job that a resource's jobReference names; None where it does not say all of project, location, id."""
    reference = documents.obj(resource, "jobReference")
    return _job(reference, _text(reference.get("location")))


def _job(reference: Mapping[str, Any], location: str | None) -> Job | None:
    project, job_id = _text(reference.get("projectId")), _text(reference.get("jobId"))
    return Job.at(project, location, job_id) if project and location and job_id else None


def _error(document: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Read an error reply, or the result of a job that failed. `errors` of a job may be mere warnings: not read."""
    error = documents.obj(document, "error")
    if error:
        first = next(iter(documents.items(error, "errors")), None)
        reason = _text(documents.text(first, "reason")) or _text(error.get("status"))
        message = documents.text(error, "message") or documents.text(first, "message")
    else:
        reason = _text(documents.text(document, "status", "errorResult", "reason"))
        message = documents.text(document, "status", "errorResult", "message")
    return reason, recordable_message(reason, message)


def _first(*values: object) -> int | None:
    for value in values:
        if value is not None and (count := _count(value)) is not None:
            return count
    return None


def _count(value: object) -> int | None:
    """Read an int64, which JSON carries as a string."""
    if isinstance(value, str) and len(value) <= _INT64_DIGITS and value.isascii() and value.isdigit():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        return value
    return None


def _flag(*values: object) -> bool | None:
    for value in values:
        if isinstance(value, bool):
            return value
    return None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else _NOTHING


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= _ID_CHARACTERS else None
