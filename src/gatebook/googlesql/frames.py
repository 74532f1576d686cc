"""What a pool and its worker processes say to each other: length-prefixed pickles, one reply to each request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Settings:
    """The first frame: how the worker is set up. `path` is the parent's sys.path, so that its functions are found."""

    path: tuple[str, ...]
    memory_limit_bytes: int


@dataclass(frozen=True, slots=True)
class Request:
    """One call of `function(analyzer, *args)`."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    time_limit_seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What the call returned, or the error it raised."""

    value: Any = None
    error: Exception | None = None
