"""What it takes to understand a query: at first sight, with and without schemas at hand, and again."""

import asyncio
import time
from dataclasses import dataclass
from statistics import median

import fixed

from gatebook.core.model import Body, Call, Caller, CallerKind, Effect, Method, Origin
from gatebook.googlesql.pool import AnalyzerPool
from gatebook.outbound.analyst import SqlAnalyst
from gatebook.outbound.schemas import Schemas
from gatebook.outbound.upstream import Endpoint, HttpUpstream, Timeouts
from gatebook.outbound.upstream.credentials import NoCredentials
from gatebook.outbound.upstream_schemas import UpstreamSchemas

_CALLER = Caller("https://issuer.example", "repo:acme/etl", CallerKind.GITHUB_ACTIONS, "acme/etl")
_METHOD = Method("bigquery.jobs.query", "POST", "/bigquery/v2/projects/{projectId}/queries", Effect.JOB, Body.JSON)
_CACHE_ENTRIES = 4096
_FRESH_SECONDS = 3600.0
_AGAIN = 1000
_AT_ONCE = 8
_WARM = 4  # each worker has then met the schemas
_VARIED = "2026-01-01 00:00:00"


@dataclass(frozen=True, slots=True)
class Analysis:
    """Medians for one query."""

    first_milliseconds: float  # its schemas read from upstream as well
    new_milliseconds: float  # its schemas known
    again_microseconds: float


async def measure(upstream_url: str, times: int) -> dict[str, Analysis]:
    """Analyze each query of the bench so many times as one never seen before."""
    upstream = HttpUpstream(Endpoint.of(upstream_url), NoCredentials(), Timeouts(), 16)
    try:
        async with AnalyzerPool() as pool:
            return {
                name: await _measure(pool, upstream, fixed.query(file), times) for name, file in fixed.ANALYZED.items()
            }
    finally:
        await upstream.close()


async def unique_a_second(upstream_url: str, workers: int, seconds: float) -> dict[str, float]:
    """Ask for queries that were never seen before, many at once; give how many are understood in a second."""
    upstream = HttpUpstream(Endpoint.of(upstream_url), NoCredentials(), Timeouts(), 16)
    try:
        async with AnalyzerPool(workers) as pool:
            return {
                name: await _throughput(_analyst(pool, upstream), fixed.query(file), seconds)
                for name, file in fixed.ANALYZED.items()
            }
    finally:
        await upstream.close()


async def _throughput(analyst: SqlAnalyst, sql: str, seconds: float) -> float:
    variants = iter(_variants(sql))
    for _ in range(_WARM):
        await _time(analyst, next(variants))
    begun = time.perf_counter()

    async def ask_on() -> int:
        count = 0
        while time.perf_counter() < begun + seconds:
            await _time(analyst, next(variants))
            count += 1
        return count

    counts = await asyncio.gather(*(ask_on() for _ in range(_AT_ONCE)))
    return sum(counts) / (time.perf_counter() - begun)


async def _measure(pool: AnalyzerPool, upstream: HttpUpstream, sql: str, times: int) -> Analysis:
    variants = iter(_variants(sql))
    first = [await _time(_analyst(pool, upstream), next(variants)) for _ in range(times)]
    analyst = _analyst(pool, upstream)
    await _time(analyst, next(variants))
    new = [await _time(analyst, next(variants)) for _ in range(times)]
    known = next(variants)
    await _time(analyst, known)
    again = [await _time(analyst, known) for _ in range(_AGAIN)]
    return Analysis(median(first) * 1e3, median(new) * 1e3, median(again) * 1e6)


def _analyst(pool: AnalyzerPool, upstream: HttpUpstream) -> SqlAnalyst:
    return SqlAnalyst(pool, Schemas(UpstreamSchemas(upstream), _FRESH_SECONDS), _CACHE_ENTRIES)


def _variants(sql: str) -> list[str]:
    """Give the query with other constants each time, as a scheduled job sends it."""
    return [sql.replace(_VARIED, f"2026-01-01 00:{number // 60:02d}:{number % 60:02d}") for number in range(3600)]


async def _time(analyst: SqlAnalyst, sql: str) -> float:
    document = {"query": sql, "useLegacySql": False}
    call = Call("0" * 32, 0, _METHOD, {"projectId": fixed.PROJECT}, (), {}, document, Origin("", ""))
    begun = time.perf_counter()
    footprint = await analyst.understand(call, _CALLER)
    seconds = time.perf_counter() - begun
    if footprint.opaque or not footprint.tables:
        raise RuntimeError(f"the analyzer did not understand the query: {footprint.opaque}")
    await asyncio.sleep(0)
    return seconds
