"""One value's mask over an Arrow array without dictionary, of the types that BigQuery gives.

Types: https://cloud.google.com/bigquery/docs/reference/storage#arrow_schema_details. Kernels of Arrow where it has
them; where it has none (hashes, decimals), a loop over `values`. Results are new arrays, without the raw buffers.
"""

import base64
import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gatebook.core.masking.keys import MaskingKey
from gatebook.core.masking.masks import (
    AlwaysNull,
    Constant,
    DateBucket,
    DateYearMask,
    DefaultMaskingValue,
    EmailMask,
    FirstFourCharacters,
    LastFourCharacters,
    Mask,
    NumberBucket,
    Partial,
    Sha256,
)
from gatebook.core.masking.text_rules import EMAIL, REPLACEMENT, SHOWN_CHARACTERS
from gatebook.core.masking.values import FLOAT_LIMIT, value_mask
from gatebook.googlesql.types import SqlType

ArrayMask = Callable[[Any], Any]  # pa.Array -> pa.Array of the same length

_BIGNUMERIC_ONE = 10**38
_INT64_MINIMUM = -(2**63)
_NO_ZONE = pa.timestamp("us")
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - DATETIME has no zone

DEFAULT_VALUES: Mapping[str, Any] = {
    "STRING": "",
    "BYTES": b"",
    "INT64": 0,
    "FLOAT64": 0.0,
    "NUMERIC": Decimal(0),
    "BIGNUMERIC": Decimal(0),
    "BOOL": False,
    "DATE": _EPOCH.date(),
    "DATETIME": _EPOCH,
    "TIMESTAMP": _EPOCH.replace(tzinfo=dt.UTC),
    "TIME": _EPOCH.time(),
    "GEOGRAPHY": "POINT(0 0)",
    "JSON": "null",  # of a REQUIRED column
    "INTERVAL": pa.MonthDayNano([0, 0, 0]),
    "RANGE": {"start": None, "end": None},
}


def array_mask(mask: Mask, sql_type: SqlType, arrow_type: Any, key: MaskingKey | None) -> ArrayMask:
    """Give the mask as a function of arrays of `arrow_type`, which must be the SQL type's; see `applied` for `mask`."""
    match mask:
        case AlwaysNull():
            return lambda array: pa.nulls(len(array), arrow_type)
        case DefaultMaskingValue():
            return _always(DEFAULT_VALUES[sql_type.kind], arrow_type)
        case Constant(value=value):
            return _always(value if sql_type.kind == "STRING" else value.encode(), arrow_type)
        case Sha256():
            return _hashes_of_texts if sql_type.kind == "STRING" else _each(value_mask(mask, "BYTES", key))
        case EmailMask():
            return _emails
        case LastFourCharacters():
            return _last_four
        case FirstFourCharacters():
            return _first_four
        case Partial():
            return _partial(mask)
        case DateYearMask():
            return _truncated("year")
        case DateBucket(unit=unit):
            return _truncated(unit)
        case NumberBucket(width=width) if sql_type.kind in _BUCKETS:
            return _BUCKETS[sql_type.kind](width)
        case _:
            change = value_mask(mask, sql_type.kind, key)
            return _bignumerics(change) if sql_type.kind == "BIGNUMERIC" else _each(change)


def _always(value: Any, arrow_type: Any) -> ArrayMask:
    scalar = pa.scalar(value, arrow_type)
    return lambda array: pa.repeat(scalar, len(array))


def _each(change: Callable[[Any], Any]) -> ArrayMask:
    def masked(array: Any) -> Any:
        return pa.array([None if value is None else change(value) for value in array.to_pylist()], array.type)

    return masked


def _bignumerics(change: Callable[[Any], Any]) -> ArrayMask:
    """Whole numbers as BIGNUMERIC. Some have 77 digits: Arrow's type promises 76, and `pa.array` insists on them."""

    def masked(array: Any) -> Any:
        numbers = [None if value is None else int(change(value)) * _BIGNUMERIC_ONE for value in array.to_pylist()]
        data = b"".join((number or 0).to_bytes(32, "little", signed=True) for number in numbers)
        valid = pa.array([number is not None for number in numbers], pa.bool_()).buffers()[1]
        return pa.Array.from_buffers(array.type, len(numbers), [valid, pa.py_buffer(data)])

    return masked


