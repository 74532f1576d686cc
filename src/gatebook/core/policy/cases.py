"""Cases of `gatebook policy test`: each becomes a question, and what the policy says is compared with what must be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from gatebook.core.analysis.footprint import Footprint
from gatebook.core.identity.supposed import supposed_identity
from gatebook.core.model import Call, Identity, JsonObject
from gatebook.core.policy.case_document import Case, CaseDocument
from gatebook.core.policy.deciding import decide
from gatebook.core.policy.decision import Allow, Decision, Hold
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.question import Estimate, Question, Tables, Usage
from gatebook.core.policy.standing import Standing
from gatebook.core.supposed_call import supposed_call
from gatebook.errors import Fault, Reason, Refused

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALL_OWN = Standing()


class CaseError(ValueError):
    """A case that cannot be asked: no such caller or method, claims that identify nobody."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected."""

    what: str
    expected: object
    found: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out of a case. `message` is what the caller would be told."""

    differences: tuple[Difference, ...]
    message: str | None


def run(
    case: Case, document: CaseDocument, policy: Policy, tables: Tables, understand: Callable[[Call], Footprint]
) -> Outcome:
    """Ask one case. Raises CaseError."""
    call, identity = _call(case, document), _identity(case, document)
    try:
        footprint = understand(call)
    except Refused as refused:
        found = {"decision": "refused", "reason": refused.reason}
        return Outcome(_differences(case, found, refused.message), refused.message)
    except Fault as fault:
        raise CaseError(f"cannot be understood here: {fault.message}") from fault
    estimate, usage = case.estimate, case.usage
    decision = decide(
        Question(
            identity,
            call,
            footprint,
            _ALL_OWN,
            Estimate(estimate.bytes_processed, estimate.rows_affected),
            tables,
            _now(case, document),
            Usage(usage.calls_last_minute, usage.running_jobs, usage.bytes_today),
        ),
        policy,
    )
    # A policy in shadow mode is tested for what it would do.
    said = decision.instead if isinstance(decision, Allow) and decision.instead is not None else decision
    message = None if isinstance(said, Allow) else said.message
    return Outcome(_differences(case, _found(said, footprint), message), message)


def _found(decision: Decision, footprint: Footprint) -> Mapping[str, object]:
    return {
        "decision": type(decision).__name__.lower(),
        "rules": decision.rules,
        "observed": decision.observed,
        "statements": tuple(statement.type for statement in footprint.statements),
        "opaque": tuple(item.reason for item in footprint.opaque),
        "reason": Reason.HELD if isinstance(decision, Hold) else getattr(decision, "reason", None),
        "reviewers": decision.reviewers if isinstance(decision, Hold) else (),
    }


def _differences(case: Case, found: Mapping[str, object], message: str | None) -> tuple[Difference, ...]:
    expected = {
        name: value for name, value in msgspec.structs.asdict(case.expect).items() if value is not msgspec.UNSET
    }
    part = expected.pop("message", None)
    unlike = [
        Difference(name, value, found.get(name))
        for name, value in expected.items()
        if found.get(name) != (tuple(sorted(value)) if name in ("rules", "observed", "reviewers") else value)
    ]
    if part is not None and part not in (message or ""):
        unlike.append(Difference("message", part, message))
    return tuple(unlike)


def _identity(case: Case, document: CaseDocument) -> Identity:
    caller = document.callers.get(case.caller)
    if caller is None:
        raise CaseError(f"{case.caller!r} is none of this file's callers: {', '.join(document.callers)}")
    claims = {name: value for name, value in {**caller.claims, **case.claims}.items() if value is not None}
    kind = None if isinstance(caller.kind, msgspec.UnsetType) else caller.kind
    provenance = None if kind is None else caller.provenance_claims
    try:
        return supposed_identity(claims, kind, caller.subject_claims, provenance)
    except (Refused, ValueError) as error:
        raise CaseError(f"the claims of {case.caller!r} identify nobody: {error}") from error


def _call(case: Case, document: CaseDocument) -> Call:
    resource = {"projectId": document.project}
    if isinstance(case.sql, str) == isinstance(case.call, msgspec.Struct):
        raise CaseError("give one of `sql` and `call`")
    if isinstance(case.call, msgspec.UnsetType):
        return _called("bigquery.jobs.query", resource, {}, _query(case, document))
    call = case.call
    body = None if isinstance(call.document, msgspec.UnsetType) else call.document
    return _called(call.method, {**resource, **call.resource}, call.parameters, body)


def _query(case: Case, document: CaseDocument) -> JsonObject:
    query: JsonObject = {"query": case.sql, "useLegacySql": False, "queryParameters": list(case.parameters)}
    if isinstance(case.dataset, str):
        query["defaultDataset"] = {"projectId": document.project, "datasetId": case.dataset}
    return query


def _called(name: str, resource: dict[str, str], parameters: dict[str, str], body: JsonObject | None) -> Call:
    try:
        return supposed_call(name, resource, parameters, body)
    except ValueError as error:
        raise CaseError(str(error)) from error


def _now(case: Case, document: CaseDocument) -> int:
    now = document.now if isinstance(case.now, msgspec.UnsetType) else case.now
    if isinstance(now, msgspec.UnsetType):
        return 0
    return round((now if now.tzinfo else now.replace(tzinfo=UTC)).timestamp() * 1_000_000)
