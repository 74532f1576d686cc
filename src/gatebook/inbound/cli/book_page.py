"""One Exchange as a page for people: who, what, decided, returned, when. Proven and merely said facts stand apart."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.syntax import Syntax
from rich.text import Text

from gatebook.core.book.digests import digest_of_text
from gatebook.core.book.exchange import Exchange, Status
from gatebook.core.book.findings import findings
from gatebook.core.book.records import Evidence, Promise, Refusal, Request
from gatebook.core.book.times import show_time
from gatebook.core.model import Call, Outcome, Provenance
from gatebook.core.policy.decision import Allow, Decision, Deny, Hold, effect_of
from gatebook.inbound.cli.book_table import STATUS_STYLES
from gatebook.inbound.cli.facts import Fact, facts_table
from gatebook.inbound.cli.footprint_page import footprint_page
from gatebook.inbound.cli.plain_text import plain, plain_lines

_EXPLAINED = {
    Status.OPEN: "the call is under way, or its settlement could not be written yet",
    Status.UNSETTLED: "the gateway ended before it knew what became of the call; its job has the label gatebook_record",
}


def print_page(console: Console, exchange: Exchange) -> None:
    """Print everything that the book says of one Exchange."""
    heading = Text("Exchange ").append(plain(exchange.id), "bold").append("  ")
    console.print(heading.append(str(exchange.status), STATUS_STYLES[exchange.status]))
    if exchange.status in _EXPLAINED:
        console.print(Text(f"  {_EXPLAINED[exchange.status]}", style="dim"))
    for title, note, content in _sections(exchange, highlight=console.is_terminal):
        console.print()
        console.print(Text(title, style="bold underline").append(f"  {note}" if note else "", "dim not underline"))
        console.print(Padding(content, (0, 0, 0, 2), expand=False))


def _sections(exchange: Exchange, *, highlight: bool) -> Iterable[tuple[str, str, RenderableType]]:
    opening = exchange.opening
    identity, outcome = opening.identity, exchange.outcome
    yield "Who", "", _caller(exchange)
    if identity is not None:
        yield "Attested", "signed by the issuer", _provenance(identity.attested)
    yield "Declared", "said by the client, proven by nobody", _provenance(opening.declared)
    yield "Asked", "", _asked(opening.call, opening.request, highlight=highlight)
    if opening.footprint is not None:
        yield "Touched", "", footprint_page(opening.footprint)
    if opening.decision is not None:
        yield "Decided", "", facts_table(_decision(opening.decision, opening.evidence))
    found = findings(opening)
    if found:
        yield "Found", "", facts_table([(finding.kind, finding.detail) for finding in found])
    if exchange.refusal is not None:
        yield "Refused", "nothing was forwarded", facts_table(_refusal(exchange.refusal))
    elif outcome is not None:
        yield "Came back", "", facts_table(_outcome(outcome))
    yield "When", "UTC", facts_table(_times(exchange))
    yield "From", "as the network and the client said", facts_table(_origin(opening.call))


def _caller(exchange: Exchange) -> RenderableType:
    identity = exchange.opening.identity
    if identity is None:
        return Text("nobody: the call was refused before its token proved a caller", style="dim")
    caller = identity.caller
    expiry = show_time(identity.expires_at_seconds * 1_000_000)
    return facts_table(
        [
            ("caller", caller.name),
            ("kind", caller.kind.value),
            ("issuer", caller.issuer),
            ("subject", caller.subject),
            ("token expires", expiry),
        ]
    )


def _provenance(provenance: Provenance) -> RenderableType:
    given = [(name.replace("_", " "), value) for name, value in asdict(provenance).items() if value is not None]
    return facts_table(given) if given else Text("nothing", style="dim")


def _asked(call: Call, request: Request, *, highlight: bool) -> RenderableType:
    resource = "  ".join(f"{name}={value}" for name, value in call.resource.items())
    parts: list[RenderableType] = [
        facts_table(
            [
                ("method", call.method.name),
                ("request", f"{call.method.verb} {call.method.template}"),
                ("resource", resource or None),
                ("query string", "&".join(f"{name}={value}" for name, value in call.parameters) or None),
                ("job id", request.job_id),
                ("location", request.location),
                ("dry run", "yes" if request.dry_run else None),
                ("digest", request.digest),
            ]
        )
    ]
    if request.sql is not None:
        parts.append(Text(f"SQL ({len(request.sql)} characters, {digest_of_text(request.sql)})", style="dim"))
        parts.append(Padding(_sql(request.sql, highlight=highlight), (0, 0, 0, 2), expand=False))
    if request.query_parameters:
        parts.append(Text("query parameters", style="dim"))
        shown = (json.dumps(parameter, ensure_ascii=False) for parameter in request.query_parameters)
        parts.extend(Text(f"  {plain(parameter)}") for parameter in shown)
    return Group(*parts)


def _sql(sql: str, *, highlight: bool) -> RenderableType:
    shown = plain_lines(sql).rstrip("\n")
    if not highlight:
        return Text(shown)
    return Syntax(shown, "googlesql", theme="ansi_dark", background_color="default", word_wrap=True)


def _decision(decision: Decision, evidence: Evidence) -> list[Fact]:
    allow = decision if isinstance(decision, Allow) else None
    estimate, usage = evidence.estimate, evidence.usage
    return [
        ("effect", effect_of(decision)),
        ("rules", ", ".join(decision.rules) or None),
        ("policy version", decision.policy_version),
        ("observed", ", ".join(decision.observed) or None),
        ("reviewers", ", ".join(decision.reviewers) if isinstance(decision, Hold) else None),
        ("bytes billed at most", None if allow is None else allow.limits.maximum_bytes_billed),
        ("rows at most", None if allow is None else allow.limits.result_rows),
        ("in shadow mode", None if allow is None or allow.instead is None else _instead(allow.instead)),
        ("bytes estimated", estimate.bytes_processed),
        ("bytes used today", usage.bytes_today or None),
        ("calls in the last minute", usage.calls_last_minute or None),
        ("jobs running", usage.running_jobs or None),
    ]


def _instead(decision: Deny | Hold) -> str:
    return f"would have been: {effect_of(decision)} by {', '.join(decision.rules)}"


def _refusal(refusal: Refusal) -> list[Fact]:
    return [
        ("reason", refusal.reason.value),
        ("told the client", refusal.message),
        ("HTTP status", refusal.outcome.status or None),
    ]


def _outcome(outcome: Outcome) -> list[Fact]:
    return [
        ("HTTP status", outcome.status or "nothing was answered"),
        ("rows returned", outcome.rows_returned),
        ("rows affected", outcome.rows_affected),
        ("bytes returned", outcome.bytes_returned),
        ("job id", outcome.job_id),
        ("location", outcome.location),
        ("job state", outcome.job_state),
        ("bytes processed", outcome.bytes_processed),
        ("bytes billed", outcome.bytes_billed),
        ("error reason", outcome.error_reason),
        ("error message", outcome.error_message),
    ]


def _times(exchange: Exchange) -> list[Fact]:
    opening, ended = exchange.opening, exchange.ended_at_microseconds
    received = opening.call.received_at_microseconds
    promised = opening.at_microseconds if isinstance(opening, Promise) else None
    closed = "" if exchange.closing_seq is None else f" and {exchange.closing_seq}"
    return [
        ("received", show_time(received)),
        ("promised", None if promised is None else f"{show_time(promised)}  after {promised - received} us"),
        ("ended", None if ended is None else f"{show_time(ended)}  after {ended - received} us"),
        ("entries", f"{exchange.opening_seq}{closed}"),
    ]


def _origin(call: Call) -> list[Fact]:
    origin = call.origin
    return [
        ("address", origin.address),
        ("user agent", origin.user_agent or None),
        ("request reason", origin.request_reason),
    ]
