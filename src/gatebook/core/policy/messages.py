"""What a caller is told that is refused: one sentence of what and why, one of what to do. Names only, never values."""

from collections.abc import Iterable

from gatebook.core.model import Call, Caller, Identity
from gatebook.core.policy.rules import Rule
from gatebook.core.policy.seen import Seen
from gatebook.core.policy.statement_names import SQL_TYPES

_OWNERS = "Ask the owners of the policy"


def of_deny(seen: Seen, call: Call, rules: Iterable[Rule]) -> str:
    """Say which rule refuses what."""
    found = sorted(rules, key=lambda rule: rule.id)
    advice = next((rule.message for rule in found if rule.message), f"{_OWNERS} if it must be done")
    return _sentence(f"{what(seen, call)} is refused by {_named(found)}.", advice)


def of_hold(seen: Seen, call: Call, rules: Iterable[Rule]) -> str:
    """Say who would have to approve what."""
    found = sorted(rules, key=lambda rule: rule.id)
    reviewers = sorted({name for rule in found for name in rule.reviewers})
    advice = next((rule.message for rule in found if rule.message), f"{_OWNERS}, or of the data, to have it done")
    return _sentence(
        f"{what(seen, call)} needs the approval of {' or '.join(reviewers)} ({_named(found)}), "
        "and nobody can approve through this gateway yet.",
        advice,
    )


def of_no_rule(seen: Seen, call: Call, caller: Caller, lacking: tuple[str, str] | None) -> str:
    """Say what no rule allows, and which allow rule came closest with what it lacks."""
    near = "" if lacking is None else f" (rule {lacking[0]} comes closest: {lacking[1]})"
    return _sentence(
        f"no rule of the policy allows {caller.name} {what(seen, call)}{near}.",
        f"{_OWNERS} for an allow rule that covers it",
    )


def of_opaque(seen: Seen) -> str:
    """Say what is not understood."""
    opaque = seen.statement.opaque[0]
    return f"Access Denied: Gatebook cannot tell what this touches ({opaque.reason}): {opaque.detail}"


def of_failure(failures: dict[str, str]) -> str:
    """Say which rules could not be evaluated."""
    rule_id = min(failures)
    return _sentence(
        f"rule {rule_id} could not be evaluated ({failures[rule_id]}), and what cannot be decided is refused.", _OWNERS
    )


def of_unknown_caller(identity: Identity) -> str:
    """Say what an entry of `callers` would have to match."""
    caller, attested = identity.caller, identity.attested
    repository = "" if attested.repository is None else f", repository {attested.repository}"
    return _sentence(
        f"the policy knows no caller with issuer {caller.issuer}, subject {caller.subject}{repository}.",
        f"{_OWNERS} for an entry of `callers` that matches it",
    )


def of_limit(limit_id: str, caller: Caller, how: str) -> str:
    """Say which limit stands in the way."""
    return _sentence(f"limit {limit_id} of {caller.name}: {how}.", None)


def what(seen: Seen, call: Call) -> str:
    """Name a statement by what it does and to what: `DELETE on acme.shop.orders`."""
    name = seen.type.replace("_", " ") if seen.type in SQL_TYPES else call.method.name
    things = [thing.text for thing in (*seen.writes, *seen.reads)]
    if not things:
        return name
    more = f" and {len(things) - 1} more" if len(things) > 1 else ""
    return f"{name} on {things[0]}{more}"


def _named(rules: list[Rule]) -> str:
    return f"rule{'s' if len(rules) > 1 else ''} {', '.join(rule.id for rule in rules)}"


def _sentence(fact: str, advice: str | None) -> str:
    text = f"Access Denied: {fact}"
    return text if not advice else f"{text} {advice.rstrip('.')}."
