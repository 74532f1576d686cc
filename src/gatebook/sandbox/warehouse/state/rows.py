"""Arrow rows on their way into a table, into a result or out to a reader.

Rows come out of DuckDB with physical types (translate/types.py). `conform` gives them a schema's names
and BigQuery's rules for what may be stored; `canonical` gives them the Arrow types that readers see.
"""

from collections.abc import Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from gatebook.sandbox.errors import invalid_query, not_implemented
from gatebook.sandbox.translate.types import BIGNUMERIC_SCALE
from gatebook.sandbox.translate.udfs.json_values import normal
from gatebook.sandbox.translate.udfs.registry import EvaluationError
from gatebook.sandbox.warehouse.arrow import arrow_schema
from gatebook.sandbox.warehouse.requests import Resource


def conform(rows: pa.Table, fields: Sequence[Resource]) -> pa.Table:
    """Rows named after the fields by position, NULL arrays emptied; 400 for what BigQuery does not store."""
    columns = [
        _conform(_joined(column), field, field["name"]) for column, field in zip(rows.columns, fields, strict=True)
    ]
    return pa.table(columns, names=[field["name"] for field in fields]) if fields else rows


def _joined(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _conform(values: pa.Array, field: Resource, path: str, parents: pa.Array | None = None) -> pa.Array:
    if field["mode"] == "REPEATED":
        return _conform_list(values, field, path)
    if field["mode"] == "REQUIRED" and _misses_values(values, parents):
        raise invalid_query(f"Required field {path} cannot be null")
    if field["type"] == "RECORD":
        return _conform_struct(values, field, path)
    _check_length(values, field, path)
    return _rounded(values, field, path) if "precision" in field else values


def _misses_values(values: pa.Array, parents: pa.Array | None) -> bool:
    missing = values.is_null() if parents is None else pc.and_(values.is_null(), parents.is_valid())
    return bool(pc.any(missing).as_py())


def _conform_list(values: pa.Array, field: Resource, path: str) -> pa.Array:
    items = values.flatten()
    if items.null_count:
        raise invalid_query(f"Array cannot have a null element; error in writing field {path}")
    return pa.ListArray.from_arrays(_offsets(values), _conform(items, {**field, "mode": "NULLABLE"}, path))


def _conform_struct(values: pa.Array, field: Resource, path: str) -> pa.Array:
    children = [
        _conform(pc.struct_field(values, index), inner, f"{path}.{inner['name']}", values)
        for index, inner in enumerate(field["fields"])
    ]
    types = [pa.field(inner["name"], child.type) for inner, child in zip(field["fields"], children, strict=True)]
    return pa.StructArray.from_arrays(children, fields=types, mask=values.is_null())


def _check_length(values: pa.Array, field: Resource, path: str) -> None:
    if "maxLength" not in field:
        return
    limit = int(field["maxLength"])
    measure = pc.utf8_length if field["type"] == "STRING" else pc.binary_length
    longest = pc.max(measure(values)).as_py()
    if longest is not None and longest > limit:
        raise invalid_query(
            f"Field {path}: {field['type']}({limit}) has maximum length {limit} but got a value with length {longest}"
        )


def _rounded(values: pa.Array, field: Resource, path: str) -> pa.Array:
    """NUMERIC(p, s) rounds half away from zero, and refuses what has more than p - s digits before the point."""
    precision, scale = int(field["precision"]), int(field.get("scale", 0))
    rounded = pc.round(values, scale, round_mode="half_towards_infinity").cast(values.type)
    limit = Decimal(10) ** (precision - scale)
    if pc.any(pc.greater_equal(pc.abs(rounded), pa.scalar(limit, values.type))).as_py():
        raise invalid_query(out_of_range(field, path))
    return rounded


def out_of_range(field: Resource, path: str) -> str:
    """What BigQuery says of a number that NUMERIC(p, s) cannot hold."""
    precision, scale = int(field["precision"]), int(field.get("scale", 0))
    largest = Decimal(10) ** (precision - scale) - Decimal(1).scaleb(-scale)
    kind = f"{field['type']}({precision}, {scale})" if scale else f"{field['type']}({precision})"
    return f"Field {path}: {kind} has a value that is not in range of [-{largest}, {largest}]"


def physical_rows(rows: pa.Table, fields: Sequence[Resource]) -> pa.Table:
    """Canonical rows with the types DuckDB takes: BIGNUMERIC with the digits it has there."""
    target = pa.schema([pa.field(field.name, _physical(field.type)) for field in _nullable(arrow_schema(fields))])
    try:
        return rows.cast(target)
    except pa.ArrowInvalid as error:
        raise not_implemented("BIGNUMERIC values of more than 38 digits, or 18 after the point") from error


def with_normal_json(rows: pa.Table, fields: Sequence[Resource]) -> pa.Table:
    """Rows from outside with JSON texts in the form in which they are stored; 400 for what is not JSON."""
    columns = [_normal_json(_joined(column), field) for column, field in zip(rows.columns, fields, strict=True)]
    return pa.table(columns, names=rows.column_names) if fields else rows


def _normal_json(values: pa.Array, field: Resource) -> pa.Array:
    if field["mode"] == "REPEATED":
        items = _normal_json(values.flatten(), {**field, "mode": "NULLABLE"})
        return pa.ListArray.from_arrays(_offsets(values), items, mask=values.is_null())
    if field["type"] == "RECORD":
        parts = [_normal_json(pc.struct_field(values, i), inner) for i, inner in enumerate(field["fields"])]
        types = [pa.field(part.name, inner.type) for part, inner in zip(values.type, parts, strict=True)]
        return pa.StructArray.from_arrays(parts, fields=types, mask=values.is_null())
    if field["type"] != "JSON":
        return values
    try:
        return pa.array([text if text is None else normal(text, "exact") for text in values.to_pylist()], pa.string())
    except EvaluationError as error:
        raise invalid_query(f"Field {field['name']}: {error}") from error


def _offsets(values: pa.Array) -> pa.Array:
    ends = pc.cumulative_sum(pc.fill_null(pc.list_value_length(values), 0).cast(pa.int32()))
    return pa.concat_arrays([pa.array([0], pa.int32()), ends])


def _physical(arrow_type: pa.DataType) -> pa.DataType:
    if pa.types.is_decimal256(arrow_type):
        return pa.decimal128(38, BIGNUMERIC_SCALE)
    if pa.types.is_list(arrow_type):
        return pa.list_(pa.field(arrow_type.value_field.name, _physical(arrow_type.value_type)))
    if pa.types.is_struct(arrow_type):
        return pa.struct([pa.field(field.name, _physical(field.type)) for field in arrow_type])
    return arrow_type


def canonical(rows: pa.Table, fields: Sequence[Resource]) -> pa.Table:
    """Conforming rows with the Arrow types of `arrow_schema(fields)`."""
    return rows.cast(_nullable(arrow_schema(fields)))


def canonical_batch(batch: pa.RecordBatch, fields: Sequence[Resource]) -> pa.RecordBatch:
    """Like `canonical`, for one batch."""
    return batch.cast(_nullable(arrow_schema(fields)))


def _nullable(schema: pa.Schema) -> pa.Schema:
    return pa.schema([field.with_nullable(True) for field in schema])
