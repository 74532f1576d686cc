"""The process that an AnalyzerPool starts: reads calls from its standard input, answers on its standard output.

Frames are a 4-byte big-endian length and a pickle. The parent wrote what is read here and the parent trusts what it
reads back: both run this same package as the same user. SQL text only ever reaches the wasm.
"""

from __future__ import annotations

import os
import pickle
import resource
import sys
from typing import BinaryIO

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.engine import Engine
from gatebook.googlesql.errors import AnalysisLimit, GoogleSqlError
from gatebook.googlesql.frames import LENGTH_BYTES, Reply, Request

# What the interpreter, the protobufs and the results take on top of the wasm's own memory.
_INTERPRETER_BYTES = 768 * 1024 * 1024


def main() -> None:
    """Serve until the parent closes the pipe."""
    calls, replies = _take_pipes()
    settings = pickle.loads(_require_frame(calls))  # noqa: S301 - written by the parent process
    sys.path[:] = settings.path
    _limit_memory(settings.memory_limit_bytes)
    analyzer = Analyzer(Engine(memory_limit_bytes=settings.memory_limit_bytes))
    analyzer.warm_up()
    _write_frame(replies, pickle.dumps(Reply()))
    while (frame := _read_frame(calls)) is not None:
        _write_frame(replies, _answer(analyzer, frame))


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to ourselves: whatever prints goes to standard error instead of into a frame."""
    calls = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    os.dup2(2, 1)
    return calls, replies


def _limit_memory(memory_limit_bytes: int) -> None:
    """A second fence behind the wasm's own: trees and results live in this process's memory, not in the wasm's."""
    ceiling = memory_limit_bytes + _INTERPRETER_BYTES
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or hard > ceiling:
        resource.setrlimit(resource.RLIMIT_DATA, (ceiling, hard))


def _answer(analyzer: Analyzer, frame: bytes) -> bytes:
    reply = _run(analyzer, frame)
    try:
        return pickle.dumps(reply)
    except Exception as error:  # noqa: BLE001 - the caller learns that its result cannot be sent
        return pickle.dumps(Reply(error=TypeError(f"the result cannot be sent to the caller: {type(error).__name__}")))


def _run(analyzer: Analyzer, frame: bytes) -> Reply:
    try:
        request: Request = pickle.loads(frame)  # noqa: S301 - written by the parent process
        with analyzer.engine.deadline(request.time_limit_seconds):
            return Reply(value=request.function(analyzer, *request.args))
    except GoogleSqlError as error:
        return Reply(error=error)
    except RecursionError:
        return Reply(error=AnalysisLimit("depth", "The query is nested too deeply to be analyzed"))
    except MemoryError:
        return Reply(error=AnalysisLimit("memory", "The query needs too much memory to be analyzed"))
    except Exception as error:  # noqa: BLE001 - whatever the function raised belongs to its caller
        return Reply(error=error)


def _require_frame(stream: BinaryIO) -> bytes:
    frame = _read_frame(stream)
    if frame is None:
        raise SystemExit(0)
    return frame


def _read_frame(stream: BinaryIO) -> bytes | None:
    head = stream.read(LENGTH_BYTES)
    if len(head) < LENGTH_BYTES:
        return None
    size = int.from_bytes(head, "big")
    body = stream.read(size)
    return body if len(body) == size else None


def _write_frame(stream: BinaryIO, body: bytes) -> None:
    stream.write(len(body).to_bytes(LENGTH_BYTES, "big"))
    stream.write(body)
    stream.flush()


if __name__ == "__main__":
    main()
