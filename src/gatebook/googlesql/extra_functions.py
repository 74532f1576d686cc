"""BigQuery's functions that ZetaSQL does not build in, declared so that statements which use them can be analyzed.

Only signatures are here. A function whose output cannot be known from its arguments (EXTERNAL_QUERY, ML.PREDICT and the
other table functions over models) is left out on purpose: the analyzer then refuses the statement by name. Resolved
calls carry the group `BigQuery`, e.g. `BigQuery:max_by`.

Source: https://cloud.google.com/bigquery/docs/reference/standard-sql/functions-all
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gatebook.googlesql.types import (
    BOOL,
    BYTES,
    FLOAT64,
    GEOGRAPHY,
    INT64,
    INTERVAL,
    JSON,
    STRING,
    TIMESTAMP,
    SqlType,
    array_of,
    struct_of,
)

Mode = Literal["SCALAR", "AGGREGATE", "ANALYTIC"]

# "ANY" is any type; "T" is any type, the same one wherever it stands in the signature; "TABLE" is a table.
ArgumentType = SqlType | Literal["ANY", "T", "TABLE"]


@dataclass(frozen=True, slots=True)
class ExtraArgument:
    """One argument; a named one may also be given by position."""

    type: ArgumentType
    name: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class ExtraFunction:
    """A scalar, aggregate or analytic (OVER) function; `path` has two parts for `ML.DISTANCE`."""

    mode: Mode
    path: tuple[str, ...]
    returns: ArgumentType
    arguments: tuple[ExtraArgument, ...]


@dataclass(frozen=True, slots=True)
class ExtraTableFunction:
    """A table function, described by a query over its table argument `input` that has the right output columns."""

    path: tuple[str, ...]
    arguments: tuple[ExtraArgument, ...]
    query: str


def _function(mode: Mode, name: str, returns: ArgumentType, *arguments: ArgumentType | ExtraArgument) -> ExtraFunction:
    spelled = (item if isinstance(item, ExtraArgument) else ExtraArgument(item) for item in arguments)
    return ExtraFunction(mode, tuple(name.split(".")), returns, tuple(spelled))


def _optional(sql_type: ArgumentType, name: str = "") -> ExtraArgument:
    return ExtraArgument(sql_type, name, optional=True)


_STRINGS = array_of(STRING)
_FLOATS = array_of(FLOAT64)
_OBJECT_REF = struct_of([("uri", STRING), ("version", STRING), ("authorizer", STRING), ("details", JSON)])
_REGION_STATISTICS = struct_of(
    [("min", FLOAT64), ("max", FLOAT64), ("stdDev", FLOAT64), ("count", INT64), ("mean", FLOAT64), ("area", FLOAT64)]
)


def _generated(result: SqlType) -> SqlType:
    return struct_of([("result", result), ("full_response", JSON), ("status", STRING)])


_MODEL_ARGUMENTS = (
    _optional(STRING, "connection_id"),
    _optional(STRING, "endpoint"),
    _optional(JSON, "model_params"),
    _optional(STRING, "request_type"),
)

EXTRA_FUNCTIONS: tuple[ExtraFunction, ...] = (
    _function("AGGREGATE", "MAX_BY", "T", "T", "ANY"),
    _function("AGGREGATE", "MIN_BY", "T", "T", "ANY"),
    _function("SCALAR", "CONTAINS_SUBSTR", BOOL, "ANY", STRING, _optional(STRING, "json_scope")),
    _function(
        "SCALAR",
        "SEARCH",
        BOOL,
        "ANY",
        STRING,
        _optional(STRING, "json_scope"),
        _optional(STRING, "analyzer"),
        _optional(STRING, "analyzer_options"),
    ),
    _function(
        "SCALAR", "TEXT_ANALYZE", _STRINGS, STRING, _optional(STRING, "analyzer"), _optional(STRING, "analyzer_options")
    ),
    _function("SCALAR", "BAG_OF_WORDS", array_of(struct_of([("term", STRING), ("count", INT64)])), _STRINGS),
    _function(
        "ANALYTIC",
        "TF_IDF",
        array_of(struct_of([("term", STRING), ("tf_idf", FLOAT64)])),
        _STRINGS,
        _optional(INT64),
        _optional(INT64),
    ),
    _function("SCALAR", "DLP_KEY_CHAIN", BYTES, STRING, BYTES),
    _function("SCALAR", "DLP_DETERMINISTIC_ENCRYPT", STRING, BYTES, STRING, STRING, _optional(STRING)),
    _function("SCALAR", "DLP_DETERMINISTIC_DECRYPT", STRING, BYTES, STRING, STRING, _optional(STRING)),
    _function("SCALAR", "OBJ.MAKE_REF", _OBJECT_REF, STRING, _optional(STRING)),
    _function("SCALAR", "OBJ.FETCH_METADATA", _OBJECT_REF, _OBJECT_REF),
    _function("SCALAR", "OBJ.GET_ACCESS_URL", JSON, _OBJECT_REF, STRING, _optional(INTERVAL)),
    _function(
        "SCALAR",
        "ST_REGIONSTATS",
        _REGION_STATISTICS,
        GEOGRAPHY,
        STRING,
        _optional(STRING, "band"),
        _optional(STRING, "include"),
        _optional(JSON, "options"),
    ),
    _function("SCALAR", "ML.BUCKETIZE", STRING, FLOAT64, _FLOATS, _optional(BOOL), _optional(STRING)),
    _function("SCALAR", "ML.DISTANCE", FLOAT64, _FLOATS, _FLOATS, _optional(STRING)),
    _function("SCALAR", "ML.HASH_BUCKETIZE", INT64, STRING, INT64),
    _function("SCALAR", "ML.LP_NORM", FLOAT64, _FLOATS, FLOAT64),
    _function("SCALAR", "ML.NGRAMS", _STRINGS, _STRINGS, array_of(INT64), _optional(STRING)),
    _function("SCALAR", "ML.NORMALIZER", _FLOATS, _FLOATS, _optional(FLOAT64)),
    _function("ANALYTIC", "ML.IMPUTER", "T", "T", STRING),
    _function("ANALYTIC", "ML.LABEL_ENCODER", INT64, STRING, _optional(INT64), _optional(INT64)),
    _function("ANALYTIC", "ML.MAX_ABS_SCALER", FLOAT64, FLOAT64),
    _function("ANALYTIC", "ML.MIN_MAX_SCALER", FLOAT64, FLOAT64),
    _function("ANALYTIC", "ML.QUANTILE_BUCKETIZE", STRING, FLOAT64, INT64, _optional(STRING)),
    _function("ANALYTIC", "ML.ROBUST_SCALER", FLOAT64, FLOAT64),
    _function("ANALYTIC", "ML.STANDARD_SCALER", FLOAT64, FLOAT64),
    _function("SCALAR", "AI.GENERATE", _generated(STRING), ExtraArgument("ANY", "prompt"), *_MODEL_ARGUMENTS),
    _function("SCALAR", "AI.GENERATE_BOOL", _generated(BOOL), ExtraArgument("ANY", "prompt"), *_MODEL_ARGUMENTS),
    _function("SCALAR", "AI.GENERATE_DOUBLE", _generated(FLOAT64), ExtraArgument("ANY", "prompt"), *_MODEL_ARGUMENTS),
    _function("SCALAR", "AI.GENERATE_INT", _generated(INT64), ExtraArgument("ANY", "prompt"), *_MODEL_ARGUMENTS),
    _function("SCALAR", "AI.IF", BOOL, ExtraArgument("ANY", "prompt"), *_MODEL_ARGUMENTS),
    _function("SCALAR", "AI.SCORE", FLOAT64, ExtraArgument("ANY", "prompt"), *_MODEL_ARGUMENTS),
    _function(
        "SCALAR",
        "AI.CLASSIFY",
        STRING,
        ExtraArgument("ANY", "input"),
        ExtraArgument("ANY", "categories"),
        *_MODEL_ARGUMENTS,
    ),
)

_INPUT = ExtraArgument("TABLE", "input")
_CHANGES_QUERY = (
    "SELECT *, CAST(NULL AS STRING) AS _CHANGE_TYPE, CAST(NULL AS TIMESTAMP) AS _CHANGE_TIMESTAMP FROM input"
)

EXTRA_TABLE_FUNCTIONS: tuple[ExtraTableFunction, ...] = (
    ExtraTableFunction(
        ("APPENDS",),
        (_INPUT, _optional(TIMESTAMP, "start_timestamp"), _optional(TIMESTAMP, "end_timestamp")),
        _CHANGES_QUERY,
    ),
    ExtraTableFunction(
        ("CHANGES",),
        (_INPUT, ExtraArgument(TIMESTAMP, "start_timestamp"), ExtraArgument(TIMESTAMP, "end_timestamp")),
        _CHANGES_QUERY,
    ),
    ExtraTableFunction(
        ("EXTERNAL_OBJECT_TRANSFORM",),
        (_INPUT, ExtraArgument(_STRINGS, "transform_types")),
        "SELECT *, CAST(NULL AS STRING) AS signed_url FROM input",
    ),
    ExtraTableFunction(
        ("GAP_FILL",),
        (
            _INPUT,
            ExtraArgument(STRING, "ts_column"),
            ExtraArgument(INTERVAL, "bucket_width"),
            _optional(_STRINGS, "partitioning_columns"),
            _optional(array_of(struct_of([("", STRING), ("", STRING)])), "value_columns"),
            _optional("ANY", "origin"),
            _optional(BOOL, "ignore_null_values"),
        ),
        "SELECT * FROM input",
    ),
    ExtraTableFunction(
        ("RANGE_SESSIONIZE",),
        (
            _INPUT,
            ExtraArgument(STRING, "range_column"),
            ExtraArgument(_STRINGS, "partitioning_columns"),
            _optional(STRING, "sessionize_option"),
        ),
        "SELECT *, CAST(NULL AS RANGE<TIMESTAMP>) AS session_range FROM input",
    ),
)
