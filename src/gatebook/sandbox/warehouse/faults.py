"""Whatever goes wrong beneath a statement, as BigQuery would say it. Names inside DuckDB never get out."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import duckdb
import pyarrow as pa

from gatebook.googlesql.errors import AnalysisLimit, CatalogError, SqlError
from gatebook.sandbox.errors import ApiError, internal, invalid_query, not_implemented, stopped
from gatebook.sandbox.translate import Unmapped, error_text


@contextmanager
def faults() -> Iterator[None]:
    """Let only ApiError out of the block."""
    try:
        yield
    except ApiError:
        raise
    except SqlError as error:
        raise invalid_query(str(error)) from error
    except CatalogError as error:
        raise invalid_query(str(error)) from error
    except AnalysisLimit as error:
        raise ApiError(400, "resourcesExceeded", f"Resources exceeded during query execution: {error}") from error
    except Unmapped as error:
        raise not_implemented(str(error)) from error
    except duckdb.Error as error:
        raise _from_duckdb(error) from error
    except pa.ArrowInvalid as error:
        raise invalid_query("A value cannot be converted to its column's type") from error


def _from_duckdb(error: duckdb.Error) -> ApiError:
    for kind, answer in _BY_KIND.items():
        if isinstance(error, kind):
            return answer(error)
    return internal("The embedded BigQuery failed to run this statement")


def _constraint(error: duckdb.Error) -> ApiError:
    required = re.search(r"NOT NULL constraint failed: [^.]*\.(.*)", str(error))
    return invalid_query(f"Required field {required[1]} cannot be null" if required else "A constraint was violated")


def _resources(_error: duckdb.Error) -> ApiError:
    return ApiError(400, "resourcesExceeded", "Resources exceeded during query execution")


def _unmapped(error: duckdb.Error) -> ApiError:
    kind = type(error).__name__.removesuffix("Exception")
    return not_implemented(f"this statement has no exact translation ({kind})")


def _runtime(error: duckdb.Error) -> ApiError:
    text = error_text(error)
    if text == str(error):  # not one that is known: DuckDB's own words, unless they name what is inside
        text = text.partition("\n")[0].partition(": ")[2]
        if not text or _INNER_NAMES.search(text):
            text = "The query failed while it ran"
    return invalid_query(text)


_INNER_NAMES: Final = re.compile(
    r"\b(data|temp|catalog)\.|\bt\d+\b|\b[rc]\d+|_gatebook|rowid|\bbq_|getvariable|\b_[a-z]\b"
)


_BY_KIND: Final[dict[type[duckdb.Error], Callable[[duckdb.Error], ApiError]]] = {
    duckdb.InterruptException: lambda _error: stopped(),
    duckdb.OutOfMemoryException: _resources,
    duckdb.ConstraintException: _constraint,
    duckdb.NotImplementedException: _unmapped,
    duckdb.BinderException: _unmapped,
    duckdb.ParserException: _unmapped,
    duckdb.CatalogException: _unmapped,
    duckdb.TransactionException: lambda _error: invalid_query(
        "Could not serialize access to the table due to concurrent update"
    ),
    duckdb.Error: _runtime,
}
