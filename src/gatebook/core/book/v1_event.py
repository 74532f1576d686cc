"""Version 1 of the document of an Event, to its bytes and back."""

from typing import Literal

from gatebook.core.book import records
from gatebook.core.book.canonical import canonical, in_order
from gatebook.core.book.v1 import Document
from gatebook.core.book.withheld import without_tokens


class Event(Document, frozen=True, kw_only=True):
    """Something that happened to the gateway. Names of facts stand in the order of RFC 8785."""

    at_microseconds: int
    facts: dict[str, str]
    id: str
    kind: Literal["event"]
    type: str
    v: Literal[1]


def write_event(event: records.Event) -> bytes:
    """Give the canonical bytes of an event."""
    return canonical(
        Event(
            at_microseconds=event.at_microseconds,
            facts=in_order({name: without_tokens(value) for name, value in event.facts.items()}),
            id=event.id,
            kind="event",
            type=event.type,
            v=1,
        )
    )


def read_event(document: Event) -> records.Event:
    """Give the event that a document holds. Raises ValueError."""
    return records.Event(document.id, records.EventType(document.type), document.facts, document.at_microseconds)
