"""Every type and every mask, for the tests of masking."""

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
    Token,
)
from gatebook.googlesql import types
from gatebook.googlesql.types import SqlType, array_of, struct_of

KEY = MaskingKey("k1", bytes(range(32)))

RANGES = tuple(SqlType("RANGE", element=SqlType(bound)) for bound in ("DATE", "DATETIME", "TIMESTAMP"))
SCALAR_TYPES: tuple[SqlType, ...] = (
    types.STRING,
    types.BYTES,
    types.INT64,
    types.FLOAT64,
    types.NUMERIC,
    types.BIGNUMERIC,
    types.BOOL,
    types.DATE,
    types.DATETIME,
    types.TIMESTAMP,
    types.TIME,
    types.GEOGRAPHY,
    types.JSON,
    types.INTERVAL,
    *RANGES,
)
EVERYTHING = struct_of((f"f{number}", scalar) for number, scalar in enumerate(SCALAR_TYPES))
NESTED_TYPES: tuple[SqlType, ...] = (
    *(array_of(scalar) for scalar in SCALAR_TYPES),
    EVERYTHING,
    array_of(EVERYTHING),
    struct_of([("select", array_of(EVERYTHING)), ("Two Words", EVERYTHING)]),
    array_of(struct_of([("a", array_of(struct_of([("b", array_of(types.STRING))])))])),
)
MASKS: tuple[Mask, ...] = (
    AlwaysNull(),
    DefaultMaskingValue(),
    Sha256(),
    EmailMask(),
    LastFourCharacters(),
    FirstFourCharacters(),
    DateYearMask(),
    Token(domain="people"),
    Constant(value="it's \\ hidden\n\u0007🔒"),
    Partial(keep_first=2, keep_last=3),
    Partial(keep_last=4, character="'"),
    Partial(keep_first=1, character="🔒"),
    Partial(),
    NumberBucket(width=10),
    NumberBucket(width=10**15),
    *(DateBucket(unit=unit) for unit in ("hour", "day", "week", "month", "quarter", "year")),
)


def named(value: object) -> str:
    """A test's id of a type or a mask."""
    return str(value)
