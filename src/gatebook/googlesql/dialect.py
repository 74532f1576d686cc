"""BigQuery's dialect on top of plain ZetaSQL: language options and analyzer options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatebook.googlesql import protos
from gatebook.googlesql.types import SqlType, to_proto

_ENUMS = protos.option_enums

# QUALIFY is reserved in ZetaSQL's maximum features already.
_RESERVED_WORDS = ("MATCH_RECOGNIZE", "GRAPH_TABLE")

_ENTITY_TYPES = ("CAPACITY", "RESERVATION", "ASSIGNMENT", "PROJECT", "ORGANIZATION", "BI_CAPACITY", "DATA_POLICY")

_FEATURES_ON = ("FEATURE_CREATE_TABLE_CLONE",)


def language_options(maximum: Any) -> Any:
    """BigQuery's LanguageOptionsProto, made from ZetaSQL's own maximum."""
    options = protos.options.LanguageOptionsProto()
    options.CopyFrom(maximum)
    options.product_mode = _ENUMS.ProductMode.Value("PRODUCT_EXTERNAL")
    del options.supported_statement_kinds[:]
    kinds = protos.node_kinds.ResolvedNodeKind.items()
    options.supported_statement_kinds.extend(number for name, number in kinds if name.endswith("_STMT"))
    options.supported_generic_entity_types.extend(_ENTITY_TYPES)
    options.reserved_keywords.extend(_RESERVED_WORDS)
    features = set(options.enabled_language_features) | {_ENUMS.LanguageFeature.Value(name) for name in _FEATURES_ON}
    options.ClearField("enabled_language_features")
    options.enabled_language_features.extend(sorted(features))
    return options


def analyzer_options(language: Any, parameters: Mapping[str, SqlType] | Sequence[SqlType] | None) -> Any:
    """AnalyzerOptionsProto for one statement; `parameters` by name, by position, or None: any, types are inferred."""
    options = protos.options.AnalyzerOptionsProto()
    options.language_options.CopyFrom(language)
    options.prune_unused_columns = True
    options.default_timezone = "UTC"
    options.error_message_mode = _ENUMS.ErrorMessageMode.Value("ERROR_MESSAGE_ONE_LINE")
    options.statement_context = _ENUMS.StatementContext.Value("CONTEXT_DEFAULT")
    options.parse_location_record_type = _ENUMS.ParseLocationRecordType.Value("PARSE_LOCATION_RECORD_FULL_NODE_SCOPE")
    if parameters is None:
        options.allow_undeclared_parameters = True
    elif isinstance(parameters, Mapping):
        for name, sql_type in parameters.items():
            options.query_parameters.add(name=name.lower(), type=to_proto(sql_type))
    else:
        options.parameter_mode = _ENUMS.ParameterMode.Value("PARAMETER_POSITIONAL")
        options.positional_query_parameters.extend(to_proto(sql_type) for sql_type in parameters)
    return options
