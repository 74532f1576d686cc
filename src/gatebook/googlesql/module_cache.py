"""The analyzer's machine code: compiled once from the wasm (12-31 s), then kept in a private directory.

Loading compiled code runs it, so whoever can write the file owns the process. The directory and the file must belong
to the user of this process and be writable by nobody else; anything else is refused, not repaired.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path

import wasmtime

from gatebook.googlesql import protos
from gatebook.googlesql.errors import EngineUnavailable

Progress = Callable[[float], None]

# Part of the file name: a change of any of these makes different machine code.
_CONFIGURATION = "shared-memory,epoch-interruption,1"
_POLL_SECONDS = 0.2
# Twice wasmtime's default: 400 chained operators instead of 200. The C stack in wasm memory (8 MiB, at address 0, so
# that an overflow traps) lasts longer than this one.
_STACK_BYTES = 1024 * 1024


def cache_directory() -> Path:
    """`$GATEBOOK_CACHE_DIR`, else `$XDG_CACHE_HOME/gatebook`, else `~/.cache/gatebook`."""
    chosen = os.environ.get("GATEBOOK_CACHE_DIR")
    if chosen:
        return Path(chosen)
    shared = os.environ.get("XDG_CACHE_HOME")
    return (Path(shared) if shared else Path.home() / ".cache") / "gatebook"


@cache
def wasm_engine() -> wasmtime.Engine:
    """The wasmtime engine of this process; modules and epochs belong to it."""
    config = wasmtime.Config()
    config.shared_memory = True  # the analyzer is built with the threads proposal
    config.epoch_interruption = True
    config.max_wasm_stack = _STACK_BYTES
    return wasmtime.Engine(config)


@cache
def load_module() -> wasmtime.Module:
    """The compiled analyzer, from the cache or compiled now; EngineUnavailable when the cache is unsafe."""
    return _open_or_compile(None)


def forget_module() -> None:
    """Let go of the compiled analyzer; it is loaded again when it is asked for."""
    load_module.cache_clear()
    wasm_engine.cache_clear()


def prewarm(progress: Progress | None = None) -> Path:
    """Make sure the compiled analyzer is in the cache.

    `progress` is called with the elapsed seconds a few times a second.
    Returns the compiled file. Safe to run in several processes at once: one compiles, the others wait.
    """
    _open_or_compile(progress)
    return _compiled_path()


@cache
def _compiled_path() -> Path:
    wasm = hashlib.sha256(protos.get_wasm_path().read_bytes()).hexdigest()[:24]
    configuration = hashlib.sha256(_CONFIGURATION.encode()).hexdigest()[:8]
    runtime = f"wasmtime{version('wasmtime')}-{platform.machine()}"
    return cache_directory() / f"googlesql-{wasm}-{runtime}-{configuration}.cwasm"


def _open_or_compile(progress: Progress | None) -> wasmtime.Module:
    path = _compiled_path()
    _make_private(path.parent)
    module = _read(path)
    if module is not None:
        return module
    with _locked(path.with_suffix(".lock"), progress):
        module = _read(path)
        if module is None:
            module = _compile(progress)
            _write(path, module)
    return module


def _make_private(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = directory.lstat()
    except OSError as error:
        raise EngineUnavailable(f"cache directory {directory} cannot be used: {error.strerror}") from error
    if not stat.S_ISDIR(status.st_mode):
        raise EngineUnavailable(f"cache directory {directory} is not a directory (links are refused)")
    _require_private(directory, status)


def _require_private(path: Path, status: os.stat_result) -> None:
    if status.st_uid != os.geteuid():
        raise EngineUnavailable(f"{path} belongs to another user; it holds code that this process would run")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise EngineUnavailable(f"{path} is writable by others; run: chmod go-w {path}")


def _read(path: Path) -> wasmtime.Module | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise EngineUnavailable(f"{path} is not a regular file; remove it")
    _require_private(path, status)
    try:
        return wasmtime.Module.deserialize_file(wasm_engine(), str(path))
    except wasmtime.WasmtimeError:
        return None  # cut short, or built for another processor: compiled again and replaced


def _write(path: Path, module: wasmtime.Module) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as part:
            part.write(module.serialize())
            part.flush()
            os.fsync(part.fileno())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise EngineUnavailable(f"compiled analyzer cannot be written to {path.parent}: {error.strerror}") from error


@contextmanager
def _locked(path: Path, progress: Progress | None) -> Iterator[None]:
    started = time.monotonic()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), "w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                _report(progress, started)
                time.sleep(_POLL_SECONDS)
        yield


def _compile(progress: Progress | None) -> wasmtime.Module:
    """Compile in a thread (the compiler leaves the interpreter free), so that progress can be told."""
    started = time.monotonic()
    outcome: list[wasmtime.Module | Exception] = []

    def work() -> None:
        try:
            outcome.append(wasmtime.Module.from_file(wasm_engine(), str(protos.get_wasm_path())))
        except Exception as error:  # noqa: BLE001 - handed to the waiting thread, which raises it
            outcome.append(error)

    thread = threading.Thread(target=work, name="googlesql-compile", daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_POLL_SECONDS)
        _report(progress, started)
    result = outcome[0]
    if isinstance(result, Exception):
        raise EngineUnavailable(f"the analyzer cannot be compiled: {result}") from result
    return result


def _report(progress: Progress | None, started: float) -> None:
    if progress is not None:
        progress(time.monotonic() - started)
