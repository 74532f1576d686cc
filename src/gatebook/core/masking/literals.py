"""Constants in GoogleSQL's own words, for the types of BigQuery.

Reference: https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical#literals
"""

from collections.abc import Mapping

from gatebook.googlesql.types import SqlType

_DEFAULTS: Mapping[str, str] = {
    "STRING": "''",
    "BYTES": "b''",
    "INT64": "0",
    "FLOAT64": "CAST(0 AS FLOAT64)",
    "NUMERIC": "NUMERIC '0'",
    "BIGNUMERIC": "BIGNUMERIC '0'",
    "BOOL": "FALSE",
    "DATE": "DATE '1970-01-01'",
    "DATETIME": "DATETIME '1970-01-01 00:00:00'",
    "TIMESTAMP": "TIMESTAMP '1970-01-01 00:00:00+00'",
    "TIME": "TIME '00:00:00'",
    "GEOGRAPHY": "ST_GEOGPOINT(0, 0)",
    "INTERVAL": "INTERVAL 0 SECOND",
}
_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r"}


def default_sql(sql_type: SqlType) -> str:
    """The default masking value of a type."""
    if sql_type.kind == "RANGE":
        return f"{sql_type.sql()} '[UNBOUNDED, UNBOUNDED)'"
    return _DEFAULTS[sql_type.kind]


def null_sql(sql_type: SqlType) -> str:
    """NULL of a type."""
    return f"CAST(NULL AS {sql_type.sql()})"


def string_sql(text: str) -> str:
    """A STRING literal."""
    return "'" + "".join(_escaped(character) for character in text) + "'"


def bytes_sql(value: bytes) -> str:
    """A BYTES literal."""
    return "b'" + "".join(f"\\x{byte:02x}" for byte in value) + "'"


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if character.isprintable() else f"\\U{ord(character):08x}"
