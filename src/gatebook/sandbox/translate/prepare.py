"""Making a DuckDB database understand translated SQL."""

from duckdb import DuckDBPyConnection

from gatebook.sandbox.translate.udfs import (
    encodings,
    interval_texts,
    json_reading,
    json_writing,
    network,
    numbers,
    patterns,
    printing,
    strftime,
    strings,
    strptime,
    time_texts,
    zones,
)
from gatebook.sandbox.translate.udfs.registry import register

_MODULES = (
    encodings,
    interval_texts,
    json_reading,
    json_writing,
    network,
    numbers,
    patterns,
    printing,
    strftime,
    strings,
    strptime,
    time_texts,
    zones,
)


def prepare(connection: DuckDBPyConnection) -> None:
    """Register every function, once for the whole database; cursors of the connection see them too.

    The session settings hold for this connection: give other connections `prepare_session`.
    """
    for module in _MODULES:
        for udf in module.UDFS:
            register(connection, udf)
    prepare_session(connection)


def prepare_session(connection: DuckDBPyConnection) -> None:
    """Settings that a connection needs before it runs translated SQL."""
    connection.execute("LOAD icu")
    connection.execute("SET TimeZone = 'UTC'")
