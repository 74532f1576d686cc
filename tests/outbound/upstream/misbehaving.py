"""A raw TCP server that answers exactly what a test tells it to, and remembers what it was asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gatebook.core.model import Caller, CallerKind
from gatebook.outbound.upstream.client import HttpUpstream
from gatebook.outbound.upstream.credentials import NoCredentials
from gatebook.outbound.upstream.endpoint import Endpoint, Timeouts
from gatebook.ports import UpstreamRequest

CALLER = Caller("https://issuer.example", "repo:acme/etl", CallerKind.GITHUB_ACTIONS, "acme/etl")
GET = UpstreamRequest("GET", "/bigquery/v2/projects/p/queries/j?maxResults=0", ())
QUICK = Timeouts(connect_seconds=1, reply_seconds=1, idle_seconds=1, keep_alive_seconds=5, queue_seconds=1)

Script = Callable[["Peer"], Awaitable[None]]


@dataclass
class Asked:
    line: str
    headers: dict[str, str]
    body: bytes
    raw_head: bytes = b""


@dataclass
class Peer:
    """One accepted connection, as a script sees it."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    requests: list[Asked]

    async def asked(self) -> Asked:
        """Read one request whole."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")[:-2]
        headers = {name.lower(): value for name, _, value in (f.partition(": ") for f in fields)}
        body = await self._body(headers)
        asked = Asked(line, headers, body, head)
        self.requests.append(asked)
        return asked

    async def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", "0")))
        body = b""
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            body += await self.reader.readexactly(size)
            assert await self.reader.readexactly(2) == b"\r\n"
        assert await self.reader.readexactly(2) == b"\r\n"
        return body

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def gone(self) -> bool:
        """Wait until the other side has closed."""
        try:
            return await self.reader.read() is not None
        except ConnectionError:
            return True


@dataclass
class Stage:
    url: str
    port: int
    requests: list[Asked] = field(default_factory=list)
    connections: int = 0
    problems: list[BaseException] = field(default_factory=list)


@asynccontextmanager
async def misbehaving(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[Stage]:
    """Run `script` for every connection; afterwards a script that failed fails the test."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stage.connections += 1
        try:
            await script(Peer(stage.connections, reader, writer, stage.requests))
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has gone, as it may
        except BaseException as problem:  # noqa: BLE001 - reported at the end of the test
            stage.problems.append(problem)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
    stage = Stage(f"{scheme}://{host}:{port}", port)
    try:
        yield stage
    finally:
        server.close()
    assert not stage.problems, stage.problems


@asynccontextmanager
async def upstream_to(stage: Stage, timeouts: Timeouts = QUICK, connections: int = 8) -> AsyncIterator[HttpUpstream]:
    upstream = HttpUpstream(Endpoint.of(stage.url), NoCredentials(), timeouts, connections)
    try:
        yield upstream
    finally:
        await upstream.close()


async def body_of(reply: object) -> bytes:
    return b"".join([piece async for piece in reply.chunks()])  # type: ignore[attr-defined]  # the port's method


def answering(*answers: bytes) -> Script:
    """A script that answers one request after another on each connection, then closes."""

    async def script(peer: Peer) -> None:
        for answer in answers:
            await peer.asked()
            await peer.say(answer)

    return script


def ok(body: bytes = b"{}", *fields: bytes) -> bytes:
    return b"\r\n".join(
        (b"HTTP/1.1 200 OK", b"Content-Type: application/json", b"Content-Length: %d" % len(body), *fields, b"", body)
    )
