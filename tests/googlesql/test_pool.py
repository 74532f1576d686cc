import asyncio
import time
from collections.abc import Callable

import pool_functions as functions
import pytest

from gatebook.googlesql.catalog import Catalog, Column, Table
from gatebook.googlesql.errors import AnalysisLimit, EngineUnavailable, SqlError
from gatebook.googlesql.pool import AnalyzerPool
from gatebook.googlesql.types import INT64, STRING

WIDE = Catalog(
    (Table(("p", "d", "wide"), tuple(Column(f"c{i}", STRING) for i in range(1000))),),
    default_project="p",
    default_dataset="d",
)


@pytest.fixture(scope="module")
def runner() -> "asyncio.Runner":
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def pool(runner: asyncio.Runner) -> AnalyzerPool:
    """One pool of two workers for all tests that leave it working, which is what they show."""

    async def start() -> AnalyzerPool:
        started = AnalyzerPool(workers=2, time_limit_seconds=0.7)
        await started.start()
        return started

    running = runner.run(start())
    yield running
    runner.run(running.close())


def test_calls_run_in_other_processes(runner: asyncio.Runner, pool: AnalyzerPool) -> None:
    async def both() -> list[int]:
        return await asyncio.gather(*(pool.run(functions.process, number) for number in range(8)))

    assert 1 <= len(set(runner.run(both()))) <= 2


def test_results_and_objections_come_back(runner: asyncio.Runner, pool: AnalyzerPool) -> None:
    assert runner.run(pool.run(functions.statement_kind, "INSERT t (a) VALUES (1)")) == "INSERT"
    catalog = Catalog((Table(("p", "d", "t"), (Column("a", INT64),)),))
    assert runner.run(pool.run(functions.columns, "SELECT a FROM p.d.t", catalog)) == (("a", INT64),)
    with pytest.raises(SqlError) as raised:
        runner.run(pool.run(functions.columns, "SELECT b FROM p.d.t", catalog))
    assert (raised.value.message, raised.value.line, raised.value.column) == ("Unrecognized name: b", 1, 8)
    with pytest.raises(KeyError, match="own error"):
        runner.run(pool.run(functions.fail))
    with pytest.raises(TypeError, match="cannot be sent"):
        runner.run(pool.run(functions.unpicklable))
    with pytest.raises(SqlError, match="not valid UTF-8"):
        runner.run(pool.run(functions.statement_kind, "SELECT '\ud800'"))
    assert len(runner.run(pool.run(functions.large, 10_000_000))) == 10_000_000


def test_the_same_call_is_answered_without_a_worker(runner: asyncio.Runner, pool: AnalyzerPool) -> None:
    first = runner.run(pool.run(functions.columns, "SELECT 1 AS x", Catalog()))
    started = time.perf_counter()
    assert runner.run(pool.run(functions.columns, "SELECT 1 AS x", Catalog())) is first
    assert time.perf_counter() - started < 0.002


