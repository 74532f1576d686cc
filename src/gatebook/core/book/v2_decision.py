"""A Decision in version 2 of the documents, there and back."""

from gatebook.core.book import v2
from gatebook.core.book.canonical import number_or_none, whole_or_none
from gatebook.core.book.withheld import without_tokens
from gatebook.core.policy.decision import NO_CEILINGS, Allow, Ceilings, Decision, Deny, Hold
from gatebook.errors import Reason


def write_decision(decision: Decision) -> v2.Decision:
    """Give the document of a decision."""
    match decision:
        case Allow():
            return v2.Decision(
                effect="allow",
                instead=None if decision.instead is None else write_decision(decision.instead),
                limits=None if decision.limits == NO_CEILINGS else _limits(decision.limits),
                observed=list(decision.observed),
                policy_version=decision.policy_version,
                rules=list(decision.rules),
            )
        case Deny():
            return v2.Decision(
                effect="deny",
                message=without_tokens(decision.message),
                observed=list(decision.observed),
                policy_version=decision.policy_version,
                reason=decision.reason,
                rules=list(decision.rules),
            )
        case Hold():
            return v2.Decision(
                effect="hold",
                message=without_tokens(decision.message),
                observed=list(decision.observed),
                policy_version=decision.policy_version,
                reviewers=list(decision.reviewers),
                rules=list(decision.rules),
            )


def read_decision(document: v2.Decision) -> Decision:
    """Give the decision that a document holds. Raises ValueError."""
    rules, version, observed = tuple(document.rules), document.policy_version, tuple(document.observed)
    message = document.message or ""
    if document.effect == "deny":
        return Deny(rules, version, Reason(document.reason or ""), message, observed)
    if document.effect == "hold":
        return Hold(rules, version, tuple(document.reviewers), message, observed)
    instead = None if document.instead is None else read_decision(document.instead)
    if isinstance(instead, Allow):
        raise ValueError("an allow takes the place of a refusal only")  # noqa: TRY004 - the document is wrong
    limits = document.limits or v2.Limits()
    ceilings = Ceilings(number_or_none(limits.maximum_bytes_billed), number_or_none(limits.result_rows))
    return Allow(rules, version, ceilings, observed, instead)


def _limits(ceilings: Ceilings) -> v2.Limits:
    return v2.Limits(
        maximum_bytes_billed=whole_or_none(ceilings.maximum_bytes_billed),
        result_rows=whole_or_none(ceilings.result_rows),
    )
