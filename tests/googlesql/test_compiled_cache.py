"""The compiled analyzer is code that this process runs: whoever can write it owns the process."""

import multiprocessing
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import wasmtime

from gatebook.googlesql import module_cache
from gatebook.googlesql.errors import EngineUnavailable


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of our own with the compiled file of the real one in it."""
    compiled = module_cache.prewarm()
    directory = tmp_path / "cache"
    directory.mkdir(mode=0o700)
    shutil.copy(compiled, directory / compiled.name)
    (directory / compiled.name).chmod(0o600)
    monkeypatch.setenv("GATEBOOK_CACHE_DIR", str(directory))
    module_cache._compiled_path.cache_clear()
    yield directory
    module_cache._compiled_path.cache_clear()


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling takes half a minute; a test that comes to it gets a module of a few bytes, or fails."""

    def compile_(_progress: object) -> wasmtime.Module:
        return wasmtime.Module(module_cache.wasm_engine(), "(module)")

    monkeypatch.setattr(module_cache, "_compile", compile_)


def compiled_file(cache: Path) -> Path:
    (found,) = cache.glob("*.cwasm")
    return found


def test_the_directory_is_found_as_xdg_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEBOOK_CACHE_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert module_cache.cache_directory() == Path("/somewhere/gatebook")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert module_cache.cache_directory() == Path("/home/me/.cache/gatebook")
    monkeypatch.setenv("GATEBOOK_CACHE_DIR", "/elsewhere")
    assert module_cache.cache_directory() == Path("/elsewhere")


def test_the_compiled_file_is_used(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_cache, "_compile", lambda _: pytest.fail("compiled although the cache has it"))
    assert module_cache.prewarm() == compiled_file(cache)
    assert isinstance(module_cache._open_or_compile(None), wasmtime.Module)


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o777])
def test_a_directory_that_others_can_write_is_refused(cache: Path, mode: int) -> None:
    cache.chmod(mode)
    with pytest.raises(EngineUnavailable, match="writable by others; run: chmod go-w"):
        module_cache.prewarm()


def test_a_file_that_others_can_write_is_refused(cache: Path) -> None:
    compiled_file(cache).chmod(0o620)
    with pytest.raises(EngineUnavailable, match="writable by others"):
        module_cache.prewarm()


def test_what_belongs_to_another_user_is_refused(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: cache.stat().st_uid + 1)
    with pytest.raises(EngineUnavailable, match="belongs to another user"):
        module_cache.prewarm()


def test_links_are_refused(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compiled_file(cache)
    moved = compiled.rename(tmp_path / "elsewhere")
    compiled.symlink_to(moved)
    with pytest.raises(EngineUnavailable, match="not a regular file"):
        module_cache.prewarm()
    link = tmp_path / "link"
    link.symlink_to(cache, target_is_directory=True)
    monkeypatch.setenv("GATEBOOK_CACHE_DIR", str(link))
    module_cache._compiled_path.cache_clear()
    with pytest.raises(EngineUnavailable, match="not a directory"):
        module_cache.prewarm()


def test_a_directory_that_cannot_be_made_is_named(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEBOOK_CACHE_DIR", str(compiled_file(cache) / "below"))
    module_cache._compiled_path.cache_clear()
    with pytest.raises(EngineUnavailable, match="cannot be used"):
        module_cache.prewarm()


@pytest.mark.usefixtures("no_compiler")
@pytest.mark.parametrize("content", [b"", b"\x7fELF cut short"])
def test_a_damaged_file_is_compiled_again(cache: Path, content: bytes) -> None:
    compiled_file(cache).write_bytes(content)
    module_cache.prewarm()
    assert compiled_file(cache).stat().st_mode & 0o777 == 0o600
    assert wasmtime.Module.deserialize_file(module_cache.wasm_engine(), str(compiled_file(cache))).exports == []
    assert not list(cache.glob("*.part"))


@pytest.mark.usefixtures("no_compiler")
def test_a_new_directory_is_private(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEBOOK_CACHE_DIR", str(cache / "new" / "er"))
    module_cache._compiled_path.cache_clear()
    compiled = module_cache.prewarm()
    assert compiled.parent.stat().st_mode & 0o777 == 0o700
    assert compiled.stat().st_mode & 0o777 == 0o600


def hold_lock(
    path: Path, ready: "multiprocessing.synchronize.Event", done: "multiprocessing.synchronize.Event"
) -> None:
    with module_cache._locked(path, None):
        ready.set()
        done.wait(10)


def test_processes_wait_for_the_one_that_compiles(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    compiled = compiled_file(cache)
    kept = compiled.rename(cache / "kept")
    holder = context.Process(target=hold_lock, args=(compiled.with_suffix(".lock"), ready, done))
    holder.start()
    assert ready.wait(10)
    seen: list[float] = []

    def progress(elapsed_seconds: float) -> None:
        seen.append(elapsed_seconds)
        if not kept.exists():
            return
        kept.rename(compiled)
        done.set()

    monkeypatch.setattr(module_cache, "_compile", lambda _: pytest.fail("two processes compiled"))
    assert module_cache.prewarm(progress) == compiled
    assert seen
    holder.join(10)
