"""The three executions agree: SQL run by the sandbox, JSON cells of its REST API, and its Arrow and Avro rows."""

import io
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_columns import TYPES, paths, rest_fields, values

from gatebook.columnar.arrow import arrow_masker
from gatebook.columnar.avro import rows_masker as avro_rows_masker
from gatebook.core.masking.cell_texts import TimestampFormat
from gatebook.core.masking.cells import cell_masker
from gatebook.core.masking.expressions import plan_sql
from gatebook.core.masking.keys import query_parameters
from gatebook.core.masking.masks import AlwaysNull, LastFourCharacters, Mask
from gatebook.core.masking.pages import rows_masker
from gatebook.core.masking.plans import UNTOUCHED, Plan, plan_column
from gatebook.googlesql.types import INT64, STRING, SqlType, array_of, struct_of
from gatebook.sandbox.rest.rows import rows as rest_rows
from gatebook.sandbox.storage.avro import avro_schema, rows_message
from gatebook.sandbox.warehouse import DatasetName, QueryRequest, TableName, Warehouse, arrow_schema
from masking_samples import KEY, MASKS, SCALAR_TYPES, named

TABLE = TableName("p", "d", "t")


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    made = Warehouse(project="p")
    made.insert_dataset({"datasetReference": {"projectId": "p", "datasetId": "d"}})
    yield made
    made.close()


class Masked:
    """A column of a table, raw and as SQL masks it: one batch with `x` and a column for each plan."""

    def __init__(
        self, warehouse: Warehouse, sql_type: SqlType, given_rows: list[Any], plans: Mapping[str, Plan]
    ) -> None:
        self.sql_type, self.plans = sql_type, plans
        _fill(warehouse, sql_type, given_rows)
        columns = [f"{plan_sql(plan, 'x', KEY.key_id)} AS {name}" for name, plan in plans.items()]
        self.batch = _ask(warehouse, f"SELECT x, {', '.join(columns)} FROM d.t ORDER BY id")
        self.fields = rest_fields(("x", sql_type), *((name, sql_type) for name in plans))

    def column(self, name: str) -> pa.Array:
        return self.batch.column(name)

    def cells(self, timestamps: TimestampFormat) -> list[dict[str, Any]]:
        return rest_rows(self.batch, self.fields, int64_timestamps=timestamps is TimestampFormat.INT64)


def _fill(warehouse: Warehouse, sql_type: SqlType, given_rows: list[Any]) -> None:
    fields = rest_fields(("id", INT64), ("x", sql_type))
    warehouse.run(_request("DROP TABLE IF EXISTS d.t"))
    warehouse.insert_table({"tableReference": TABLE.rest(), "schema": {"fields": fields}})
    table = [{"id": number, "x": value} for number, value in enumerate(given_rows)]
    warehouse.append(TABLE, pa.Table.from_pylist(table, schema=arrow_schema(fields)))


def _ask(warehouse: Warehouse, sql: str) -> pa.RecordBatch:
    outcome = warehouse.run(_request(sql))
    assert outcome.destination is not None
    with warehouse.read(outcome.destination) as reader:
        [batch] = reader.read_all().combine_chunks().to_batches()
    return batch


def _request(sql: str) -> QueryRequest:
    parameters = query_parameters(KEY, ["people"])
    return QueryRequest(sql, "p", uuid.uuid4().hex, default_dataset=DatasetName("p", "d"), parameters=parameters)


def check_cells(masked: Masked, timestamps: TimestampFormat) -> None:
    rows = masked.cells(timestamps)
    for position, (name, plan) in enumerate(masked.plans.items(), start=1):
        mask = cell_masker(plan, timestamps, KEY)
        for row in rows:
            raw, expected = row["f"][0]["v"], row["f"][position]["v"]
            assert mask(raw) == expected, (name, plan, raw)


def check_pages(masked: Masked) -> None:
    rows = masked.cells(TimestampFormat.INT64)
    for position, plan in enumerate(masked.plans.values(), start=1):
        page = json.dumps([{"f": [row["f"][0], {"v": "left [as] it {is}"}]} for row in rows]).encode()
        found = json.loads(rows_masker([plan, UNTOUCHED], TimestampFormat.INT64, KEY)(page))
        assert found == [{"f": [row["f"][position], {"v": "left [as] it {is}"}]} for row in rows]


