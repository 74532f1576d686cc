"""`gatebook policy simulate`: which recorded calls would fare differently under another policy."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from gatebook.core.book.exchange import Exchange
from gatebook.core.book.search import Search
from gatebook.core.book.times import show_time
from gatebook.core.model import JsonObject
from gatebook.core.policy.decision import Allow, Decision, effect_of
from gatebook.core.policy.policy import Policy
from gatebook.core.policy.replay import Comparison, compare
from gatebook.inbound.cli.book import OpenBook, book_directory
from gatebook.inbound.cli.book_filters import Moment
from gatebook.inbound.cli.plain_text import plain
from gatebook.inbound.cli.policy_paths import CannotTry, named_files, print_json, print_problems
from gatebook.policy_files import read_policy

_SHOW_EVERY = 200


def simulate_command(open_book: OpenBook) -> click.Command:
    """Give the command, reading through `open_book`."""

    @click.command("simulate")
    @click.argument("files", nargs=-1, type=click.Path(path_type=Path))
    @click.option("--config", type=click.Path(path_type=Path, dir_okay=False), help="The gateway's settings file.")
    @click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="The gateway's data directory.")
    @click.option("--since", type=Moment(), default="7d", show_default=True, metavar="TIME", help="From then on.")
    @click.option("--until", type=Moment(), metavar="TIME", help="Before then.")
    @click.option("--caller", metavar="NAME", help="Only calls of this caller.")
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
    def simulate(
        files: tuple[Path, ...],
        *,
        config: Path | None,
        data: Path | None,
        since: int,
        until: int | None,
        caller: str | None,
        as_json: bool,
    ) -> None:
        """Ask the policy in FILES (default: ./policy) about the calls in the book.

        Lists every call whose decision would be another, by caller and rule. Nothing is changed or forwarded.
        """
        policy = _policy(files)
        reader = open_book(book_directory(config, data))
        if reader is None:
            raise CannotTry("there is no book here yet")
        search = Search(
            caller=caller, since_microseconds=since, until_microseconds=until, oldest_first=True, limit=None
        )
        with closing(reader):
            told = _Told()
            changes = sorted(told.changes(compare(reader.search(search), policy)), key=_Change.order)
        if as_json:
            print_json(_as_json(policy, told, changes))
        else:
            _print(policy, told, changes)

    return simulate


@dataclass(frozen=True, slots=True)
class _Change:
    """A call that would fare differently. Exchanges are let go of: there may be many."""

    id: str
    received_at: str
    caller: str
    method: str
    statement_types: tuple[str, ...]
    tables: tuple[str, ...]
    was: JsonObject
    would: JsonObject

    @classmethod
    def of(cls, exchange: Exchange, was: Decision, would: Decision) -> Self:
        opening = exchange.opening
        return cls(
            id=exchange.id,
            received_at=show_time(opening.call.received_at_microseconds),
            caller="" if opening.identity is None else opening.identity.caller.name,
            method=opening.call.method.name,
            statement_types=() if opening.footprint is None else opening.footprint.statement_types,
            tables=() if opening.footprint is None else tuple(map(str, opening.footprint.tables)),
            was=_said(was),
            would=_said(would),
        )

    def order(self) -> tuple[str, list[str], str]:
        return self.caller, self.would["rules"], self.id

    def sort(self) -> tuple[str, str, str, str]:
        return self.caller, self.was["effect"], self.would["effect"], ", ".join(self.would["rules"])


class _Told:
    """Counts what is compared, and shows how far it is."""

    def __init__(self) -> None:
        self.compared = 0
        self.not_comparable = 0

    def changes(self, comparisons: Iterable[Comparison]) -> Iterator[_Change]:
        console = Console(stderr=True)
        with console.status("reading the book") as status:
            for comparison in comparisons:
                if comparison.would is None:
                    self.not_comparable += 1
                else:
                    self.compared += 1
                self._show(status)
                if comparison.changes and comparison.was is not None and comparison.would is not None:
                    yield _Change.of(comparison.exchange, comparison.was, comparison.would)

    def _show(self, status: Status) -> None:
        if self.compared % _SHOW_EVERY == 0:
            status.update(f"{self.compared} calls compared")


def _policy(files: tuple[Path, ...]) -> Policy:
    compiled = read_policy(named_files(files, Path("policy")))
    if compiled.policy is None:
        print_problems(compiled.problems)
        raise click.ClickException("the policy has errors")
    return compiled.policy


def _as_json(policy: Policy, told: _Told, changes: list[_Change]) -> JsonObject:
    return {
        "policy_version": policy.version,
        "compared": told.compared,
        "not_comparable": told.not_comparable,
        "changes": [asdict(change) for change in changes],
    }


def _said(decision: Decision) -> JsonObject:
    message = None if isinstance(decision, Allow) else decision.message
    return {"effect": effect_of(decision), "rules": list(decision.rules), "message": message}


def _print(policy: Policy, told: _Told, changes: list[_Change]) -> None:
    console = Console(highlight=False)
    if changes:
        calls = ((c.id[:12], c.caller, _what(c), c.was["effect"], c.would["effect"], _rules(c)) for c in changes)
        console.print(_table(("id", "caller", "what", "was", "would be", "by"), calls))
        console.print()
        sums = Counter(change.sort() for change in changes)
        console.print(
            _table(("calls", "caller", "was", "would be", "by"), ((str(n), *sort) for sort, n in sums.items()))
        )
        console.print()
    click.echo(
        f"{len(changes)} of {told.compared} calls would be decided otherwise by policy {policy.version}; "
        f"{told.not_comparable} were refused before they were decided on."
    )


def _what(change: _Change) -> str:
    return f"{', '.join(change.statement_types)} {', '.join(change.tables)}"


def _rules(change: _Change) -> str:
    return ", ".join(change.would["rules"])


def _table(titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(title, overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    return table
