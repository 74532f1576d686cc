"""The stores that the conformance suites run on. A new store joins by a rig of its own in RIGS."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from gatebook.outbound.stores.sqlite_reader import SqliteReader
from gatebook.outbound.stores.sqlite_store import SqliteStore
from gatebook.ports import Book, BookReader, Ownership


class FixedClock:
    """A clock that stands."""

    def now_microseconds(self) -> int:
        """Give the same moment always."""
        return 1_790_000_000_000_000


class Store(Protocol):
    """What every store offers."""

    @property
    def book(self) -> Book: ...
    @property
    def ownership(self) -> Ownership: ...


class Rig(Protocol):
    """A place for one store, which survives the store being closed and opened again."""

    def opened(self) -> AbstractAsyncContextManager[Store]:
        """Open the store; closed in order at the end."""
        ...

    def reader(self) -> BookReader:
        """Open the reading side."""
        ...


class SqliteRig:
    """SQLite in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "data"

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[SqliteStore]:
        """Open the store; closed in order at the end."""
        store = SqliteStore.open(self.directory, FixedClock())
        try:
            yield store
        finally:
            await store.close()

    def reader(self) -> SqliteReader:
        """Open the reading side."""
        return SqliteReader.open(self.directory)


RIGS: dict[str, Callable[[Path], Rig]] = {"sqlite": SqliteRig}
