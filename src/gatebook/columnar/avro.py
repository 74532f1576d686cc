"""A planned column over Avro rows of the Storage Read API, as fastavro reads them.

Types: https://cloud.google.com/bigquery/docs/reference/storage#avro_schema_details. DATETIME and INTERVAL are text,
RANGE a record of `start` and `end`.
"""

import datetime as dt
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import fastavro

from gatebook.columnar.arrow_masks import DEFAULT_VALUES
from gatebook.core.masking.keys import MaskingKey
from gatebook.core.masking.masks import AlwaysNull, Constant, DefaultMaskingValue, MaskError
from gatebook.core.masking.plans import Elements, Emptied, Masked, Members, Nulled, Plan, Untouched
from gatebook.core.masking.values import Change, value_mask

_DEFAULTS: Mapping[str, Any] = {**DEFAULT_VALUES, "DATETIME": "1970-01-01T00:00:00", "INTERVAL": "0-0 0 0:0:0"}

RowsMask = Callable[[bytes], bytes]


def rows_masker(plans: Sequence[Plan], schema: Mapping[str, Any], key: MaskingKey | None = None) -> RowsMask:
    """Give the function that masks `serialized_binary_rows`: rows of `schema`, one after the other.

    `schema` is the read session's, as JSON reads it: a record with a field for each plan, in order. MaskError at once
    when it has others, and for bytes that are no such rows.
    """
    fields = schema["fields"]
    if len(fields) != len(plans):
        raise MaskError("the Avro schema has other columns than the table: nothing was given")
    masks = {
        field["name"]: avro_masker(plan, field["type"], key)
        for plan, field in zip(plans, fields, strict=True)
        if not isinstance(plan, Untouched)
    }
    parsed = fastavro.parse_schema(dict(schema))

    def masked(rows: bytes) -> bytes:
        sink = io.BytesIO()
        try:
            for row in _read(rows, parsed):
                row |= {name: mask(row[name]) for name, mask in masks.items()}
                fastavro.schemaless_writer(sink, parsed, row)
        except Exception:  # noqa: BLE001 - whatever the reader says, it may quote the row
            raise MaskError("rows are not of their Avro schema, and were not given") from None
        return sink.getvalue()

    return masked


def _read(rows: bytes, parsed: Any) -> Iterator[dict[str, Any]]:
    source = io.BytesIO(rows)
    while (begin := source.tell()) < len(rows):
        row = fastavro.schemaless_reader(source, parsed, None)
        if source.tell() == begin:
            raise EOFError("a row without bytes: there would be no end of them")
        yield row


def avro_masker(plan: Plan, avro_type: Any, key: MaskingKey | None = None) -> Change:
    """Give the function that masks one value of an Avro type; MaskError when NULL is planned for one without null."""
    nullable = isinstance(avro_type, list) and "null" in avro_type
    inner = next(branch for branch in avro_type if branch != "null") if isinstance(avro_type, list) else avro_type
    match plan:
        case Untouched():
            return _same
        case Masked():
            return _scalar(plan, key, nullable=nullable)
        case Emptied():
            return lambda _items: []
        case Nulled():
            _require_nullable(nullable=nullable)
            return lambda _record: None
        case Elements(element=element):
            return _elements(avro_masker(element, inner["items"], key))
        case Members(members=members):
            types = {field["name"]: field["type"] for field in inner["fields"]}
            if list(types) != [member.name for member in members]:
                raise MaskError("the fields of an Avro record are not those of its schema: nothing was given")
            return _members({member.name: avro_masker(member.plan, types[member.name], key) for member in members})


def _same(value: Any) -> Any:
    return value


def _scalar(plan: Masked, key: MaskingKey | None, *, nullable: bool) -> Change:
    kind = plan.type.kind
    match plan.mask:
        case AlwaysNull():
            _require_nullable(nullable=nullable)
            return lambda _value: None
        case DefaultMaskingValue():
            return lambda _value: _DEFAULTS[kind]
        case Constant(value=text):
            return lambda _value: text if kind == "STRING" else text.encode()
    change = value_mask(plan.mask, kind, key)
    if kind == "DATETIME":
        return lambda text: None if text is None else change(dt.datetime.fromisoformat(text)).isoformat()
    if kind in ("NUMERIC", "BIGNUMERIC"):
        return lambda number: None if number is None else Decimal(change(number))
    return lambda value: None if value is None else change(value)


def _require_nullable(*, nullable: bool) -> None:
    if not nullable:
        raise MaskError("a field of an Avro record must not be NULL: nothing was given")


def _elements(mask: Change) -> Change:
    return lambda items: None if items is None else [mask(item) for item in items]


def _members(masks: Mapping[str, Change]) -> Change:
    return lambda record: None if record is None else {name: mask(record[name]) for name, mask in masks.items()}
