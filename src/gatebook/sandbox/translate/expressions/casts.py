"""CAST and SAFE_CAST. What DuckDB's own cast accepts or prints differently goes through a function of udfs/."""

from collections.abc import Callable, Mapping

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType
from gatebook.sandbox.translate import intervals
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import string
from gatebook.sandbox.translate.translator import Node, NodeSql, Translator, type_of
from gatebook.sandbox.translate.types import BIGNUMERIC_SCALE, duckdb_type, element, field_names, field_sql, loop_name
from gatebook.sandbox.translate.zones import UTC, instant, local

_BIG = f"DECIMAL(38,{BIGNUMERIC_SCALE})"
_DECIMAL_TEXT = "rtrim(rtrim(CAST({0} AS VARCHAR), '0'), '.')"
# Fractions of seconds have 0, 3 or 6 digits.
_MOMENT_TEXT = "regexp_replace(strftime({}, '%Y-%m-%d %H:%M:%S.%f'), '\\.000000$|000$', '')"

CASTS: Mapping[tuple[str, str], str] = {
    ("BOOL", "INT64"): "CAST({0} AS BIGINT)",
    ("BOOL", "STRING"): "CAST({0} AS VARCHAR)",
    ("INT64", "BOOL"): "({0} <> 0)",
    ("INT64", "FLOAT64"): "CAST({0} AS DOUBLE)",
    ("INT64", "NUMERIC"): "CAST({0} AS DECIMAL(38,9))",
    ("INT64", "BIGNUMERIC"): f"CAST({{0}} AS {_BIG})",
    ("INT64", "STRING"): "CAST({0} AS VARCHAR)",
    ("FLOAT64", "INT64"): "CAST(round({0}) AS BIGINT)",
    ("FLOAT64", "NUMERIC"): "bq_float_to_numeric({0})",
    ("FLOAT64", "BIGNUMERIC"): "bq_float_to_bignumeric({0})",
    ("FLOAT64", "STRING"): "bq_float_text({0})",
    ("NUMERIC", "INT64"): "CAST(round({0}) AS BIGINT)",
    ("NUMERIC", "FLOAT64"): "CAST(CAST({0} AS VARCHAR) AS DOUBLE)",
    ("NUMERIC", "BIGNUMERIC"): f"CAST({{0}} AS {_BIG})",
    ("NUMERIC", "STRING"): _DECIMAL_TEXT,
    ("BIGNUMERIC", "INT64"): "CAST(round({0}) AS BIGINT)",
    ("BIGNUMERIC", "FLOAT64"): "CAST(CAST({0} AS VARCHAR) AS DOUBLE)",
    ("BIGNUMERIC", "NUMERIC"): "CAST(round({0}, 9) AS DECIMAL(38,9))",
    ("BIGNUMERIC", "STRING"): _DECIMAL_TEXT,
    ("STRING", "BOOL"): "bq_parse_bool({0})",
    ("STRING", "INT64"): "bq_parse_int64({0})",
    ("STRING", "FLOAT64"): "CAST(bq_float64_digits({0}) AS DOUBLE)",
    ("STRING", "NUMERIC"): "bq_parse_numeric({0})",
    ("STRING", "BIGNUMERIC"): "bq_parse_bignumeric({0})",
    ("STRING", "BYTES"): "encode({0})",
    ("STRING", "DATE"): "bq_parse_date({0})",
    ("STRING", "DATETIME"): "make_timestamp(bq_datetime_micros({0}))",
    ("STRING", "TIME"): "bq_parse_time({0})",
    ("STRING", "TIMESTAMP"): "make_timestamptz(bq_timestamp_micros({0}, {zone}))",
    ("STRING", "INTERVAL"): intervals.from_parts("bq_interval_read({0})"),
    ("BYTES", "STRING"): "bq_utf8({0})",
    ("DATE", "STRING"): "CAST({0} AS VARCHAR)",
    ("DATE", "DATETIME"): "CAST({0} AS TIMESTAMP)",
    ("DATETIME", "STRING"): _MOMENT_TEXT.format("{0}"),
    ("DATETIME", "DATE"): "CAST({0} AS DATE)",
    ("DATETIME", "TIME"): "CAST({0} AS TIME)",
    ("TIME", "STRING"): _MOMENT_TEXT.format("DATE '1970-01-01' + {0}") + "[12:]",
    ("INTERVAL", "STRING"): intervals.text("{0}"),
}


def timestamp_text(value: str, zone: str) -> str:
    """`2024-01-01 00:00:00+00`."""
    if zone == UTC:
        return _MOMENT_TEXT.format(local(value)) + " || '+00'"
    return f"bq_timestamp_text_in_zone(epoch_us({value}), {zone})"


_ZONED: Mapping[tuple[str, str], Callable[[str, str], str]] = {
    ("DATE", "TIMESTAMP"): lambda value, zone: instant(f"CAST({value} AS TIMESTAMP)", zone),
    ("DATETIME", "TIMESTAMP"): instant,
    ("TIMESTAMP", "DATE"): lambda value, zone: f"CAST({local(value, zone)} AS DATE)",
    ("TIMESTAMP", "DATETIME"): local,
    ("TIMESTAMP", "TIME"): lambda value, zone: f"CAST({local(value, zone)} AS TIME)",
    ("TIMESTAMP", "STRING"): timestamp_text,
}


