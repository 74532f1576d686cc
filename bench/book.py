"""How many exchanges a second the book takes, at 1, 32 and 256 writers, and what one costs.

    .venv/bin/python bench/book.py [--seconds 3] [--directory DIR] [--filler-exchanges N]

An exchange is a promise of about 2 KB and its settlement, each awaited until it is durable. `loop us` is the event
loop's processor time for one, which bounds one worker, `scribe us` that of the process which writes.
With --filler-exchanges the book is filled and searches in it are timed.
"""

import argparse
import asyncio
import itertools
import resource
import shutil
import tempfile
import time
from pathlib import Path

import uvloop

from gatebook.core.analysis.footprint import Footprint, Statement, TableRef
from gatebook.core.book.exchange import Status
from gatebook.core.book.records import Promise, Request, Settlement
from gatebook.core.book.search import Search
from gatebook.core.model import (
    Body,
    Call,
    Caller,
    CallerKind,
    Effect,
    Ending,
    Identity,
    Method,
    Origin,
    Outcome,
    Provenance,
)
from gatebook.core.policy.decision import Allow
from gatebook.outbound.stores.sqlite_reader import SqliteReader
from gatebook.outbound.stores.sqlite_store import SqliteStore

QUERY = Method("bigquery.jobs.query", "POST", "/bigquery/v2/projects/{projectId}/queries", Effect.JOB, Body.JSON)
ORIGIN = Origin("10.0.0.1", "gl-python/3.11 google-cloud-bigquery/3.47")
SQL = "SELECT o.id, o.amount, c.email FROM `acme.sales.orders` o JOIN `acme.sales.customers` c ON c.id = o.customer_id"
COLUMNS = ("id", "amount", "created_at", "customer_id", "country", "email", "status")


def _identity(number: int) -> Identity:
    repository = f"acme/pipeline-{number % 20}"
    attested = Provenance(
        repository=repository,
        commit=f"{number * 7919:040x}",
        ref="refs/heads/main",
        workflow="nightly",
        run=str(10_000 + number),
        job="load",
        run_url=f"https://github.com/{repository}/actions/runs/{10_000 + number}",
    )
    subject = f"repo:{repository}:ref:refs/heads/main"
    caller = Caller("https://token.actions.githubusercontent.com", subject, CallerKind.GITHUB_ACTIONS, repository)
    return Identity(caller, attested, 1_900_000_000)


def _footprint(number: int) -> Footprint:
    tables = tuple(TableRef("acme", f"set{number % 5}", f"table{(number + step) % 40}") for step in (0, 1))
    columns = tuple((table, column) for table in tables for column in COLUMNS)
    return Footprint((Statement("DROP_TABLE" if number == 17 else "SELECT", tables, (), columns),))


IDENTITIES = [_identity(number) for number in range(2000)]
FOOTPRINTS = [_footprint(number) for number in range(50)]
DECISION = Allow(("builtin.known-caller",), "builtin-1")


class WallClock:
    """The time."""

    def now_microseconds(self) -> int:
        """Give the time."""
        return time.time_ns() // 1000


def promise(number: int) -> Promise:
    """Make the promise of a query, one of 50 that differ in what they touch, by one of 2000 tokens."""
    now = time.time_ns() // 1000
    call = Call(f"{now:016x}{number:016x}", now, QUERY, {"projectId": "acme"}, (), {}, None, ORIGIN)
    request = Request(f"{SQL} -- {number} {'x' * 600}", (), "sha256:" + "a" * 64, None, "EU", dry_run=False)
    identity = IDENTITIES[number // 500 % len(IDENTITIES)]
    return Promise(call, identity, Provenance(), request, FOOTPRINTS[number % len(FOOTPRINTS)], DECISION, now)


def settlement(call_id: str) -> Settlement:
    """Make the settlement of an answered query."""
    outcome = Outcome(200, Ending.ANSWERED, 2048, 10, "job_" + "x" * 24, "EU", "DONE", 10_000, 10_485_760)
    return Settlement(call_id, outcome, time.time_ns() // 1000)


async def measure(directory: Path, writers: int, seconds: float) -> str:
    """Write exchanges for so long; give a line of the table."""
    store = SqliteStore.open(directory, WallClock())
    numbers, waits = itertools.count(), []
    end = time.perf_counter() + seconds

    async def write() -> None:
        while time.perf_counter() < end:
            intent = promise(next(numbers))
            start = time.perf_counter()
            await store.book.promise(intent)
            waits.append(time.perf_counter() - start)
            await store.book.settle(settlement(intent.call.id))

    loop_before, scribes_before, started = time.thread_time(), _scribes_seconds(), time.perf_counter()
    await asyncio.gather(*(write() for _ in range(writers)))
    elapsed, loop_seconds = time.perf_counter() - started, time.thread_time() - loop_before
    await store.close()
    scribe_seconds = _scribes_seconds() - scribes_before
    waits.sort()
    done = len(waits)
    return (
        f"{writers:7d} {2 * done / elapsed:10.0f} {waits[done // 2] * 1e3:8.2f} {waits[int(done * 0.99)] * 1e3:8.2f}"
        f" {loop_seconds / done * 1e6:8.0f} {scribe_seconds / done * 1e6:9.0f}"
    )


def _scribes_seconds() -> float:
    """Give the processor time of the scribes that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


async def fill(directory: Path, exchanges: int) -> None:
    """Make a book of so many exchanges."""
    store = SqliteStore.open(directory, WallClock())
    for start in range(0, exchanges, 2000):
        intents = [promise(number) for number in range(start, min(start + 2000, exchanges))]
        await asyncio.gather(*(store.book.promise(intent) for intent in intents))
        await asyncio.gather(*(store.book.settle(settlement(intent.call.id)) for intent in intents))
    await store.close()


SEARCHES = {
    "last 50": Search(),
    "one commit": Search(commit=f"{7919 * 11:040x}"),
    "a commit's first 39 digits": Search(commit=f"{7919 * 11:040x}"[:39]),
    "one run": Search(run="10011"),
    "one caller": Search(caller="acme/pipeline-3"),
    "caller and table": Search(caller="acme/pipeline-3", table="acme.set2.table17"),
    "a dataset": Search(table="acme.set2"),
    "a column anywhere": Search(column="email"),
    "a statement": Search(statement="DROP_TABLE"),
    "never together": Search(table="acme.set1.table1", statement="DROP_TABLE"),
    "unsettled": Search(status=Status.UNSETTLED),
    "refused": Search(status=Status.REFUSED),
    "oldest 50": Search(oldest_first=True),
}


def time_searches(directory: Path) -> None:
    """Print how long each search takes, with the opening of the book."""
    for name, search in SEARCHES.items():
        start = time.perf_counter()
        reader = SqliteReader.open(directory)
        found = sum(1 for _ in reader.search(search))
        reader.close()
        print(f"{name:28s} {found:4d} found {1e3 * (time.perf_counter() - start):8.1f} ms")


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=3.0, help="how long each measurement runs")
    options.add_argument("--directory", type=Path, default=None, help="where the books are made")
    options.add_argument("--filler-exchanges", type=int, default=0, help="size of the book for searches")
    given = options.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="gatebook-bench-", dir=given.directory))
    try:
        if given.filler_exchanges:
            uvloop.run(fill(directory / "filled", given.filler_exchanges))
            time_searches(directory / "filled")
            return
        print("writers  records/s   p50 ms   p99 ms  loop us scribe us   (CPU per promise and settlement)")
        for writers in (1, 32, 256):
            print(uvloop.run(measure(directory / str(writers), writers, given.seconds)))
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    main()
