"""The policy where no document has been written: known callers may ask anything that is understood.

What could not be understood and what changes access are refused; the invariants hold as ever.
"""

from gatebook.core.policy.decision import Allow, Decision, Deny
from gatebook.core.policy.invariants import Check, Refusal, broken
from gatebook.core.policy.question import Question
from gatebook.core.policy.sharing import changes_access
from gatebook.errors import Reason

POLICY_VERSION = "builtin-1"


def decide(question: Question) -> Decision:
    """Give the decision of the first rule that refuses, else allow. Pure: the same question, the same answer."""
    refused = broken(question)
    if refused is not None:
        rule_id, reason, message = refused
        return Deny((rule_id,), POLICY_VERSION, reason, message)
    for rule_id, rule in RULES.items():
        refusal = rule(question)
        if refusal is not None:
            return Deny((rule_id,), POLICY_VERSION, *refusal)
    return Allow(("builtin/known-caller",), POLICY_VERSION)


def _understood(question: Question) -> Refusal | None:
    if not question.footprint.opaque:
        return None
    opaque = question.footprint.opaque[0]
    return (
        Reason.SQL_OPAQUE,
        f"Access Denied: Gatebook cannot tell what this touches ({opaque.reason}): {opaque.detail}",
    )


def _no_grants(question: Question) -> Refusal | None:
    what = changes_access(question.call, question.footprint)
    if what is None:
        return None
    return (
        Reason.DENIED,
        f"Access Denied: {what} changes who may reach data, which is not done through Gatebook. "
        "Ask the administrators of the project.",
    )


RULES: dict[str, Check] = {
    "builtin/understood": _understood,
    "builtin/no-grants": _no_grants,
}
