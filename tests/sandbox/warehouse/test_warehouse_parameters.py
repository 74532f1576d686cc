"""Query parameters of every type, by name and by position."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from conftest import Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatebook.sandbox.errors import ApiError


def parameter(kind: Any, value: Any, name: str | None = None) -> dict[str, Any]:
    parameter_type = {"type": kind} if isinstance(kind, str) else kind
    parameter_value = value if isinstance(value, dict) else {"value": value}
    named = {"name": name} if name else {}
    return {"parameterType": parameter_type, "parameterValue": parameter_value, **named}


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("INT64", "-9223372036854775808", -(2**63)),
        ("INTEGER", "5", 5),
        ("FLOAT64", "1e-300", 1e-300),
        ("FLOAT64", "Infinity", float("inf")),
        ("BOOL", "true", True),
        ("STRING", 'it\'s "quoted"\n\\ \x00 żółw', 'it\'s "quoted"\n\\ \x00 żółw'),
        ("BYTES", "AP8=", b"\x00\xff"),
        ("DATE", "2024-02-29", dt.date(2024, 2, 29)),
        ("DATETIME", "2024-02-29T01:02:03.000004", dt.datetime(2024, 2, 29, 1, 2, 3, 4)),  # noqa: DTZ001 - civil time
        ("TIME", "23:59:59.999999", dt.time(23, 59, 59, 999_999)),
        ("TIMESTAMP", "2024-02-29 01:02:03.000004+00:00", dt.datetime(2024, 2, 29, 1, 2, 3, 4, dt.UTC)),
        ("NUMERIC", "-12345678901234567890.123456789", Decimal("-12345678901234567890.123456789")),
        ("JSON", '{"a": [1, null]}', '{"a":[1,null]}'),
        ("GEOGRAPHY", "POINT(1 2)", "POINT(1 2)"),
        *((kind, None, None) for kind in ("INT64", "STRING", "BYTES", "DATE", "TIMESTAMP", "NUMERIC", "JSON")),
    ],
)
def test_scalars(session: Session, kind: str, text: str | None, expected: Any) -> None:
    assert session.rows("SELECT @x", parameters=[parameter(kind, text, "x")]) == [(expected,)]


def test_arrays_structs_and_ranges(session: Session) -> None:
    array = parameter(
        {"type": "ARRAY", "arrayType": {"type": "DATE"}}, {"arrayValues": [{"value": "2024-01-01"}]}, "days"
    )
    struct_type = {
        "type": "STRUCT",
        "structTypes": [
            {"name": "n", "type": {"type": "INT64"}},
            {"name": "tags", "type": {"type": "ARRAY", "arrayType": {"type": "STRING"}}},
        ],
    }
    struct_value = {"structValues": {"n": {"value": "1"}, "tags": {"arrayValues": [{"value": "a"}, {"value": "b"}]}}}
    span_type = {"type": "RANGE", "rangeElementType": {"type": "DATE"}}
    span = parameter(span_type, {"rangeValue": {"start": {"value": "2024-01-01"}, "end": {"value": None}}}, "span")
    rows = session.rows(
        "SELECT @days, @s.n, @s.tags, @span", parameters=[array, parameter(struct_type, struct_value, "s"), span]
    )
    assert rows == [([dt.date(2024, 1, 1)], 1, ["a", "b"], {"start": dt.date(2024, 1, 1), "end": None})]


def test_positional(session: Session) -> None:
    given = [parameter("INT64", "40"), parameter("INT64", "2")]
    assert session.rows("SELECT ? + ?", parameters=given) == [(42,)]


def test_names_do_not_depend_on_case_and_reach_every_place(session: Session) -> None:
    sql = "SELECT n FROM UNNEST(@many) AS n WHERE n > @Low ORDER BY n LIMIT @count"
    many = parameter(
        {"type": "ARRAY", "arrayType": {"type": "INT64"}},
        {"arrayValues": [{"value": str(n)} for n in range(9)]},
        "MANY",
    )
    given = [many, parameter("INT64", "3", "low"), parameter("INT64", "2", "count")]
    assert session.rows(sql, parameters=given) == [(4,), (5,)]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ([parameter("INT64", "abc", "x")], "invalid"),
        ([parameter("DATE", "2024-13-01", "x")], "invalid"),
        ([parameter("INT64", "1", "x"), parameter("INT64", "1")], "invalid"),
        ([parameter("INT64", "1", "y")], "invalidQuery"),
        ([parameter("INT64", "1")], "invalidQuery"),
    ],
)
def test_wrong_parameters_are_refused(session: Session, parameters: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(ApiError) as error:
        session.run("SELECT @x", parameters=parameters)
    assert (error.value.status, error.value.reason) == (400, reason)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_comes_back_as_it_is(session: Session, text: str) -> None:
    assert session.rows("SELECT @x", parameters=[parameter("STRING", text, "x")]) == [(text,)]
