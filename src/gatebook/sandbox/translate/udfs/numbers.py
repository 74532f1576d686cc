"""Numbers: reading, printing, exact decimal arithmetic, bits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

from gatebook.sandbox.translate.udfs.registry import (
    BIGNUMERIC,
    BLOB,
    BOOL,
    FLOAT,
    FLOATS,
    INT,
    INTS,
    NUMERIC,
    TEXT,
    EvaluationError,
    Udf,
)

_EXACT = Context(prec=120)
_SCALES = {"NUMERIC": 9, "BIGNUMERIC": 18}
_LIMIT = Decimal(10) ** 29
_INT64 = re.compile(r"\s*([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)\s*")
_FLOAT64 = re.compile(r"\s*[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf|infinity|nan)\s*", re.IGNORECASE)
_NUMERIC = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")


def float_text(value: float) -> str:
    """15 digits when they give the number back, 17 otherwise."""
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "0"
    text = f"{value:.15g}"
    return text if float(text) == value else f"{value:.17g}"


def _float_display(value: float) -> str:
    text = float_text(value) if value else f"{value:g}"
    return text if not text.lstrip("-").isdigit() else text + ".0"


def _float_literal(value: float) -> str:
    if math.isfinite(value):
        return _float_display(value)
    return f'CAST("{float_text(value)}" AS FLOAT64)'


def parse_int64(text: str) -> int:
    """Decimal or hexadecimal, with a sign."""
    match = _INT64.fullmatch(text)
    value = int(match[2], 16 if match[2][:2] in ("0x", "0X") else 10) if match else 1 << 64
    value = -value if match and match[1] == "-" else value
    if not -(1 << 63) <= value < 1 << 63:
        raise EvaluationError(f"Bad int64 value: {text}")
    return value


def _parse_float64(text: str) -> str:
    """The number as text: DuckDB takes a NaN that Python returns for NULL."""
    if not _FLOAT64.fullmatch(text):
        raise EvaluationError(f"Bad double value: {text}")
    return repr(float(text))


def _parse_bool(text: str) -> bool:
    known = {"true": True, "false": False}.get(text.lower())
    if known is None:
        raise EvaluationError(f"Bad bool value: {text}")
    return known


def _parse_decimal(kind: str) -> Callable[[str], Decimal]:
    def parse(text: str) -> Decimal:
        if not _NUMERIC.fullmatch(text):
            raise EvaluationError(f"Invalid {kind} value: {text}")
        return _fit(Decimal(text.strip()), kind, f"Invalid {kind} value: {text}")

    return parse


def _parse_loose(kind: str) -> Callable[[str], Decimal]:
    """PARSE_NUMERIC: blanks around and after the sign, commas, and a sign behind."""

    def parse(text: str) -> Decimal:
        message = f"Invalid input to PARSE_{kind}: {text}"
        match = re.fullmatch(r"\s*([+-]?)\s*([\d,]*\.?[\d]*(?:[eE][+-]?\d+)?)\s*([+-]?)\s*", text)
        digits = match[2].replace(",", "") if match else ""
        if match is None or not re.search(r"\d", digits) or (match[1] and match[3]):
            raise EvaluationError(message)
        value = Decimal(digits)
        return _fit(-value if "-" in (match[1], match[3]) else value, kind, message)

    return parse


def _fit(value: Decimal, kind: str, message: str, rounding: str = ROUND_HALF_UP) -> Decimal:
    with localcontext(_EXACT):
        rounded = value.quantize(Decimal(1).scaleb(-_SCALES[kind]), rounding=rounding)
        if kind == "BIGNUMERIC" and rounded != value.quantize(Decimal(1).scaleb(-38), rounding=rounding):
            raise EvaluationError("BIGNUMERIC values of more than 18 fractional digits are not implemented here")
    if kind == "NUMERIC" and rounded.copy_abs() >= _LIMIT:
        raise EvaluationError(message)
    if kind == "BIGNUMERIC" and rounded.copy_abs() >= Decimal(10) ** 20:
        raise EvaluationError("BIGNUMERIC values of more than 20 integer digits are not implemented here")
    return rounded


def _float_to_decimal(kind: str) -> Callable[[float], Decimal]:
    def convert(value: float) -> Decimal:
        if not math.isfinite(value):
            raise EvaluationError(
                f"Illegal conversion of non-finite floating point number to {kind.lower()}: {float_text(value)}"
            )
        return _fit(Decimal(value), kind, f"{kind.lower()} out of range: {float_text(value)}")

    return convert


def decimal_text(value: Decimal) -> str:
    """Without trailing zeros."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def _operation(kind: str, symbol: str, compute: Callable[[Decimal, Decimal], Decimal]) -> Callable[..., Decimal]:
    def operate(left: Decimal, right: Decimal) -> Decimal:
        if right == 0 and symbol == "/":
            raise EvaluationError(f"division by zero: {decimal_text(left)} / {decimal_text(right)}")
        with localcontext(_EXACT):
            value = compute(left, right)
        return _fit(value, kind, f"{kind.lower()} overflow: {decimal_text(left)} {symbol} {decimal_text(right)}")

    return operate


