"""Promise, Settlement and Refusal to the bytes of the newest version: 2, but 1 for settlements, which are as before."""

from gatebook.core.book import records, v1, v2
from gatebook.core.book.canonical import canonical, in_order, json_text, repeated, whole, whole_or_none
from gatebook.core.book.digests import digest_of_text
from gatebook.core.book.remembered import Remembered
from gatebook.core.book.v2_decision import write_decision
from gatebook.core.book.v2_evidence import write_evidence
from gatebook.core.book.v2_footprint import write_footprint
from gatebook.core.book.withheld import recordable, without_tokens
from gatebook.core.model import Call, Caller, Method, Origin, Outcome, Provenance
from gatebook.core.policy.decision import Decision


def write_promise(promise: records.Promise) -> bytes:
    """Give the canonical bytes of a promise."""
    identity = promise.identity
    return canonical(
        v2.Promise(
            at_microseconds=promise.at_microseconds,
            attested=_attested(identity.attested),
            call=_call(promise.call),
            caller=_caller(identity.caller),
            decision=_decision(promise.decision),
            declared=_provenance(promise.declared),
            evidence=write_evidence(promise.evidence),
            footprint=write_footprint(promise.footprint),
            kind="promise",
            origin=_origin(promise.call.origin),
            request=_request(promise.request),
            token_expires_at_seconds=whole(identity.expires_at_seconds),
            v=2,
        )
    )


def write_settlement(settlement: records.Settlement) -> bytes:
    """Give the canonical bytes of a settlement."""
    return canonical(
        v1.Settlement(
            at_microseconds=settlement.at_microseconds,
            call_id=settlement.call_id,
            kind="settlement",
            outcome=_outcome(settlement.outcome),
            v=1,
        )
    )


def write_refusal(refusal: records.Refusal) -> bytes:
    """Give the canonical bytes of a refusal."""
    identity = refusal.identity
    return canonical(
        v2.Refusal(
            at_microseconds=refusal.at_microseconds,
            attested=None if identity is None else _attested(identity.attested),
            call=_call(refusal.call),
            caller=None if identity is None else _caller(identity.caller),
            decision=None if refusal.decision is None else write_decision(refusal.decision),
            declared=_provenance(refusal.declared),
            evidence=write_evidence(refusal.evidence),
            footprint=None if refusal.footprint is None else write_footprint(refusal.footprint),
            kind="refusal",
            message=without_tokens(refusal.message),
            origin=_origin(refusal.call.origin),
            outcome=_outcome(refusal.outcome),
            reason=refusal.reason,
            request=_request(refusal.request),
            token_expires_at_seconds=None if identity is None else whole(identity.expires_at_seconds),
            v=2,
        )
    )


def _caller_anew(caller: Caller) -> v1.Caller:
    return repeated(v1.Caller(issuer=caller.issuer, kind=caller.kind, name=caller.name, subject=caller.subject))


def _attested_anew(provenance: Provenance) -> v1.Provenance:
    return repeated(_provenance(provenance))


def _provenance(provenance: Provenance) -> v1.Provenance:
    return v1.Provenance(
        actor=provenance.actor,
        commit=provenance.commit,
        environment=provenance.environment,
        job=provenance.job,
        reason=_text(provenance.reason),
        ref=provenance.ref,
        ref_protected=provenance.ref_protected,
        repository=provenance.repository,
        run=provenance.run,
        run_url=provenance.run_url,
        workflow=provenance.workflow,
    )


def _decision_anew(decision: Decision) -> v2.Decision:
    return repeated(write_decision(decision))


# A token that is shown again proves the same Identity, calls share the rows of the method table, and a footprint that
# comes again is mostly decided on as before.
_caller = Remembered(_caller_anew, at_most=1024)
_attested = Remembered(_attested_anew, at_most=1024)
_decision = Remembered(_decision_anew, at_most=1024)


def _call(call: Call) -> v1.Call:
    return v1.Call(
        id=call.id,
        method=_method(call.method),
        parameters=recordable(call.parameters),
        received_at_microseconds=call.received_at_microseconds,
        resource=in_order({name: without_tokens(value) for name, value in call.resource.items()}),
    )


def _method_anew(method: Method) -> v1.Method:
    return repeated(
        v1.Method(
            body=method.body,
            effect=method.effect,
            name=method.name,
            path=without_tokens(method.template),
            verb=method.verb,
        )
    )


_method = Remembered(_method_anew, at_most=256)


def _origin(origin: Origin) -> v1.Origin:
    return v1.Origin(
        address=origin.address,
        request_reason=_text(origin.request_reason),
        user_agent=without_tokens(origin.user_agent),
    )


def _request(request: records.Request) -> v1.Request:
    sql, parameters = request.sql, request.query_parameters
    return v1.Request(
        digest=request.digest,
        dry_run=request.dry_run,
        job_id=_text(request.job_id),
        location=_text(request.location),
        query_parameters=json_text(parameters) if parameters else None,
        sql=sql,
        sql_digest=None if sql is None else digest_of_text(sql),
    )


def _outcome(outcome: Outcome) -> v1.Outcome:
    return v1.Outcome(
        bytes_billed=whole_or_none(outcome.bytes_billed),
        bytes_processed=whole_or_none(outcome.bytes_processed),
        bytes_returned=whole(outcome.bytes_returned),
        ending=outcome.ending,
        error_message=_text(outcome.error_message),
        error_reason=_text(outcome.error_reason),
        job_id=outcome.job_id,
        job_state=outcome.job_state,
        location=outcome.location,
        rows_affected=whole_or_none(outcome.rows_affected),
        rows_returned=whole_or_none(outcome.rows_returned),
        status=whole(outcome.status),
    )


def _text(text: str | None) -> str | None:
    return None if text is None else without_tokens(text)
