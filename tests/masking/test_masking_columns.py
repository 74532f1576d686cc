"""JSON cells and Arrow columns where the sandbox cannot follow, and the shapes that Arrow has for one column."""

import io
from decimal import Decimal
from typing import Any

import fastavro
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_columns import MOMENTS, TYPES, paths, rest_fields, values

from gatebook.columnar.arrow import arrow_masker
from gatebook.columnar.avro import avro_masker, rows_masker
from gatebook.core.masking.cell_texts import TimestampFormat
from gatebook.core.masking.cells import cell_masker
from gatebook.core.masking.masks import (
    AlwaysNull,
    Constant,
    DateYearMask,
    DefaultMaskingValue,
    LastFourCharacters,
    Mask,
    MaskError,
    NumberBucket,
    Sha256,
)
from gatebook.core.masking.pages import rows_masker as page_masker
from gatebook.core.masking.plans import UNTOUCHED, Plan, plan_column
from gatebook.core.masking.values import number_text
from gatebook.googlesql import types
from gatebook.googlesql.types import SqlType, array_of, struct_of
from gatebook.sandbox.rest.rows import rows as rest_rows
from gatebook.sandbox.warehouse import arrow_schema
from masking_samples import KEY, MASKS, SCALAR_TYPES, named


def batch_of(sql_type: SqlType, given_rows: list[Any]) -> pa.RecordBatch:
    schema = arrow_schema(rest_fields(("x", sql_type)))
    return pa.RecordBatch.from_pylist([{"x": value} for value in given_rows], schema=schema)


def cells(batch: pa.RecordBatch, sql_type: SqlType, timestamps: TimestampFormat = TimestampFormat.INT64) -> list[Any]:
    as_integers = timestamps is TimestampFormat.INT64
    return [row["f"][0]["v"] for row in rest_rows(batch, rest_fields(("x", sql_type)), int64_timestamps=as_integers)]


def check(sql_type: SqlType, given_rows: list[Any], plan: Plan, timestamps: TimestampFormat) -> None:
    batch = batch_of(sql_type, given_rows)
    masked = arrow_masker(plan, batch.schema.field("x"), KEY)(batch.column("x"))
    mask = cell_masker(plan, timestamps, KEY)
    found = [mask(cell) for cell in cells(batch, sql_type, timestamps)]
    assert found == cells(pa.RecordBatch.from_arrays([masked], ["x"]), sql_type, timestamps)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.just("\x00"))
UNSCALED = st.none() | st.integers(-(2**255), 2**255 - 1) | st.sampled_from([-(2**255), 2**255 - 1])


@settings(deadline=None)
@given(st.lists(st.none() | TEXTS), st.sampled_from(MASKS))
def test_texts_with_nul(given_rows: list[Any], mask: Mask) -> None:
    check(types.STRING, given_rows, plan_column("x", types.STRING, {"x": mask}), TimestampFormat.INT64)


@settings(deadline=None)
@given(st.lists(UNSCALED), st.sampled_from([mask for mask in MASKS if "BIGNUMERIC" in mask.kinds()]))
def test_bignumeric_in_its_whole_range(unscaled: list[int | None], mask: Mask) -> None:
    """Arrow's type promises 76 digits, BIGNUMERIC has some numbers of 77."""
    plan = plan_column("x", types.BIGNUMERIC, {"x": mask})
    column = bignumerics(unscaled)
    masked = arrow_masker(plan, pa.field("x", column.type), KEY)(column)
    masked.validate()
    cell = cell_masker(plan, TimestampFormat.INT64, KEY)
    expected = [cell(None if number is None else format(Decimal(f"{number}e-38"), "f")) for number in unscaled]
    assert [None if number is None else number_text(number) for number in masked.to_pylist()] == expected


def bignumerics(unscaled: list[int | None]) -> pa.Array:
    data = b"".join((number or 0).to_bytes(32, "little", signed=True) for number in unscaled)
    valid = pa.array([number is not None for number in unscaled], pa.bool_()).buffers()[1]
    return pa.Array.from_buffers(pa.decimal256(76, 38), len(unscaled), [valid, pa.py_buffer(data)])


@settings(deadline=None)
@given(
    st.lists(MOMENTS.filter(lambda moment: moment.year < 2242).map(lambda moment: moment.replace(tzinfo=None))),
    st.sampled_from([mask for mask in MASKS if "TIMESTAMP" in mask.kinds()]),
)
def test_timestamps_as_float_seconds(given_rows: list[Any], mask: Mask) -> None:
    check(types.TIMESTAMP, given_rows, plan_column("x", types.TIMESTAMP, {"x": mask}), TimestampFormat.FLOAT64)


@st.composite
def columns(draw: st.DrawFn) -> tuple[SqlType, list[Any], Plan]:
    sql_type = draw(TYPES | st.sampled_from(SCALAR_TYPES))
    masks = draw(st.dictionaries(st.sampled_from(paths("x", sql_type)), st.sampled_from(MASKS), min_size=1, max_size=2))
    return sql_type, draw(st.lists(values(sql_type), max_size=8)), plan_column("x", sql_type, masks)


