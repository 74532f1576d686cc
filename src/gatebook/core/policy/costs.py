"""What a Call costs, as far as it is known before it is forwarded."""

from gatebook.core import documents
from gatebook.core.asked import makes_a_job
from gatebook.core.model import Call, Effect
from gatebook.core.policy.question import Question

_QUERY = "bigquery.jobs.query"
_CHANGES_ROWS = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})


def processes_bytes(call: Call) -> bool:
    """Tell whether the call runs a query: loads, copies, extracts and dry runs process nothing that is billed."""
    if call.method.effect is not Effect.JOB or not makes_a_job(call):
        return False
    return call.method.name == _QUERY or documents.member(call.document, "configuration", "query") is not None


def bytes_of(question: Question) -> int | None:
    """Give the bytes that the call will process, None when that is not known."""
    return question.estimate.bytes_processed if processes_bytes(question.call) else 0


def rows_of(question: Question, statement_type: str) -> int | None:
    """Give the rows that a statement of the call will change, None when that is not known."""
    return question.estimate.rows_affected if statement_type in _CHANGES_ROWS else 0
