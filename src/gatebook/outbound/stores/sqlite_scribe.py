"""The scribe: the process that writes the book, so that SQLite and the event loop do not share one interpreter.

It takes writings off a socket, commits whatever has gathered while it last synced, and answers when that is on the
disk. Nothing lingers to fill a batch: alone, a record is written at once; under load, batches form by themselves.
When its gateway is gone, what was handed in whole is written all the same.
"""

import gc
import logging
import select
import signal
import socket
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gatebook.outbound.stores.sqlite_frames import End, Frames, Writing, Written, framed, to_scribe
from gatebook.outbound.stores.sqlite_ledger import Ledger
from gatebook.outbound.stores.sqlite_schema import connect

_log = logging.getLogger(__name__)

_READ_BYTES = 1024 * 1024
# Faults of one record rather than of the file: the others of its batch are written without it.
_FAULTS_OF_A_RECORD = (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, ValueError, OverflowError)


def main() -> None:
    """Write the book until the gateway at the other end of the socket is done, or gone.

    Arguments: the number of an inherited socket, the file of the book, the number of the epoch.
    """
    number, path, epoch = sys.argv[1:]
    # The end comes through the socket: a service manager that signals every process of a gateway would otherwise take
    # the book away before the calls in flight are settled.
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    gc.freeze()
    with socket.socket(fileno=int(number)) as gateway:
        Scribe(gateway, Ledger(Path(path), connect, int(epoch))).run()


@dataclass(slots=True)
class _Batch:
    """What one look at the socket brought: writings, and whether they are the last."""

    writings: list[Writing] = field(default_factory=list)
    ends: bool = False
    ended_at_microseconds: int | None = None


class Scribe:
    """Serves one gateway over a blocking socket."""

    def __init__(self, gateway: socket.socket, ledger: Ledger) -> None:
        self._gateway = gateway
        self._ledger = ledger
        self._frames = Frames()
        self._poll = select.poll()
        self._poll.register(gateway, select.POLLIN)
        self._failing = False

    def run(self) -> None:
        """Write until the end."""
        self._ledger.open()
        batch = _Batch()
        while not batch.ends:
            batch = self._gather()
            if batch.writings:
                self._answer(self._commit(batch.writings))
            self._ledger.tend(idle=not batch.writings)
        self._ledger.close(batch.ended_at_microseconds)

    def _gather(self) -> _Batch:
        """Take what waits; wait for it unless there is something to tend meanwhile."""
        batch = _Batch()
        patience_seconds = self._ledger.idle_after_seconds
        if patience_seconds is not None and not self._poll.poll(patience_seconds * 1000):
            return batch
        try:
            data = self._gateway.recv(_READ_BYTES)
        except ConnectionError:
            data = b""
        batch.ends = not data
        for frame in self._frames.feed(data):
            message = to_scribe.decode(frame)
            if isinstance(message, End):
                batch.ends, batch.ended_at_microseconds = True, message.at_microseconds
            else:
                batch.writings.append(message)
        return batch

    def _answer(self, written: Written) -> None:
        try:
            self._gateway.sendall(framed(written))
        except ConnectionError:
            _log.warning("the gateway went away before it knew what was written to the book")

    def _commit(self, batch: Sequence[Writing]) -> Written:
        try:
            owners = self._ledger.commit(batch)
        except _FAULTS_OF_A_RECORD as error:
            if len(batch) > 1:
                return self._commit_one_by_one(batch)
            _log.error("a record cannot be written to the book: %s", error)
            return Written(1, (0,))
        except Exception as error:  # noqa: BLE001 - whatever it is, the callers must hear of it and the scribe go on
            if not self._failing:
                _log.error("the book cannot be written: %s", error)
            self._failing = True
            return Written(len(batch), tuple(range(len(batch))))
        if self._failing:
            _log.warning("the book can be written again")
            self._failing = False
        return Written(len(batch), (), owners)

    def _commit_one_by_one(self, batch: Sequence[Writing]) -> Written:
        each = [self._commit([writing]) for writing in batch]
        failed = tuple(place for place, written in enumerate(each) if written.failed)
        return Written(len(batch), failed, tuple(owner for written in each for owner in written.owners))


if __name__ == "__main__":
    main()