def _integer_division(left: Decimal, right: Decimal) -> Decimal:
    with localcontext(_EXACT):
        return (left / right).to_integral_value(ROUND_DOWN)


def _rounded(kind: str) -> Callable[[Decimal, int, str], Decimal]:
    def rounded(value: Decimal, digits: int, mode: str) -> Decimal:
        rounding = ROUND_HALF_EVEN if mode == "ROUND_HALF_EVEN" else ROUND_HALF_UP
        return _to_digits(value, digits, kind, rounding)

    return rounded


def _to_digits(value: Decimal, digits: int, kind: str, rounding: str) -> Decimal:
    if digits >= _SCALES[kind]:
        return value
    if digits < -39:
        return Decimal(0)
    with localcontext(_EXACT):
        rounded = value.quantize(Decimal(1).scaleb(-digits), rounding=rounding)
    return _fit(rounded, kind, f"{kind.lower()} overflow: ROUND({decimal_text(value)}, {digits})")


def _float_round(value: float, digits: int) -> float:
    return _float_digits(value, digits, ROUND_HALF_UP)


def _float_digits(value: float, digits: int, rounding: str) -> float:
    """Rounding of the exact binary value, as C's `round` on a scaled number does for all practical cases."""
    if not math.isfinite(value) or digits > 400:
        return value
    if digits < -400:
        return math.copysign(0.0, value)
    scale = 10.0 ** abs(digits)
    scaled = value * scale if digits >= 0 else value / scale
    if not math.isfinite(scaled):
        return value
    whole = math.trunc(scaled) if rounding == ROUND_DOWN else math.copysign(math.floor(abs(scaled) + 0.5), scaled)
    return whole / scale if digits >= 0 else whole * scale


def _decimal_function(kind: str, name: str, compute: Callable[..., Decimal]) -> Callable[..., Decimal]:
    def evaluate(*arguments: Decimal) -> Decimal:
        listed = ", ".join(decimal_text(argument) for argument in arguments)
        try:
            with localcontext(Context(prec=80)):
                value = compute(*arguments)
        except ArithmeticError:
            raise EvaluationError(f"{name} is undefined for ({listed})") from None
        if value.is_nan() or value.is_infinite():
            raise EvaluationError(f"{name} is undefined for ({listed})")
        return _fit(value, kind, f"{kind.lower()} overflow: {name}({listed})")

    return evaluate


def _power(base: Decimal, exponent: Decimal) -> Decimal:
    return base**exponent if exponent else Decimal(1)


def _limited_numeric(value: Decimal, precision: int, scale: int) -> Decimal:
    rounded = _to_digits(value, scale, "NUMERIC", ROUND_HALF_UP)
    if rounded.copy_abs() >= Decimal(10) ** (precision - scale):
        raise EvaluationError(f"numeric value {decimal_text(value)} does not fit in NUMERIC({precision}, {scale})")
    return rounded


def _shift(value: int, count: int, *, left: bool) -> int:
    if count < 0:
        raise EvaluationError("Bitwise shift by negative offset.")
    bits = value & (1 << 64) - 1
    shifted = 0 if count >= 64 else (bits << count if left else bits >> count) & (1 << 64) - 1
    return shifted - (1 << 64) if shifted >> 63 else shifted


def _generate_int64(start: int, end: int, step: int) -> list[int]:
    if step == 0:
        raise EvaluationError("Sequence step cannot be 0.")
    items = range(start, end + (1 if step > 0 else -1), step)
    if len(items) > 1_000_000:
        raise EvaluationError("GENERATE_ARRAY would produce too many elements")
    return list(items)


def _generate(start: Any, end: Any, step: Any) -> list[Any]:
    if step == 0:
        raise EvaluationError("Sequence step cannot be 0.")
    items: list[Any] = []
    value = start
    while (value <= end) if step > 0 else (value >= end):
        items.append(value)
        value = start + step * len(items)
        if len(items) > 1_000_000:
            raise EvaluationError("GENERATE_ARRAY would produce too many elements")
    return items


def _slice_start(start: int, length: int) -> int:
    return max(start if start >= 0 else length + start, 0) + 1


def _slice_end(end: int, length: int) -> int:
    return min(end, length - 1) + 1 if end >= 0 else max(length + end + 1, 0)


