"""Single looks into the SQLite file beside its writer: one thread, one read-only connection."""

import asyncio
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from gatebook.errors import Reason, Unavailable


class SqliteLookup:
    """Asks one query at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gatebook-lookup")
        self._connection: sqlite3.Connection | None = None

    async def rows(self, query: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        """Give the rows of a query. Raises Unavailable."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._fetch, query, parameters)
        except (sqlite3.Error, OSError, UnicodeError) as error:
            raise Unavailable(
                Reason.BOOK_UNAVAILABLE, "Gatebook cannot look up whose this is just now. Try again later."
            ) from error

    async def close(self) -> None:
        """End the thread and its connection."""
        if self._connection is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._connection.close)
        self._thread.shutdown(wait=False)

    def _fetch(self, query: str, parameters: Sequence[str]) -> list[tuple[Any, ...]]:
        if self._connection is None:
            uri = f"{self._path.absolute().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            return self._connection.execute(query, parameters).fetchall()
        except sqlite3.Error:
            self._connection.close()
            self._connection = None
            raise
