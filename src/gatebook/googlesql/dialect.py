"""BigQuery's dialect on top of plain ZetaSQL: language options, analyzer options, system variables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gatebook.googlesql import protos
from gatebook.googlesql.errors import CatalogError, SqlError
from gatebook.googlesql.types import DATE, INT64, STRING, TIMESTAMP, SqlType, array_of, struct_of, to_proto

Parameters = Mapping[str, SqlType] | Sequence[SqlType] | None

_ENUMS = protos.option_enums

# QUALIFY is reserved in ZetaSQL's maximum features already.
_RESERVED_WORDS = ("MATCH_RECOGNIZE", "GRAPH_TABLE")

_ENTITY_TYPES = ("CAPACITY", "RESERVATION", "ASSIGNMENT", "PROJECT", "ORGANIZATION", "BI_CAPACITY", "DATA_POLICY")

# BigQuery has these although ZetaSQL's maximum leaves them out.
_FEATURES_ON = (
    "FEATURE_ALTER_COLUMN_SET_DATA_TYPE",
    "FEATURE_CLONE_DATA",
    "FEATURE_COLLATION_SUPPORT",
    "FEATURE_CREATE_EXTERNAL_TABLE_WITH_PARTITION_COLUMNS",
    "FEATURE_CREATE_TABLE_CLONE",
    "FEATURE_CREATE_VIEWS_WITH_COLUMN_OPTIONS",
    "FEATURE_DIFFERENTIAL_PRIVACY",
    "FEATURE_EXTERNAL_SECURITY_PROCEDURE",
    "FEATURE_LIKE_ANY_SOME_ALL_ARRAY",
    "FEATURE_LIKE_ANY_SOME_ALL_SUBQUERY",
    "FEATURE_NON_SQL_PROCEDURE",
    "FEATURE_VECTOR_SEARCH_TVF",
)

# In ZetaSQL's maximum, but not in BigQuery: timestamps finer than microseconds, `FROM dataset.table.array`, and pipe
# operators that write (a statement read as SELECT must not write) or answer several results.
_FEATURES_OFF = (
    "FEATURE_PIPE_CREATE_TABLE",
    "FEATURE_PIPE_DESCRIBE",
    "FEATURE_PIPE_EXPORT_DATA",
    "FEATURE_PIPE_FORK",
    "FEATURE_PIPE_IF",
    "FEATURE_PIPE_INSERT",
    "FEATURE_PIPE_STATIC_DESCRIBE",
    "FEATURE_PIPE_TEE",
    "FEATURE_SINGLE_TABLE_NAME_ARRAY_PATH",
    "FEATURE_TIMESTAMP_NANOS",
    "FEATURE_TIMESTAMP_PICOS",
)

_STACK_FRAME = struct_of([("line", INT64), ("column", INT64), ("filename", STRING), ("location", STRING)])

# https://cloud.google.com/bigquery/docs/reference/system-variables
SYSTEM_VARIABLES: Mapping[tuple[str, ...], SqlType] = {
    ("current_job_id",): STRING,
    ("dataset_id",): STRING,
    ("dataset_project_id",): STRING,
    ("error", "formatted_stack_trace"): STRING,
    ("error", "message"): STRING,
    ("error", "stack_trace"): array_of(_STACK_FRAME),
    ("error", "statement_text"): STRING,
    ("last_job_id",): STRING,
    ("location",): STRING,
    ("project_id",): STRING,
    ("query_label",): STRING,
    ("reservation",): STRING,
    ("row_count",): INT64,
    ("script", "bytes_billed"): INT64,
    ("script", "bytes_processed"): INT64,
    ("script", "creation_time"): TIMESTAMP,
    ("script", "job_id"): STRING,
    ("script", "num_child_jobs"): INT64,
    ("script", "slot_ms"): INT64,
    ("session_id",): STRING,
    ("time_zone",): STRING,
    ("transaction_id",): STRING,
}

# PARTITION BY of a table that is partitioned by ingestion time names them before the table exists.
_INGESTION_TIME_COLUMNS = {"_PARTITIONTIME": TIMESTAMP, "_PARTITIONDATE": DATE}

# The prefix stands before the statement; other comments may come first.
# https://cloud.google.com/bigquery/docs/introduction-sql#change_from_the_default_dialect
_LEADING_COMMENTS = re.compile(r"(?:\s+|#[^\n]*(?:\n|$)|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_LEGACY_PREFIX = re.compile(r"(?:^|\r)[^\S\n]*#[^\S\n]*legacysql\b", re.IGNORECASE | re.MULTILINE)


def refuse_legacy_sql(sql: str) -> None:
    """SqlError when the text asks for legacy SQL (`#legacySQL`), which is another language."""
    comments = _LEADING_COMMENTS.match(sql)
    if comments is not None and _LEGACY_PREFIX.search(comments[0]):
        raise SqlError("Legacy SQL is not supported; remove #legacySQL and write GoogleSQL", 1, 1)


def language_options(maximum: Any) -> Any:
    """BigQuery's LanguageOptionsProto, made from ZetaSQL's own maximum."""
    options = protos.options.LanguageOptionsProto()
    options.CopyFrom(maximum)
    options.product_mode = _ENUMS.ProductMode.Value("PRODUCT_EXTERNAL")
    kinds = protos.node_kinds.ResolvedNodeKind.items()
    options.ClearField("supported_statement_kinds")
    options.supported_statement_kinds.extend(number for name, number in kinds if name.endswith("_STMT"))
    options.supported_generic_entity_types.extend(_ENTITY_TYPES)
    options.supported_generic_sub_entity_types.append("REPLICA")
    options.reserved_keywords.extend(_RESERVED_WORDS)
    number = _ENUMS.LanguageFeature.Value
    features = set(options.enabled_language_features)
    features |= {number(name) for name in _FEATURES_ON}
    features -= {number(name) for name in _FEATURES_OFF}
    options.ClearField("enabled_language_features")
    options.enabled_language_features.extend(sorted(features))
    return options


def analyzer_options(language: Any) -> Any:
    """AnalyzerOptionsProto for any statement, without query parameters."""
    options = protos.options.AnalyzerOptionsProto()
    options.language_options.CopyFrom(language)
    options.prune_unused_columns = True
    options.default_timezone = "UTC"
    options.error_message_mode = _ENUMS.ErrorMessageMode.Value("ERROR_MESSAGE_ONE_LINE")
    options.statement_context = _ENUMS.StatementContext.Value("CONTEXT_DEFAULT")
    locations = _ENUMS.ParseLocationRecordType
    options.parse_location_record_type = locations.Value("PARSE_LOCATION_RECORD_FULL_NODE_SCOPE")
    for name, sql_type in _INGESTION_TIME_COLUMNS.items():
        options.ddl_pseudo_columns.add(name=name, type=to_proto(sql_type))
    for path, sql_type in SYSTEM_VARIABLES.items():
        options.system_variables.add(name_path=path, type=to_proto(sql_type))
    return options


def with_parameters(base: Any, parameters: Parameters, *, positional: bool = False) -> Any:
    """The options with query parameters: by name, by position, or None: any are allowed and their types inferred.

    The analyzer cannot infer both sorts at once: `positional` chooses between `?` and `@name` for None.
    """
    options = protos.options.AnalyzerOptionsProto()
    options.CopyFrom(base)
    if parameters is None:
        options.allow_undeclared_parameters = True
        options.parameter_mode = _ENUMS.ParameterMode.Value("PARAMETER_POSITIONAL" if positional else "PARAMETER_NAMED")
    elif isinstance(parameters, Mapping):
        if len({name.lower() for name in parameters}) != len(parameters):
            raise CatalogError("two query parameters have the same name; names do not depend on case")
        for name, sql_type in parameters.items():
            options.query_parameters.add(name=name.lower(), type=to_proto(sql_type))
    else:
        options.parameter_mode = _ENUMS.ParameterMode.Value("PARAMETER_POSITIONAL")
        options.positional_query_parameters.extend(to_proto(sql_type) for sql_type in parameters)
    return options
