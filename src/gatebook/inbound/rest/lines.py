"""The open connections of the door, and the tasks that answer what came over them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from gatebook.inbound.rest.wire import Wire

_log = logging.getLogger(__name__)

# Longer than the idle time after which clients' pools drop a connection, so that it is they who close it.
_KEEP_ALIVE_SECONDS = 75.0
_SWEEP_SECONDS = 5.0
_LAST_SECONDS = 5.0  # for calls that were cancelled at the end of the drain to settle

Answer = Callable[[Wire], Awaitable[None]]


class Connection(Protocol):
    """What is to be known of a connection from outside."""

    transport: asyncio.Transport
    silent_since_seconds: float | None

    def finish(self) -> None:
        """Close, when what is being answered is answered."""


class Lines:
    """Belongs to one event loop. A task that answers may outlive its connection: it settles its call."""

    def __init__(self, door: Answer) -> None:
        self.connections: set[Connection] = set()
        self._door = door
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._empty: asyncio.Event | None = None
        self._sweeping = self._loop.call_later(_SWEEP_SECONDS, self._sweep)

    def answer(self, wire: Wire) -> None:
        """Have the door answer a request."""
        wire.task = self._loop.create_task(self._answer(wire))
        self._tasks.add(wire.task)

    def discard(self, connection: Connection) -> None:
        """Forget a connection that has ended."""
        self.connections.discard(connection)
        self._look_whether_empty()

    async def close(self, drain_seconds: float) -> None:
        """Let calls in flight finish, then cancel what is left, then wait for it to be written down."""
        self._sweeping.cancel()
        self._empty = asyncio.Event()
        for connection in tuple(self.connections):
            connection.finish()
        self._look_whether_empty()
        try:
            async with asyncio.timeout(drain_seconds):
                await self._empty.wait()
        except TimeoutError:
            for task in self._tasks:
                task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST_SECONDS)
        for connection in tuple(self.connections):
            connection.transport.close()

    async def _answer(self, wire: Wire) -> None:
        try:
            await self._door(wire)
        except Exception as error:  # noqa: BLE001 - the door answers every failure but its own; its text may tell too much
            _log.error("a request could not be answered: %s", type(error).__name__)
            wire.cut()
        finally:
            self._tasks.discard(wire.task)
            self._look_whether_empty()

    def _look_whether_empty(self) -> None:
        if self._empty is not None and not self.connections and not self._tasks:
            self._empty.set()

    def _sweep(self) -> None:
        """Close what has been silent for long. One timer for all: each request would start and stop its own."""
        long_ago = self._loop.time() - _KEEP_ALIVE_SECONDS
        for connection in tuple(self.connections):
            if connection.silent_since_seconds is not None and connection.silent_since_seconds < long_ago:
                connection.transport.close()
        self._sweeping = self._loop.call_later(_SWEEP_SECONDS, self._sweep)