def _hashes_of_texts(array: Any) -> Any:
    values = array.cast(pa.large_binary()).to_pylist()  # without a str for each
    hashes = [None if value is None else base64.b64encode(sha256(value).digest()) for value in values]
    return pa.array(hashes, pa.binary()).cast(array.type)


def _or_hash(shown: Any, masked: Any, array: Any) -> Any:
    """Where `shown` is false, the hash; only those are hashed. Where the array is NULL, `shown` and the result are."""
    hashes = _hashes_of_texts(array.filter(pc.invert(shown)))
    return pc.replace_with_mask(masked, pc.fill_null(pc.invert(shown), False), hashes)


def _emails(array: Any) -> Any:
    shown = pc.match_substring_regex(array, EMAIL)
    return _or_hash(shown, pc.replace_substring_regex(array, r"^[^@]*", REPLACEMENT, max_replacements=1), array)


def _last_four(array: Any) -> Any:
    ends = pc.utf8_slice_codeunits(array, start=-SHOWN_CHARACTERS, stop=None)
    return _or_hash(_is_long(array), _joined(array.type, REPLACEMENT, ends), array)


def _first_four(array: Any) -> Any:
    begins = pc.utf8_slice_codeunits(array, start=0, stop=SHOWN_CHARACTERS)
    return _or_hash(_is_long(array), _joined(array.type, begins, REPLACEMENT), array)


def _is_long(array: Any) -> Any:
    return pc.greater(pc.utf8_length(array), SHOWN_CHARACTERS)


def _joined(arrow_type: Any, *parts: Any) -> Any:
    scalars = (pa.scalar(part, arrow_type) if isinstance(part, str) else part for part in parts)
    return pc.binary_join_element_wise(*scalars, pa.scalar("", arrow_type))


def _partial(mask: Partial) -> ArrayMask:
    kept, first, last = mask.keep_first + mask.keep_last, mask.keep_first, mask.keep_last

    def partial(array: Any) -> Any:
        lengths = pc.utf8_length(array)
        long = pc.greater(lengths, kept)
        replaced = pc.binary_repeat(
            pa.scalar(mask.character, array.type), pc.if_else(long, pc.subtract(lengths, kept), lengths)
        )
        parts = [replaced]
        if first:
            parts.insert(0, pc.if_else(long, pc.utf8_slice_codeunits(array, start=0, stop=first), ""))
        if last:
            parts.append(pc.if_else(long, pc.utf8_slice_codeunits(array, start=-last, stop=None), ""))
        return _joined(array.type, *parts)

    return partial


def _truncated(unit: str) -> ArrayMask:
    def masked(array: Any) -> Any:
        # Without the zone, the moment's own clock in UTC: no time zone database is asked.
        plain = array.cast(_NO_ZONE) if pa.types.is_timestamp(array.type) else array
        return pc.floor_temporal(plain, unit=unit, week_starts_monday=True).cast(array.type)

    return masked


def _integer_bucket(width: int) -> ArrayMask:
    def masked(array: Any) -> Any:
        toward_zero = pc.multiply(pc.divide(array, width), width)
        has_bucket_below = pc.and_(
            pc.less(array, toward_zero), pc.greater_equal(toward_zero, pa.scalar(_INT64_MINIMUM + width, pa.int64()))
        )
        return pc.if_else(has_bucket_below, pc.subtract(toward_zero, width), toward_zero)

    return masked


def _float_bucket(width: int) -> ArrayMask:
    size = pa.scalar(float(width), pa.float64())

    def masked(array: Any) -> Any:
        bucket = pc.add(pc.multiply(pc.floor(pc.divide(array, size)), size), 0.0)
        return pc.if_else(pc.less(pc.abs(array), FLOAT_LIMIT), bucket, float("nan"))

    return masked


_BUCKETS: Mapping[str, Callable[[int], ArrayMask]] = {"INT64": _integer_bucket, "FLOAT64": _float_bucket}
