"""The bench: Gatebook beside nginx and mitmproxy, in one run. `make bench`, or `make bench ARGS=--quick`.

Prints its tables; a full run also writes them into docs/performance.md.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import analyses
import contestants
import decisions
import equipment
import fixed
import report
import small_calls
import streams

from gatebook.issuer.serving import ServedIssuer

_PAGE = equipment.ROOT / "docs" / "performance.md"
_TOKEN_SECONDS = 1800


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="few, short rounds: an impression; nothing is written")
    quick = options.parse_args().quick
    equipment.put_in_place()
    directory = Path(tempfile.mkdtemp(prefix="run-", dir=equipment.DIRECTORY))
    try:
        found = measure(directory, rounds=2 if quick else 7, seconds=1 if quick else 2)
    finally:
        shutil.rmtree(directory)
    report.show(found)
    if not quick:
        report.write(_PAGE, found, "make bench", equipment.versions())


def measure(directory: Path, rounds: int, seconds: int) -> list[report.Table]:
    """Run everything once; give the tables."""
    page = equipment.DIRECTORY / "page.json"
    if not page.exists():
        fixed.write_page(page)
    with ExitStack() as stack:
        issuer = stack.enter_context(ServedIssuer()).issuer
        upstream = stack.enter_context(contestants.upstream(directory / "upstream", page))
        step("deciding")
        decided = decisions.measure(times=100 * rounds)
        step("understanding queries")
        understood = asyncio.run(analyses.measure(upstream.url, times=5 * rounds))
        unique = {
            workers: asyncio.run(analyses.unique_a_second(upstream.url, workers, seconds=2.0 * seconds))
            for workers in (1, 2)
        }
        with ExitStack() as servers:
            nginx = servers.enter_context(contestants.nginx(directory / "nginx", upstream.port))
            gatebook = servers.enter_context(contestants.gatebook(directory / "gatebook", upstream.port, issuer.url))

            def mint() -> str:
                return issuer.mint(audience=contestants.AUDIENCE, lifetime_seconds=_TOKEN_SECONDS)

            step("large pages")
            large = streams.measure((nginx, gatebook), mint(), rounds)
            mitmproxy = servers.enter_context(contestants.mitmproxy(directory / "mitmproxy", upstream.port, issuer.url))
            step("small calls")
            small = small_calls.measure((nginx, gatebook, mitmproxy), mint, directory, rounds, seconds)
        for contestant in (gatebook, mitmproxy):
            small_calls.check_book(contestant, small)
    return report.tables(small, large, understood, unique, decided)


def step(what: str) -> None:
    """Say what is being done."""
    print(f"{time.strftime('%H:%M:%S')}  {what}", flush=True)


if __name__ == "__main__":
    main()
