"""CPU time of the upstream hop alone: Gatebook's client beside aiohttp (when it is installed), one process, uvloop.

A fixed server in a process of its own answers a jobs.query of 600 bytes with 2 KB, and one request with 200 MB.
Run: python bench/upstream.py [--seconds 1.5]
"""

import argparse
import asyncio
import multiprocessing
import resource
import statistics
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection as Pipe

import uvloop

from gatebook.core.model import Caller, CallerKind
from gatebook.outbound.upstream import Endpoint, HttpUpstream, Timeouts
from gatebook.outbound.upstream.credentials import NoCredentials
from gatebook.ports import UpstreamRequest

CALLER = Caller("https://issuer.example", "repo:acme/etl", CallerKind.GITHUB_ACTIONS, "acme/etl")
BODY = b'{"query":"SELECT 1","useLegacySql":false,"x":"' + b"x" * 550 + b'"}'
FIELDS = (
    ("user-agent", "gl-python/3.11.7 grpc/1.74.0 gax/2.44.0 gapic/3.47.0 gccl/3.47.0"),
    ("accept-encoding", "gzip, deflate"),
    ("accept", "*/*"),
    ("content-type", "application/json"),
    ("x-goog-api-client", "gl-python/3.11.7 grpc/1.74.0 gax/2.44.0 gapic/3.47.0 gccl/3.47.0"),
)
SMALL = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nVary: Origin\r\nVary: X-Origin\r\n"
    b"Vary: Referer\r\nDate: Wed, 21 Oct 2026 07:28:00 GMT\r\nServer: ESF\r\nX-XSS-Protection: 0\r\n"
    b"X-Frame-Options: SAMEORIGIN\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 2048\r\n\r\n" + b"x" * 2048
)
LARGE_BYTES = 200 * 1024 * 1024
PIECE = b"y" * 65536


class FixedServer(asyncio.Protocol):
    """Answers without looking: a small reply, or the large one to a GET."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = transport
        self.room = asyncio.Event()
        self.room.set()

    def pause_writing(self) -> None:
        """Wait for the reader."""
        self.room.clear()

    def resume_writing(self) -> None:
        """Go on."""
        self.room.set()

    def data_received(self, data: bytes) -> None:
        """Answer."""
        if data.startswith(b"GET"):
            asyncio.get_running_loop().create_task(self.large())
        elif data.endswith(b"}"):
            self.transport.write(SMALL)

    async def large(self) -> None:
        """Answer with the large reply, no faster than it is read."""
        self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE_BYTES)
        for _ in range(LARGE_BYTES // len(PIECE)):
            self.transport.write(PIECE)
            await self.room.wait()


def serve(pipe: Pipe) -> None:
    """Run the server; its port goes through the pipe."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(FixedServer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(main())


async def measure(call: Callable[[], Awaitable[int]], concurrency: int, seconds: float) -> tuple[float, float]:
    """Give microseconds of CPU time and calls per second, over calls made for so many seconds."""
    done = 0

    async def work(until: float) -> None:
        nonlocal done
        while time.perf_counter() < until:
            assert await call() == 2048
            done += 1

    await asyncio.gather(*(work(time.perf_counter() + 0.2) for _ in range(concurrency)))
    done, cpu, wall = 0, time.process_time(), time.perf_counter()
    await asyncio.gather(*(work(wall + seconds) for _ in range(concurrency)))
    return (time.process_time() - cpu) / done * 1e6, done / (time.perf_counter() - wall)


async def gatebook(url: str, seconds: float) -> None:
    """Measure Gatebook's client."""
    upstream = HttpUpstream(Endpoint.of(url), NoCredentials(), Timeouts(), 256)
    small = UpstreamRequest("POST", "/bigquery/v2/projects/p/queries?prettyPrint=false", FIELDS, BODY)
    large = UpstreamRequest("GET", "/large", ())

    async def call() -> int:
        reply = await upstream.forward(small, CALLER)
        return sum([len(piece) async for piece in reply.chunks()])

    await report("gatebook", call, seconds)
    speeds = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        begun = time.perf_counter()
        reply = await upstream.forward(large, CALLER)
        assert sum([len(piece) async for piece in reply.chunks()]) == LARGE_BYTES
        speeds.append(LARGE_BYTES / (time.perf_counter() - begun) / 1e6)
    growth = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{'gatebook':10} 200 MB stream: {statistics.median(speeds):6.0f} MB/s, {growth:.0f} MiB more memory")
    await upstream.close()


async def aiohttp_client(url: str, seconds: float) -> None:
    """Measure aiohttp."""
    try:
        import aiohttp  # noqa: PLC0415 - only here for the comparison
    except ImportError:
        print("aiohttp    not installed")
        return
    connector = aiohttp.TCPConnector(limit=256)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:

        async def call() -> int:
            async with session.post(f"{url}/bigquery/v2/projects/p/queries", headers=FIELDS, data=BODY) as reply:
                return sum([len(piece) async for piece in reply.content.iter_any()])

        await report("aiohttp", call, seconds)


async def report(name: str, call: Callable[[], Awaitable[int]], seconds: float) -> None:
    """Print a line for each concurrency."""
    for concurrency in (1, 32):
        microseconds, rate = await measure(call, concurrency, seconds)
        print(f"{name:10} c={concurrency:<3} {microseconds:6.1f} us CPU a call, {rate:7.0f} calls/s")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.5)
    seconds = parser.parse_args().seconds
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}"
    try:
        for client in (gatebook, aiohttp_client):
            uvloop.run(client(url, seconds))
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
