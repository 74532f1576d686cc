"""Whether a job is the one that a promise of the book was made for."""

from dataclasses import dataclass

from gatebook.core import documents
from gatebook.core.book.records import Promise, Settlement
from gatebook.core.model import Effect, JsonObject
from gatebook.core.replies.facts import job_of

_SKEW_MILLISECONDS = 60_000
_LATEST_MILLISECONDS = 600_000  # after its promise: the longest that a reply is waited for, with room


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise of the book, and how its call ended when that is known."""

    promise: Promise
    settlement: Settlement | None


def is_promised(resource: JsonObject, promised: Promised) -> bool:
    """Hold a job resource against the promise that its label names.

    A label says which record it means, and no more: whoever makes a job around Gatebook may have copied it, with all
    that a job was configured with. One promise is for one job: that which its reply told of; else the one with the id
    that the caller chose; else one that was made just then.
    """
    job, asked, call = job_of(resource), promised.promise.request, promised.promise.call
    if job is None or call.resource.get("projectId") != job.project:
        return False
    if call.method.effect is not Effect.JOB or asked.dry_run:
        return False
    told = None if promised.settlement is None else promised.settlement.outcome.job_id
    chosen = told or asked.job_id
    return job.id == chosen if chosen is not None else _made_just_then(resource, promised.promise)


def _made_just_then(resource: JsonObject, promise: Promise) -> bool:
    made = documents.text(resource, "statistics", "creationTime") or ""
    if not (made.isascii() and made.isdigit()):
        return False
    after = int(made) - promise.at_microseconds // 1000
    return -_SKEW_MILLISECONDS <= after <= _LATEST_MILLISECONDS
