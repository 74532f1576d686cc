"""Parquet, in: https://cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet."""

from collections.abc import Callable, Mapping
from typing import IO, Any

import pyarrow as pa
from pyarrow import parquet

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.rest.formats.loading import Loaded
from gatebook.sandbox.warehouse import Resource

_KINDS: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_integer, "INTEGER"),
    (pa.types.is_floating, "FLOAT"),
    (pa.types.is_string, "STRING"),
    (pa.types.is_large_string, "STRING"),
    (pa.types.is_null, "STRING"),
    (pa.types.is_binary, "BYTES"),
    (pa.types.is_large_binary, "BYTES"),
    (pa.types.is_fixed_size_binary, "BYTES"),
    (pa.types.is_date, "DATE"),
    (pa.types.is_time, "TIME"),
)


def read(file: IO[bytes], load: Mapping[str, Any], fields: list[Resource] | None) -> Loaded:
    """Rows of a Parquet file. fields: the schema wanted, None to take the file's own."""
    try:
        table = parquet.read_table(file)
    except pa.ArrowInvalid as error:
        raise invalid(f"Error while reading data, error message: {error}") from None
    if fields is not None:
        return Loaded(fields, table)
    infer = bool((load.get("parquetOptions") or {}).get("enableListInference"))
    return Loaded([rest_field(field, infer_lists=infer) for field in table.schema], table)


def rest_field(field: pa.Field, *, infer_lists: bool) -> Resource:
    """The REST field of an Arrow field."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        if not infer_lists:
            raise not_implemented("Parquet lists without parquetOptions.enableListInference")
        return {**rest_field(kind.value_field.with_name(field.name), infer_lists=True), "mode": "REPEATED"}
    mode = "NULLABLE" if field.nullable else "REQUIRED"
    if pa.types.is_struct(kind):
        inner = [rest_field(child, infer_lists=infer_lists) for child in kind.fields]
        return {"name": field.name, "type": "RECORD", "mode": mode, "fields": inner}
    return {"name": field.name, "type": _scalar(kind), "mode": mode}


def _scalar(kind: pa.DataType) -> str:
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP" if kind.tz else "DATETIME"
    if pa.types.is_decimal(kind):
        return "NUMERIC" if kind.scale <= 9 and kind.precision - kind.scale <= 29 else "BIGNUMERIC"
    for applies, name in _KINDS:
        if applies(kind):
            return name
    raise not_implemented(f"Parquet type {kind}")
