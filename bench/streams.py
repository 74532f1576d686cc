"""A large page of results: how fast it passes, and how much memory it takes on its way."""

import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import fixed
from contestants import Contestant
from load import CallFailed
from processes import HOST, family, forget_peak, memory_mebibytes
from small_calls import call

_PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Streams:
    """Megabytes a second by contestant, one figure a round, and what Gatebook's memory grew by over all of them."""

    speeds: dict[str, list[float]] = field(default_factory=dict)
    growth_mebibytes: dict[str, float] = field(default_factory=dict)

    def ratio(self, name: str, to: str) -> float:
        """Give the median over the rounds of one contestant's speed divided by another's of the same round."""
        return median(one / other for one, other in zip(self.speeds[name], self.speeds[to], strict=True))


def measure(contestants: Sequence[Contestant], token: str, rounds: int) -> Streams:
    """Fetch the page from every contestant in every round. Raises CallFailed."""
    results = Streams({one.name: [] for one in contestants})
    # Results belong to the caller that made them: the job must be one of its own.
    jobs = {one.name: call(one, token)["jobReference"]["jobId"] for one in contestants}
    before = {one.name: memory_mebibytes(family(one.pid), "VmRSS") for one in contestants}
    for one in contestants:
        forget_peak(family(one.pid))
    for _ in range(rounds):
        for one in contestants:
            results.speeds[one.name].append(_fetch(one, token, jobs[one.name]))
    for one in contestants:
        results.growth_mebibytes[one.name] = memory_mebibytes(family(one.pid), "VmHWM") - before[one.name]
    return results


def _fetch(contestant: Contestant, token: str, job: str) -> float:
    """Read the page as fast as it comes; give megabytes a second."""
    request = (
        f"GET {fixed.QUERIES_PATH}/{job} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {token}\r\n"
        "Connection: close\r\n\r\n"
    )
    piece, received, first = memoryview(bytearray(_PIECE_BYTES)), 0, b""
    begun = time.perf_counter()
    with socket.create_connection((HOST, contestant.port), timeout=60) as connection:
        connection.sendall(request.encode())
        while count := connection.recv_into(piece):
            first = first or bytes(piece[:12])
            received += count
    seconds = time.perf_counter() - begun
    if first != b"HTTP/1.1 200" or received < fixed.PAGE_BYTES * 0.99:
        raise CallFailed(f"{contestant.name}: {received} bytes of the page came, beginning {first!r}")
    return received / seconds / 1e6
