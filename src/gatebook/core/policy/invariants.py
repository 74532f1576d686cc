"""What holds whatever a policy says, in shadow mode too: what belongs to one caller is not another's.

Upstream sees one credential for all callers, so that nothing there keeps them apart. No document lifts these rules. Nor
is anything forwarded of which upstream itself says that it is something else than what was decided on.
"""

from collections.abc import Callable

from gatebook.core.policy.question import Question
from gatebook.errors import Reason

Refusal = tuple[Reason, str]
Check = Callable[[Question], Refusal | None]

_HISTORY_VIEWS = ("JOBS", "SESSIONS")


def broken(question: Question) -> tuple[str, Reason, str] | None:
    """Give the first invariant that the Call would break: its id, the reason and what to tell the caller."""
    for rule_id, check in INVARIANTS.items():
        refusal = check(question)
        if refusal is not None:
            return rule_id, *refusal
    return None


def _own_jobs(question: Question) -> Refusal | None:
    scattered = question.standing.scattered_job
    if scattered is not None:
        return Reason.PARAMETER_UNKNOWN, f"Job {scattered} is in several locations. Say which with `location`."
    if not question.standing.foreign_jobs:
        return None
    job = question.standing.foreign_jobs[0]
    return Reason.JOB_NOT_FOUND, f"Not found: Job {job}. Gatebook shows a job only to the caller that made it."


def _free_job_id(question: Question) -> Refusal | None:
    if question.standing.taken_job is None:
        return None
    return Reason.JOB_DUPLICATE, f"Already Exists: Job {question.standing.taken_job}. Choose another job id."


def _own_results(question: Question) -> Refusal | None:
    if not question.standing.foreign_tables:
        return None
    table = question.standing.foreign_tables[0]
    return (
        Reason.DENIED,
        f"Access Denied: Table {table}: hidden datasets hold the results of all callers, and this one was given to "
        "another caller or to nobody. Run the query as this caller to get a result of its own, and make tables in a "
        "dataset that has a name.",
    )


def _own_uploads(question: Question) -> Refusal | None:
    if not question.standing.foreign_uploads:
        return None
    return Reason.JOB_NOT_FOUND, "Not found: this upload was not started by this caller. Start a new upload."


def _own_sessions(question: Question) -> Refusal | None:
    if not question.standing.foreign_sessions:
        return None
    return (
        Reason.DENIED,
        "Access Denied: this session was not created by this caller. Create one with createSession.",
    )


def _no_history(question: Question) -> Refusal | None:
    for table in question.footprint.tables:
        if table.dataset.upper().endswith("INFORMATION_SCHEMA") and table.table.upper().startswith(_HISTORY_VIEWS):
            return (
                Reason.DENIED,
                f"Access Denied: {table} shows the statements of other callers. "
                "List this caller's own jobs with jobs.list.",
            )
    return None


def _second_opinion(question: Question) -> Refusal | None:
    if not question.contradictions:
        return None
    return (
        Reason.SQL_CONTRADICTED,
        f"Access Denied: {question.contradictions[0]}, which Gatebook does not find in it, so nothing was run. Write "
        "whole names (project.dataset.table), and ask the operators of Gatebook to look at this record.",
    )


INVARIANTS: dict[str, Check] = {
    "builtin/own-jobs": _own_jobs,
    "builtin/free-job-id": _free_job_id,
    "builtin/own-results": _own_results,
    "builtin/own-uploads": _own_uploads,
    "builtin/own-sessions": _own_sessions,
    "builtin/no-history": _no_history,
    "builtin/second-opinion": _second_opinion,
}