def _cast(translator: Translator, node: Node) -> str:
    value = translator.expression(node.expr)
    if not node.return_null_on_error:
        return _converted(translator, node, value)
    if tree.kind(tree.unwrap(node.expr)) in ("Literal", "ColumnRef", "Parameter"):
        return f"TRY({_converted(translator, node, value)})"
    name = translator.fresh("v")
    return f"(list_transform([{value}], lambda {name}: TRY({_converted(translator, node, name)})))[1]"


def _converted(translator: Translator, node: Node, value: str) -> str:
    source, target = type_of(node.expr), type_of(node)
    if node.HasField("extended_cast"):
        raise Unmapped("CAST by a conversion function")
    if node.HasField("format"):
        return _formatted(translator, node, value, source, target)
    return _limited(node, cast_sql(value, source, target, _zone(translator, node)), target)


def _zone(translator: Translator, node: Node) -> str:
    return translator.expression(node.time_zone) if node.HasField("time_zone") else session_zone(translator)


def session_zone(translator: Translator) -> str:
    """The time zone where none is written."""
    return string(translator.environment.time_zone)


def cast_sql(value: str, source: SqlType, target: SqlType, zone: str) -> str:
    """A value of one type as another."""
    if source == target:
        return value
    if source.kind == target.kind == "STRUCT":
        return _struct(value, source, target, zone)
    if source.kind == target.kind == "ARRAY":
        name = loop_name(source)
        item = cast_sql(name, element(source), element(target), zone)
        return value if item == name else f"list_transform({value}, lambda {name}: {item})"
    if target.kind == "RANGE" and source.kind == "STRING":
        return _range(value, element(target).kind)
    if source.kind == "RANGE" and target.kind == "STRING":
        return range_text(value, source, zone)
    if source.kind == target.kind:
        return value
    zoned = _ZONED.get((source.kind, target.kind))
    if zoned is not None:
        return zoned(value, zone)
    template = CASTS.get((source.kind, target.kind))
    if template is None:
        raise Unmapped(f"CAST of {source.sql()} to {target.sql()}")
    return template.format(value, zone=zone)


def _struct(value: str, source: SqlType, target: SqlType, zone: str) -> str:
    """Fields are matched by position; DuckDB would match them by name."""
    fields = (
        f"{string(name)}: {cast_sql(field_sql(value, source, index), source.fields[index].type, field.type, zone)}"
        for index, (name, field) in enumerate(zip(field_names(target), target.fields, strict=True))
    )
    return f"CASE WHEN {value} IS NOT NULL THEN CAST({{{', '.join(fields)}}} AS {duckdb_type(target)}) END"


def _range(value: str, bound: str) -> str:
    if bound == "DATE":
        return f"bq_parse_range_date({value})"
    make = "make_timestamptz" if bound == "TIMESTAMP" else "make_timestamp"
    bounds = ", ".join(f"'{name}': {make}(struct_extract(_b, '{name}'))" for name in ("start", "end"))
    micros = f"bq_range_micros_{bound.lower()}({value})"
    return f"(list_transform([{micros}], lambda _b: CASE WHEN _b IS NOT NULL THEN {{{bounds}}} END))[1]"


def range_text(value: str, source: SqlType, zone: str) -> str:
    """`[2024-01-01, UNBOUNDED)`."""
    start, end = (
        cast_sql(f"struct_extract({value}, '{bound}')", element(source), SqlType("STRING"), zone)
        for bound in ("start", "end")
    )
    return (
        f"CASE WHEN {value} IS NOT NULL THEN"
        f" '[' || coalesce({start}, 'UNBOUNDED') || ', ' || coalesce({end}, 'UNBOUNDED') || ')' END"
    )


def _limited(node: Node, value: str, target: SqlType) -> str:
    """STRING(10), NUMERIC(10, 2): round to the scale, refuse what is too long."""
    if not node.HasField("type_modifiers"):
        return value
    modifiers = node.type_modifiers
    if modifiers.HasField("collation") and modifiers.collation.collation_name:
        raise Unmapped("CAST with COLLATE")
    if not modifiers.HasField("type_parameters"):
        return value
    parameters = modifiers.type_parameters
    if parameters.HasField("string_type_parameters"):
        return f"bq_limit_{target.kind.lower()}({value}, {parameters.string_type_parameters.max_length})"
    if parameters.HasField("numeric_type_parameters"):
        numeric = parameters.numeric_type_parameters
        limited = f"bq_limit_numeric({value}, {numeric.precision}, {numeric.scale})"
        return f"CAST({limited} AS {duckdb_type(target)})"
    raise Unmapped(f"CAST to {target.sql()} with parameters")


def _formatted(translator: Translator, node: Node, value: str, source: SqlType, target: SqlType) -> str:
    function = _FORMATTED_CASTS.get((source.kind, target.kind))
    if function is None:
        raise Unmapped(f"CAST of {source.sql()} to {target.sql()} with FORMAT")
    return f"{function}({value}, {translator.expression(node.format)})"


_FORMATTED_CASTS: Mapping[tuple[str, str], str] = {
    ("BYTES", "STRING"): "bq_bytes_to_string",
    ("STRING", "BYTES"): "bq_string_to_bytes",
}

EXPRESSIONS: Mapping[str, NodeSql] = {"Cast": _cast}
