"""Analyzers in worker processes: SQL text of strangers is analyzed outside the event loop and outside this process.

A worker that traps starts a fresh instance by itself; a worker that hangs, crashes or loses its pipe is killed and
replaced, and only the call it was working on fails.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
from collections.abc import Callable, Hashable
from contextlib import suppress
from typing import Any, Concatenate, ParamSpec, Self, TypeVar, cast

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.bounded_cache import BoundedCache
from gatebook.googlesql.engine import DEFAULT_MEMORY_LIMIT_BYTES
from gatebook.googlesql.errors import AnalysisLimit, EngineUnavailable
from gatebook.googlesql.frames import LENGTH_BYTES, Reply, Request, Settings

CallArguments = ParamSpec("CallArguments")
ResultT = TypeVar("ResultT")

# Between two calls into the wasm a function runs plain Python, which only the parent can cut off.
_GRACE_SECONDS = 1.0
# Loading the compiled module takes 50 ms; where nobody called prewarm() it is compiled first, which takes 12-31 s.
_START_SECONDS = 180.0
_CACHED_RESULTS_BYTES = 64 * 1024 * 1024
# The environment of the gateway may hold secrets; a worker needs none of them.
_ENVIRONMENT = ("GATEBOOK_CACHE_DIR", "HOME", "LANG", "LC_ALL", "PATH", "PYTHONPATH", "VIRTUAL_ENV", "XDG_CACHE_HOME")


class AnalyzerPool:
    """A fixed number of worker processes; calls beyond it wait for a free one.

    Belongs to one event loop. Use it as an async context manager, or call `start` and `close`.
    """

    def __init__(
        self,
        workers: int = 1,
        time_limit_seconds: float = 2.0,
        memory_limit_bytes: int = DEFAULT_MEMORY_LIMIT_BYTES,
    ) -> None:
        self._workers = [_Worker(memory_limit_bytes) for _ in range(workers)]
        self._time_limit_seconds = time_limit_seconds
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._results: BoundedCache[Hashable, Any] = BoundedCache(_CACHED_RESULTS_BYTES)
        self._closed = False
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Start all workers now instead of at their first calls; EngineUnavailable when they cannot run."""
        await asyncio.gather(*(worker.start() for worker in self._workers))

    async def run(
        self,
        function: Callable[Concatenate[Analyzer, CallArguments], ResultT],
        *args: CallArguments.args,
        **no_keywords: CallArguments.kwargs,
    ) -> ResultT:
        """`function(analyzer, *args)` in a worker; the function must be importable by name, all values picklable.

        The same function with equal, hashable arguments gives the same result again without a worker, so the result
        must be a value that nobody changes. Raises what the function raises; AnalysisLimit when a limit was hit
        (`trap` when the worker died); EngineUnavailable when no worker can be started.
        """
        if no_keywords:
            raise TypeError("arguments are given by position")
        key = _cache_key(function, args)
        if key is not None and (known := self._results.get(key)) is not None:
            return cast("ResultT", known)
        worker = await self._idle.get()
        try:
            if self._closed:
                raise EngineUnavailable("the analyzer pool is closed")
            reply, weight = await worker.call(Request(function, args, self._time_limit_seconds))
        finally:
            self._idle.put_nowait(worker)
        if reply.error is not None:
            raise reply.error
        if key is not None and reply.value is not None:
            self._results.put(key, reply.value, weight)
        return cast("ResultT", reply.value)

    async def close(self) -> None:
        """End the workers; calls under way fail."""
        self._closed = True
        await asyncio.gather(*(worker.stop() for worker in self._workers))


def _cache_key(function: Callable[..., Any], args: tuple[Any, ...]) -> Hashable | None:
    try:
        hash(args)
    except TypeError:
        return None
    # The types, because 1 == True == 1.0.
    return (function.__module__, function.__qualname__, args, tuple(map(type, args)))


class _Worker:
    """One process and its pipes. One call at a time; whatever breaks the order of frames ends the process."""

    def __init__(self, memory_limit_bytes: int) -> None:
        self._memory_limit_bytes = memory_limit_bytes
        self._process: asyncio.subprocess.Process | None = None
        self._ending: set[asyncio.Task[int]] = set()

    async def start(self) -> asyncio.subprocess.Process:
        """The running process, started when there is none."""
        if self._process is not None and self._process.returncode is None:
            return self._process
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "gatebook.googlesql.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            start_new_session=True,  # Ctrl-C is for the parent, which then closes the pipes
        )
        self._process = process
        try:
            async with asyncio.timeout(_START_SECONDS):
                settings = Settings(tuple(sys.path), self._memory_limit_bytes)
                await self._exchange(process, pickle.dumps(settings))
        except (TimeoutError, OSError, EOFError, asyncio.IncompleteReadError) as error:
            await self.stop()
            raise EngineUnavailable(
                "the analyzer's worker process did not start; its standard error says why"
            ) from error
        except BaseException:
            await self.stop()
            raise
        return process

    async def call(self, request: Request) -> tuple[Reply, int]:
        """The reply, and the bytes that went to and fro for it."""
        frame = pickle.dumps(request)
        process = await self.start()
        try:
            async with asyncio.timeout(request.time_limit_seconds + _GRACE_SECONDS):
                body = await self._exchange(process, frame)
        except TimeoutError:
            await self.stop()
            return Reply(error=AnalysisLimit("time", "The query takes too long to analyze")), 0
        except (OSError, EOFError, asyncio.IncompleteReadError):
            await self.stop()
            return Reply(error=AnalysisLimit("trap", "The analyzer stopped unexpectedly on this query")), 0
        except BaseException:
            # The caller went away: its reply must not be taken for that of the next call.
            self.kill()
            raise
        return pickle.loads(body), len(frame) + len(body)  # noqa: S301 - written by our own worker

    async def stop(self) -> None:
        """End the process and wait until it is gone, and those before it."""
        self.kill()
        await asyncio.gather(*self._ending)

    def kill(self) -> None:
        """End the process without waiting."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        ending = asyncio.create_task(process.wait())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    @staticmethod
    async def _exchange(process: asyncio.subprocess.Process, frame: bytes) -> bytes:
        if process.stdin is None or process.stdout is None:
            raise EOFError("the worker has no pipes")
        process.stdin.write(len(frame).to_bytes(LENGTH_BYTES, "big") + frame)
        await process.stdin.drain()
        size = int.from_bytes(await process.stdout.readexactly(LENGTH_BYTES), "big")
        return await process.stdout.readexactly(size)
