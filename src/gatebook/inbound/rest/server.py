"""The sockets of the door: uvicorn on uvloop, run as a library, with an orderly end."""

import asyncio
import contextlib
import math
import signal
import socket
from collections.abc import AsyncGenerator, Generator

import uvicorn

from gatebook.inbound.rest.app import Door
from gatebook.inbound.rest.protocol import DoorConfig, DoorProtocol
from gatebook.settings import Limits, Listen

# Longer than the idle time after which clients' pools drop a connection, so that it is they who close it.
_KEEP_ALIVE_SECONDS = 75
_BACKLOG = 1024
_LAST_SECONDS = 5.0  # for calls that were cancelled at the end of the drain to settle


def listening(listen: Listen) -> socket.socket:
    """Open the listening socket; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    return socket.create_server((listen.host, listen.port), family=family, backlog=_BACKLOG)


def base_url(listen: Listen, opened: socket.socket) -> str:
    """Give the URL of an open socket, without a trailing slash."""
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    return f"{'https' if listen.certificate_file else 'http'}://{host}:{opened.getsockname()[1]}"


@contextlib.asynccontextmanager
async def serving(door: Door, opened: socket.socket, listen: Listen, limits: Limits) -> AsyncGenerator[None, None]:
    """Serve while the body runs; at its end stop accepting, let calls in flight finish, and close."""
    server = _Server(_config(door, listen, limits))
    running = asyncio.create_task(server.serve(sockets=[opened]))
    accepting = asyncio.create_task(server.accepting.wait())
    try:
        await asyncio.wait({running, accepting}, return_when=asyncio.FIRST_COMPLETED)
        accepting.cancel()
        if running.done():
            running.result()  # raises what kept it from starting
        yield
    finally:
        server.should_exit = True
        await running


async def until_signal() -> None:
    """Return at SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, stopped.set)
    try:
        await stopped.wait()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


class _Server(uvicorn.Server):
    """uvicorn's server, which leaves signals to its owner and lets cancelled calls settle."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the door."""
        await super().startup(sockets)
        self.accepting.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, then cancel what is left, then wait for it to be written down."""
        await super().shutdown(sockets)
        if self.server_state.tasks:
            await asyncio.wait(set(self.server_state.tasks), timeout=_LAST_SECONDS)

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signal handlers alone."""
        yield


def _config(door: Door, listen: Listen, limits: Limits) -> DoorConfig:
    config = DoorConfig(
        door,
        http=DoorProtocol,
        ws="none",
        loop="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",  # uvicorn's own lines hold exception texts; the door logs what there is to know
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(limits.drain_seconds),
        ssl_certfile=listen.certificate_file,
        ssl_keyfile=listen.private_key_file,
    )
    config.limits = limits
    return config
