"""`gatebook policy simulate`: which recorded calls would fare differently under another policy."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

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
            changes = list(told.changes(compare(reader.search(search), policy)))
        changes.sort(key=_by_caller_and_rule)
        if as_json:
            print_json(_as_json(policy, told, changes))
        else:
            _print(policy, told, changes)

    return simulate


class _Told:
    """Counts what is compared, and shows how far it is."""

    def __init__(self) -> None:
        self.compared = 0
        self.not_comparable = 0

    def changes(self, comparisons: Iterable[Comparison]) -> Iterator[Comparison]:
        console = Console(stderr=True)
        with console.status("reading the book") as status:
            for comparison in comparisons:
                if comparison.would is None:
                    self.not_comparable += 1
                else:
                    self.compared += 1
                self._show(status)
                if comparison.changes:
                    yield comparison

    def _show(self, status: Status) -> None:
        if self.compared % _SHOW_EVERY == 0:
            status.update(f"{self.compared} calls compared")


def _policy(files: tuple[Path, ...]) -> Policy:
    compiled = read_policy(named_files(files, Path("policy")))
    if compiled.policy is None:
        print_problems(compiled.problems)
        raise click.ClickException("the policy has errors")
    return compiled.policy


def _caller(comparison: Comparison) -> str:
    identity = comparison.exchange.opening.identity
    return "" if identity is None else identity.caller.name


def _by_caller_and_rule(comparison: Comparison) -> tuple[str, tuple[str, ...], int]:
    rules = () if comparison.would is None else comparison.would.rules
    return _caller(comparison), rules, comparison.exchange.opening_seq


def _as_json(policy: Policy, told: _Told, changes: list[Comparison]) -> JsonObject:
    return {
        "policy_version": policy.version,
        "compared": told.compared,
        "not_comparable": told.not_comparable,
        "changes": [_change(comparison) for comparison in changes],
    }


def _change(comparison: Comparison) -> JsonObject:
    exchange = comparison.exchange
    footprint = exchange.opening.footprint
    return {
        "id": exchange.id,
        "received_at": show_time(exchange.opening.call.received_at_microseconds),
        "caller": _caller(comparison),
        "method": exchange.opening.call.method.name,
        "statement_types": [] if footprint is None else list(footprint.statement_types),
        "tables": [] if footprint is None else [str(table) for table in footprint.tables],
        "was": _said(comparison.was),
        "would": _said(comparison.would),
    }


def _said(decision: Decision | None) -> JsonObject | None:
    if decision is None:
        return None
    message = None if isinstance(decision, Allow) else decision.message
    return {"effect": effect_of(decision), "rules": list(decision.rules), "message": message}


def _print(policy: Policy, told: _Told, changes: list[Comparison]) -> None:
    console = Console(highlight=False)
    if changes:
        console.print(_table(changes))
    for (was, would), count in sorted(Counter(map(_kinds, changes)).items()):
        click.echo(f"{count} calls: {was} -> {would}")
    click.echo(
        f"{len(changes)} of {told.compared} calls would be decided otherwise by policy {policy.version}; "
        f"{told.not_comparable} were refused before they were decided on."
    )


def _kinds(comparison: Comparison) -> tuple[str, str]:
    was, would = comparison.was, comparison.would
    return ("" if was is None else effect_of(was)), ("" if would is None else effect_of(would))


def _table(changes: list[Comparison]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("id", "caller", "what", "was", "would be", "by"):
        table.add_column(title, overflow="fold")
    for comparison in changes:
        was, would = _kinds(comparison)
        opening = comparison.exchange.opening
        types = () if opening.footprint is None else opening.footprint.statement_types
        tables = () if opening.footprint is None else opening.footprint.tables
        what = f"{', '.join(types)} {', '.join(map(str, tables))}"
        rules = () if comparison.would is None else comparison.would.rules
        row = (comparison.exchange.id[:12], _caller(comparison), what, was, would, ", ".join(rules))
        table.add_row(*(Text(plain(cell)) for cell in row))
    return table
