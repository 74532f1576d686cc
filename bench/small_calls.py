"""Small calls: the contestants in turn, round after round, so that a busy moment of the machine strikes them all."""

import json
import sqlite3
import urllib.request
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import fixed
from contestants import Contestant
from load import CallFailed, Load, load

CONCURRENCIES = (1, 32, 128)
_RECORDS = "SELECT kind, count(*) FROM entries GROUP BY kind"


@dataclass(frozen=True, slots=True)
class SmallCalls:
    """Loads by contestant and concurrency, one of each a round."""

    rounds: int
    loads: dict[tuple[str, int], list[Load]] = field(default_factory=lambda: defaultdict(list))

    def median(self, name: str, concurrency: int, what: str) -> float:
        """Give the median of a figure over the rounds."""
        return median(getattr(one, what) for one in self.loads[name, concurrency])

    def ratio(self, name: str, to: str, concurrency: int) -> float:
        """Give the median over the rounds of one contestant's throughput divided by another's of the same round."""
        pairs = zip(self.loads[name, concurrency], self.loads[to, concurrency], strict=True)
        return median(one.calls_per_second / other.calls_per_second for one, other in pairs)

    def added(self, name: str, to: str, what: str) -> float:
        """Give the median over the rounds of the latency that one has more than another, in microseconds."""
        pairs = zip(self.loads[name, 1], self.loads[to, 1], strict=True)
        return median(getattr(one, what) - getattr(other, what) for one, other in pairs)


def measure(
    contestants: Sequence[Contestant], mint: Callable[[], str], directory: Path, rounds: int, seconds: int
) -> SmallCalls:
    """Load every contestant at every concurrency in every round; each round has a new token. Raises CallFailed."""
    body = directory / "call.json"
    body.write_bytes(fixed.call_body())
    for contestant in contestants:
        call(contestant, mint())  # schemas, analysis and connections are there before the clock runs
    results = SmallCalls(rounds)
    for number in range(rounds):
        token = mint()
        for concurrency in CONCURRENCIES:
            for contestant in (*contestants[number % len(contestants) :], *contestants[: number % len(contestants)]):
                result = load(contestant, token, body, concurrency, seconds)
                results.loads[contestant.name, concurrency].append(result)
    return results


def call(contestant: Contestant, token: str) -> dict[str, Any]:
    """Make the call once; give its reply."""
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    request = urllib.request.Request(contestant.url + fixed.QUERIES_PATH, fixed.call_body(), headers)
    with urllib.request.urlopen(request, timeout=60) as reply:
        document: dict[str, Any] = json.load(reply)
    return document


def check_book(contestant: Contestant, results: SmallCalls) -> None:
    """Check, after its end, that a contestant wrote down every call that it was loaded with. Raises CallFailed."""
    calls = sum(one.calls for (name, _), loads in results.loads.items() for one in loads if name == contestant.name)
    (file,) = (contestant.directory / "book").glob("*.sqlite")
    connection = sqlite3.connect(file)
    records = dict(connection.execute(_RECORDS).fetchall())
    connection.close()
    if min(records["promise"], records["settlement"]) < calls or "refusal" in records:
        raise CallFailed(f"{contestant.name}: {calls} calls, but the book holds {records}")