@settings(deadline=None, max_examples=200)
@given(columns(), st.data())
def test_slices_and_chunks_are_masked_as_the_whole_is(
    column: tuple[SqlType, list[Any], Plan], data: st.DataObject
) -> None:
    sql_type, given_rows, plan = column
    whole = batch_of(sql_type, given_rows).column("x")
    field = batch_of(sql_type, []).schema.field("x")
    mask = arrow_masker(plan, field, KEY)
    expected = mask(whole).to_pylist()
    begin = data.draw(st.integers(0, len(given_rows)))
    end = data.draw(st.integers(begin, len(given_rows)))
    part = mask(whole.slice(begin, end - begin))
    part.validate(full=True)
    assert repr(part.to_pylist()) == repr(expected[begin:end])
    chunked = mask(pa.chunked_array([whole.slice(0, begin), whole.slice(begin)], field.type))
    assert chunked.type == field.type
    assert repr(chunked.to_pylist()) == repr(expected)


SECRET = "secret of someone"


@pytest.mark.parametrize("mask", [mask for mask in MASKS if mask.name != "date_bucket"], ids=named)
def test_nothing_of_the_raw_values_is_left_in_the_buffers(mask: Mask) -> None:
    """Under NULL records and lists, in slots that a slice leaves out, in dictionaries: bytes travel all the same."""
    texts = pa.array([SECRET] * 4)
    records = pa.StructArray.from_arrays([texts], ["s"], mask=pa.array([False, True, True, False]))
    lists = pa.ListArray.from_arrays([0, 2, 4], records, mask=pa.array([False, True]))
    outer = pa.StructArray.from_arrays([lists, texts.slice(2)], ["l", "d"], mask=pa.array([True, False])).slice(1)
    outer = pa.StructArray.from_arrays([outer.field(0), outer.field(1).dictionary_encode()], ["l", "d"])
    sql_type = struct_of([("l", array_of(struct_of([("s", types.STRING)]))), ("d", types.STRING)])
    plan = plan_column("x", sql_type, {"x.l.s": mask, "x.d": mask})
    masked = arrow_masker(plan, pa.field("x", outer.type), KEY)(outer)
    assert SECRET.encode() not in _ipc_bytes(outer.type, masked)
    assert SECRET.encode() in _ipc_bytes(outer.type, outer)


def _ipc_bytes(arrow_type: pa.DataType, array: pa.Array) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, pa.schema([pa.field("x", arrow_type)])) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays([array], ["x"]))
    buffers = (buffer for buffer in _all_buffers(array) if buffer is not None)
    return sink.getvalue().to_pybytes() + b"".join(buffer.to_pybytes() for buffer in buffers)


def _all_buffers(array: pa.Array) -> list[Any]:
    found = list(array.buffers())
    if pa.types.is_struct(array.type):
        return found + [buffer for index in range(array.type.num_fields) for buffer in _all_buffers(array.field(index))]
    if pa.types.is_list(array.type):
        return found + _all_buffers(array.values)
    if pa.types.is_dictionary(array.type):
        return found + _all_buffers(array.dictionary)
    return found


@pytest.mark.parametrize("index_type", [pa.int8(), pa.int32()], ids=str)
@pytest.mark.parametrize("mask", MASKS, ids=named)
def test_dictionaries(mask: Mask, index_type: pa.DataType) -> None:
    plain = pa.array(["anna@example.com", None, "anna@example.com", "Jo", ""])
    dictionary_type = pa.dictionary(index_type, pa.string())
    plan = plan_column("x", types.STRING, {"x": mask})
    found = arrow_masker(plan, pa.field("x", dictionary_type), KEY)(plain.cast(dictionary_type))
    assert found.type == dictionary_type
    assert found.to_pylist() == arrow_masker(plan, pa.field("x", pa.string()), KEY)(plain).to_pylist()


@pytest.mark.parametrize("mask", MASKS, ids=named)
def test_large_texts_and_lists(mask: Mask) -> None:
    plan = plan_column("x", array_of(types.STRING), {"x": mask})
    rows = [["anna@example.com", "Jo"], [], ["4111111111111111"]]
    large, small = pa.large_list(pa.large_string()), pa.list_(pa.string())
    found = arrow_masker(plan, pa.field("x", large), KEY)(pa.array(rows, large))
    assert found.type == large
    assert found.to_pylist() == arrow_masker(plan, pa.field("x", small), KEY)(pa.array(rows, small)).to_pylist()


def test_null_lists_and_null_elements_stay() -> None:
    plan = plan_column("x", array_of(types.STRING), {"x": LastFourCharacters()})
    rows = [None, ["abcde", None], []]
    found = arrow_masker(plan, pa.field("x", pa.list_(pa.string())), KEY)(pa.array(rows))
    assert found.to_pylist() == [None, ["XXXXXbcde", None], []]
    assert cell_masker(plan, TimestampFormat.INT64)(None) is None


