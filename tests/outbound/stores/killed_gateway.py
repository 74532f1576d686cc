"""A process that writes the book and never ends by itself. Prints the number of each record that is durable.

killed_gateway.py DIRECTORY open|busy|"handing in"

Handing in, it kills itself before it hears of any record.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

import book_samples as samples
from gatebook.outbound.stores.sqlite_store import SqliteStore


class FixedClock:
    """A clock that stands."""

    def now_microseconds(self) -> int:
        """Give the same moment always."""
        return samples.NOW


async def _call(store: SqliteStore, number: int) -> None:
    await store.book.promise(samples.promise(number))
    print("promised", number, flush=True)
    await store.book.settle(samples.settlement(number))
    print("settled", number, flush=True)


async def _main(directory: Path, how: str) -> None:
    store = SqliteStore.open(directory, FixedClock())
    if how == "open":
        for number in range(3):
            await _call(store, number)
        await store.book.promise(samples.promise(3))
        print("promised 3", flush=True)
        await asyncio.Event().wait()
    if how == "handing in":
        promises = [asyncio.ensure_future(store.book.promise(samples.promise(number))) for number in range(50)]
        await asyncio.sleep(0)  # each hands its record in
        await asyncio.sleep(0)  # the turn is handed over
        assert not any(promise.done() for promise in promises)
        os.kill(os.getpid(), signal.SIGKILL)
    for start in range(0, 1_000_000, 50):
        await asyncio.gather(*(_call(store, number) for number in range(start, start + 50)))


asyncio.run(_main(Path(sys.argv[1]), sys.argv[2]))
