import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatebook.googlesql.analyzer import Analyzer
from gatebook.googlesql.errors import CatalogError, SqlError
from gatebook.googlesql.identifiers import RESERVED_WORDS
from gatebook.googlesql.types import (
    DATE,
    INT64,
    STRING,
    SqlType,
    StructField,
    array_of,
    from_proto,
    from_rest_schema,
    struct_of,
    to_proto,
    to_rest_schema,
)

SCALARS = (
    "INT64 FLOAT64 BOOL STRING BYTES DATE DATETIME TIME TIMESTAMP NUMERIC BIGNUMERIC GEOGRAPHY JSON INTERVAL".split()
)
NAMES = st.sampled_from(("a", "b_1", "Größe", "select", "with space", "tick`", "back\\slash"))


def structs(inner: st.SearchStrategy[SqlType]) -> st.SearchStrategy[SqlType]:
    fields = st.lists(st.tuples(NAMES, inner), min_size=1, max_size=3, unique_by=lambda field: field[0])
    return fields.map(struct_of)


# Arrays hold no arrays.
TYPES = st.recursive(
    st.sampled_from(SCALARS).map(SqlType),
    lambda inner: structs(inner) | inner.filter(lambda item: item.kind != "ARRAY").map(array_of),
    max_leaves=8,
)


@given(sql_type=TYPES)
def test_protobuf_form_is_read_back(sql_type: SqlType) -> None:
    assert from_proto(to_proto(sql_type)) == sql_type


@given(sql_type=TYPES)
def test_rest_form_is_read_back(sql_type: SqlType) -> None:
    fields = (StructField("x", sql_type),)
    assert from_rest_schema(to_rest_schema(fields)) == fields


@given(sql_type=TYPES)
@settings(max_examples=50, deadline=None)
def test_sql_form_is_read_back(sql_type: SqlType, analyzer: Analyzer) -> None:
    assert analyzer.parse_type(sql_type.sql()) == sql_type


def test_types_are_written_as_sql() -> None:
    nested = array_of(struct_of([("a", INT64), ("odd name", STRING), ("", SqlType("RANGE", element=DATE))]))
    assert nested.sql() == "ARRAY<STRUCT<a INT64, `odd name` STRING, RANGE<DATE>>>"


def test_type_parameters_are_dropped(analyzer: Analyzer) -> None:
    assert analyzer.parse_type("STRUCT<a STRING(10), b NUMERIC(5, 2)>") == struct_of(
        [("a", STRING), ("b", SqlType("NUMERIC"))]
    )
    with pytest.raises(SqlError):
        analyzer.parse_type("NOTHING")


def test_rest_names_and_modes_are_those_of_bigquery() -> None:
    schema = [
        {"name": "id", "type": "INTEGER", "mode": "REQUIRED"},
        {"name": "price", "type": "FLOAT"},
        {"name": "ok", "type": "BOOL", "mode": "NULLABLE"},
        {"name": "when", "type": "RANGE", "rangeElementType": {"type": "DATE"}},
        {"name": "items", "type": "RECORD", "mode": "REPEATED", "fields": [{"name": "n", "type": "DECIMAL"}]},
    ]
    fields = from_rest_schema(schema)
    assert [field.type.sql() for field in fields] == [
        "INT64",
        "FLOAT64",
        "BOOL",
        "RANGE<DATE>",
        "ARRAY<STRUCT<n NUMERIC>>",
    ]
    assert [(item["type"], item["mode"]) for item in to_rest_schema(fields)] == [
        ("INTEGER", "NULLABLE"),
        ("FLOAT", "NULLABLE"),
        ("BOOLEAN", "NULLABLE"),
        ("RANGE", "NULLABLE"),
        ("RECORD", "REPEATED"),
    ]


def test_anonymous_fields_have_a_name_in_rest() -> None:
    assert [item["name"] for item in to_rest_schema([StructField("", INT64), StructField("b", INT64)])] == [
        "_field_1",
        "b",
    ]


@pytest.mark.parametrize("name", ["ARRAY", "FLOAT128", ""])
def test_unknown_rest_types_are_refused(name: str) -> None:
    with pytest.raises(CatalogError):
        from_rest_schema([{"name": "x", "type": name}])


def test_types_that_bigquery_lacks_are_refused() -> None:
    with pytest.raises(CatalogError):
        to_proto(SqlType("UUID"))
    with pytest.raises(CatalogError):
        to_proto(SqlType("ARRAY"))


@pytest.mark.parametrize("word", sorted(RESERVED_WORDS))
def test_reserved_words_are_those_of_the_analyzer(word: str, analyzer: Analyzer) -> None:
    with pytest.raises(SqlError):
        analyzer.parse(f"SELECT 1 AS {word}")