def test_workers_see_no_secrets(runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEBOOK_SECRET", "hunter2")

    async def ask() -> list[str]:
        async with AnalyzerPool() as fresh:
            return await fresh.run(functions.environment)

    seen = runner.run(ask())
    assert "PATH" in seen
    assert "GATEBOOK_SECRET" not in seen


def test_what_is_printed_does_not_disturb_the_pipe(runner: asyncio.Runner, pool: AnalyzerPool) -> None:
    assert runner.run(pool.run(functions.print_)) == "printed"
    assert runner.run(pool.run(functions.statement_kind, "SELECT 2")) == "SELECT"


def hostile_union() -> tuple[Callable[..., object], str, Catalog]:
    return functions.columns, " UNION ALL ".join(["SELECT * FROM wide"] * 200), WIDE


HOSTILE = {
    "sleeps": ((functions.sleep, 60.0), "time", 2.5),
    "spins": ((functions.spin,), "time", 2.5),
    "long analysis": (hostile_union(), "time", 1.2),
    "exits": ((functions.exit_,), "trap", 1.0),
    "segfaults": ((functions.segfault,), "trap", 1.0),
    "recurses": ((functions.recurse, 0), "depth", 1.0),
    "allocates": ((functions.allocate,), "memory", 1.0),
    "traps": ((functions.columns, "SELECT " + "||".join(["'a'"] * 2000), Catalog()), "depth", 1.0),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_call_fails_alone(name: str, runner: asyncio.Runner, pool: AnalyzerPool) -> None:
    (function, *args), kind, within_seconds = HOSTILE[name]

    async def attack_and_work() -> tuple[BaseException | object, list[str], float]:
        started = time.monotonic()
        attack = asyncio.ensure_future(pool.run(function, *args))
        work = [pool.run(functions.statement_kind, f"SELECT {number} -- {name}") for number in range(3)]
        results = await asyncio.gather(*work)
        outcome = (await asyncio.gather(attack, return_exceptions=True))[0]
        return outcome, results, time.monotonic() - started

    outcome, results, took_seconds = runner.run(attack_and_work())
    assert isinstance(outcome, AnalysisLimit)
    assert outcome.kind == kind
    assert results == ["SELECT"] * 3
    assert took_seconds < within_seconds + 2.0  # other processes of the machine, and a new worker


def test_cancelled_calls_leave_no_reply_for_others(runner: asyncio.Runner, pool: AnalyzerPool) -> None:
    async def cancel_and_ask() -> list[object]:
        cancelled = [asyncio.ensure_future(pool.run(functions.sleep, 0.3 + number)) for number in range(4)]
        await asyncio.sleep(0.1)
        for task in cancelled:
            task.cancel()
        gone = await asyncio.gather(*cancelled, return_exceptions=True)
        assert all(isinstance(item, asyncio.CancelledError) for item in gone)
        asked = [pool.run(functions.large, number) for number in range(1, 7)]
        return [len(reply) for reply in await asyncio.gather(*asked)]

    assert runner.run(cancel_and_ask()) == [1, 2, 3, 4, 5, 6]


def test_a_new_worker_after_a_trap_is_not_needed(runner: asyncio.Runner) -> None:
    async def trap() -> tuple[int, int, int, int]:
        async with AnalyzerPool(time_limit_seconds=0.5) as single:
            before = await single.run(functions.process, 1), await single.run(functions.generation, 1)
            with pytest.raises(AnalysisLimit):
                await single.run(*hostile_union())
            return (*before, await single.run(functions.process, 2), await single.run(functions.generation, 2))

    first_process, first_generation, second_process, second_generation = runner.run(trap())
    assert first_process == second_process
    # On a busy machine the limit may be reached before the wasm is entered: then its instance is still good.
    assert second_generation - first_generation in (0, 1)


def test_closing(runner: asyncio.Runner) -> None:
    async def close_while_busy() -> list[BaseException | object]:
        closing = AnalyzerPool()
        await closing.start()
        busy = asyncio.ensure_future(closing.run(functions.sleep, 30.0))
        waiting = asyncio.ensure_future(closing.run(functions.sleep, 31.0))
        await asyncio.sleep(0.1)
        await closing.close()
        late = asyncio.ensure_future(closing.run(functions.sleep, 32.0))
        return await asyncio.wait_for(asyncio.gather(busy, waiting, late, return_exceptions=True), 5)

    busy, waiting, late = runner.run(close_while_busy())
    assert isinstance(busy, AnalysisLimit)
    assert isinstance(waiting, EngineUnavailable)
    assert isinstance(late, EngineUnavailable)


def test_a_worker_that_cannot_start_is_reported(
    runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    tmp_path.chmod(0o777)
    monkeypatch.setenv("GATEBOOK_CACHE_DIR", str(tmp_path))

    async def start() -> None:
        async with AnalyzerPool():
            pass

    with pytest.raises(EngineUnavailable, match="did not start"):
        runner.run(start())
