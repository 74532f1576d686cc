"""One running instance of the analyzer: raw protobuf calls into the wasm, with limits on time and memory.

The wasm sees no files but the time zone database, no network, no environment. After a trap the instance is thrown away.
"""

from __future__ import annotations

import atexit
import ctypes
import importlib.resources
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import wasmtime
from google.protobuf.message import DecodeError, Message

from gatebook.googlesql.errors import AnalysisLimit, error_from_status
from gatebook.googlesql.module_cache import forget_module, load_module, wasm_engine

ReplyT = TypeVar("ReplyT", bound=Message)

_TICK_SECONDS = 0.02
_NEVER_TICKS = 1 << 40
DEFAULT_MEMORY_LIMIT_BYTES = 512 * 1024 * 1024
DEFAULT_REPLY_LIMIT_BYTES = 64 * 1024 * 1024


class _Ticker:
    """Advances the wasmtime epoch every 20 ms, but only while a call with a deadline runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    @contextmanager
    def ticking(self) -> Iterator[None]:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="googlesql-epoch", daemon=True)
                self._thread.start()
            self._running += 1
            self._wake.set()
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if self._running == 0:
                    self._wake.clear()

    def _run(self) -> None:
        while self._wake.wait():
            time.sleep(_TICK_SECONDS)
            wasm_engine().increment_epoch()


_TICKER = _Ticker()


_LIVE: weakref.WeakSet[Engine] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """Free what wasmtime holds while its module is still whole: at interpreter exit its finalizers would complain."""
    for engine in list(_LIVE):
        engine.close()
    forget_module()


class Engine:
    """A wasm instance of the analyzer. Not thread-safe: one owner at a time."""

    def __init__(
        self,
        memory_limit_bytes: int = DEFAULT_MEMORY_LIMIT_BYTES,
        reply_limit_bytes: int = DEFAULT_REPLY_LIMIT_BYTES,
    ) -> None:
        self.generation = 0
        self._memory_limit_bytes = memory_limit_bytes
        self._reply_limit_bytes = reply_limit_bytes
        self._deadline: float | None = None
        self._instance: _Instance | None = None
        _LIVE.add(self)

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[None]:
        """All calls inside must end within `seconds` together, else AnalysisLimit('time'); outer ones still hold."""
        outer = self._deadline
        mine = time.monotonic() + seconds
        self._deadline = mine if outer is None else min(outer, mine)
        try:
            yield
        finally:
            self._deadline = outer

    def call(self, method: str, request: Message, reply_type: type[ReplyT]) -> ReplyT:
        """Call one method of ZetaSQL's local service.

        Raises SqlError with the analyzer's words, or AnalysisLimit. After a limit the next call gets a fresh instance;
        `generation` then differs, and everything registered in the old one is gone.
        """
        raw = self.call_raw(method, request.SerializeToString())
        reply = reply_type()
        try:
            reply.ParseFromString(raw)
        except DecodeError as error:
            raise AnalysisLimit("depth", "The query is nested too deeply to be analyzed") from error
        return reply

    def call_raw(self, method: str, request: bytes) -> bytes:
        """Like `call`, with serialized messages."""
        instance = self._instance or self._start()
        try:
            return self._timed(instance, method, request)
        except wasmtime.Trap as trap:
            self._instance = None
            raise _limit_of(trap) from trap
        except wasmtime.WasmtimeError as error:
            self._instance = None
            raise AnalysisLimit("trap", "The analyzer stopped unexpectedly on this query") from error
        except AnalysisLimit:
            self._instance = None
            raise

    def start(self) -> None:
        """Start the instance now (about 50 ms) instead of at the first call."""
        if self._instance is None:
            self._start()

    def close(self) -> None:
        """Free the instance; a later call starts a new one."""
        self._instance = None

    @property
    def running(self) -> bool:
        """Whether an instance is alive; it is not before the first call and after a limit."""
        return self._instance is not None

    def memory_bytes(self) -> int:
        """Linear memory in use, 0 when no instance runs."""
        return self._instance.memory_bytes() if self._instance else 0

    def _start(self) -> _Instance:
        self._instance = _Instance(self._memory_limit_bytes, self._reply_limit_bytes)
        self.generation += 1
        return self._instance

    def _timed(self, instance: _Instance, method: str, request: bytes) -> bytes:
        if self._deadline is None:
            instance.store.set_epoch_deadline(_NEVER_TICKS)
            return instance.call(method, request)
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise _out_of_time()
        with _TICKER.ticking():
            instance.store.set_epoch_deadline(int(remaining / _TICK_SECONDS) + 1)
            return instance.call(method, request)


class _Instance:
    """Store, memory and exported functions of one instantiation."""

    def __init__(self, memory_limit_bytes: int, reply_limit_bytes: int) -> None:
        engine = wasm_engine()
        self.store = wasmtime.Store(engine)
        self.store.set_epoch_deadline(_NEVER_TICKS)
        self.store.set_wasi(_sandboxed_wasi())
        linker = wasmtime.Linker(engine)
        linker.define_wasi()
        # Which exports there are is decided by the wasm file; its types are told to nobody.
        self._exports = cast("Any", linker.instantiate(self.store, load_module()).exports(self.store))
        self._exports["_initialize"](self.store)
        self._memory = self._exports["memory"]
        self._allocate = self._exports["wasm_malloc"]
        self._free = self._exports["wasm_free"]
        self._memory_limit_bytes = memory_limit_bytes
        self._reply_limit_bytes = reply_limit_bytes

    def call(self, method: str, request: bytes) -> bytes:
        function = self._exports[f"ZetaSqlLocalService_{method}"]
        request_at = self._allocate(self.store, max(1, len(request)))
        size_at = self._allocate(self.store, 4)
        if not request_at or not size_at:
            raise _out_of_memory()
        self._write(request_at, request)
        reply_at = function(self.store, request_at, len(request), size_at)
        # The wasm's memory is a shared one, which wasmtime's own limits (Store.set_limits) do not reach. During a
        # call it grows by some 20 MB/s; worker processes put a hard fence around it as well.
        if self.memory_bytes() > self._memory_limit_bytes:
            raise _out_of_memory()
        if not reply_at:
            status = self._last_error()
            self._release(request_at, size_at)
            raise error_from_status(status)
        size = int.from_bytes(self._read(size_at, 4), "little")
        if size > self._reply_limit_bytes:
            raise AnalysisLimit("size", "The analyzed query is too large")
        reply = self._read(reply_at, size)
        self._release(reply_at, request_at, size_at)
        return reply

    def memory_bytes(self) -> int:
        return int(self._memory.data_len())

    def _last_error(self) -> str:
        size = self._exports["wasm_get_last_error_size"](self.store)
        if not size:
            return "The analyzer gave no reason"
        return self._read(self._exports["wasm_get_last_error"](self.store), size).decode(errors="replace")

    def _release(self, *addresses: int) -> None:
        for address in addresses:
            self._free(self.store, address)

    def _base(self) -> int:
        # The memory may move when it grows, so its address is asked for at every copy.
        return ctypes.addressof(self._memory.data_ptr().contents)

    def _write(self, address: int, data: bytes) -> None:
        ctypes.memmove(self._base() + address, data, len(data))

    def _read(self, address: int, size: int) -> bytes:
        return ctypes.string_at(self._base() + address, size)


def _sandboxed_wasi() -> wasmtime.WasiConfig:
    wasi = wasmtime.WasiConfig()
    zones = importlib.resources.files("tzdata") / "zoneinfo"
    wasi.preopen_dir(str(zones), "/usr/share/zoneinfo")
    return wasi


def _limit_of(trap: wasmtime.Trap) -> AnalysisLimit:
    if trap.trap_code == wasmtime.TrapCode.INTERRUPT:
        return _out_of_time()
    if trap.trap_code == wasmtime.TrapCode.STACK_OVERFLOW:
        return AnalysisLimit("depth", "The query is nested too deeply to be analyzed")
    return AnalysisLimit("trap", "The analyzer stopped unexpectedly on this query")


def _out_of_time() -> AnalysisLimit:
    return AnalysisLimit("time", "The query takes too long to analyze")


def _out_of_memory() -> AnalysisLimit:
    return AnalysisLimit("memory", "The query needs too much memory to be analyzed")