def _distance(compute: Callable[[list[float], list[float]], float]) -> Callable[..., float]:
    def measure(left: list[float | None], right: list[float | None]) -> float:
        if len(left) != len(right):
            raise EvaluationError(f"Array length mismatch: {len(left)} and {len(right)}")
        if None in left or None in right:
            raise EvaluationError("NULL array element")
        return compute(left, right)  # type: ignore[arg-type]

    return measure


def _cosine(left: list[float], right: list[float]) -> float:
    norms = math.sqrt(math.fsum(x * x for x in left)) * math.sqrt(math.fsum(x * x for x in right))
    if norms == 0:
        raise EvaluationError("Cannot compute cosine distance against zero vector")
    return 1 - math.fsum(x * y for x, y in zip(left, right, strict=True)) / norms


def _decimal_udfs(kind: str, sql: str) -> tuple[Udf, ...]:
    name = kind.lower()
    functions: tuple[tuple[str, Callable[..., Decimal], int], ...] = (
        ("sqrt", lambda x: x.sqrt(), 1),
        ("exp", lambda x: x.exp(), 1),
        ("ln", lambda x: x.ln(), 1),
        ("log10", lambda x: x.log10(), 1),
        ("log", lambda x, y=Decimal("NaN"): x.ln() / y.ln(), 2),
        ("pow", _power, 2),
        ("power", _power, 2),
    )
    return (
        Udf(f"bq_float_to_{name}", _float_to_decimal(kind), (FLOAT,), sql),
        Udf(f"bq_parse_{name}", _parse_decimal(kind), (TEXT,), sql),
        Udf(f"bq_parse_{name}_loose", _parse_loose(kind), (TEXT,), sql),
        Udf(f"bq_{name}_multiply", _operation(kind, "*", lambda x, y: x * y), (sql, sql), sql),
        Udf(f"bq_{name}_divide", _operation(kind, "/", lambda x, y: x / y), (sql, sql), sql),
        Udf(f"bq_{name}_div", _operation(kind, "/", _integer_division), (sql, sql), sql),
        Udf(f"bq_{name}_round", _rounded(kind), (sql, INT, TEXT), sql),
        Udf(f"bq_{name}_trunc", lambda value, digits: _to_digits(value, digits, kind, ROUND_DOWN), (sql, INT), sql),
        *(
            Udf(f"bq_{name}_{function}", _decimal_function(kind, function.upper(), compute), (sql,) * arity, sql)
            for function, compute, arity in functions
        ),
    )


UDFS: tuple[Udf, ...] = (
    Udf("bq_float_text", float_text, (FLOAT,), TEXT),
    Udf("bq_float_display", _float_display, (FLOAT,), TEXT),
    Udf("bq_float_literal", _float_literal, (FLOAT,), TEXT),
    Udf("bq_parse_int64", parse_int64, (TEXT,), INT),
    Udf("bq_float64_digits", _parse_float64, (TEXT,), TEXT),
    Udf("bq_parse_bool", _parse_bool, (TEXT,), BOOL),
    *_decimal_udfs("NUMERIC", NUMERIC),
    *_decimal_udfs("BIGNUMERIC", BIGNUMERIC),
    Udf("bq_limit_numeric", _limited_numeric, (NUMERIC, INT, INT), NUMERIC),
    Udf("bq_float_round", _float_round, (FLOAT, INT), FLOAT),
    Udf("bq_float_trunc", lambda value, digits: _float_digits(value, digits, ROUND_DOWN), (FLOAT, INT), FLOAT),
    Udf("bq_shift_left", lambda value, count: _shift(value, count, left=True), (INT, INT), INT),
    Udf("bq_shift_right", lambda value, count: _shift(value, count, left=False), (INT, INT), INT),
    Udf("bq_floor_div", lambda value, size: value // size, (INT, INT), INT),
    Udf("bq_generate_int64", _generate_int64, (INT, INT, INT), INTS),
    Udf("bq_generate_float64", _generate, (FLOAT, FLOAT, FLOAT), FLOATS),
    Udf("bq_generate_numeric", _generate, (NUMERIC, NUMERIC, NUMERIC), NUMERIC + "[]"),
    Udf("bq_slice_start", _slice_start, (INT, INT), INT),
    Udf("bq_slice_end", _slice_end, (INT, INT), INT),
    Udf("bq_cosine_distance", _distance(_cosine), (FLOATS, FLOATS), FLOAT),
    Udf("bq_euclidean_distance", _distance(math.dist), (FLOATS, FLOATS), FLOAT),
)

__all__ = ["BLOB", "UDFS", "decimal_text", "float_text", "parse_int64"]
