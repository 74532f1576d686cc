"""Events of the book, for people and for programs."""

import json
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from gatebook.core.book.records import Event
from gatebook.core.book.times import show_time
from gatebook.inbound.cli.facts import facts_table
from gatebook.inbound.cli.plain_text import plain, plain_json


def events_page(events: Sequence[Event]) -> str:
    """Give events as a JSON array."""
    return plain_json(json.dumps([_event(event) for event in events], ensure_ascii=False, indent=2), keep="\n")


def events_text(event: Event) -> RenderableType:
    """Give one event with its facts under it."""
    heading = Text(show_time(event.at_microseconds), style="dim").append(f"  {plain(event.type)}", "not dim bold")
    return Group(heading, Padding(facts_table(event.facts.items()), (0, 0, 0, 2), expand=False))


def _event(event: Event) -> dict[str, object]:
    return {
        "id": event.id,
        "type": str(event.type),
        "at": show_time(event.at_microseconds),
        "facts": dict(event.facts),
    }
