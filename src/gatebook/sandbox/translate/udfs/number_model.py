"""CAST ... FORMAT of numbers: BigQuery's numeric format models (`$999,999.99`)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from gatebook.sandbox.translate.udfs.numbers import float_text
from gatebook.sandbox.translate.udfs.registry import FLOAT, TEXT, EvaluationError, Udf

_MODEL = re.compile(r"(FM)?(B)?(S)?(\$|L|C)?([09,G]*)(?:([.D])([09]*))?(S|MI|PR)?", re.IGNORECASE)
_HEXADECIMAL = re.compile(r"(FM)?(0?)(X+)", re.IGNORECASE)
_CURRENCIES = {"$": "$", "L": "$", "C": "USD"}


@dataclass(frozen=True, slots=True)
class _Model:
    """A parsed model. `whole` holds 9, 0 and commas; `sign` is S, MI, PR or empty for a leading minus."""

    fill: bool
    blank_zero: bool
    sign: str
    sign_first: bool
    currency: str
    whole: str
    point: str
    fraction: str


def _parsed(model: str) -> _Model:
    match = _MODEL.fullmatch(model)
    if match is None or not (match[5] or match[7]):
        raise EvaluationError(f"Number format model '{model}' is not implemented here")
    if match[3] and match[8]:
        raise EvaluationError("The sign appears twice in the number format model")
    return _Model(
        fill=not match[1],
        blank_zero=bool(match[2]),
        sign=(match[3] or match[8] or "").upper(),
        sign_first=bool(match[3]),
        currency=_CURRENCIES[match[4].upper()] if match[4] else "",
        whole=match[5].upper().replace("G", ","),
        point="." if match[6] else "",
        fraction=match[7] or "",
    )


def _format_float(value: float, model: str) -> str:
    """A FLOAT64 is rounded from its exact binary value, ties to even; decimals are rounded away from zero."""
    if not math.isfinite(value) or _HEXADECIMAL.fullmatch(model):
        return _format(str(Decimal(value)) if math.isfinite(value) else float_text(value), model)
    return _format(f"{value:.{len(_parsed(model).fraction)}f}", model)


def _format(text: str, model: str) -> str:
    hexadecimal = _HEXADECIMAL.fullmatch(model)
    if hexadecimal:
        return _hexadecimal(text, hexadecimal)
    parsed = _parsed(model)
    width = len(parsed.whole) + len(parsed.point) + len(parsed.fraction)
    if text.lstrip("+-") in ("inf", "nan"):
        body, negative = text.lstrip("+-").upper().rjust(width), text.startswith("-")
    else:
        body, negative = _digits(Decimal(text), parsed)
    if parsed.blank_zero and not body.strip(" 0.,"):
        return " " * (width + 1)
    return _signed(body, parsed, negative=negative)


def _digits(value: Decimal, model: _Model) -> tuple[str, bool]:
    with localcontext(Context(prec=100)):
        rounded = value.quantize(Decimal(1).scaleb(-len(model.fraction)), rounding=ROUND_HALF_UP)
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    places = sum(character in "09" for character in model.whole)
    whole = whole.lstrip("0") or (
        "" if model.fraction and not model.whole.rstrip(",").endswith("0") else "0"[: places or 0]
    )
    negative = rounded < 0
    if len(whole) > places:
        filled = model.whole.replace("9", "#").replace("0", "#")
        return filled + model.point + "#" * len(model.fraction), negative
    if not model.fill:  # FM leaves out what is not significant
        kept = model.fraction.rfind("0") + 1
        fraction = fraction[:kept] + fraction[kept:].rstrip("0")
        whole = whole or ("" if fraction else "0")
    return _grouped(whole, model.whole) + model.point + fraction, negative


def _grouped(digits: str, pattern: str) -> str:
    """Digits from the right; zeros from the first 0 of the pattern on; spaces before the first digit."""
    out, left = [], list(digits)
    first_zero = pattern.find("0")
    for position in range(len(pattern) - 1, -1, -1):
        forced = first_zero >= 0 and position >= first_zero
        if pattern[position] == ",":
            out.append("," if left or forced else " ")
        elif left:
            out.append(left.pop())
        else:
            out.append("0" if forced else " ")
    return "".join(reversed(out))


def _signed(body: str, model: _Model, *, negative: bool) -> str:
    digits = body.lstrip(" ")
    pad = body[: len(body) - len(digits)]
    if model.sign == "PR":
        text = f"{pad}{'<' if negative else ' '}{model.currency}{digits}{'>' if negative else ' '}"
    elif model.sign == "MI":
        text = f"{pad}{model.currency}{digits}{'-' if negative else ' '}"
    elif model.sign == "S":
        sign = "-" if negative else "+"
        text = f"{pad}{sign}{model.currency}{digits}" if model.sign_first else f"{pad}{model.currency}{digits}{sign}"
    else:
        text = f"{pad}{'-' if negative else ' '}{model.currency}{digits}"
    return text if model.fill else text.strip()


def _hexadecimal(text: str, match: re.Match[str]) -> str:
    value = int(Decimal(text).to_integral_value(ROUND_HALF_UP))
    width = len(match[2]) + len(match[3])
    digits = format(abs(value), "x" if match[3][0].islower() else "X")
    if len(digits) > width:
        digits = "#" * width
    body = digits.rjust(width, "0" if match[2] else " ")
    sign = "-" if value < 0 else " "
    stripped = body.lstrip(" ")
    out = " " * (len(body) - len(stripped)) + sign + stripped
    return out.strip() if match[1] else out


UDFS: tuple[Udf, ...] = (
    Udf("bq_cast_format_number", _format, (TEXT, TEXT), TEXT),
    Udf("bq_cast_format_float", _format_float, (FLOAT, TEXT), TEXT),
)
