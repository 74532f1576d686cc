"""`gatebook book`: what the book says, for people and for programs. Reads only; works while the gateway runs."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import click
from rich.console import Console

from gatebook.core.book.exchange import Exchange
from gatebook.core.book.records import EventType
from gatebook.core.book.search import Search
from gatebook.inbound.cli.book_events import events_page, events_text
from gatebook.inbound.cli.book_filters import filters
from gatebook.inbound.cli.book_page import print_page
from gatebook.inbound.cli.book_table import print_table
from gatebook.inbound.cli.exchange_text import exchange_line, exchange_page
from gatebook.inbound.cli.plain_text import plain
from gatebook.ports import BookReader
from gatebook.settings import SettingsError, read_settings

# Opens the book of a data directory; None when no gateway has written one there yet. Raises click.ClickException.
OpenBook = Callable[[Path], BookReader | None]

_IDS_SHOWN = 10
_UNPIPED_CELLS = 1000  # a table that goes to a file or a program is not cut to anybody's screen

_NO_BOOK = "There is no book here yet: it begins with the first `gatebook serve` on this data directory."
_NO_CALLS = "The book is empty: no call has come yet. Point a client at the gateway, then look again."
_NO_EVENTS = "Nothing happened to this gateway: no policy files were ever loaded. See docs/policy.md."
_NOT_FOUND = (
    "No exchange meets all of these filters. Leave one out, or widen --since. Repository, commit and run are looked up"
    " among attested facts; --declared looks among declared ones."
)


def book_commands(open_book: OpenBook) -> click.Group:
    """Give the commands, reading through `open_book`."""
    return click.Group(
        "book",
        commands=[list_exchanges, show_exchange, list_events],
        help="Read the book: who asked what, from where, and what came back.",
        context_settings={"obj": open_book},
    )


def _which_book(command: Callable[..., None]) -> Callable[..., None]:
    """Add the two ways to say which book."""
    settings, directory = click.Path(path_type=Path, dir_okay=False), click.Path(path_type=Path, file_okay=False)
    config = click.option("--config", type=settings, help="The gateway's settings file.")
    data = click.option("--data", type=directory, help="The gateway's data directory.")
    return config(data(command))


@click.command("list")
@_which_book
@filters
@click.option("--format", "form", type=click.Choice(["table", "json", "ndjson"]), default="table", show_default=True)
@click.pass_obj
def list_exchanges(open_book: OpenBook, /, config: Path | None, data: Path | None, search: Search, form: str) -> None:
    """List exchanges that meet all of the filters."""
    reader = open_book(book_directory(config, data))
    if reader is None:
        _print_nothing(form, _NO_BOOK)
        return
    with closing(reader):
        if form == "table":
            _print_table(reader, search)
        else:
            _print_json(reader.search(search), form)
        _warn_of_unreadable(reader)


@click.command("show")
@_which_book
@click.option("--format", "form", type=click.Choice(["page", "json"]), default="page", show_default=True)
@click.argument("call_id", metavar="ID")
@click.pass_obj
def show_exchange(open_book: OpenBook, /, config: Path | None, data: Path | None, form: str, call_id: str) -> None:
    """Show everything that the book says of the exchange whose id is, or begins with, ID."""
    reader = open_book(book_directory(config, data))
    if reader is None:
        raise click.ClickException(_NO_BOOK)
    with closing(reader):
        exchange = reader.exchange(_whole_id(reader, call_id.strip().lower()))
        _warn_of_unreadable(reader)
        if exchange is None:
            raise click.ClickException(f"The record of {plain(call_id)} cannot be read.")
        if form == "json":
            click.echo(exchange_page(exchange))
        else:
            print_page(_console(), exchange)


@click.command("events")
@_which_book
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="How many at most.")
@click.option("--format", "form", type=click.Choice(["page", "json"]), default="page", show_default=True)
@click.pass_obj
def list_events(open_book: OpenBook, /, config: Path | None, data: Path | None, limit: int, form: str) -> None:
    """List what happened to the gateway itself, newest first: policies that came into force, or could not."""
    reader = open_book(book_directory(config, data))
    events = []
    if reader is not None:
        with closing(reader):
            events = reader.events(tuple(EventType), limit)
            _warn_of_unreadable(reader)
    if form == "json":
        click.echo(events_page(events))
        return
    if not events:
        click.echo(_NO_EVENTS, err=True)
    for event in events:
        _console().print(events_text(event))


def book_directory(config: Path | None, data: Path | None) -> Path:
    """Give the directory that one of the two names. Raises click.ClickException."""
    if config is not None and data is None:
        try:
            data = read_settings(config).data_directory
        except SettingsError as error:
            raise click.ClickException(str(error)) from error
    elif config is not None or data is None:
        raise click.UsageError("Say which book: either --config SETTINGS_FILE or --data DATA_DIRECTORY.")
    if not data.is_dir():
        raise click.ClickException(f"{data}: there is no such directory.")
    return data


def _whole_id(reader: BookReader, prefix: str) -> str:
    found = reader.ids(prefix, _IDS_SHOWN + 1) if prefix else []
    if not found:
        shown = plain(prefix)
        raise click.ClickException(f"The book has no exchange {shown!r}. `gatebook book list` shows what it has.")
    if len(found) == 1 or found[0] == prefix:
        return found[0]
    shown = "\n  ".join(found[:_IDS_SHOWN])
    more = "\n  and more" if len(found) > _IDS_SHOWN else ""
    raise click.ClickException(f"{plain(prefix)!r} begins several ids; give more of it:\n  {shown}{more}")


def _print_table(reader: BookReader, search: Search) -> None:
    exchanges = [(reader.short_id(exchange.id), exchange) for exchange in reader.search(search)]
    if not exchanges:
        any_at_all = next(reader.search(Search(limit=1)), None) is not None
        _print_nothing("table", _NOT_FOUND if any_at_all else _NO_CALLS)
        return
    print_table(_console(), exchanges)
    if len(exchanges) == search.limit:
        which = "oldest" if search.oldest_first else "newest"
        click.echo(f"These are the {which} {search.limit}; --limit and --all give more.", err=True)


def _print_json(exchanges: Iterator[Exchange], form: str) -> None:
    if form == "ndjson":
        for exchange in exchanges:
            click.echo(exchange_line(exchange))
        return
    first = next(exchanges, None)
    if first is None:
        click.echo("[]")
        return
    click.echo(f"[\n{exchange_page(first)}", nl=False)
    for exchange in exchanges:
        click.echo(f",\n{exchange_page(exchange)}", nl=False)
    click.echo("\n]")


def _print_nothing(form: str, explanation: str) -> None:
    """Give programs an empty list on standard output, and people the reason on standard error."""
    if form == "json":
        click.echo("[]")
    click.echo(explanation, err=True)


def _warn_of_unreadable(reader: BookReader) -> None:
    for seq, problem in reader.unreadable.items():
        click.echo(f"Warning: entry {seq} of the book cannot be read: {plain(problem)}", err=True)


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = _UNPIPED_CELLS
    return console
