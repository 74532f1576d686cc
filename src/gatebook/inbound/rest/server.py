"""The sockets of the door, with an orderly end."""

import asyncio
import contextlib
import signal
import socket
import ssl
from collections.abc import AsyncGenerator

from gatebook.inbound.rest.lines import Answer, Lines
from gatebook.inbound.rest.protocol import DoorProtocol
from gatebook.settings import Limits, Listen

_BACKLOG = 1024


def listening(listen: Listen) -> socket.socket:
    """Open the listening socket; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    return socket.create_server((listen.host, listen.port), family=family, backlog=_BACKLOG)


def base_url(listen: Listen, opened: socket.socket) -> str:
    """Give the URL of an open socket, without a trailing slash."""
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    return f"{'https' if listen.certificate_file else 'http'}://{host}:{opened.getsockname()[1]}"


@contextlib.asynccontextmanager
async def serving(door: Answer, opened: socket.socket, listen: Listen, limits: Limits) -> AsyncGenerator[None, None]:
    """Serve while the body runs; at its end stop accepting, let calls in flight finish, and close. Raises OSError."""
    tls = _tls(listen)
    lines = Lines(door)
    server = await asyncio.get_running_loop().create_server(
        lambda: DoorProtocol(lines, limits), sock=opened, backlog=_BACKLOG, ssl=tls
    )
    try:
        yield
    finally:
        server.close()
        opened.close()
        await lines.close(limits.drain_seconds)


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


def _tls(listen: Listen) -> ssl.SSLContext | None:
    if listen.certificate_file is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(listen.certificate_file, listen.private_key_file)
    return context
