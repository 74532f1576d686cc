"""A list of Exchanges as a table that fits the terminal: columns of less weight give way first."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gatebook.core.book.exchange import Exchange, Status
from gatebook.core.book.times import show_time
from gatebook.core.model import Provenance
from gatebook.inbound.cli.plain_text import plain

STATUS_STYLES = {
    Status.ANSWERED: "green",
    Status.UPSTREAM_ERROR: "red",
    Status.UPSTREAM_FAILED: "red",
    Status.CLIENT_GONE: "yellow",
    Status.REFUSED: "yellow",
    Status.FAILED: "bold red",
    Status.OPEN: "cyan",
    Status.UNSETTLED: "bold magenta",
}
_GAP = 2
_NONE = Text("-", style="dim")


@dataclass(frozen=True, slots=True)
class _Column:
    """The highest `weight` gives way first, 0 never. `cells` is the least width that makes sense, 0 the content's."""

    title: str
    weight: int
    cells: int
    show: Callable[[Exchange], Text]


def print_table(console: Console, exchanges: Sequence[tuple[str, Exchange]]) -> None:
    """Print Exchanges, each with the short form of its id."""
    short = {exchange.id: short_id for short_id, exchange in exchanges}
    columns = (_Column("id", 0, 0, lambda exchange: Text(short[exchange.id])), *_COLUMNS)
    shown = {column: [column.show(exchange) for _, exchange in exchanges] for column in columns}
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, _GAP, 0, 0))
    widths = _widths(console.width, shown)
    for column, width in widths.items():
        table.add_column(column.title, no_wrap=True, overflow="ellipsis", width=width)
    for cells in zip(*(shown[column] for column in widths), strict=True):
        table.add_row(*cells)
    console.print(table)


def _widths(available: int, shown: Mapping[_Column, Sequence[Text]]) -> dict[_Column, int]:
    """Give the columns that stay, with their widths: all of their content if that fits, else less."""
    full = {c: max(cell_len(c.title), *(text.cell_len for text in texts)) for c, texts in shown.items()}
    least = {column: min(column.cells or width, width) for column, width in full.items()}
    kept = list(full)
    while sum(least[c] + _GAP for c in kept) - _GAP > available and any(column.weight for column in kept):
        kept.remove(max(kept, key=lambda column: column.weight))
    spare = available - sum(least[c] + _GAP for c in kept) + _GAP
    widths = {}
    for column in sorted(kept, key=lambda column: column.weight):
        widths[column] = least[column] + max(0, min(spare, full[column] - least[column]))
        spare -= widths[column] - least[column]
    return {column: widths[column] for column in kept}


def _time(exchange: Exchange) -> Text:
    return Text(show_time(exchange.opening.call.received_at_microseconds)[:19].replace("T", " "))


def _caller(exchange: Exchange) -> Text:
    identity = exchange.opening.identity
    return Text("nobody proven", style="dim") if identity is None else Text(plain(identity.caller.name))


def _source(exchange: Exchange) -> Text:
    """Give repository@commit as attested; what is only declared is shown when nothing is attested.

    It says so in front, where a narrow column does not cut it off.
    """
    identity = exchange.opening.identity
    attested = _repository(identity.attested) if identity is not None else None
    if attested is not None:
        return Text(attested)
    declared = _repository(exchange.opening.declared)
    return _NONE if declared is None else Text(f"(declared) {declared}", style="italic dim")


def _repository(provenance: Provenance) -> str | None:
    if provenance.repository is None and provenance.commit is None:
        return None
    commit = f"@{plain(provenance.commit[:7])}" if provenance.commit else ""
    return plain(provenance.repository or "") + commit


def _statement(exchange: Exchange) -> Text:
    footprint = exchange.opening.footprint
    types = footprint.statement_types if footprint is not None else ()
    if exchange.opening.request.sql is not None and types:
        return Text(plain(_first_and_more(types)))
    return Text(plain(exchange.opening.call.method.name.removeprefix("bigquery.")))


def _tables(exchange: Exchange) -> Text:
    footprint = exchange.opening.footprint
    tables = [str(table) for table in footprint.tables] if footprint is not None else []
    return Text(plain(_first_and_more(tables))) if tables else _NONE


def _first_and_more(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} +{len(names) - 1}"


def _rows(exchange: Exchange) -> Text:
    outcome = exchange.outcome
    if outcome is None or (outcome.rows_returned is None and outcome.rows_affected is None):
        return _NONE
    if outcome.rows_affected is not None:
        return Text(f"{outcome.rows_affected} changed")
    return Text(str(outcome.rows_returned))


def _status(exchange: Exchange) -> Text:
    refusal = exchange.refusal
    told = f"{exchange.status} ({plain(refusal.reason)})" if refusal is not None else str(exchange.status)
    return Text(told, style=STATUS_STYLES[exchange.status])


_COLUMNS = (
    _Column("time (UTC)", 1, 19, _time),
    _Column("caller", 2, 14, _caller),
    _Column("repository@commit", 4, 18, _source),
    _Column("statement", 3, 10, _statement),
    _Column("tables", 5, 16, _tables),
    _Column("rows", 6, 5, _rows),
    _Column("status", 0, 8, _status),
)
