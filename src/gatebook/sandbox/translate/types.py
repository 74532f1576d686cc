"""How BigQuery's types stand in DuckDB. The warehouse and its readers follow this table.

INT64 BIGINT | FLOAT64 DOUBLE | BOOL BOOLEAN | STRING VARCHAR | BYTES BLOB | DATE DATE | TIME TIME
DATETIME    TIMESTAMP
TIMESTAMP   TIMESTAMPTZ; the session's TimeZone must be UTC (`prepare` sets it)
NUMERIC     DECIMAL(38,9), BigQuery's own range
BIGNUMERIC  DECIMAL(38,18). BigQuery has 76 digits, 38 of them fractional; what does not fit raises, it is never rounded
JSON        JSON, kept normalised: no white space, keys sorted, last duplicate wins; SQL NULL and JSON 'null' differ
GEOGRAPHY   VARCHAR holding WKT with BigQuery's spelling (`POINT(1 2)`)
INTERVAL    INTERVAL (months, days, microseconds)
RANGE<T>    STRUCT("start" T, "end" T); NULL end = unbounded
ARRAY<T>    T[]; stored arrays are never NULL and hold no NULL (`stored_sql`)
STRUCT<..>  STRUCT(..) with the fields' own names; a name that is empty or repeats an earlier one (ignoring case)
            gets the name `field_names` gives
"""

from gatebook.googlesql.types import SqlType
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import case, identifier, string

BIGNUMERIC_SCALE = 18

_SCALARS = {
    "INT64": "BIGINT",
    "FLOAT64": "DOUBLE",
    "BOOL": "BOOLEAN",
    "STRING": "VARCHAR",
    "BYTES": "BLOB",
    "DATE": "DATE",
    "DATETIME": "TIMESTAMP",
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMPTZ",
    "NUMERIC": "DECIMAL(38,9)",
    "BIGNUMERIC": f"DECIMAL(38,{BIGNUMERIC_SCALE})",
    "JSON": "JSON",
    "INTERVAL": "INTERVAL",
    "GEOGRAPHY": "VARCHAR",
}


def duckdb_type(sql_type: SqlType) -> str:
    """The physical type. Unmapped for types BigQuery does not have."""
    if sql_type.kind == "ARRAY":
        return duckdb_type(element(sql_type)) + "[]"
    if sql_type.kind == "RANGE":
        bound = duckdb_type(element(sql_type))
        return f'STRUCT("start" {bound}, "end" {bound})'
    if sql_type.kind == "STRUCT":
        pairs = zip(field_names(sql_type), sql_type.fields, strict=True)
        return f"STRUCT({', '.join(f'{identifier(name)} {duckdb_type(field.type)}' for name, field in pairs)})"
    try:
        return _SCALARS[sql_type.kind]
    except KeyError:
        raise Unmapped(f"type {sql_type.sql()}") from None


def element(sql_type: SqlType) -> SqlType:
    """Element type of an ARRAY or RANGE."""
    if sql_type.element is None:
        raise Unmapped(f"type {sql_type.sql()} without element type")
    return sql_type.element


def field_names(sql_type: SqlType) -> tuple[str, ...]:
    """Physical field names of a STRUCT: an anonymous field is `_field_N` (N from 1), a repeated name `name_N`."""
    if not sql_type.fields:
        raise Unmapped("STRUCT without fields")
    names: list[str] = []
    taken: set[str] = set()
    for position, field in enumerate(sql_type.fields, start=1):
        name = field.name or f"_field_{position}"
        while name.lower() in taken:
            name = f"{name}_{position}"
        taken.add(name.lower())
        names.append(name)
    return tuple(names)


def field_sql(struct: str, sql_type: SqlType, index: int) -> str:
    """Field `index` of a struct expression."""
    return f"struct_extract({struct}, {string(field_names(sql_type)[index])})"


def range_order(value: str, sql_type: SqlType) -> str:
    """A RANGE as a struct that DuckDB orders as BigQuery does: unbounded starts come first, unbounded ends last."""
    start, end = (f"struct_extract({value}, '{bound}')" for bound in ("start", "end"))
    first, last = (f"CAST('{sign}infinity' AS {duckdb_type(element(sql_type))})" for sign in ("-", ""))
    ordered = f"{{'s': coalesce({start}, {first}), 'e': coalesce({end}, {last})}}"
    return f"CASE WHEN {value} IS NOT NULL THEN {ordered} END"


def null_sql(sql_type: SqlType) -> str:
    """NULL of a type."""
    return f"CAST(NULL AS {duckdb_type(sql_type)})"


def failure(message: str, sql_type: SqlType) -> str:
    """An expression that fails when it is evaluated; `message` is SQL of the text."""
    return f"CAST(bq_error({message}) AS {duckdb_type(sql_type)})"


def stored_sql(sql: str, sql_type: SqlType, name: str = "") -> str:
    """The value as a table or a result holds it: a NULL array is empty there, and an array with a NULL is refused.

    `name` is the column's or field's, for the error. `sql` is repeated.
    """
    if sql_type.kind == "ARRAY":
        return _stored_array(sql, sql_type, name)
    if sql_type.kind == "STRUCT" and _holds_array(sql_type):
        fields = (
            f"{string(physical)}: {stored_sql(field_sql(sql, sql_type, index), field.type, field.name)}"
            for index, (physical, field) in enumerate(zip(field_names(sql_type), sql_type.fields, strict=True))
        )
        return case((f"{sql} IS NOT NULL", f"{{{', '.join(fields)}}}"))
    return sql


def _stored_array(sql: str, sql_type: SqlType, name: str) -> str:
    inner, item = element(sql_type), loop_name(sql_type)
    stored = f"list_transform({sql}, lambda {item}: {stored_sql(item, inner, name)})" if _holds_array(inner) else sql
    message = string(f"Array cannot have a null element; error in writing field {name}")
    holes = (f"len({sql}) > list_count({sql})", failure(message, sql_type))
    return case(holes, otherwise=f"coalesce({stored}, CAST([] AS {duckdb_type(sql_type)}))")


def loop_name(array_type: SqlType) -> str:
    """Lambda parameter for a walk over an array: arrays nested in its elements get other names."""
    return f"_x{_array_depth(array_type)}"


def _array_depth(sql_type: SqlType) -> int:
    inner = [field.type for field in sql_type.fields] + ([sql_type.element] if sql_type.element else [])
    return (sql_type.kind == "ARRAY") + max(map(_array_depth, inner), default=0)


def _holds_array(sql_type: SqlType) -> bool:
    return sql_type.kind == "ARRAY" or any(_holds_array(field.type) for field in sql_type.fields)
