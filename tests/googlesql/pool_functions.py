"""What the pool's tests run in workers: good calls and calls that do everything a worker must survive."""

import ctypes
import os
import time
from typing import Any

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.catalog import Catalog
from gatebook.googlesql.types import SqlType


def statement_kind(analyzer: Analyzer, sql: str) -> str:
    return analyzer.statements(sql).kind


def columns(analyzer: Analyzer, sql: str, catalog: Catalog) -> tuple[tuple[str, SqlType], ...]:
    return analyzer.analyze(sql, catalog).columns


def process(_analyzer: Analyzer, _nonce: int) -> int:
    return os.getpid()


def environment(_analyzer: Analyzer) -> list[str]:
    return sorted(os.environ)


def generation(analyzer: Analyzer, _nonce: int) -> int:
    analyzer.engine.start()
    return analyzer.engine.generation


def sleep(_analyzer: Analyzer, seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def spin(_analyzer: Analyzer) -> None:
    while True:
        pass


def exit_(_analyzer: Analyzer) -> None:
    os._exit(3)


def segfault(_analyzer: Analyzer) -> None:
    ctypes.string_at(0)


def print_(_analyzer: Analyzer) -> str:
    print("not a frame", flush=True)
    os.write(1, b"not a frame either\n")
    return "printed"


def recurse(analyzer: Analyzer, depth: int) -> int:
    return recurse(analyzer, depth + 1)


def allocate(_analyzer: Analyzer) -> int:
    return len(bytearray(8 * 1024**3))


def unpicklable(_analyzer: Analyzer) -> Any:
    return lambda: 1


def fail(_analyzer: Analyzer) -> None:
    raise KeyError("the function's own error")


def large(_analyzer: Analyzer, size: int) -> str:
    return "x" * size
