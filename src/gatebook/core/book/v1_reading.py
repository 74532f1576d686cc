"""The documents of version 1 back to Promise, Settlement and Refusal. Headers and documents were never written."""

import msgspec

from gatebook.core.analysis import footprint as facts
from gatebook.core.book import records, v1, v2
from gatebook.core.book.canonical import number_or_none
from gatebook.core.book.digests import digest_of_text
from gatebook.core.model import (
    Body,
    Call,
    Caller,
    CallerKind,
    Effect,
    Ending,
    Identity,
    Method,
    Origin,
    Outcome,
    Provenance,
)
from gatebook.core.policy.decision import Allow, Decision, Deny
from gatebook.errors import Reason


def read_promise(document: v1.Promise) -> records.Promise:
    """Give the promise that a document holds. Raises ValueError."""
    return promise_with(document, _footprint(document.footprint), _decision(document.decision))


def promise_with(document: v1.Promise | v2.Promise, footprint: facts.Footprint, decision: Decision) -> records.Promise:
    """Give the promise of a document whose footprint and decision are read already. Raises ValueError."""
    return records.Promise(
        call=_call(document.call, document.origin),
        identity=Identity(
            _caller(document.caller), _provenance(document.attested), int(document.token_expires_at_seconds)
        ),
        declared=_provenance(document.declared),
        request=_request(document.request),
        footprint=footprint,
        decision=decision,
        at_microseconds=document.at_microseconds,
    )


def read_settlement(document: v1.Settlement) -> records.Settlement:
    """Give the settlement that a document holds. Raises ValueError."""
    return records.Settlement(document.call_id, _outcome(document.outcome), document.at_microseconds)


def read_refusal(document: v1.Refusal) -> records.Refusal:
    """Give the refusal that a document holds. Raises ValueError."""
    footprint = None if document.footprint is None else _footprint(document.footprint)
    return refusal_with(document, footprint, None if document.decision is None else _decision(document.decision))


def refusal_with(
    document: v1.Refusal | v2.Refusal, footprint: facts.Footprint | None, decision: Decision | None
) -> records.Refusal:
    """Give the refusal of a document whose footprint and decision are read already. Raises ValueError."""
    return records.Refusal(
        call=_call(document.call, document.origin),
        identity=_identity(document),
        declared=_provenance(document.declared),
        request=_request(document.request),
        footprint=footprint,
        decision=decision,
        reason=Reason(document.reason),
        message=document.message,
        outcome=_outcome(document.outcome),
        at_microseconds=document.at_microseconds,
    )


def _identity(document: v1.Refusal | v2.Refusal) -> Identity | None:
    if document.caller is None or document.attested is None or document.token_expires_at_seconds is None:
        return None
    return Identity(_caller(document.caller), _provenance(document.attested), int(document.token_expires_at_seconds))


def _caller(caller: v1.Caller) -> Caller:
    return Caller(issuer=caller.issuer, subject=caller.subject, kind=CallerKind(caller.kind), name=caller.name)


def _provenance(provenance: v1.Provenance) -> Provenance:
    return Provenance(**msgspec.structs.asdict(provenance))


def _call(call: v1.Call, origin: v1.Origin) -> Call:
    method = call.method
    return Call(
        id=call.id,
        received_at_microseconds=call.received_at_microseconds,
        method=Method(method.name, method.verb, method.path, Effect(method.effect), Body(method.body)),
        resource=call.resource,
        parameters=tuple(call.parameters),
        headers={},
        document=None,
        origin=Origin(origin.address, origin.user_agent, origin.request_reason),
    )


def _request(request: v1.Request) -> records.Request:
    parameters = request.query_parameters
    if request.sql is not None and digest_of_text(request.sql) != request.sql_digest:
        raise ValueError("the SQL text is not the one that was recorded: its digest differs")
    return records.Request(
        sql=request.sql,
        query_parameters=() if parameters is None else msgspec.json.decode(parameters, type=tuple[object, ...]),
        digest=request.digest,
        job_id=request.job_id,
        location=request.location,
        dry_run=request.dry_run,
    )


def _decision(decision: v1.Decision) -> Decision:
    rules = tuple(decision.rules)
    if decision.effect == "allow":
        return Allow(rules, decision.policy_version)
    return Deny(rules, decision.policy_version, Reason(decision.reason or ""), decision.message or "")


def _footprint(footprint: v1.Footprint) -> facts.Footprint:
    tables = [facts.TableRef(*names) for names in footprint.tables]
    return facts.Footprint(tuple(_statement(statement, tables) for statement in footprint.statements))


def _statement(statement: v1.Statement, tables: list[facts.TableRef]) -> facts.Statement:
    return facts.Statement(
        type=statement.type,
        tables_read=tuple(tables[number] for number in statement.tables_read),
        tables_written=tuple(tables[number] for number in statement.tables_written),
        columns_read=tuple((tables[number], path) for number, path in statement.columns_read),
        columns_written=tuple((tables[number], path) for number, path in statement.columns_written),
        resources_read=tuple(facts.Resource(facts.ResourceKind.ROUTINE, name) for name in statement.routines),
        opaque=tuple(facts.Opaque(item.reason, item.detail) for item in statement.opaque),
    )


def _outcome(outcome: v1.Outcome) -> Outcome:
    return Outcome(
        status=int(outcome.status),
        ending=Ending(outcome.ending),
        bytes_returned=int(outcome.bytes_returned),
        rows_returned=number_or_none(outcome.rows_returned),
        job_id=outcome.job_id,
        location=outcome.location,
        job_state=outcome.job_state,
        bytes_processed=number_or_none(outcome.bytes_processed),
        bytes_billed=number_or_none(outcome.bytes_billed),
        rows_affected=number_or_none(outcome.rows_affected),
        error_reason=outcome.error_reason,
        error_message=outcome.error_message,
    )
