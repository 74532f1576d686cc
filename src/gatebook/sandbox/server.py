"""The embedded BigQuery as a server: REST and Storage Read, over one warehouse.

    async with start(demo_data=True) as addresses: ...      in a program of one's own, ephemeral ports
    run(data=Path("data"), port=9050, grpc_port=9060)       until SIGTERM or SIGINT

There is no authentication: whoever reaches the ports may do anything, so bind them to loopback.
"""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import uvicorn
import uvloop

from gatebook.sandbox.demo_data import load_demo_data
from gatebook.sandbox.rest.app import application
from gatebook.sandbox.rest.services import Services
from gatebook.sandbox.storage.service import ReadService

DEFAULT_PROJECT = "demo-project"

_SHUTDOWN_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate chain and private key, both PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a started sandbox listens. rest_url: `http(s)://host:port`; grpc_address: `host:port`."""

    rest_url: str
    grpc_address: str


@dataclass(frozen=True, slots=True)
class Options:
    """How to start. data: where tables are kept, None for memory; a port of 0 takes a free one."""

    data: Path | None = None
    project: str = DEFAULT_PROJECT
    demo_data: bool = False
    host: str = "127.0.0.1"
    port: int = 0
    grpc_port: int = 0
    tls: Tls | None = None


def run(options: Options, ready: Callable[[Addresses], None]) -> None:
    """Serve until SIGTERM or SIGINT; ready is told the addresses once clients may connect."""
    uvloop.run(_until_signal(options, ready))


async def _until_signal(options: Options, ready: Callable[[Addresses], None]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with start(options) as addresses:
        gc.freeze()  # what exists now stays: leaving it out of collections halves the time of large pages
        ready(addresses)
        await stop.wait()
        gc.unfreeze()


@contextlib.asynccontextmanager
async def start(options: Options | None = None) -> AsyncIterator[Addresses]:
    """Serve while the context lasts; leaving it ends running jobs and closes the data."""
    options = options or Options()
    services = await asyncio.to_thread(Services.open, options.data, options.project)
    try:
        if options.demo_data:
            await asyncio.to_thread(load_demo_data, services.warehouse)
        async with _rest(services, options) as rest_url, _grpc(services, options) as grpc_address:
            yield Addresses(rest_url, grpc_address)
    finally:
        await asyncio.to_thread(services.close)


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to the program that starts the sandbox


@contextlib.asynccontextmanager
async def _rest(services: Services, options: Options) -> AsyncIterator[str]:
    tls = options.tls
    config = uvicorn.Config(
        application(services),
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        ssl_certfile=tls.certificate if tls else None,
        ssl_keyfile=tls.key if tls else None,
    )
    listener = socket.create_server((options.host, options.port))
    # asyncio does this only for sockets it made itself; without it each reply waits 40 ms for a delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    serving.add_done_callback(lambda _: server.listening.set())
    await server.listening.wait()
    if serving.done():
        serving.result()
    try:
        yield f"{'https' if tls else 'http'}://{options.host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def _grpc(services: Services, options: Options) -> AsyncIterator[str]:
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])  # a taken port is an error
    server.add_generic_rpc_handlers((ReadService(services.warehouse, services.jobs).handler(),))
    port = _bind(server, f"{options.host}:{options.grpc_port}", options.tls)
    await server.start()
    try:
        yield f"{options.host}:{port}"
    finally:
        await server.stop(_SHUTDOWN_SECONDS)


def _bind(server: grpc.aio.Server, address: str, tls: Tls | None) -> int:
    try:
        if tls is None:
            return int(server.add_insecure_port(address))
        pair = (tls.key.read_bytes(), tls.certificate.read_bytes())
        return int(server.add_secure_port(address, grpc.ssl_server_credentials([pair])))
    except RuntimeError as error:  # grpc's word for a taken port
        raise OSError(f"cannot listen on {address}") from error