def check_arrow(masked: Masked) -> None:
    field = masked.batch.schema.field("x")
    for name, plan in masked.plans.items():
        found = arrow_masker(plan, field, KEY)(masked.column("x"))
        found.validate(full=True)
        assert found.type == field.type
        assert repr(found.to_pylist()) == repr(masked.column(name).to_pylist()), (name, plan)


def check_avro(masked: Masked) -> None:
    schema = avro_schema(rest_fields(("x", masked.sql_type)))
    parsed = fastavro.parse_schema(schema)

    def message(column: pa.Array) -> bytes:
        return rows_message(pa.RecordBatch.from_arrays([column], ["x"]), rest_fields(("x", masked.sql_type)), parsed)

    for name, plan in masked.plans.items():
        found = avro_rows_masker([plan], schema, KEY)(message(masked.column("x")))
        assert _avro_rows(found, parsed) == _avro_rows(message(masked.column(name)), parsed), (name, plan)


def _avro_rows(message: bytes, parsed: Any) -> list[str]:
    source, found = io.BytesIO(message), []
    while source.tell() < len(message):
        found.append(repr(fastavro.schemaless_reader(source, parsed, None)))
    return found


def check_all(masked: Masked) -> None:
    check_cells(masked, TimestampFormat.INT64)
    check_pages(masked)
    check_arrow(masked)
    check_avro(masked)


def random_tests(examples: int) -> Any:
    return settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@pytest.mark.parametrize("sql_type", SCALAR_TYPES, ids=named)
@random_tests(8)
@given(data=st.data())
def test_every_mask_over_every_scalar(warehouse: Warehouse, sql_type: SqlType, data: st.DataObject) -> None:
    given_rows = [None, *data.draw(st.lists(values(sql_type), min_size=30, max_size=40))]
    plans = {f"m{number}": plan_column("x", sql_type, {"x": mask}) for number, mask in enumerate(MASKS)}
    check_all(Masked(warehouse, sql_type, given_rows, plans))


def _few_masks(sql_type: SqlType) -> st.SearchStrategy[dict[str, Mask]]:
    return st.dictionaries(st.sampled_from(paths("x", sql_type)), st.sampled_from(MASKS), min_size=1, max_size=3)


@random_tests(100)
@given(data=st.data())
def test_masks_at_any_path_of_any_type(warehouse: Warehouse, data: st.DataObject) -> None:
    sql_type = data.draw(TYPES)
    given_rows = data.draw(st.lists(values(sql_type), min_size=1, max_size=6))
    chosen = data.draw(st.lists(_few_masks(sql_type), min_size=1, max_size=3))
    plans = {f"m{number}": plan_column("x", sql_type, masks) for number, masks in enumerate(chosen)}
    check_all(Masked(warehouse, sql_type, given_rows, plans))


TYPES_BY_SQL = {
    found.sql(): found
    for found in (
        array_of(STRING),
        array_of(struct_of([("s", STRING)])),
        struct_of([("s", STRING), ("t", array_of(STRING))]),
    )
}
INSIDE = [
    ("ARRAY<STRING>", {"x": LastFourCharacters()}, "NULL", "null"),
    ("ARRAY<STRING>", {"x": LastFourCharacters()}, "['abcde', NULL]", '["XXXXXbcde",null]'),
    ("ARRAY<STRUCT<s STRING>>", {"x.s": LastFourCharacters()}, "[NULL, STRUCT('abcde')]", '[null,{"s":"XXXXXbcde"}]'),
    ("STRUCT<s STRING, t ARRAY<STRING>>", {"x.s": AlwaysNull()}, "('a', NULL)", '{"s":null,"t":null}'),
]


@pytest.mark.parametrize(("sql_type", "masks", "value", "expected"), INSIDE, ids=str)
def test_nulls_that_exist_only_inside_a_query_stay(
    warehouse: Warehouse, sql_type: str, masks: dict[str, Mask], value: str, expected: str
) -> None:
    plan = plan_column("x", TYPES_BY_SQL[sql_type], masks)
    inner = f"SELECT CAST({value} AS {sql_type}) AS x"
    [text] = (
        _ask(warehouse, f"SELECT TO_JSON_STRING({plan_sql(plan, 'x')}) AS m FROM ({inner})").column("m").to_pylist()
    )
    assert text == expected
