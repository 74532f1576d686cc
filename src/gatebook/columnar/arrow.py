"""A planned column over Arrow arrays: nested, sliced, chunked, dictionary-encoded.

Every slot of an array is masked, also those under a NULL struct or in a NULL list: readers need not show them, but
their bytes would be there.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gatebook.columnar.arrow_masks import ArrayMask, array_mask
from gatebook.core.masking.keys import MaskingKey
from gatebook.core.masking.masks import AlwaysNull, MaskError
from gatebook.core.masking.plans import Elements, Emptied, Masked, Members, Nulled, Plan, Untouched

ColumnMask = Callable[[Any], Any]  # pa.Array or pa.ChunkedArray -> the same


def arrow_masker(plan: Plan, field: Any, key: MaskingKey | None = None) -> ColumnMask:
    """Give the function that masks a column of `field` (a pa.Field), as an Array or a ChunkedArray of the field's type.

    MaskError at once when the field's type is not the plan's, when NULL is planned for a field that must not be NULL
    (see `plan_reply`), or when a token is in the plan and no key.
    """
    mask = _masker(plan, field, key)

    def masked(column: Any) -> Any:
        if column.type != field.type:
            raise MaskError(f"column {field.name} is of Arrow type {column.type}, not {field.type}: it was not given")
        try:
            if isinstance(column, pa.ChunkedArray):
                return pa.chunked_array([mask(chunk) for chunk in column.chunks], field.type)
            return mask(column)
        except (pa.ArrowException, ValueError, ArithmeticError):  # they quote values
            raise MaskError(f"column {field.name} cannot be masked: it was not given") from None

    return masked


def _masker(plan: Plan, field: Any, key: MaskingKey | None) -> ArrayMask:
    match plan:
        case Untouched():
            return _same
        case Masked():
            return _scalars(plan, field, key)
        case Emptied():
            return _emptied(field)
        case Nulled():
            return _nulled(field)
        case Elements(element=element):
            _require(_is_list(field.type), field)
            return _elements(_masker(element, field.type.value_field, key))
        case Members(members=members):
            _require(pa.types.is_struct(field.type), field)
            fields = list(field.type)
            if [member.name for member in members] != [inner.name for inner in fields]:
                raise MaskError(f"the fields of column {field.name} are not those of its schema: it was not given")
            return _members(
                [_masker(member.plan, inner, key) for member, inner in zip(members, fields, strict=True)], fields
            )


def _same(array: Any) -> Any:
    return array


def _scalars(plan: Masked, field: Any, key: MaskingKey | None) -> ArrayMask:
    plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    _require(_IS_TYPE_OF[plan.type.kind](plain) if plan.type.kind in _IS_TYPE_OF else _replaces_all(plan), field)
    if isinstance(plan.mask, AlwaysNull):
        _require_nullable(field)
    mask = array_mask(plan.mask, plan.type, plain, key)
    if plain is field.type:
        return mask
    return lambda array: _encoded(mask(array.cast(plain)), field.type)


def _encoded(array: Any, dictionary_type: Any) -> Any:
    """With a dictionary of its own: the array's old one may hold values that no row has."""
    encoded = array.dictionary_encode()
    indices = encoded.indices.cast(dictionary_type.index_type)
    return pa.DictionaryArray.from_arrays(indices, encoded.dictionary, ordered=dictionary_type.ordered)


def _emptied(field: Any) -> ArrayMask:
    _require(_is_list(field.type), field)
    no_items = pa.nulls(0, field.type.value_type)

    def masked(array: Any) -> Any:
        offsets = pa.repeat(pa.scalar(0, array.offsets.type), len(array) + 1)
        return type(array).from_arrays(offsets, no_items, type=field.type)

    return masked


def _nulled(field: Any) -> ArrayMask:
    _require_nullable(field)
    return lambda array: pa.nulls(len(array), field.type)


def _require_nullable(field: Any) -> None:
    if not field.nullable:
        raise MaskError(f"column {field.name} must not be NULL: it was not given")


def _elements(mask: ArrayMask) -> ArrayMask:
    def masked(array: Any) -> Any:
        offsets = array.offsets
        first = offsets[0]
        items = array.values.slice(first.as_py(), offsets[-1].as_py() - first.as_py())
        rebased = pc.subtract(offsets, first)
        nulls = array.is_null() if array.null_count else None
        return type(array).from_arrays(rebased, mask(items), type=array.type, mask=nulls)

    return masked


def _members(masks: list[ArrayMask], fields: list[Any]) -> ArrayMask:
    def masked(array: Any) -> Any:
        parts = [mask(array.field(index)) for index, mask in enumerate(masks)]
        return pa.StructArray.from_arrays(parts, fields=fields, mask=array.is_null() if array.null_count else None)

    return masked


def _require(matches: bool, field: Any) -> None:
    if not matches:
        raise MaskError(f"column {field.name} has the unexpected Arrow type {field.type}: it was not given")


def _replaces_all(plan: Masked) -> bool:
    return isinstance(plan.mask, AlwaysNull)


def _is_list(arrow_type: Any) -> bool:
    return bool(pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type))


def _is_string(arrow_type: Any) -> bool:
    return bool(pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type))


def _is_bytes(arrow_type: Any) -> bool:
    return bool(pa.types.is_binary(arrow_type) or pa.types.is_large_binary(arrow_type))


def _is_range(arrow_type: Any) -> bool:
    return bool(pa.types.is_struct(arrow_type)) and [field.name for field in arrow_type] == ["start", "end"]


_IS_TYPE_OF: Mapping[str, Callable[[Any], bool]] = {
    "STRING": _is_string,
    "BYTES": _is_bytes,
    "INT64": pa.types.is_int64,
    "FLOAT64": pa.types.is_float64,
    "NUMERIC": pa.types.is_decimal128,
    "BIGNUMERIC": pa.types.is_decimal256,
    "BOOL": pa.types.is_boolean,
    "DATE": pa.types.is_date32,
    "DATETIME": lambda arrow_type: arrow_type == pa.timestamp("us"),
    "TIMESTAMP": lambda arrow_type: arrow_type == pa.timestamp("us", "UTC"),
    "TIME": lambda arrow_type: arrow_type == pa.time64("us"),
    "GEOGRAPHY": _is_string,
    "JSON": _is_string,
    "INTERVAL": pa.types.is_interval,
    "RANGE": _is_range,
}
