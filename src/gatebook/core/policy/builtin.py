"""The built-in policy: known callers may ask anything that is understood and theirs, and cannot widen their access.

It is what holds before any policy document is written: ownership of jobs and results, refusal of what could not be
understood, of changes to access, and of the views that show other callers' SQL.
"""

from collections.abc import Callable
from dataclasses import dataclass

from gatebook.core import documents
from gatebook.core.analysis.footprint import Footprint
from gatebook.core.model import Call, Effect, Identity
from gatebook.core.policy.decision import Allow, Decision, Deny
from gatebook.core.policy.standing import Standing
from gatebook.errors import Reason

POLICY_VERSION = "builtin-1"
_ACCESS_STATEMENTS = frozenset(
    {
        "GRANT",
        "REVOKE",
        "CREATE_ROW_ACCESS_POLICY",
        "ALTER_ROW_ACCESS_POLICY",
        "DROP_ROW_ACCESS_POLICY",
        "DROP_ALL_ROW_ACCESS_POLICIES",
        "ALTER_ALL_ROW_ACCESS_POLICIES",
        "CREATE_DATA_POLICY",
        "ALTER_DATA_POLICY",
        "DROP_DATA_POLICY",
    }
)
_DATASET_METHODS = frozenset({"bigquery.datasets.insert", "bigquery.datasets.patch", "bigquery.datasets.update"})
_HISTORY_VIEWS = ("JOBS", "SESSIONS")


@dataclass(frozen=True, slots=True)
class Question:
    """Everything a decision may rest on."""

    identity: Identity
    call: Call
    footprint: Footprint
    standing: Standing


_Rule = Callable[[Question], tuple[Reason, str] | None]


def decide(question: Question) -> Decision:
    """Give the decision of the first rule that refuses, else allow. Pure: the same question, the same answer."""
    for rule_id, rule in _RULES.items():
        refusal = rule(question)
        if refusal is not None:
            return Deny((rule_id,), POLICY_VERSION, *refusal)
    return Allow(("builtin/known-caller",), POLICY_VERSION)


def _own_jobs(question: Question) -> tuple[Reason, str] | None:
    scattered = question.standing.scattered_job
    if scattered is not None:
        return Reason.PARAMETER_UNKNOWN, f"Job {scattered} is in several locations. Say which with `location`."
    if not question.standing.foreign_jobs:
        return None
    job = question.standing.foreign_jobs[0]
    return Reason.JOB_NOT_FOUND, f"Not found: Job {job}. Gatebook shows a job only to the caller that made it."


def _free_job_id(question: Question) -> tuple[Reason, str] | None:
    if question.standing.taken_job is None:
        return None
    return Reason.JOB_DUPLICATE, f"Already Exists: Job {question.standing.taken_job}. Choose another job id."


def _own_results(question: Question) -> tuple[Reason, str] | None:
    if not question.standing.foreign_tables:
        return None
    table = question.standing.foreign_tables[0]
    return (
        Reason.DENIED,
        f"Access Denied: Table {table}: hidden datasets hold the results of all callers, and this one was given to "
        "another caller or to nobody. Run the query as this caller to get a result of its own, and make tables in a "
        "dataset that has a name.",
    )


def _own_uploads(question: Question) -> tuple[Reason, str] | None:
    if not question.standing.foreign_uploads:
        return None
    return Reason.JOB_NOT_FOUND, "Not found: this upload was not started by this caller. Start a new upload."


def _own_sessions(question: Question) -> tuple[Reason, str] | None:
    if not question.standing.foreign_sessions:
        return None
    return (
        Reason.DENIED,
        "Access Denied: this session was not created by this caller. Create one with createSession.",
    )


def _understood(question: Question) -> tuple[Reason, str] | None:
    if not question.footprint.opaque:
        return None
    opaque = question.footprint.opaque[0]
    return (
        Reason.SQL_OPAQUE,
        f"Access Denied: Gatebook cannot tell what this touches ({opaque.reason}): {opaque.detail}",
    )


def _no_grants(question: Question) -> tuple[Reason, str] | None:
    granting = _ACCESS_STATEMENTS.intersection(question.footprint.statement_types)
    shares = _shares_dataset(question.call)
    if question.call.method.effect is not Effect.ACCESS_WRITE and not granting and not shares:
        return None
    what = ", ".join(sorted(granting)) or question.call.method.name + (" with `access`" if shares else "")
    return (
        Reason.DENIED,
        f"Access Denied: {what} changes who may reach data, which is not done through Gatebook. "
        "Ask the administrators of the project.",
    )


def _shares_dataset(call: Call) -> bool:
    """A dataset's list of who may read and write it is a member of its resource."""
    return call.method.name in _DATASET_METHODS and documents.member(call.document, "access") is not None


def _no_history(question: Question) -> tuple[Reason, str] | None:
    for table in question.footprint.tables:
        if table.dataset.upper().endswith("INFORMATION_SCHEMA") and table.table.upper().startswith(_HISTORY_VIEWS):
            return (
                Reason.DENIED,
                f"Access Denied: {table} shows the statements of other callers. "
                "List this caller's own jobs with jobs.list.",
            )
    return None


_RULES: dict[str, _Rule] = {
    "builtin/own-jobs": _own_jobs,
    "builtin/free-job-id": _free_job_id,
    "builtin/own-results": _own_results,
    "builtin/own-uploads": _own_uploads,
    "builtin/own-sessions": _own_sessions,
    "builtin/understood": _understood,
    "builtin/no-grants": _no_grants,
    "builtin/no-history": _no_history,
}
