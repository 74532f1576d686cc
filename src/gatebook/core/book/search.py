"""Search: what a reader of the book asks for. An Exchange is found when it meets every criterion."""

from collections.abc import Iterator
from dataclasses import dataclass

from gatebook.core.book.exchange import Exchange, Status
from gatebook.core.book.terms import clean


@dataclass(frozen=True, slots=True)
class Criterion:
    """A term that must be there; with `prefix`, any term that begins so."""

    kind: str
    value: str
    prefix: bool = False

    def meets(self, kind: str, value: str) -> bool:
        """Tell whether a term is the one that is asked for."""
        return kind == self.kind and (value.startswith(self.value) if self.prefix else value == self.value)


@dataclass(frozen=True, slots=True)
class Search:
    """Filters, order and number of Exchanges; None asks for nothing.

    `repository`, `commit` and `run` look at attested facts, or with `declared` at declared ones: never at both.
    `caller` is a name, subject or key; `table` a project, `project.dataset` or whole name; `column` a whole name or a
    name in any table; `method` may leave out `bigquery.`; `decision` is allow, deny or hold; `rule` is the id of one
    that decided, would have decided in shadow mode, or observed; `finding` is a kind. `limit` None gives all. Times are
    microseconds since the epoch: `since` is within, `until` is not.
    """

    caller: str | None = None
    service_account: str | None = None
    issuer: str | None = None
    repository: str | None = None
    commit: str | None = None
    run: str | None = None
    declared: bool = False
    table: str | None = None
    column: str | None = None
    statement: str | None = None
    method: str | None = None
    decision: str | None = None
    rule: str | None = None
    finding: str | None = None
    status: Status | None = None
    since_microseconds: int | None = None
    until_microseconds: int | None = None
    oldest_first: bool = False
    limit: int | None = 50

    def criteria(self) -> tuple[Criterion, ...]:
        """Give the filters that are terms of the index."""
        return tuple(self._criteria())

    def _criteria(self) -> Iterator[Criterion]:
        facts = "declared_" if self.declared else ""
        asked = (
            ("caller", self.caller),
            ("service_account", self.service_account),
            ("issuer", self.issuer),
            (facts + "repository", self.repository),
            (facts + "run", self.run),
            ("table", self.table and self.table.replace("`", "")),
            ("column", self.column and self.column.replace("`", "").lower()),
            ("statement", self.statement and self.statement.strip().replace(" ", "_").upper()),
            ("method", self.method),
            ("decision", self.decision),
            ("rule", self.rule),
            ("finding", self.finding),
        )
        yield from (Criterion(kind, clean(value)) for kind, value in asked if value is not None)
        if self.commit is not None:
            yield Criterion(facts + "commit", clean(self.commit), prefix=True)
        if self.status not in (None, Status.OPEN, Status.UNSETTLED):
            yield Criterion("status", self.status)

    def admits(self, exchange: Exchange) -> bool:
        """Tell whether an Exchange that has the terms also has the status and the time, which the index only bounds."""
        received = exchange.opening.call.received_at_microseconds
        return (
            self.status in (None, exchange.status)
            and (self.since_microseconds is None or received >= self.since_microseconds)
            and (self.until_microseconds is None or received < self.until_microseconds)
        )
