"""Rows in and out without SQL: reading, appending, copying."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from conftest import Session

from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse import TableName, arrow_schema

TABLE = TableName("p", "d", "t")
UNION = "SELECT 1 AS id, 'Ann' AS name, STRUCT('Rome' AS city, [1, 2] AS codes) AS home UNION ALL SELECT 2, 'Bob', NULL"


def read(session: Session, table: TableName = TABLE, *args: Any, **kwargs: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = session.warehouse.read(table, *args, **kwargs).read_all().to_pylist()
    return found


def test_pages_of_tables_results_and_views_are_stable(session: Session) -> None:
    session.run("CREATE TABLE d.t AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS n ORDER BY n")
    session.run("CREATE VIEW d.v AS SELECT n FROM d.t")
    result = session.run("SELECT n FROM d.t ORDER BY n DESC").destination
    assert result is not None
    assert [row["n"] for row in read(session, TABLE, offset=500, limit=2)] == [501, 502]
    assert [row["n"] for row in read(session, TableName("p", "d", "v"), offset=998)] == [999, 1000]
    assert [row["n"] for row in read(session, result, offset=998)] == [2, 1]
    assert read(session, result, limit=0) == []
    assert [session.warehouse.row_count(name) for name in (TABLE, TableName("p", "d", "v"), result)] == [1000] * 3


def test_columns_and_fields_in_columns_can_be_chosen(session: Session) -> None:
    session.run(f"CREATE TABLE d.t AS {UNION}")
    assert read(session, TABLE, ["name", "home.codes"]) == [
        {"name": "Ann", "home": {"codes": [1, 2]}},
        {"name": "Bob", "home": None},
    ]
    with pytest.raises(ApiError) as error:
        read(session, TABLE, ["home.street"])
    assert error.value.message == "No such field: home.street"


def test_rows_can_be_restricted_by_an_expression(session: Session) -> None:
    session.run(f"CREATE TABLE d.t AS {UNION}")
    result = session.run("SELECT * FROM d.t").destination
    assert result is not None
    for table in (TABLE, result):
        assert [row["id"] for row in read(session, table, row_restriction="home.city = 'Rome' AND id > 0")] == [1]


@pytest.mark.parametrize(
    "restriction",
    ["TRUE) UNION ALL (SELECT 1, 'x', NULL", "id IN (SELECT 1)", "TRUE) LIMIT (1", "id =", "1, 2", "x AS y"],
)
def test_a_restriction_is_one_expression(session: Session, restriction: str) -> None:
    session.run(f"CREATE TABLE d.t AS {UNION}")
    with pytest.raises(ApiError) as error:
        read(session, TABLE, row_restriction=restriction)
    assert error.value.status == 400


def test_a_reader_left_open_does_not_stop_writers(session: Session) -> None:
    session.run("CREATE TABLE d.t AS SELECT n FROM UNNEST(GENERATE_ARRAY(1, 200000)) AS n")
    reader = session.warehouse.read(TABLE)
    first = reader.read_next_batch()
    session.run("CREATE OR REPLACE TABLE d.t AS SELECT 1 AS other")
    rest = sum(batch.num_rows for batch in reader)
    assert first.num_rows + rest == 200_000
    assert read(session) == [{"other": 1}]


def test_append_matches_names_casts_and_fills_in(session: Session) -> None:
    session.run(
        "CREATE TABLE d.t (a INT64, b STRING DEFAULT 'unset', c ARRAY<STRING>, d NUMERIC, s STRUCT<x INT64, y STRING>)"
    )
    rows = pa.table({"A": pa.array([1, 2], pa.int32()), "D": [Decimal("1.5"), None], "s": [{"x": 1, "y": "q"}, None]})
    assert session.warehouse.append(TABLE, rows) == 2
    assert read(session) == [
        {"a": 1, "b": "unset", "c": [], "d": Decimal("1.500000000"), "s": {"x": 1, "y": "q"}},
        {"a": 2, "b": "unset", "c": [], "d": None, "s": None},
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"z": [1]}, "Cannot add fields (field: z)"),
        ({"a": ["x"]}, "The rows cannot be converted to the schema of table p:d.t"),
        ({"a": [None]}, "Required field a cannot be null"),
        ({"a": [1], "c": [["x", None]]}, "Array cannot have a null element; error in writing field c"),
        ({"a": [1], "e": ["long"]}, "STRING(3) has maximum length 3 but got a value with length 4"),
        ({"a": [1], "f": [Decimal(1000)]}, "not in range of [-99.9, 99.9]"),
    ],
)
def test_append_refuses_what_does_not_fit(session: Session, rows: Any, message: str) -> None:
    session.run("CREATE TABLE d.t (a INT64 NOT NULL, c ARRAY<STRING>, e STRING(3), f NUMERIC(3, 1))")
    with pytest.raises(ApiError) as error:
        session.warehouse.append(TABLE, pa.table(rows))
    assert (error.value.status, message in error.value.message) == (400, True), error.value.message
    assert session.warehouse.row_count(TABLE) == 0


def test_append_dispositions(session: Session) -> None:
    session.run("CREATE TABLE d.t (a INT64)")
    session.warehouse.append(TABLE, pa.table({"a": [1]}), "WRITE_EMPTY")
    with pytest.raises(ApiError) as error:
        session.warehouse.append(TABLE, pa.table({"a": [2]}), "WRITE_EMPTY")
    assert (error.value.status, error.value.reason) == (409, "duplicate")
    session.warehouse.append(TABLE, pa.table({"a": [3]}), "WRITE_TRUNCATE")
    session.warehouse.append(TABLE, pa.table({"a": [4], "b": ["new"]}), "WRITE_APPEND", ["ALLOW_FIELD_ADDITION"])
    assert read(session) == [{"a": 3, "b": None}, {"a": 4, "b": "new"}]


def test_views_and_snapshots_take_no_rows(session: Session) -> None:
    session.run("CREATE TABLE d.base AS SELECT 1 AS a")
    session.run("CREATE VIEW d.t AS SELECT a FROM d.base")
    session.run("CREATE SNAPSHOT TABLE d.s CLONE d.base")
    for name, kind in (("t", "VIEW"), ("s", "SNAPSHOT")):
        with pytest.raises(ApiError) as error:
            session.warehouse.append(TableName("p", "d", name), pa.table({"a": [1]}))
        assert error.value.message.endswith(f"because it is currently a {kind}.")


def test_copies_carry_schema_options_and_rows(session: Session) -> None:
    session.run("CREATE TABLE d.a (n INT64 NOT NULL OPTIONS(description='key')) OPTIONS(description='numbers')")
    session.warehouse.append(TableName("p", "d", "a"), pa.table({"n": [1, 2]}))
    sources = [TableName("p", "d", "a")] * 2
    assert session.warehouse.copy(sources, TABLE) == 4
    copied = session.warehouse.get_table(TABLE)
    assert (copied["description"], copied["numRows"]) == ("numbers", "4")
    assert copied["schema"]["fields"] == [{"name": "n", "type": "INTEGER", "mode": "REQUIRED", "description": "key"}]
    with pytest.raises(ApiError) as error:
        session.warehouse.copy(sources, TABLE)
    assert error.value.status == 409
    assert session.warehouse.copy(sources[:1], TABLE, "WRITE_APPEND") == 2
    assert session.warehouse.copy(sources[:1], TABLE, "WRITE_TRUNCATE") == 2
    assert session.warehouse.row_count(TABLE) == 2
    with pytest.raises(ApiError) as missing:
        session.warehouse.copy(sources, TableName("p", "d", "no"), create_disposition="CREATE_NEVER")
    assert missing.value.status == 404


def test_arrow_schemas_of_every_type() -> None:
    kinds = {
        "INTEGER": pa.int64(), "FLOAT": pa.float64(), "BOOLEAN": pa.bool_(), "STRING": pa.string(),
        "BYTES": pa.binary(), "DATE": pa.date32(), "DATETIME": pa.timestamp("us"), "TIME": pa.time64("us"),
        "TIMESTAMP": pa.timestamp("us", tz="UTC"), "NUMERIC": pa.decimal128(38, 9), "BIGNUMERIC": pa.decimal256(76, 38),
        "JSON": pa.string(), "GEOGRAPHY": pa.string(), "INTERVAL": pa.month_day_nano_interval(),
    }  # fmt: skip
    for kind, expected in kinds.items():
        (plain,) = arrow_schema([{"name": "x", "type": kind, "mode": "NULLABLE"}])
        (many,) = arrow_schema([{"name": "x", "type": kind, "mode": "REPEATED"}])
        assert (plain.type, many.type.value_type) == (expected, expected)
    (span,) = arrow_schema([{"name": "x", "type": "RANGE", "rangeElementType": {"type": "DATE"}}])
    assert span.type == pa.struct([("start", pa.date32()), ("end", pa.date32())])
