"""FORMAT, quoted literals, and the scalars of JSON."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal

from gatebook.sandbox.translate.udfs.numbers import float_text
from gatebook.sandbox.translate.udfs.registry import BLOB, FLOAT, INT, TEXT, TEXTS, EvaluationError, Udf

_SPECIFIER = re.compile(r"%([-+ 0#']*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])")
_INT53 = 1 << 53


def quoted(text: str) -> str:
    """A STRING literal; the quote is the one that needs no escape, if there is one."""
    quote = "'" if '"' in text and "'" not in text else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(character: str, quote: str) -> str:
    if character == quote:
        return "\\" + character
    if character in _ESCAPES:
        return _ESCAPES[character]
    return character if ord(character) >= 32 and ord(character) != 127 else f"\\x{ord(character):02x}"


def _bytes_escaped(data: bytes) -> str:
    return "".join(_escaped(chr(byte), "") if byte < 127 else f"\\x{byte:02x}" for byte in data)


def _quoted_bytes(data: bytes) -> str:
    quote = "'" if b'"' in data and b"'" not in data else '"'
    return "b" + quote + "".join(_escaped(chr(b), quote) if b < 127 else f"\\x{b:02x}" for b in data) + quote


def json_quoted(text: str) -> str:
    """A JSON string."""
    return (
        json.dumps(text, ensure_ascii=False)
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
        .replace("\x7f", "\\u007f")
    )


def _json_int64(value: int) -> str:
    return str(value) if -_INT53 <= value <= _INT53 else f'"{value}"'


def _json_numeric(text: str, style: str) -> str:
    """TO_JSON_STRING has integers of 53 bits as numbers; JSON values what a double gives back."""
    if style == "text":
        return text if text.lstrip("-").isdigit() and abs(int(text)) <= _INT53 else f'"{text}"'
    exact = Decimal(float(text)) == Decimal(text) or float_text(float(text)) == text
    return text if exact or style == "value" else f'"{text}"'


def _json_float64(value: float, style: str) -> str:
    """A number, or "NaN", "Infinity", "-Infinity"; in JSON values it stays a float."""
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    return float_text(value) if style == "text" else repr(value or 0.0)


class _Arguments:
    """The arguments of one FORMAT call, taken one after the other."""

    def __init__(self, texts: list[str | None], literals: list[str], kinds: str) -> None:
        self._left = list(zip(texts, literals, kinds.split(",") if kinds else [], strict=True))

    def take(self) -> tuple[str | None, str, str]:
        if not self._left:
            raise EvaluationError("Too few arguments to FORMAT for pattern")
        return self._left.pop(0)

    def take_int(self) -> int | None:
        text, _, kind = self.take()
        if kind != "INT64":
            raise EvaluationError(f"Invalid type for argument in FORMAT; Expected INT64; Got {kind}")
        return None if text is None else int(text)

    def finish(self) -> None:
        if self._left:
            raise EvaluationError("Too many arguments to FORMAT for pattern")


class _UnknownError(Exception):
    """A NULL argument: the whole result is NULL."""


def _format(pattern: str | None, texts: list[str | None], literals: list[str], kinds: str) -> str | None:
    if pattern is None:
        return None
    arguments, out, position, unknown = _Arguments(texts, literals, kinds), [], 0, False
    while position < len(pattern):
        following = pattern.find("%", position)
        if following < 0:
            out.append(pattern[position:])
            break
        out.append(pattern[position:following])
        match = _SPECIFIER.match(pattern, following)
        if match is None:
            raise EvaluationError(f"Invalid format specifier in FORMAT: {pattern[following:]}")
        position = match.end()
        try:
            out.append(_specifier(match, arguments))
        except _UnknownError:
            unknown = True
    arguments.finish()
    return None if unknown else "".join(out)


def _specifier(match: re.Match[str], arguments: _Arguments) -> str:
    flags, width, precision, letter = match[1], match[2], match[3], match[4]
    if letter == "%":
        return "%"
    sizes: list[int | None] = []
    unknown = False
    for size in (width, precision):
        star = arguments.take_int() if size == "*" else 0
        unknown = unknown or star is None
        sizes.append(star if size == "*" else int(size) if size else None)
    if sizes[0] is not None and sizes[0] < 0:
        flags, sizes[0] = flags + "-", -sizes[0]
    digits = 0 if sizes[1] is None and "." in match[0] else sizes[1]
    text, literal, kind = arguments.take()
    if letter in "tT":
        shown = literal if letter == "T" else ("NULL" if text is None else text)
        return _padded(shown if digits is None else shown[:digits], flags, sizes[0])
    if text is None or unknown:
        raise _UnknownError
    write = _WRITERS.get(letter)
    if write is None or kind not in write[0]:
        raise EvaluationError(f"Invalid type for argument of FORMAT: %{letter} for {kind}")
    return _padded(write[1](text, flags, digits, letter), flags, sizes[0])


def _padded(text: str, flags: str, width: int | None) -> str:
    if width is None or len(text) >= width:
        return text
    if "-" in flags:
        return text.ljust(width)
    sign = re.match(r"[+\- ]?(?:0[xX])?", text)
    if "0" in flags and sign and text[sign.end() : sign.end() + 1].isalnum() and not text.strip("+-").isalpha():
        return sign[0] + "0" * (width - len(text)) + text[sign.end() :]
    return text.rjust(width)


def _signed(text: str, flags: str) -> str:
    if text.startswith("-"):
        return text
    return "+" + text if "+" in flags else " " + text if " " in flags else text


def _grouped(digits: str) -> str:
    whole, dot, rest = digits.partition(".")
    sign = "-" if whole.startswith("-") else ""
    whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", whole.lstrip("-"))
    return sign + whole + dot + rest


def _integer(text: str, flags: str, digits: int | None, letter: str) -> str:
    value = int(text)
    if letter in "diu":
        body = str(abs(value))
        body = body.zfill(digits) if digits else body
        body = _grouped(body) if "'" in flags else body
    else:
        body = format(abs(value), letter)
        body = body.zfill(digits) if digits else body
        body = _grouped_by(body, 4) if "'" in flags else body
        if "#" in flags:
            body = {"o": "0", "x": "0x", "X": "0X"}[letter] + body
    return _signed(("-" if value < 0 else "") + body, flags)


def _grouped_by(digits: str, size: int) -> str:
    first = len(digits) % size or size
    return ":".join([digits[:first], *(digits[i : i + size] for i in range(first, len(digits), size))])


def _float(text: str, flags: str, digits: int | None, letter: str) -> str:
    value: float | Decimal = Decimal(text) if letter in "fF" and len(text) > 17 and "e" not in text else float(text)
    if not math.isfinite(value):
        special = text.upper() if letter.isupper() else text
        return _signed(special, flags)
    alternate = "#" if "#" in flags else ""
    body = format(value, f"{alternate}.{6 if digits is None else digits}{letter}")
    return _signed(_grouped(body) if "'" in flags else body, flags)


def _string(text: str, _flags: str, digits: int | None, _letter: str) -> str:
    return text if digits is None else text[:digits]


def _json(text: str, _flags: str, _digits: int | None, letter: str) -> str:
    return text if letter == "p" else json.dumps(json.loads(text), indent=2, ensure_ascii=False)


_NUMBERS = frozenset(["FLOAT64", "NUMERIC", "BIGNUMERIC"])
_WRITERS = {
    **dict.fromkeys("di", (frozenset(["INT64"]), _integer)),
    **dict.fromkeys("ouxX", (frozenset(["INT64"]), _integer)),
    **dict.fromkeys("fFeEgG", (_NUMBERS, _float)),
    "s": (frozenset(["STRING", "JSON"]), _string),
    **dict.fromkeys("pP", (frozenset(["JSON"]), _json)),
}

UDFS: tuple[Udf, ...] = (
    Udf("bq_quoted", quoted, (TEXT,), TEXT),
    Udf("bq_quoted_bytes", _quoted_bytes, (BLOB,), TEXT),
    Udf("bq_bytes_escaped", _bytes_escaped, (BLOB,), TEXT),
    Udf("bq_json_quoted", json_quoted, (TEXT,), TEXT),
    Udf("bq_int64_to_json", _json_int64, (INT,), TEXT),
    Udf("bq_numeric_to_json", _json_numeric, (TEXT, TEXT), TEXT),
    Udf("bq_float64_to_json", _json_float64, (FLOAT, TEXT), TEXT),
    Udf("bq_format", _format, (TEXT, TEXTS, TEXTS, TEXT), TEXT, sees_null=True),
)
