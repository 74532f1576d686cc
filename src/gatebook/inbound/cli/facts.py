"""Names and values under each other, for people."""

from collections.abc import Iterable

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from gatebook.inbound.cli.plain_text import plain

Fact = tuple[str, object]


def facts_table(facts: Iterable[Fact]) -> RenderableType:
    """Give those facts whose value is known, one a line."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        if value is not None:
            table.add_row(Text(name), Text(plain(str(value))))
    return table