def test_a_plan_with_null_is_not_for_a_field_that_must_not_be_null() -> None:
    record = struct_of([("a", types.STRING)])
    for sql_type, arrow_type in ((types.STRING, pa.string()), (record, pa.struct([("a", pa.string())]))):
        plan = plan_column("x", sql_type, {"x": AlwaysNull()})
        with pytest.raises(MaskError, match="must not be NULL"):
            arrow_masker(plan, pa.field("x", arrow_type, nullable=False))
        with pytest.raises(MaskError, match="must not be NULL"):
            avro_masker(plan, "string")


@pytest.mark.parametrize(
    ("sql_type", "arrow_type"),
    [
        (types.STRING, pa.int64()),
        (types.INT64, pa.int32()),
        (types.TIMESTAMP, pa.timestamp("us")),
        (types.DATETIME, pa.timestamp("ns")),
        (types.NUMERIC, pa.float64()),
        (SqlType("RANGE", element=types.DATE), pa.struct([("from", pa.date32()), ("to", pa.date32())])),
        (array_of(types.STRING), pa.string()),
        (struct_of([("a", types.STRING)]), pa.struct([("b", pa.string())])),
        (struct_of([("a", types.STRING)]), pa.string()),
    ],
    ids=named,
)
@pytest.mark.parametrize(
    "mask", [Sha256(), DefaultMaskingValue(), Constant(value="x"), NumberBucket(width=10)], ids=named
)
def test_a_column_of_another_arrow_type_is_not_given(mask: Mask, sql_type: SqlType, arrow_type: pa.DataType) -> None:
    with pytest.raises(MaskError, match="not given"):
        arrow_masker(plan_column("x", sql_type, {"x": mask}), pa.field("x", arrow_type))


def test_an_array_of_another_type_than_announced_is_not_given() -> None:
    mask = arrow_masker(plan_column("x", types.DATE, {"x": DateYearMask()}), pa.field("x", pa.date32()))
    with pytest.raises(MaskError, match="not given"):
        mask(pa.array(["2024-01-01"]))


ROOT = {
    "type": "record",
    "name": "__root__",
    "fields": [{"name": "a", "type": "string"}, {"name": "b", "type": "long"}],
}


def test_avro_rows_that_are_none_are_not_given() -> None:
    plans = [plan_column("a", types.STRING, {"a": Sha256()}), UNTOUCHED]
    sink = io.BytesIO()
    fastavro.schemaless_writer(sink, fastavro.parse_schema(ROOT), {"a": SECRET, "b": 1})
    mask = rows_masker(plans, ROOT)
    assert SECRET.encode() not in mask(sink.getvalue())
    for broken in (sink.getvalue()[:-1], b"\xff" * 20, b"\x03"):
        with pytest.raises(MaskError) as caught:
            mask(broken)
        assert "secret" not in str(caught.value)
    with pytest.raises(MaskError, match="other columns"):
        rows_masker(plans[:1], ROOT)


def test_avro_rows_without_bytes_have_an_end() -> None:
    nothing = {"type": "record", "name": "__root__", "fields": [{"name": "a", "type": "null"}]}
    with pytest.raises(MaskError):
        rows_masker([UNTOUCHED], nothing)(b"\x00")


@pytest.mark.parametrize(
    "page",
    [
        b'[{"f":[{"v":"secret"}]}]',
        b'[{"f":[{"v":"secret"},{"v":"secret"},{"v":"secret"}]}]',
        b'[{"f":[{"v":["secret"]},{"v":"secret"}]}]',
        b'[{"f":[{"v":1},{"v":"secret"}]}]',
        b'[{"f":[{"x":"secret"},{"v":"secret"}]}]',
        b'[{"v":"secret"}]',
        b'{"f":[{"v":"secret"},{"v":"secret"}]}',
        b'[{"f":[{"v":"secret"},{"v":"secret"}]}',
    ],
)
def test_a_page_that_is_not_of_its_schema_is_not_given(page: bytes) -> None:
    mask = page_masker([plan_column("a", types.STRING, {"a": Sha256()}), UNTOUCHED], TimestampFormat.INT64)
    with pytest.raises(MaskError) as caught:
        mask(page)
    assert "secret" not in str(caught.value)


def test_a_page_passes_what_is_not_masked_as_it_is() -> None:
    mask = page_masker([UNTOUCHED, plan_column("a", types.STRING, {"a": Constant(value="x")})], TimestampFormat.INT64)
    page = b'[ {"f" : [ {"v": "\\u00e9 \\ud83d\\udc22"} , {"v": null} ], "more": "raw"} ]'
    assert mask(page) == b'[{"f":[{"v": "\\u00e9 \\ud83d\\udc22"},{"v":"x"}]}]'
