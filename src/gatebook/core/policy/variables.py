"""The values of the variables that conditions may use (cel.py names and describes them)."""

from datetime import UTC, datetime, timedelta

from gatebook.core.asked import is_dry_run
from gatebook.core.policy.attested import TEXT_FACTS
from gatebook.core.policy.costs import bytes_of
from gatebook.core.policy.question import Question
from gatebook.core.policy.seen import Seen

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def call_values(question: Question, entries: frozenset[str]) -> dict[str, object]:
    """Give the variables that are about the call. What is not known is left out."""
    call, caller, attested = question.call, question.identity.caller, question.identity.attested
    return {
        "call.method": call.method.name,
        "call.project": call.resource.get("projectId", ""),
        "call.dry_run": is_dry_run(call),
        "call.statements": len(question.footprint.statements),
        "caller.entries": sorted(entries),
        "caller.issuer": caller.issuer,
        "caller.kind": caller.kind.value,
        "caller.subject": caller.subject,
        "caller.name": caller.name,
        **{f"attested.{name}": getattr(attested, name) or "" for name in TEXT_FACTS},
        "attested.ref_protected": attested.ref_protected is True,
        "usage.calls_last_minute": question.usage.calls_last_minute,
        "usage.running_jobs": question.usage.running_jobs,
        "usage.bytes_today": question.usage.bytes_today,
        "now": _EPOCH + timedelta(microseconds=question.now_microseconds),
        **_estimate(question),
    }


def _estimate(question: Question) -> dict[str, object]:
    known = {"estimate.bytes": bytes_of(question), "estimate.rows": question.estimate.rows_affected}
    return {name: number for name, number in known.items() if number is not None}


def statement_values(seen: Seen) -> dict[str, object]:
    """Give the variables of conditions that are about the statement."""
    return {
        "statement.type": seen.type,
        "statement.reads": [thing.text for thing in seen.reads],
        "statement.writes": [thing.text for thing in seen.writes],
        "statement.columns": [column.column.text for column in seen.all_columns],
        "statement.outputs": [column.column.text for column in seen.columns["output"]],
        "statement.classes": sorted({name for column in seen.all_columns for name in column.classes}),
        "statement.output_classes": sorted({name for column in seen.columns["output"] for name in column.classes}),
        "statement.traits": sorted(seen.traits),
        "statement.opaque": list(seen.opaque),
    }
