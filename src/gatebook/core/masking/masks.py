"""The masks, as a policy file has them, and what each is for a type.

The first seven are BigQuery's predefined masking rules, by their names there in small letters. What they do is said in
https://cloud.google.com/bigquery/docs/column-data-masking-intro#masking_options ("intro" below) and of the enum
https://cloud.google.com/bigquery/docs/reference/bigquerydatapolicy/rest/v1/projects.locations.dataPolicies#predefinedexpression
("enum" below). docs/masking.md has the table of all masks and types.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gatebook.googlesql.types import SqlType

SCALARS = frozenset({
    "STRING", "BYTES", "INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC", "BOOL", "DATE", "DATETIME", "TIMESTAMP", "TIME",
    "GEOGRAPHY", "JSON", "INTERVAL", "RANGE",
})  # fmt: skip
NUMBERS = frozenset({"INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"})
_RANGE_BOUNDS = frozenset({"DATE", "DATETIME", "TIMESTAMP"})
_STRING = frozenset({"STRING"})
_TEXTS = frozenset({"STRING", "BYTES"})
_DATES = frozenset({"DATE", "DATETIME", "TIMESTAMP"})
_MOMENTS = frozenset({"DATETIME", "TIMESTAMP"})

Count = Annotated[int, Meta(ge=0, le=1024)]
Domain = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]*$(?!\n)",
        max_length=48,
        description="Small letters, digits and underscores: it becomes a part of query parameters' names.",
    ),
]
Unit = Literal["hour", "day", "week", "month", "quarter", "year"]


class _Mask(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A mask: a value, strict about its parameters."""

    @property
    def name(self) -> str:
        """The name in a policy file."""
        return str(self.__struct_config__.tag)

    def kinds(self) -> frozenset[str]:
        """Give the types that the mask is made for; of all others `applied` makes something stricter."""
        return SCALARS


class AlwaysNull(_Mask, frozen=True, tag_field="mask", tag="always_null"):
    """NULL. Intro, Nullify: "Returns `NULL` instead of the column value". An array is empty: no table holds a NULL."""


class DefaultMaskingValue(_Mask, frozen=True, tag_field="mask", tag="default_masking_value"):
    """A value that depends on the type only, also in place of NULL.

    Intro: STRING "", BYTES b'', numbers 0, BOOL FALSE, TIMESTAMP 1970-01-01 00:00:00 UTC, DATE and DATETIME the same
    day, TIME 00:00:00, GEOGRAPHY POINT(0 0), ARRAY [], JSON NULL; STRUCT: not applicable, but its leaves. Not in that
    table and Gatebook's own: INTERVAL of nothing, RANGE without bounds.
    """

    def kinds(self) -> frozenset[str]:
        """All but JSON, for which Google's value is NULL."""
        return SCALARS - {"JSON"}


class Sha256(_Mask, frozen=True, tag_field="mask", tag="sha256"):
    """The SHA-256 hash of the value.

    Intro, Hash (SHA-256): "You can only use this rule with columns that use the `STRING` or `BYTES` data types. The
    SHA-256 function used in data masking is type preserving". Of a STRING it is the base64 of the hash of its UTF-8:
    the intro's examples of the email mask show `randomtext` as `jQHDyQuj7vJcveEe59ygb3Zcvj0B5FJINBzgM6Bypgw=`.
    """

    def kinds(self) -> frozenset[str]:
        """STRING and BYTES."""
        return _TEXTS


class EmailMask(_Mask, frozen=True, tag_field="mask", tag="email_mask"):
    """`XXXXX@domain` of an address, the hash of anything else. Intro: `abc123@gmail.com` becomes `XXXXX@gmail.com`.

    Google does not say what a valid address is. Ours: see `text_rules.EMAIL`. What is not one is hashed, never shown.
    """

    def kinds(self) -> frozenset[str]:
        """STRING."""
        return _STRING


class LastFourCharacters(_Mask, frozen=True, tag_field="mask", tag="last_four_characters"):
    """`XXXXX` and the last four characters. Enum: "If text length <= 4 characters: Apply SHA-256 hash"."""

    def kinds(self) -> frozenset[str]:
        """STRING."""
        return _STRING


class FirstFourCharacters(_Mask, frozen=True, tag_field="mask", tag="first_four_characters"):
    """The first four characters and `XXXXX`. Enum: "If text length <= 4 characters: Apply SHA-256 hash"."""

    def kinds(self) -> frozenset[str]:
        """STRING."""
        return _STRING


