"""The SQLite store as a whole: opened once by the gateway whose scribe writes it."""

import sqlite3
from functools import partial
from pathlib import Path
from typing import Self

from gatebook.outbound.stores.directory import SCRIBE_LOCK, Lock, make_private, make_private_file
from gatebook.outbound.stores.errors import StoreError
from gatebook.outbound.stores.sqlite_book import SqliteBook
from gatebook.outbound.stores.sqlite_index import drop_if_outdated
from gatebook.outbound.stores.sqlite_launch import Launch, launch
from gatebook.outbound.stores.sqlite_lookup import SqliteLookup
from gatebook.outbound.stores.sqlite_ownership import OwnersCache, SqliteOwnership
from gatebook.outbound.stores.sqlite_schema import FILE_NAME, connect, migrate
from gatebook.outbound.stores.sqlite_writer import Writer
from gatebook.ports import Clock


class SqliteStore:
    """The book and the ownership of jobs and results in one SQLite file of a private directory."""

    def __init__(self, lock: Lock, writer: Writer, cache: OwnersCache, path: Path) -> None:
        self._lock = lock
        self._writer = writer
        self._lookup = SqliteLookup(path)
        self.ownership = SqliteOwnership(writer, cache, self._lookup)
        self.book = SqliteBook(writer, self.ownership, self._lookup)

    @classmethod
    def open(
        cls,
        directory: Path,
        clock: Clock,
        *,
        launch: Launch = launch,
        capacity: int = 8192,
        patience_seconds: float = 10.0,
    ) -> Self:
        """Take the directory, make or bring up to date the file in it, and begin an epoch.

        To be called in the event loop that will use the store. `capacity` bounds the records that wait for the disk,
        `patience_seconds` how long one waits before its call is refused. Raises StoreError.
        """
        make_private(directory)
        path = directory / FILE_NAME
        lock = Lock(directory)
        try:
            lock.take()
            make_private_file(path)
            with Lock(directory, SCRIBE_LOCK):
                epoch = _begin_epoch(path, clock.now_microseconds())
            cache = OwnersCache()
            writer = Writer(
                partial(launch, path, epoch),
                clock.now_microseconds,
                cache.note,
                capacity=capacity,
                patience_seconds=patience_seconds,
            )
            return cls(lock, writer, cache, path)
        except (sqlite3.Error, OSError, StoreError) as error:
            lock.release()
            raise StoreError(
                error if isinstance(error, StoreError) else f"{path}: cannot be opened: {error}"
            ) from error

    async def close(self) -> None:
        """Have written what was handed in, end the epoch, and let go of the directory."""
        await self._writer.close()
        await self._lookup.close()
        self._lock.release()


def _begin_epoch(path: Path, now_microseconds: int) -> int:
    connection = connect(path)
    try:
        migrate(connection, now_microseconds)
        drop_if_outdated(connection)
        (epoch,) = connection.execute(
            "INSERT INTO epochs (started_at_microseconds) VALUES (?) RETURNING id", (now_microseconds,)
        ).fetchone()
        return int(epoch)
    finally:
        connection.close()
