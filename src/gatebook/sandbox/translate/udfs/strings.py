"""Strings of characters and of bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from gatebook.sandbox.translate.udfs.registry import BLOB, BLOBS, BOOL, INT, INTS, TEXT, EvaluationError, Udf

_SOUNDEX = {
    c: d for d, cs in {"1": "BFPV", "2": "CGJKQSXZ", "3": "DT", "4": "L", "5": "MN", "6": "R"}.items() for c in cs
}


def _substr(text: Any, start: int, length: int) -> Any:
    if length < 0:
        raise EvaluationError("Third argument in SUBSTR() cannot be negative")
    first = max(len(text) + start, 0) if start < 0 else max(start - 1, 0)
    return text[first : first + length]


def _left(text: Any, length: int) -> Any:
    if length < 0:
        raise EvaluationError("Second argument in LEFT() cannot be negative")
    return text[:length]


def _right(text: Any, length: int) -> Any:
    if length < 0:
        raise EvaluationError("Second argument in RIGHT() cannot be negative")
    return text[max(len(text) - length, 0) :]


def _pad(*, before: bool) -> Callable[[Any, int, Any], Any]:
    def pad(text: Any, length: int, pattern: Any) -> Any:
        if length < 0:
            raise EvaluationError("Second argument (output size) for LPAD/RPAD cannot be negative")
        if not pattern:
            raise EvaluationError("Third argument (pad pattern) for LPAD/RPAD cannot be empty")
        missing = length - len(text)
        if missing <= 0:
            return text[:length]
        filling = (pattern * (missing // len(pattern) + 1))[:missing]
        return filling + text if before else text + filling

    return pad


def _repeat(text: Any, count: int) -> Any:
    if count < 0:
        raise EvaluationError("Second argument (repeat count) for REPEAT cannot be negative")
    return text * count


def _replace(text: Any, old: Any, new: Any) -> Any:
    return text.replace(old, new) if old else text


def _translate(text: str, source: str, target: str) -> str:
    if len(set(source)) < len(source):
        raise EvaluationError("Duplicate character in TRANSLATE source characters")
    table = {ord(c): (target[i] if i < len(target) else None) for i, c in enumerate(source)}
    return text.translate(table)


def _translate_bytes(text: bytes, source: bytes, target: bytes) -> bytes:
    if len(set(source)) < len(source):
        raise EvaluationError("Duplicate character in TRANSLATE source characters")
    table = {c: target[i : i + 1] for i, c in enumerate(source)}
    return b"".join(table.get(c, bytes([c])) for c in text)


def _instr(text: Any, wanted: Any, position: int, occurrence: int) -> int:
    if occurrence <= 0 or position == 0:
        which = "position is 0" if position == 0 else "occurrence is 0 or negative"
        raise EvaluationError(f"INSTR: {which}")
    found = position - 2 if position > 0 else len(text) + position + 1
    for _ in range(occurrence):
        forward = position > 0
        found = text.find(wanted, found + 1) if forward else text.rfind(wanted, 0, max(found - 1 + len(wanted), 0))
        if found < 0:
            return 0
    return int(found) + 1


def _initcap(text: str, delimiters: str) -> str:
    out, start = [], True
    for character in text:
        upper = character.upper() if len(character.upper()) == 1 else character
        out.append(character if character in delimiters else upper if start else character.lower())
        start = character in delimiters
    return "".join(out)


def _soundex(text: str) -> str:
    letters = [c for c in text if c.isascii() and c.isalpha()]
    if not letters:
        return ""
    code, last = letters[0], _SOUNDEX.get(letters[0].upper(), "")
    for letter in map(str.upper, letters[1:]):
        digit = _SOUNDEX.get(letter, "")
        if digit and digit != last:
            code += digit
            last = digit
    return (code + "000")[:4]


def _normalize_and_casefold(text: str, mode: str) -> str:
    return unicodedata.normalize(mode, unicodedata.normalize(mode, text).casefold())  # type: ignore[arg-type]


def _contains_substr(text: str, wanted: str) -> bool:
    return _normalize_and_casefold(wanted, "NFKC") in _normalize_and_casefold(text, "NFKC")


def _edit_distance(left: Any, right: Any, limit: int | None) -> int | None:
    if left is None or right is None:
        return None
    if limit is not None and limit < 0:
        raise EvaluationError("max_distance must be non-negative")
    row = list(range(len(right) + 1))
    for i, x in enumerate(left, start=1):
        previous, row[0] = row[0], i
        for j, y in enumerate(right, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1] if limit is None else min(row[-1], limit)


def _chr(code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise EvaluationError(f"Invalid codepoint {code}")
    return chr(code)


def _ascii(text: str) -> int:
    if text and ord(text[0]) > 127:
        raise EvaluationError(f"Argument to ASCII is not a structurally valid ASCII string: '{text}'")
    return ord(text[0]) if text else 0


def _text_of_codes(codes: list[int | None]) -> str | None:
    if None in codes:
        return None
    return "".join(_chr(code) for code in codes if code is not None)


def _bytes_of_codes(codes: list[int | None]) -> bytes | None:
    if None in codes:
        return None
    for code in codes:
        if code is not None and not 0 <= code <= 255:
            raise EvaluationError(f"Invalid ASCII value {code}")
    return bytes(code for code in codes if code is not None)


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise EvaluationError("Invalid cast of bytes to UTF8 string") from None


def _limit(kind: str) -> Callable[[Any, int], Any]:
    def limit(value: Any, length: int) -> Any:
        if len(value) > length:
            raise EvaluationError(
                f"{kind}({length}) has maximum length {length} but got a value with length {len(value)}"
            )
        return value

    return limit


def _split_bytes(data: bytes, separator: bytes) -> list[bytes]:
    return data.split(separator) if separator else [bytes([byte]) for byte in data] or [b""]


def _join_bytes(parts: list[bytes | None] | None, separator: bytes | None, unknown: bytes | None) -> bytes | None:
    if parts is None or separator is None:
        return None
    known = [unknown if part is None else part for part in parts]
    return separator.join(part for part in known if part is not None)


def _like_bytes(data: bytes, pattern: bytes) -> bool:
    parts, escaped = [], False
    for byte in pattern:
        character = bytes([byte])
        if escaped or character not in (b"%", b"_", b"\\"):
            parts.append(re.escape(character))
            escaped = False
        elif character == b"\\":
            escaped = True
        else:
            parts.append(b".*" if character == b"%" else b".")
    return re.fullmatch(b"".join(parts), data, re.DOTALL) is not None


def _bitwise(name: str, combine: Callable[[int, int], int]) -> Callable[[bytes, bytes], bytes]:
    def operate(left: bytes, right: bytes) -> bytes:
        if len(left) != len(right):
            raise EvaluationError(f"Bitwise {name} on BYTES requires operands of the same length")
        return bytes(combine(x, y) for x, y in zip(left, right, strict=True))

    return operate


def _shift_bytes(data: bytes, count: int, *, left: bool) -> bytes:
    if count < 0:
        raise EvaluationError("Bitwise shift by negative offset.")
    number, size = int.from_bytes(data), 8 * len(data)
    count = min(count, size)
    shifted = (number << count) & ((1 << size) - 1) if left else number >> count
    return shifted.to_bytes(len(data))


def _both(
    name: str, function: Callable[..., Any], arguments: tuple[str, ...], result: str | None = None
) -> tuple[Udf, Udf]:
    """The same function of STRING and of BYTES; None in `result` is the type of the first argument."""
    blobs = tuple(BLOB if kind == TEXT else kind for kind in arguments)
    return (
        Udf(name, function, arguments, result or TEXT),
        Udf(f"{name}_bytes", function, blobs, result or BLOB),
    )


UDFS: tuple[Udf, ...] = (
    *_both("bq_substr", _substr, (TEXT, INT, INT)),
    *_both("bq_left", _left, (TEXT, INT)),
    *_both("bq_right", _right, (TEXT, INT)),
    *_both("bq_lpad", _pad(before=True), (TEXT, INT, TEXT)),
    *_both("bq_rpad", _pad(before=False), (TEXT, INT, TEXT)),
    *_both("bq_reverse", lambda text: text[::-1], (TEXT,)),
    *_both("bq_repeat", _repeat, (TEXT, INT)),
    *_both("bq_replace", _replace, (TEXT, TEXT, TEXT)),
    *_both("bq_instr", _instr, (TEXT, TEXT, INT, INT), INT),
    Udf("bq_translate", _translate, (TEXT, TEXT, TEXT), TEXT),
    Udf("bq_translate_bytes", _translate_bytes, (BLOB, BLOB, BLOB), BLOB),
    Udf("bq_trim_bytes", lambda data, these: data.strip(these), (BLOB, BLOB), BLOB),
    Udf("bq_ltrim_bytes", lambda data, these: data.lstrip(these), (BLOB, BLOB), BLOB),
    Udf("bq_rtrim_bytes", lambda data, these: data.rstrip(these), (BLOB, BLOB), BLOB),
    Udf("bq_upper", str.upper, (TEXT,), TEXT),
    Udf("bq_lower", str.lower, (TEXT,), TEXT),
    Udf("bq_upper_bytes", bytes.upper, (BLOB,), BLOB),
    Udf("bq_lower_bytes", bytes.lower, (BLOB,), BLOB),
    Udf("bq_initcap", _initcap, (TEXT, TEXT), TEXT),
    Udf("bq_soundex", _soundex, (TEXT,), TEXT),
    Udf("bq_normalize", lambda text, mode: unicodedata.normalize(mode, text), (TEXT, TEXT), TEXT),
    Udf("bq_normalize_and_casefold", _normalize_and_casefold, (TEXT, TEXT), TEXT),
    Udf("bq_contains_substr", _contains_substr, (TEXT, TEXT), BOOL),
    Udf("bq_edit_distance", _edit_distance, (TEXT, TEXT, INT), INT, sees_null=True),
    Udf("bq_edit_distance_bytes", _edit_distance, (BLOB, BLOB, INT), INT, sees_null=True),
    Udf("bq_ascii", _ascii, (TEXT,), INT),
    Udf("bq_unicode", lambda text: ord(text[0]) if text else 0, (TEXT,), INT),
    Udf("bq_chr", _chr, (INT,), TEXT),
    Udf("bq_to_code_points", lambda text: [ord(c) for c in text], (TEXT,), INTS),
    Udf("bq_bytes_to_code_points", list, (BLOB,), INTS),
    Udf("bq_code_points_to_string", _text_of_codes, (INTS,), TEXT),
    Udf("bq_code_points_to_bytes", _bytes_of_codes, (INTS,), BLOB),
    Udf("bq_utf8", _utf8, (BLOB,), TEXT),
    Udf("bq_safe_utf8", lambda data: data.decode(errors="replace"), (BLOB,), TEXT),
    Udf("bq_limit_string", _limit("STRING"), (TEXT, INT), TEXT),
    Udf("bq_limit_bytes", _limit("BYTES"), (BLOB, INT), BLOB),
    Udf("bq_split_bytes", _split_bytes, (BLOB, BLOB), BLOBS),
    Udf("bq_join_bytes", _join_bytes, (BLOBS, BLOB, BLOB), BLOB, sees_null=True),
    Udf("bq_like_bytes", _like_bytes, (BLOB, BLOB), BOOL),
    Udf("bq_bytes_not", lambda data: bytes(~x & 255 for x in data), (BLOB,), BLOB),
    Udf("bq_bytes_and", _bitwise("AND", int.__and__), (BLOB, BLOB), BLOB),
    Udf("bq_bytes_or", _bitwise("OR", int.__or__), (BLOB, BLOB), BLOB),
    Udf("bq_bytes_xor", _bitwise("XOR", int.__xor__), (BLOB, BLOB), BLOB),
    Udf("bq_bytes_shift_left", lambda data, count: _shift_bytes(data, count, left=True), (BLOB, INT), BLOB),
    Udf("bq_bytes_shift_right", lambda data, count: _shift_bytes(data, count, left=False), (BLOB, INT), BLOB),
    Udf("bq_bytes_bit_count", lambda data: int.from_bytes(data).bit_count(), (BLOB,), INT),
)
