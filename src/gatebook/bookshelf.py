"""`gatebook book`, joined to the store that the book is kept in."""

from pathlib import Path

import click

from gatebook.inbound.cli.book import book_commands
from gatebook.outbound.stores.errors import StoreError
from gatebook.outbound.stores.sqlite_reader import SqliteReader
from gatebook.outbound.stores.sqlite_schema import FILE_NAME
from gatebook.ports import BookReader


def open_book(directory: Path) -> BookReader | None:
    """Open the book of a data directory; None when no gateway has written one there yet."""
    if not (directory / FILE_NAME).exists():
        return None
    try:
        return SqliteReader.open(directory)
    except StoreError as error:
        raise click.ClickException(str(error)) from error


book = book_commands(open_book)
