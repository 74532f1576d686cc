"""One value's mask in GoogleSQL. `x` is the value's SQL: a name, or a name with fields."""

from collections.abc import Callable, Mapping

from gatebook.core.masking.keys import parameter_names
from gatebook.core.masking.literals import bytes_sql, default_sql, null_sql, string_sql
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
from gatebook.core.masking.values import FLOAT_LIMIT
from gatebook.googlesql.types import SqlType

_UNITS = {"week": "ISOWEEK"}  # begins on Monday in BigQuery


def mask_sql(mask: Mask, sql_type: SqlType, x: str, key_id: str | None) -> str:
    """Write the mask as an expression of the type. `mask` is one that `applied` gives for it.

    `key_id` is of the key that tokens are made with; MaskError when one is needed and there is none.
    """
    return _WRITERS[type(mask)](mask, sql_type, x, key_id)


def _always_null(_mask: Mask, sql_type: SqlType, _x: str, _key_id: str | None) -> str:
    return null_sql(sql_type)


def _default(_mask: Mask, sql_type: SqlType, _x: str, _key_id: str | None) -> str:
    return default_sql(sql_type)


def _constant(mask: Constant, sql_type: SqlType, _x: str, _key_id: str | None) -> str:
    return string_sql(mask.value) if sql_type.kind == "STRING" else bytes_sql(mask.value.encode())


def _sha256(_mask: Mask, sql_type: SqlType, x: str, _key_id: str | None) -> str:
    return _hash_of_text(x) if sql_type.kind == "STRING" else f"SHA256({x})"


def _hash_of_text(x: str) -> str:
    return f"TO_BASE64(SHA256({x}))"


def _last_four(_mask: Mask, _sql_type: SqlType, x: str, _key_id: str | None) -> str:
    return _unless_short(x, f"CONCAT('{REPLACEMENT}', SUBSTR({x}, -{SHOWN_CHARACTERS}))")


def _first_four(_mask: Mask, _sql_type: SqlType, x: str, _key_id: str | None) -> str:
    return _unless_short(x, f"CONCAT(SUBSTR({x}, 1, {SHOWN_CHARACTERS}), '{REPLACEMENT}')")


def _unless_short(x: str, masked: str) -> str:
    return f"IF(CHAR_LENGTH({x}) > {SHOWN_CHARACTERS}, {masked}, {_hash_of_text(x)})"


def _email(_mask: Mask, _sql_type: SqlType, x: str, _key_id: str | None) -> str:
    masked = f"CONCAT('{REPLACEMENT}', SUBSTR({x}, STRPOS({x}, '@')))"
    return f"IF(REGEXP_CONTAINS({x}, {string_sql(EMAIL)}), {masked}, {_hash_of_text(x)})"


def _partial(mask: Partial, _sql_type: SqlType, x: str, _key_id: str | None) -> str:
    kept = mask.keep_first + mask.keep_last
    character = string_sql(mask.character)
    all_replaced = f"REPEAT({character}, CHAR_LENGTH({x}))"
    if not kept:
        return all_replaced
    parts = [f"REPEAT({character}, CHAR_LENGTH({x}) - {kept})"]
    if mask.keep_first:
        parts.insert(0, f"SUBSTR({x}, 1, {mask.keep_first})")
    if mask.keep_last:  # SUBSTR(x, -0) would be all of x
        parts.append(f"SUBSTR({x}, -{mask.keep_last})")
    return f"IF(CHAR_LENGTH({x}) > {kept}, CONCAT({', '.join(parts)}), {all_replaced})"


def _date_year(_mask: Mask, sql_type: SqlType, x: str, _key_id: str | None) -> str:
    return _truncated(sql_type.kind, x, "YEAR")


def _date_bucket(mask: DateBucket, sql_type: SqlType, x: str, _key_id: str | None) -> str:
    return _truncated(sql_type.kind, x, _UNITS.get(mask.unit, mask.unit.upper()))


def _truncated(kind: str, x: str, unit: str) -> str:
    zone = ", 'UTC'" if kind == "TIMESTAMP" else ""
    return f"{kind}_TRUNC({x}, {unit}{zone})"


def _number_bucket(mask: NumberBucket, sql_type: SqlType, x: str, _key_id: str | None) -> str:
    width = mask.width
    if sql_type.kind == "FLOAT64":
        bucket = f"FLOOR({x} / {width}) * {width} + 0.0"  # + 0.0: there is no bucket -0.0
        limits = f"ABS({x}) < {FLOAT_LIMIT!r}"
        return f"CASE WHEN {limits} THEN {bucket} WHEN {x} IS NOT NULL THEN CAST('NaN' AS FLOAT64) END"
    toward_zero = f"{x} - MOD({x}, {width})"
    below = f"COALESCE(SAFE_SUBTRACT({toward_zero}, {width}), {toward_zero})"
    return f"IF(MOD({x}, {width}) < 0, {below}, {toward_zero})"


def _token(mask: Token, sql_type: SqlType, x: str, key_id: str | None) -> str:
    if key_id is None:
        raise MaskError(f"tokens of the domain {mask.domain} need a masking key: none is configured")
    inner, outer = parameter_names(mask.domain)
    return _TOKENS[sql_type.kind](
        f"SHA256(CONCAT(@{outer}, SHA256(CONCAT(@{inner}, {_message(sql_type, x)}))))", key_id
    )


def _message(sql_type: SqlType, x: str) -> str:
    if sql_type.kind == "BYTES":
        return x
    return f"CAST({x} AS BYTES)" if sql_type.kind == "STRING" else f"CAST(CAST({x} AS STRING) AS BYTES)"


def _integer_token(hmac: str) -> str:
    return f"CAST(CONCAT('0x', SUBSTR(TO_HEX({hmac}), 1, {TOKEN_INTEGER_HEX_DIGITS})) AS INT64)"


_TOKENS: Mapping[str, Callable[[str, str], str]] = {
    "STRING": lambda hmac, key_id: f"CONCAT('{key_id}:', SUBSTR(TO_HEX({hmac}), 1, {TOKEN_HEX_DIGITS}))",
    "BYTES": lambda hmac, _key_id: f"SUBSTR({hmac}, 1, {TOKEN_BYTES})",
    "INT64": lambda hmac, _key_id: _integer_token(hmac),
    "NUMERIC": lambda hmac, _key_id: f"CAST({_integer_token(hmac)} AS NUMERIC)",
    "BIGNUMERIC": lambda hmac, _key_id: f"CAST({_integer_token(hmac)} AS BIGNUMERIC)",
}

_Writer = Callable[..., str]
_WRITERS: Mapping[type[Mask], _Writer] = {
    AlwaysNull: _always_null,
    DefaultMaskingValue: _default,
    Constant: _constant,
    Sha256: _sha256,
    LastFourCharacters: _last_four,
    FirstFourCharacters: _first_four,
    EmailMask: _email,
    Partial: _partial,
    DateYearMask: _date_year,
    DateBucket: _date_bucket,
    NumberBucket: _number_bucket,
    Token: _token,
}
