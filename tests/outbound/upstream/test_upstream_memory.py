"""A large stream passes with flat memory: measured in a process of its own, so that nothing else counts."""

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import asyncio, json, resource, sys, uvloop
sys.path.insert(0, sys.argv[1])
from misbehaving import CALLER, GET, Peer, misbehaving, upstream_to

TOTAL, PIECE = 200 * 1024 * 1024, b"x" * 65536

async def flood(peer: Peer):
    await peer.asked()
    await peer.say(b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n")
    for _ in range(TOTAL // len(PIECE)):
        await peer.say(b"10000\\r\\n" + PIECE + b"\\r\\n")
    await peer.say(b"0\\r\\n\\r\\n")

async def main():
    async with misbehaving(flood) as stage, upstream_to(stage) as upstream:
        reply = await upstream.forward(GET, CALLER)
        before, size, largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0, 0
        async for piece in reply.chunks():
            size += len(piece)
            largest = max(largest, len(piece))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(json.dumps([size, largest, grown * 1024]))

uvloop.run(main())
"""


def test_two_hundred_megabytes_pass_with_flat_memory():
    command = [sys.executable, "-c", PROGRAM, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, timeout=60, check=True)
    size, largest, grown = json.loads(done.stdout)
    assert size == 200 * 1024 * 1024
    assert largest <= 1024 * 1024
    assert grown < 20 * 1024 * 1024
