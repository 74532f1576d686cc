"""Whether a job is the one that a promise of the book was made for."""

from gatebook.core.belongings import Job
from gatebook.core.book.records import Promise
from gatebook.core.model import Effect


def is_promised(job: Job, promise: Promise) -> bool:
    """Hold a job against the promise that its label names: where it is, and its id when the caller chose one.

    A label says which record it means, and no more: one that was copied to another job must give nothing away.
    """
    asked = promise.request
    return (
        promise.call.method.effect is Effect.JOB
        and not asked.dry_run
        and promise.call.resource.get("projectId") == job.project
        and asked.job_id in (None, job.id)
    )
