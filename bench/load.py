"""Load: one call repeated by wrk over so many connections; every answer must be a success."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import fixed
from contestants import Contestant
from processes import cpu_seconds, family

_SCRIPT = Path(__file__).parent / "load.lua"


@dataclass(frozen=True, slots=True)
class Load:
    """What a load on one contestant gave."""

    calls: int
    calls_per_second: float
    p50_microseconds: float
    p99_microseconds: float
    cpu_microseconds: float  # of the contestant and its children, for a call


class CallFailed(Exception):
    """Some calls were not answered with success: what was measured is not what was meant."""


def load(contestant: Contestant, token: str, body: Path, concurrency: int, seconds: int) -> Load:
    """Put a load on a contestant. Raises CallFailed."""
    command = ["wrk", "--threads=1", f"--connections={concurrency}", f"--duration={seconds}s", "--timeout=20s"]
    url = f"{contestant.url}{fixed.QUERIES_PATH}?prettyPrint=false"
    before = cpu_seconds(family(contestant.pid))
    done = subprocess.run(
        [*command, "--script", str(_SCRIPT), url],
        capture_output=True,
        text=True,
        check=False,
        env={"BENCH_TOKEN": token, "BENCH_BODY": str(body), "PATH": "/usr/local/bin:/usr/bin:/bin"},
    )
    if done.returncode:
        raise CallFailed(f"{contestant.name}: {done.stderr.strip()}")
    used = cpu_seconds(family(contestant.pid)) - before
    told = json.loads(done.stdout.splitlines()[-1])
    if told["failed"] or not told["calls"]:
        raise CallFailed(f"{contestant.name}: {told['failed']} of {told['calls']} calls failed")
    return Load(
        calls=told["calls"],
        calls_per_second=told["calls"] / told["microseconds"] * 1e6,
        p50_microseconds=told["p50_microseconds"],
        p99_microseconds=told["p99_microseconds"],
        cpu_microseconds=used / told["calls"] * 1e6,
    )
