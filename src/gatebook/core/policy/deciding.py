"""The decision: a pure, total function of the question and the policy. Deny wins over hold, hold over allow.

1. The invariants: what belongs to another caller is not to be had, whatever the policy says.
2. A caller that no entry of the policy matches is refused.
3. Every rule that concerns the caller is asked of every statement. One deny refuses; so does one rule that fails.
4. Each statement needs a rule that allows or holds it: one allowed SELECT carries no DROP in the same script.
5. The limits of the caller.
6. One hold holds the call.

In shadow mode only 1 is enforced; what the rest would have done goes into the decision.
"""

from dataclasses import dataclass, replace

from gatebook.core.policy import builtin, messages
from gatebook.core.policy.conditions import Covered
from gatebook.core.policy.decision import NO_CEILINGS, Allow, Decision, Deny, Hold
from gatebook.core.policy.findings import Finding
from gatebook.core.policy.invariants import broken
from gatebook.core.policy.policy import Policy, Standpoint
from gatebook.core.policy.question import Question
from gatebook.core.policy.rules import Effect, Rule
from gatebook.core.policy.seen import Seen
from gatebook.core.policy.variables import call_values
from gatebook.errors import Reason


def decide(question: Question, policy: Policy | None) -> Decision:
    """Decide. None: no document has been written, and the built-in policy holds. Never raises."""
    if policy is None:
        return builtin.decide(question)
    refused = broken(question)  # 1
    if refused is not None:
        rule_id, reason, message = refused
        return Deny((rule_id,), policy.version, reason, message)
    verdict = _verdict(question, policy)
    if not policy.shadow:
        return verdict
    if isinstance(verdict, Allow):
        return replace(verdict, limits=NO_CEILINGS)
    return Allow(("builtin/shadow",), policy.version, observed=verdict.observed, instead=verdict)


def _verdict(question: Question, policy: Policy) -> Decision:
    standpoint = policy.standpoint(question.identity)
    if not standpoint.entries:  # 2
        message = messages.of_unknown_caller(question.identity)
        return Deny(("builtin/unknown-caller",), policy.version, Reason.DENIED, message)
    found = policy.found(question, standpoint)
    verdict = found.verdict
    if verdict is None:
        verdict = _by_rules(question, policy, standpoint, found.findings)
        if found.certain:
            found.settle(verdict)
    return verdict if isinstance(verdict, Deny) else _by_limits(verdict, question, standpoint)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A statement, the rules that hold of it, and those that failed."""

    seen: Seen
    rules: tuple[Rule, ...]
    failed: tuple[tuple[str, str], ...]  # (rule id, why)

    def of(self, effect: Effect) -> list[Rule]:
        return [rule for rule in self.rules if rule.effect is effect]


def _by_rules(question: Question, policy: Policy, standpoint: Standpoint, findings: tuple[Finding, ...]) -> Decision:
    statements = _ask(question, standpoint, findings)  # 3
    version, observed = policy.version, _ids(statements, Effect.OBSERVE)
    refused = _denied(question, statements) or _not_covered(question, standpoint, statements)
    if refused is not None:
        rules, reason, message = refused
        return Deny(rules, version, reason, message, observed)
    held = [statement for statement in statements if statement.of(Effect.HOLD)]
    if not held:
        return Allow(_ids(statements, Effect.ALLOW), version, standpoint.ceilings, observed)
    reviewers = tuple(sorted({name for s in held for rule in s.of(Effect.HOLD) for name in rule.reviewers}))
    message = messages.of_hold(held[0].seen, question.call, held[0].of(Effect.HOLD))
    return Hold(_ids(held, Effect.HOLD), version, reviewers, message, observed)  # 6


def _ask(question: Question, standpoint: Standpoint, findings: tuple[Finding, ...]) -> list[_Asked]:
    conditional = any(finding.values for finding in findings)
    call = call_values(question, standpoint.entries) if conditional else {}
    return [_asked(question, standpoint, finding, {**call, **finding.values}) for finding in findings]


def _asked(question: Question, standpoint: Standpoint, finding: Finding, values: dict[str, object]) -> _Asked:
    rules, failed = list(finding.certain), []
    for rule in finding.open:
        try:
            if rule.holds(question, finding.seen, standpoint.entries, values):
                rules.append(rule)
        except Exception as error:  # noqa: BLE001 - whatever fails in a rule must refuse, not break off
            if rule.effect is Effect.OBSERVE:
                rules.append(rule)  # it refuses nothing, and is not lost either
            else:
                failed.append((rule.id, str(error)))
    return _Asked(finding.seen, tuple(rules), tuple(failed))


_Refusal = tuple[tuple[str, ...], Reason, str]


def _denied(question: Question, statements: list[_Asked]) -> _Refusal | None:
    for statement in statements:
        denying = statement.of(Effect.DENY)
        if denying:
            message = messages.of_deny(statement.seen, question.call, denying)
            return _ids(statements, Effect.DENY), Reason.DENIED, message
    failures = {rule_id: why for statement in statements for rule_id, why in statement.failed}
    if not failures:
        return None
    return tuple(sorted(failures)), Reason.DENIED, messages.of_failure(failures)


def _not_covered(question: Question, standpoint: Standpoint, statements: list[_Asked]) -> _Refusal | None:
    for statement in statements:  # 4
        if statement.of(Effect.ALLOW) or statement.of(Effect.HOLD):
            continue
        seen, call = statement.seen, question.call
        if seen.opaque:
            return ("builtin/understood",), Reason.SQL_OPAQUE, messages.of_opaque(seen)
        lacking = _lacking(seen, standpoint.rules(seen.type, call.method.name))
        message = messages.of_no_rule(seen, call, question.identity.caller, lacking)
        return ("builtin/no-rule",), Reason.DENIED, message
    return None


def _lacking(seen: Seen, rules: tuple[Rule, ...]) -> tuple[str, str] | None:
    """Give the allow rule that comes closest, and what it lacks, for the message."""
    missing = {rule.id: list(rule.statement.missing(seen)) for rule in rules if isinstance(rule.statement, Covered)}
    if not missing:
        return None
    closest = min(missing, key=lambda rule_id: (len(missing[rule_id]), rule_id))
    if not missing[closest]:
        return closest, "its times, estimate or condition do not hold"
    return closest, f"it does not allow {missing[closest][0]}"


def _by_limits(verdict: Allow | Hold, question: Question, standpoint: Standpoint) -> Decision:
    for limit in standpoint.limits:  # 5
        how = limit.passed_by(question)
        if how is not None:
            message = messages.of_limit(limit.id, question.identity.caller, how)
            return Deny((f"limit/{limit.id}",), verdict.policy_version, Reason.LIMIT, message, verdict.observed)
    return verdict


def _ids(statements: list[_Asked], effect: Effect) -> tuple[str, ...]:
    return tuple(sorted({rule.id for statement in statements for rule in statement.of(effect)}))
