"""Random values of every type come back as they went in, whichever way they go."""

import datetime as dt
import json
import math
from decimal import Decimal
from typing import Any

import pyarrow as pa
from conftest import Session
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gatebook.sandbox.warehouse import TableName, arrow_schema

TABLE, COPY = TableName("p", "d", "t"), TableName("p", "d", "copied")
FIRST, LAST = dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31, 23, 59, 59, 999_999)  # noqa: DTZ001 - civil time


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    largest = 10**digits - 1
    exponent = f"e-{places}"  # as text: arithmetic would round to 28 digits
    return st.integers(-largest, largest).map(lambda n: Decimal(f"{n}{exponent}"))


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
numbers = st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9, width=32)
json_values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
SCALARS: dict[str, st.SearchStrategy[Any]] = {
    "INTEGER": st.integers(-(2**63), 2**63 - 1),
    "FLOAT": st.floats(allow_nan=True, allow_infinity=True),
    "BOOLEAN": st.booleans(),
    "STRING": texts,
    "BYTES": st.binary(max_size=20),
    "DATE": st.dates(),
    "DATETIME": st.datetimes(FIRST, LAST),
    "TIME": st.times(),
    "TIMESTAMP": st.datetimes(FIRST, LAST, timezones=st.just(dt.UTC)),
    "NUMERIC": decimals(38, 9),
    "BIGNUMERIC": decimals(38, 18),
    "JSON": json_values.map(lambda value: json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)),
    "INTERVAL": st.builds(
        lambda months, days, us: pa.MonthDayNano([months, days, us * 1000]),
        st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(-(10**12), 10**12),
    ),
}  # fmt: skip
FIELDS = [
    *({"name": f"one_{kind}", "type": kind, "mode": "NULLABLE"} for kind in SCALARS),
    *({"name": f"many_{kind}", "type": kind, "mode": "REPEATED"} for kind in SCALARS),
    {
        "name": "deep", "type": "RECORD", "mode": "REPEATED",
        "fields": [
            {"name": "x", "type": "STRING", "mode": "NULLABLE"},
            {"name": "ys", "type": "NUMERIC", "mode": "REPEATED"},
            {"name": "z", "type": "RECORD", "mode": "NULLABLE",
             "fields": [{"name": "at", "type": "TIMESTAMP", "mode": "NULLABLE"}]},
        ],
    },
]  # fmt: skip

rows = st.lists(
    st.fixed_dictionaries(
        {
            **{f"one_{kind}": st.none() | values for kind, values in SCALARS.items()},
            **{f"many_{kind}": st.lists(values, max_size=2) for kind, values in SCALARS.items()},
            "deep": st.lists(
                st.fixed_dictionaries(
                    {
                        "x": st.none() | texts,
                        "ys": st.lists(SCALARS["NUMERIC"], max_size=2),
                        "z": st.none() | st.fixed_dictionaries({"at": st.none() | SCALARS["TIMESTAMP"]}),
                    }
                ),
                max_size=2,
            ),
        }
    ),
    min_size=1,
    max_size=3,
)


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


@settings(
    max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows)
def test_append_select_insert_and_copy_change_no_value(session: Session, given_rows: list[dict[str, Any]]) -> None:
    warehouse = session.warehouse
    session.run("DROP TABLE IF EXISTS d.t; DROP TABLE IF EXISTS d.copied; DROP TABLE IF EXISTS d.inserted")
    warehouse.insert_table({"tableReference": TABLE.rest(), "schema": {"fields": FIELDS}})
    warehouse.append(TABLE, pa.Table.from_pylist(given_rows, schema=arrow_schema(FIELDS)))
    expected = warehouse.read(TABLE).read_all().to_pylist()
    for column in (field["name"] for field in FIELDS):
        before, after = ([_read(row[column], column) for row in table] for table in (given_rows, expected))
        assert same(before, after), (column, before, after)

    session.run("CREATE TABLE d.copied LIKE d.t; INSERT INTO d.copied SELECT * FROM d.t")
    selected = session.run("SELECT * FROM d.copied").destination
    assert selected is not None
    assert same(warehouse.read(selected).read_all().to_pylist(), expected)
    assert same(warehouse.read(COPY).read_all().to_pylist(), expected)


def _read(value: Any, column: str) -> Any:
    """JSON is compared by value: the warehouse spells numbers in its own way."""
    if "JSON" not in column or value is None:
        return value
    return json.loads(value) if isinstance(value, str) else [json.loads(item) for item in value]
