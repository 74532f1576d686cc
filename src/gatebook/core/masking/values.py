"""One value's mask on Python's values; the executions over JSON cells, Avro and parts of Arrow use it.

STRING str, BYTES bytes, INT64 int, FLOAT64 float, NUMERIC and BIGNUMERIC decimal.Decimal (results may be int), DATE
datetime.date, DATETIME datetime.datetime without and TIMESTAMP one with the zone UTC. NULL is None. Masks whose result
depends on nothing (NULL, defaults, constants) are not here: the value of a default differs by execution.
"""

import base64
import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from gatebook.core.masking.keys import MaskingKey
from gatebook.core.masking.masks import (
    DateBucket,
    DateYearMask,
    EmailMask,
    FirstFourCharacters,
    LastFourCharacters,
    Mask,
    MaskError,
    NumberBucket,
    Partial,
    Sha256,
    Token,
)
from gatebook.core.masking.text_rules import (
    EMAIL,
    REPLACEMENT,
    SHOWN_CHARACTERS,
    TOKEN_BYTES,
    TOKEN_HEX_DIGITS,
    TOKEN_INTEGER_HEX_DIGITS,
)

FLOAT_LIMIT = 1e300  # from here on a product with a width may overflow

Change = Callable[[Any], Any]
_DayT = dt.date | dt.datetime

_SMALLEST: Mapping[str, int] = {
    "INT64": -(2**63),
    "NUMERIC": -(10**29) + 1,  # -99999999999999999999999999999.999999999; buckets are whole numbers
    "BIGNUMERIC": -(2**255 // 10**38),
}
_address = re.compile(EMAIL.removesuffix("$") + r"\Z")


def value_mask(mask: Mask, kind: str, key: MaskingKey | None) -> Change:
    """Give the mask as a function of one value that is not None. MaskError for a token without a key."""
    match mask:
        case Sha256():
            return hash_of_text if kind == "STRING" else _digest
        case EmailMask():
            return email
        case LastFourCharacters():
            return last_four
        case FirstFourCharacters():
            return first_four
        case Partial():
            return _partial(mask)
        case DateYearMask():
            return _TRUNCATIONS["year"]
        case DateBucket(unit=unit):
            return _TRUNCATIONS[unit]
        case NumberBucket(width=width):
            return _float_bucket(width) if kind == "FLOAT64" else _bucket(width, _SMALLEST[kind])
        case Token(domain=domain):
            if key is None:
                raise MaskError(f"tokens of the domain {domain} need a masking key: none is configured")
            return _token(key, domain, kind)
        case _:
            raise TypeError(f"{mask.name} depends on no value")


def hash_of_text(text: str) -> str:
    """Base64 of SHA-256 of the UTF-8."""
    return base64.b64encode(sha256(text.encode()).digest()).decode()


def _digest(value: bytes) -> bytes:
    return sha256(value).digest()


def email(text: str) -> str:
    """The domain of an address, the hash of anything else."""
    return REPLACEMENT + text[text.index("@") :] if _address.match(text) else hash_of_text(text)


def last_four(text: str) -> str:
    """The last four characters of a longer text."""
    return REPLACEMENT + text[-SHOWN_CHARACTERS:] if len(text) > SHOWN_CHARACTERS else hash_of_text(text)


def first_four(text: str) -> str:
    """The first four characters of a longer text."""
    return text[:SHOWN_CHARACTERS] + REPLACEMENT if len(text) > SHOWN_CHARACTERS else hash_of_text(text)


def _partial(mask: Partial) -> Change:
    kept, first, last, character = mask.keep_first + mask.keep_last, mask.keep_first, mask.keep_last, mask.character

    def partial(text: str) -> str:
        length = len(text)
        if length <= kept:
            return character * length
        return text[:first] + character * (length - kept) + text[length - last :]

    return partial


def _bucket(width: int, smallest: int) -> Change:
    def bucket(number: int | Decimal) -> int:
        lower = math.floor(number) // width * width  # exact: Decimal's own division would round
        return lower if lower >= smallest else lower + width

    return bucket


def _float_bucket(width: int) -> Change:
    def bucket(number: float) -> float:
        # The same two roundings as SQL's FLOOR(x / width) * width.
        return float(math.floor(number / width)) * width if abs(number) < FLOAT_LIMIT else math.nan

    return bucket


def _begin_of_day(moment: _DayT) -> _DayT:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) if isinstance(moment, dt.datetime) else moment


def _begin_of_week(moment: _DayT) -> _DayT:
    return _begin_of_day(moment) - dt.timedelta(days=moment.weekday())  # 0001-01-01 is a Monday


_TRUNCATIONS: Mapping[str, Change] = {
    "hour": lambda moment: moment.replace(minute=0, second=0, microsecond=0),
    "day": _begin_of_day,
    "week": _begin_of_week,
    "month": lambda moment: _begin_of_day(moment).replace(day=1),
    "quarter": lambda moment: _begin_of_day(moment).replace(month=(moment.month - 1) // 3 * 3 + 1, day=1),
    "year": lambda moment: _begin_of_day(moment).replace(month=1, day=1),
}


def _token(key: MaskingKey, domain: str, kind: str) -> Change:
    hmac = key.for_domain(domain).hmac()
    if kind == "STRING":
        prefix = f"{key.key_id}:"
        return lambda text: prefix + hmac(text.encode()).hex()[:TOKEN_HEX_DIGITS]
    if kind == "BYTES":
        return lambda value: hmac(value)[:TOKEN_BYTES]
    return lambda number: int(hmac(number_text(number).encode()).hex()[:TOKEN_INTEGER_HEX_DIGITS], 16)


def number_text(number: int | Decimal) -> str:
    """Plain digits without trailing zeros of the fraction, as CAST(number AS STRING) gives them in BigQuery."""
    text = format(number, "f") if isinstance(number, Decimal) else str(number)
    return text.rstrip("0").rstrip(".") if "." in text else text
