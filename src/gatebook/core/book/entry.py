"""An Entry is one record as the book keeps it: canonical bytes that are written once and read for ever."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import msgspec

from gatebook.core.book import v1, v1_event, v1_reading, v2, v2_reading
from gatebook.core.book.records import Event, Promise, Refusal, Settlement
from gatebook.core.book.v1_event import read_event, write_event
from gatebook.core.book.v2_writing import write_promise, write_refusal, write_settlement

Record = Promise | Settlement | Refusal | Event


class EntryKind(StrEnum):
    """What a record is."""

    PROMISE = "promise"
    SETTLEMENT = "settlement"
    REFUSAL = "refusal"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record with its place in the book.

    `seq` counts from 1 without gaps. `epoch` is the number of the gateway's life that wrote it: a new one each start.
    `call_id` is the id of the Call that the record is about, or an Event's own.
    """

    seq: int
    epoch: int
    kind: EntryKind
    call_id: str
    at_microseconds: int
    body: bytes

    def record(self) -> Record:
        """Give the record that the body holds. Raises Unreadable."""
        return read(self.body)


class Unreadable(Exception):
    """The bytes are no record of a version that this Gatebook knows: damaged, or written by a newer one."""


class _Head(msgspec.Struct, frozen=True):
    v: int
    kind: str


# Every version ever written. Rows are added, never changed.
_READERS: Mapping[tuple[int, str], tuple[type[msgspec.Struct], Callable[[Any], Record]]] = {
    (1, EntryKind.PROMISE): (v1.Promise, v1_reading.read_promise),
    (1, EntryKind.SETTLEMENT): (v1.Settlement, v1_reading.read_settlement),
    (1, EntryKind.REFUSAL): (v1.Refusal, v1_reading.read_refusal),
    (1, EntryKind.EVENT): (v1_event.Event, read_event),
    (2, EntryKind.PROMISE): (v2.Promise, v2_reading.read_promise),
    (2, EntryKind.REFUSAL): (v2.Refusal, v2_reading.read_refusal),
}


def call_id_of(record: Record) -> str:
    """Give the id of the Call that a record is about; an Event has one of its own."""
    match record:
        case Settlement():
            return record.call_id
        case Event():
            return record.id
        case _:
            return record.call.id


def write(record: Record) -> tuple[EntryKind, bytes]:
    """Give a record's kind and its canonical bytes in the newest version."""
    match record:
        case Promise():
            return EntryKind.PROMISE, write_promise(record)
        case Settlement():
            return EntryKind.SETTLEMENT, write_settlement(record)
        case Refusal():
            return EntryKind.REFUSAL, write_refusal(record)
        case Event():
            return EntryKind.EVENT, write_event(record)


def check_known(version: int, kind: str) -> None:
    """Raise Unreadable for a kind of record, or a version of it, that cannot be read here."""
    if (version, kind) not in _READERS:
        raise Unreadable(f"version {version} of a {kind} is not known here; a newer Gatebook wrote it")


def read(body: bytes) -> Record:
    """Give the record that canonical bytes of any version hold. Raises Unreadable."""
    try:
        head = msgspec.json.decode(body, type=_Head)
        check_known(head.v, head.kind)
        shape, build = _READERS[head.v, head.kind]
        return build(msgspec.json.decode(body, type=shape))
    except (ValueError, IndexError, msgspec.MsgspecError) as error:
        raise Unreadable(f"not a record of the book: {error}") from error
