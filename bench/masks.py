"""What masks cost: a page of JSON rows, an Arrow record batch, Avro rows. MB/s of what comes in, one core.

Eight columns, of which two are masked: a text of the mask's own sort, at the top and in an array of structs.
Run: python bench/masks.py [--rows 20000] [--times 7]. The best of so many times counts: the machine may be shared.
"""

import argparse
import io
import json
import random
import time
from collections.abc import Callable
from typing import Any

import fastavro
import pyarrow as pa

from gatebook.columnar.arrow import arrow_masker
from gatebook.columnar.avro import rows_masker as avro_masker
from gatebook.core.masking.cell_texts import TimestampFormat
from gatebook.core.masking.keys import MaskingKey
from gatebook.core.masking.masks import (
    AlwaysNull,
    Constant,
    DateYearMask,
    DefaultMaskingValue,
    EmailMask,
    LastFourCharacters,
    Mask,
    NumberBucket,
    Partial,
    Sha256,
    Token,
)
from gatebook.core.masking.pages import rows_masker
from gatebook.core.masking.plans import Plan, plan_column
from gatebook.googlesql.types import DATE, INT64, NUMERIC, STRING, TIMESTAMP, SqlType, array_of, struct_of

KEY = MaskingKey("k1", bytes(range(32)))
CONTACTS = array_of(struct_of([("kind", STRING), ("value", STRING)]))
COLUMNS: dict[str, SqlType] = {
    "id": INT64,
    "email": STRING,
    "total": NUMERIC,
    "day": DATE,
    "at": TIMESTAMP,
    "contacts": CONTACTS,
    "state": STRING,
    "note": STRING,
}
TEXT_MASKS: tuple[Mask, ...] = (
    AlwaysNull(),
    DefaultMaskingValue(),
    Constant(value="(hidden)"),
    LastFourCharacters(),
    Partial(keep_last=4),
    EmailMask(),
    Sha256(),
    Token(domain="people"),
)
ASKED: dict[str, dict[str, Mask]] = {
    "nothing": {},
    **{f"{mask.name}, top": {"email": mask} for mask in TEXT_MASKS},
    **{f"{mask.name}, top and nested": {"email": mask, "contacts.value": mask} for mask in TEXT_MASKS},
    "date_year_mask, DATE and TIMESTAMP": {"day": DateYearMask(), "at": DateYearMask()},
    "number_bucket, INT64 and NUMERIC": {"id": NumberBucket(width=100), "total": NumberBucket(width=100)},
}
Masked = Callable[[Any], Any]


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=20_000)
    options.add_argument("--times", type=int, default=7)
    given = options.parse_args()
    rows = [_row(number) for number in range(given.rows)]
    page, batch, (schema, avro) = _page(rows), _batch(rows), _avro(rows[: given.rows // 10])
    print(f"JSON {len(page) / 1e6:.1f} MB, Arrow {batch.nbytes / 1e6:.1f} MB, Avro {len(avro) / 1e6:.1f} MB")
    print(f"{'masks':45}{'JSON':>8}{'Arrow':>8}{'Avro':>8}  MB/s")
    for name, masks in ASKED.items():
        plans = [plan_column(column, sql_type, masks) for column, sql_type in COLUMNS.items()]
        json_speed = _speed(rows_masker(plans, TimestampFormat.FLOAT64, KEY), page, len(page), given.times)
        arrow_speed = _speed(_batch_masker(plans, batch.schema), batch, batch.nbytes, given.times)
        avro_speed = _speed(avro_masker(plans, schema, KEY), avro, len(avro), 2)
        print(f"{name:45}{json_speed:8.0f}{arrow_speed:8.0f}{avro_speed:8.1f}")


def _speed(masked: Masked, content: Any, size: int, times: int) -> float:
    best = float("inf")
    for _ in range(times):
        begun = time.perf_counter()
        masked(content)
        best = min(best, time.perf_counter() - begun)
    return size / 1e6 / best


def _row(number: int) -> dict[str, Any]:
    random.seed(number)
    name = f"user{random.randrange(10**6)}"
    return {
        "id": number,
        "email": f"{name}@example.com",
        "total": f"{random.randrange(10**7)}.{random.randrange(10, 100)}",
        "day": f"20{random.randrange(10, 26)}-0{random.randrange(1, 10)}-1{random.randrange(10)}",
        "at": 1_700_000_000 + random.randrange(10**7),
        "contacts": [
            {"kind": "mail", "value": f"{name}@mail.example.org"},
            {"kind": "phone", "value": f"+48 {random.randrange(10**8, 10**9)}"},
        ],
        "state": "SHIPPED",
        "note": f"delivered to the door of house {number}, nobody was there, parcel left with the neighbour",
    }


def _page(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps([{"f": [{"v": _cell(row[column])} for column in COLUMNS]} for row in rows]).encode()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return [{"v": {"f": [{"v": item["kind"]}, {"v": item["value"]}]}} for item in value]
    return f"{value / 1e9}E9" if isinstance(value, int) and value > 10**9 else str(value)


def _batch(rows: list[dict[str, Any]]) -> pa.RecordBatch:
    texts = pa.table({column: [row[column] for row in rows] for column in COLUMNS})
    types = {"total": pa.decimal128(38, 9), "day": pa.date32(), "at": pa.timestamp("us", "UTC")}
    for column, arrow_type in types.items():
        index = texts.schema.get_field_index(column)
        values = texts.column(column)
        cast = pa.compute.multiply(values, 1_000_000).cast(arrow_type) if column == "at" else values.cast(arrow_type)
        texts = texts.set_column(index, column, cast)
    [batch] = texts.combine_chunks().to_batches()
    return batch


def _batch_masker(plans: list[Plan], schema: pa.Schema) -> Masked:
    masks = [arrow_masker(plan, field, KEY) for plan, field in zip(plans, schema, strict=True)]

    def masked(batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = [mask(column) for mask, column in zip(masks, batch.columns, strict=True)]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    return masked


def _avro(rows: list[dict[str, Any]]) -> tuple[dict[str, Any], bytes]:
    def nullable(avro_type: Any) -> list[Any]:
        return ["null", avro_type]

    contact = [{"name": "kind", "type": nullable("string")}, {"name": "value", "type": nullable("string")}]
    types = {
        "id": nullable("long"),
        "total": nullable({"type": "bytes", "logicalType": "decimal", "precision": 38, "scale": 9}),
        "day": nullable({"type": "int", "logicalType": "date"}),
        "at": nullable({"type": "long", "logicalType": "timestamp-micros"}),
        "contacts": {"type": "array", "items": {"type": "record", "name": "__s_0", "fields": contact}},
    }
    fields = [{"name": column, "type": types.get(column, nullable("string"))} for column in COLUMNS]
    schema = {"type": "record", "name": "__root__", "fields": fields}
    parsed, sink = fastavro.parse_schema(schema), io.BytesIO()
    for row in _batch(rows).to_pylist():
        fastavro.schemaless_writer(sink, parsed, row)
    return schema, sink.getvalue()


if __name__ == "__main__":
    main()
