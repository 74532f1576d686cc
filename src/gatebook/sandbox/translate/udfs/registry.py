"""What a Python function needs to become a DuckDB function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

INT, FLOAT, BOOL, TEXT, BLOB, DATE, JSON = "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR", "BLOB", "DATE", "JSON"
NUMERIC, BIGNUMERIC, TIME = "DECIMAL(38,9)", "DECIMAL(38,18)", "TIME"
INTS, FLOATS, TEXTS, BLOBS = "BIGINT[]", "DOUBLE[]", "VARCHAR[]", "BLOB[]"


class EvaluationError(Exception):
    """A fault in the data, in BigQuery's words; `error_text` finds it again in DuckDB's message."""


@dataclass(frozen=True, slots=True)
class Udf:
    """`function` is not called when an argument is NULL, unless `sees_null`."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    result: str
    sees_null: bool = False


def register(connection: DuckDBPyConnection, udf: Udf) -> None:
    """Make the function known to every connection of the database."""
    function = udf.function if udf.sees_null else _strict(udf.function, len(udf.arguments))
    connection.create_function(
        udf.name,
        function,
        list(udf.arguments),
        udf.result,
        null_handling="special",
    )


def _strict(function: Callable[..., Any], arity: int) -> Callable[..., Any]:
    """DuckDB asks a function for its number of parameters, so that there is one wrapper for each."""
    return _WRAPPERS[arity](function)


def _one(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a: None if a is None else f(a)


def _two(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, b: None if a is None or b is None else f(a, b)


def _three(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, b, c: None if a is None or b is None or c is None else f(a, b, c)


def _four(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, b, c, d: None if _any_null(a, b, c, d) else f(a, b, c, d)


def _five(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, b, c, d, e: None if _any_null(a, b, c, d, e) else f(a, b, c, d, e)


def _six(f: Callable[..., Any]) -> Callable[..., Any]:
    return lambda a, b, c, d, e, g: None if _any_null(a, b, c, d, e, g) else f(a, b, c, d, e, g)


def _any_null(*values: Any) -> bool:
    return any(value is None for value in values)


_WRAPPERS = {1: _one, 2: _two, 3: _three, 4: _four, 5: _five, 6: _six}