class DateYearMask(_Mask, frozen=True, tag_field="mask", tag="date_year_mask"):
    """The begin of the year: 2030-07-17 becomes 2030-01-01. Enum: "Truncation occurs according to the UTC time zone".

    BigQuery follows the session's `@@time_zone` when one is set. Gatebook truncates in UTC whatever is set: a caller
    who could move the begin of the year would find out moments by trying.
    """

    def kinds(self) -> frozenset[str]:
        """DATE, DATETIME and TIMESTAMP."""
        return _DATES


class Token(_Mask, frozen=True, kw_only=True, tag_field="mask", tag="token"):
    """A keyed, deterministic token: equal values of one domain and key have equal tokens, in every table.

    The first bits of HMAC-SHA256 (RFC 2104) over the value: its UTF-8, its bytes, or its decimal digits. See `keys`.
    """

    domain: Domain  # columns that can be joined share it, and no others do

    def kinds(self) -> frozenset[str]:
        """What identifiers are made of."""
        return _TEXTS | {"INT64", "NUMERIC", "BIGNUMERIC"}


class Constant(_Mask, frozen=True, kw_only=True, tag_field="mask", tag="constant"):
    """The same text in every row, also in place of NULL; of BYTES its UTF-8."""

    value: Annotated[str, Meta(max_length=1024)]

    def kinds(self) -> frozenset[str]:
        """STRING and BYTES."""
        return _TEXTS


class Partial(_Mask, frozen=True, kw_only=True, tag_field="mask", tag="partial"):
    """Characters at the ends are kept, each of the others is replaced: `4111111111111111` -> `************1111`.

    A text that is no longer than what would be kept is replaced as a whole. Lengths show.
    """

    keep_first: Count = 0
    keep_last: Count = 0
    character: Annotated[str, Meta(min_length=1, max_length=1)] = "*"

    def kinds(self) -> frozenset[str]:
        """STRING."""
        return _STRING


class NumberBucket(_Mask, frozen=True, kw_only=True, tag_field="mask", tag="number_bucket"):
    """The largest multiple of `width` that is not above the number: with 10, 37 becomes 30 and -1 becomes -10.

    Where that multiple is below the type's smallest number, the next one. A FLOAT64 that has no bucket (NaN, the
    infinities, 1e300 and more) becomes NaN.
    """

    # With 1 an INT64 would be shown as it is; above 10**15 a multiple of it is no exact FLOAT64.
    width: Annotated[int, Meta(ge=2, le=10**15)]

    def kinds(self) -> frozenset[str]:
        """Give all numbers."""
        return NUMBERS


class DateBucket(_Mask, frozen=True, kw_only=True, tag_field="mask", tag="date_bucket"):
    """The begin of the hour, day, week (Monday), month, quarter or year, in UTC."""

    unit: Unit

    def kinds(self) -> frozenset[str]:
        """Give the types of which the unit leaves something out: the day of a DATE is the DATE."""
        return _MOMENTS if self.unit in ("hour", "day") else _DATES


Mask = (
    AlwaysNull
    | DefaultMaskingValue
    | Sha256
    | EmailMask
    | LastFourCharacters
    | FirstFourCharacters
    | DateYearMask
    | Token
    | Constant
    | Partial
    | NumberBucket
    | DateBucket
)

ALWAYS_NULL = AlwaysNull()
DEFAULT_MASKING_VALUE = DefaultMaskingValue()


class MaskError(ValueError):
    """Masks that cannot be carried out as asked: nothing may be shown. The message holds no value of any row."""


def applied(mask: Mask, sql_type: SqlType) -> Mask:
    """Give what `mask` is for a type that is neither ARRAY nor STRUCT: itself, or something that protects more.

    Total: a mask that is not made for the type becomes the type's default value; where that is none (JSON, a type that
    BigQuery does not have), NULL. Never the value itself.
    """
    if not _known(sql_type):
        return ALWAYS_NULL
    if sql_type.kind in mask.kinds():
        return mask
    return DEFAULT_MASKING_VALUE if sql_type.kind in DEFAULT_MASKING_VALUE.kinds() else ALWAYS_NULL


def _known(sql_type: SqlType) -> bool:
    if sql_type.kind == "RANGE":
        return sql_type.element is not None and sql_type.element.kind in _RANGE_BOUNDS
    return sql_type.kind in SCALARS
