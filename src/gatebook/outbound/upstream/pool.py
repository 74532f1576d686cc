"""The pool: a bounded number of connections to one endpoint, kept open between exchanges, and a queue for them."""

import asyncio
import logging
import ssl
from collections import deque

from gatebook.errors import Reason, Unavailable, UpstreamFailed
from gatebook.outbound.upstream.connection import Connection
from gatebook.outbound.upstream.endpoint import Endpoint, Timeouts

_log = logging.getLogger(__name__)

Turn = asyncio.Future[Connection | None]  # a free connection, or None: leave to open one


class Pool:
    """Belongs to one event loop. At most `limit` connections are open or opening; who comes first is served first."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts, limit: int) -> None:
        self._endpoint = endpoint
        self._timeouts = timeouts
        self._limit = limit
        self._places = 0  # connections open, opening, or promised to a waiting call
        self._open: set[Connection] = set()
        self._idle: list[Connection] = []  # the most recently used is last, and used first: the rest may expire
        self._waiting: deque[Turn] = deque()
        self._sweeping: asyncio.TimerHandle | None = None
        shortest = min(timeouts.reply_seconds, timeouts.idle_seconds, timeouts.keep_alive_seconds)
        self._sweep_seconds = min(1.0, max(0.05, shortest / 4))

    async def acquire(self) -> Connection:
        """Give a connection for one exchange.

        Raises UpstreamFailed (UPSTREAM_UNREACHABLE) when none can be opened, and Unavailable (OVERLOADED) when none
        became free in time.
        """
        connection = self.kept()
        if connection is not None:
            return connection
        if self._places < self._limit:
            return await self._connect()
        return await self._wait_for_turn()

    def kept(self) -> Connection | None:
        """Give a connection that is open and unused, None when there is none."""
        while self._idle:
            connection = self._idle.pop()
            if connection.usable():
                return connection
            connection.abort()
        return None

    async def acquire_new(self) -> Connection:
        """Give a connection in place of one that was found dead: a new one, since others kept may be dead as well."""
        if self._idle and self._places >= self._limit:
            self._idle[0].abort()
        if self._places < self._limit:
            return await self._connect()
        return await self._wait_for_turn()

    def give_back(self, connection: Connection) -> None:
        """Take a connection that is free: for the first who waits, or to keep."""
        turn = self._next_turn()
        if turn is not None:
            turn.set_result(connection)
        else:
            connection.deadline = connection.loop.time() + self._timeouts.keep_alive_seconds
            self._idle.append(connection)

    def discard(self, connection: Connection) -> None:
        """Forget a closed connection; its place goes to the first who waits."""
        if connection in self._open:
            self._open.discard(connection)
            if connection in self._idle:
                self._idle.remove(connection)
            self._leave_place()

    async def close(self) -> None:
        """Close every connection; exchanges under way fail."""
        for connection in tuple(self._open):
            connection.abort()
        if self._sweeping is not None:
            self._sweeping.cancel()
            self._sweeping = None
        await asyncio.sleep(0)  # lets the transports see their end

    async def _connect(self) -> Connection:
        self._places += 1
        return await self._connect_in_place()

    async def _connect_in_place(self) -> Connection:
        try:
            connection = await self._dial()
        except BaseException:
            self._leave_place()
            raise
        self._open.add(connection)
        if self._sweeping is None:
            self._sweeping = connection.loop.call_later(self._sweep_seconds, self._sweep)
        if connection.closed:  # lost before it was in the pool, which therefore was not told
            self.discard(connection)
            raise UpstreamFailed(Reason.UPSTREAM_UNREACHABLE, _why_unreachable(ConnectionError(), 0))
        return connection

    async def _dial(self) -> Connection:
        endpoint, seconds = self._endpoint, self._timeouts.connect_seconds
        try:
            async with asyncio.timeout(seconds):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self, self._timeouts),
                    endpoint.host,
                    endpoint.port,
                    ssl=endpoint.tls,
                    server_hostname=endpoint.host if endpoint.tls else None,
                )
        except (OSError, TimeoutError) as error:  # ssl.SSLError is an OSError
            _log.warning("BigQuery's endpoint %s cannot be reached: %r", endpoint.authority, error)
            raise UpstreamFailed(Reason.UPSTREAM_UNREACHABLE, _why_unreachable(error, seconds)) from error
        return connection

    async def _wait_for_turn(self) -> Connection:
        turn: Turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._timeouts.queue_seconds):
                connection = await turn
        except BaseException as error:
            self._give_up(turn)
            if isinstance(error, TimeoutError):
                raise Unavailable(Reason.OVERLOADED, "Every connection to BigQuery is in use; try again.") from None
            raise
        if connection is None:
            return await self._connect_in_place()
        if connection.usable():
            return connection
        connection.abort()
        return await self.acquire()

    def _give_up(self, turn: Turn) -> None:
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif not turn.cancelled():  # its turn came in the same moment: the next one has it
            connection = turn.result()
            if connection is None:
                self._leave_place()
            elif not connection.closed:
                self.give_back(connection)

    def _next_turn(self) -> Turn | None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                return turn
        return None

    def _leave_place(self) -> None:
        turn = self._next_turn()
        if turn is not None:
            turn.set_result(None)
        else:
            self._places -= 1

    def _sweep(self) -> None:
        self._sweeping = None
        for connection in tuple(self._open):
            if connection.deadline < connection.loop.time():
                connection.expire()
        if self._open:
            self._sweeping = asyncio.get_running_loop().call_later(self._sweep_seconds, self._sweep)


def _why_unreachable(error: Exception, seconds: float) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return "BigQuery's endpoint could not be reached: its certificate is not trusted. Nothing was sent."
    if isinstance(error, ssl.SSLError):
        return "BigQuery's endpoint could not be reached: TLS failed. Nothing was sent."
    if isinstance(error, TimeoutError):
        return f"BigQuery's endpoint could not be reached within {seconds:g} seconds. Nothing was sent."
    return "BigQuery's endpoint could not be reached. Nothing was sent."
