"""An Exchange as JSON, as docs/book.md describes it field by field."""

from dataclasses import asdict

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.book.digests import digest_of_text
from gatebook.core.book.exchange import Exchange
from gatebook.core.book.findings import findings
from gatebook.core.book.records import Evidence, Promise, Request
from gatebook.core.book.times import show_time
from gatebook.core.model import Call, Caller, JsonObject, Outcome, Provenance
from gatebook.core.policy.decision import Allow, Decision, Deny, Hold, effect_of
from gatebook.core.policy.question import TableFacts
from gatebook.inbound.footprint_json import footprint_json


def exchange_json(exchange: Exchange) -> JsonObject:
    """Give an Exchange as plain data."""
    opening, identity, outcome = exchange.opening, exchange.opening.identity, exchange.outcome
    return {
        "id": exchange.id,
        "status": exchange.status.value,
        "times": _times(exchange),
        "caller": None if identity is None else _caller(identity.caller),
        "attested": {} if identity is None else _given(identity.attested),
        "declared": _given(opening.declared),
        "token_expires_at": None if identity is None else show_time(identity.expires_at_seconds * 1_000_000),
        "origin": asdict(opening.call.origin),
        "call": _call(opening.call),
        "request": _request(opening.request),
        "footprint": None if opening.footprint is None else footprint_json(opening.footprint),
        "evidence": _evidence(opening.evidence),
        "decision": None if opening.decision is None else _decision(opening.decision),
        "findings": [asdict(finding) for finding in findings(opening)],
        "refusal": _refusal(exchange),
        "outcome": None if outcome is None else _outcome(outcome),
        "entries": _entries(exchange),
    }


def _times(exchange: Exchange) -> JsonObject:
    opening, received = exchange.opening, exchange.opening.call.received_at_microseconds
    ended = exchange.ended_at_microseconds
    return {
        "received_at": show_time(received),
        "promised_at": show_time(opening.at_microseconds) if isinstance(opening, Promise) else None,
        "ended_at": None if ended is None else show_time(ended),
        "duration_microseconds": None if ended is None else ended - received,
    }


def _caller(caller: Caller) -> JsonObject:
    return {
        "name": caller.name,
        "kind": caller.kind.value,
        "issuer": caller.issuer,
        "subject": caller.subject,
        "key": caller.key,
    }


def _given(provenance: Provenance) -> JsonObject:
    return {name: value for name, value in asdict(provenance).items() if value is not None}


def _call(call: Call) -> JsonObject:
    return {
        "method": call.method.name,
        "effect": call.method.effect.value,
        "verb": call.method.verb,
        "path": call.method.template,
        "resource": dict(call.resource),
        "parameters": [list(parameter) for parameter in call.parameters],
    }


def _request(request: Request) -> JsonObject:
    return {
        "sql": request.sql,
        "sql_digest": None if request.sql is None else digest_of_text(request.sql),
        "query_parameters": list(request.query_parameters),
        "digest": request.digest,
        "job_id": request.job_id,
        "location": request.location,
        "dry_run": request.dry_run,
    }


def _decision(decision: Decision) -> JsonObject:
    return {
        "effect": effect_of(decision),
        "rules": list(decision.rules),
        "policy_version": decision.policy_version,
        "observed": list(decision.observed),
        "reason": decision.reason.value if isinstance(decision, Deny) else None,
        "message": None if isinstance(decision, Allow) else decision.message,
        "reviewers": list(decision.reviewers) if isinstance(decision, Hold) else [],
        "limits": asdict(decision.limits) if isinstance(decision, Allow) else None,
        "instead": _decision(decision.instead) if isinstance(decision, Allow) and decision.instead else None,
    }


def _evidence(evidence: Evidence) -> JsonObject:
    return {
        "estimate": asdict(evidence.estimate),
        "usage": asdict(evidence.usage),
        "contradictions": list(evidence.contradictions),
        "known_tables": [_known(table, facts) for table, facts in evidence.tables.items()],
        "foreign": {
            "jobs": list(evidence.standing.foreign_jobs),
            "taken_job": evidence.standing.taken_job,
            "scattered_job": evidence.standing.scattered_job,
            "tables": [str(table) for table in evidence.standing.foreign_tables],
            "uploads": list(evidence.standing.foreign_uploads),
            "sessions": list(evidence.standing.foreign_sessions),
        },
    }


def _known(table: TableRef, facts: TableFacts) -> JsonObject:
    return {
        "table": str(table),
        "labels": [{"name": name, "value": value} for name, value in facts.labels.items()],
        "columns": [{"column": column.path, "policy_tags": list(column.policy_tags)} for column in facts.columns],
    }


def _refusal(exchange: Exchange) -> JsonObject | None:
    refusal = exchange.refusal
    return None if refusal is None else {"reason": refusal.reason.value, "message": refusal.message}


def _outcome(outcome: Outcome) -> JsonObject:
    return {**asdict(outcome), "ending": str(outcome.ending)}


def _entries(exchange: Exchange) -> list[JsonObject]:
    kinds = [(exchange.opening_seq, exchange.opening), (exchange.closing_seq, exchange.closing)]
    return [
        {"seq": seq, "kind": type(record).__name__.lower(), "at": show_time(record.at_microseconds)}
        for seq, record in kinds
        if record is not None
    ]
