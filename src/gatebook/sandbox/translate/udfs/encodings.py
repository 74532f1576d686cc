"""Encodings and hashes."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable

from gatebook.sandbox.translate.udfs.farm_hash import fingerprint64
from gatebook.sandbox.translate.udfs.registry import BLOB, BLOBS, INT, TEXT, TEXTS, EvaluationError, Udf

_SKETCH = b"gatebook-distinct-1:"


def _from_hex(text: str) -> bytes:
    try:
        return bytes.fromhex("0" * (len(text) % 2) + text)
    except ValueError:
        raise EvaluationError(f"Failed to decode invalid hexadecimal string: {text}") from None


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        raise EvaluationError("Failed to decode invalid base64 string") from None


def _from_base32(text: str) -> bytes:
    try:
        return base64.b32decode(text)
    except binascii.Error:
        raise EvaluationError("Failed to decode invalid base32 string") from None


def _in_format(encode: bool) -> Callable[..., object]:
    """CAST between BYTES and STRING with a format name."""

    def convert(value: bytes | str, name: str) -> object:
        codec = _CODECS.get(name.upper())
        if codec is None:
            raise EvaluationError(f"Invalid format: {name}")
        try:
            return codec[0](value) if encode else codec[1](value)  # type: ignore[arg-type]
        except (UnicodeError, ValueError, OverflowError):
            raise EvaluationError(f"Failed to convert with format {name}") from None

    return convert


def _base(number: int) -> tuple[Callable[[bytes], str], Callable[[str], bytes]]:
    """BASE2 and BASE8: the bytes as one number."""
    width, letter = number.bit_length() - 1, "b" if number == 2 else "o"

    def encode(data: bytes) -> str:
        digits = -(-8 * len(data) // width)
        return format(int.from_bytes(data), f"0{digits}{letter}") if data else ""

    def decode(text: str) -> bytes:
        return int(text or "0", number).to_bytes(len(text) * width // 8)

    return encode, decode


_CODECS: dict[str, tuple[Callable[[bytes], str], Callable[[str], bytes]]] = {
    "HEX": (bytes.hex, lambda text: bytes.fromhex("0" * (len(text) % 2) + text)),
    "BASEX": (bytes.hex, bytes.fromhex),
    "BASE64": (lambda data: base64.b64encode(data).decode(), base64.b64decode),
    "BASE64M": (lambda data: base64.encodebytes(data).decode().rstrip("\n"), base64.b64decode),
    "BASE32": (lambda data: base64.b32encode(data).decode(), base64.b32decode),
    "BASE16": (bytes.hex, bytes.fromhex),
    "BASE8": _base(8),
    "BASE2": _base(2),
    "ASCII": (lambda data: data.decode("ascii"), lambda text: text.encode("ascii")),
    "UTF-8": (bytes.decode, str.encode),
    "UTF8": (bytes.decode, str.encode),
}


def _sketch(values: list[str | None]) -> bytes:
    """A sketch that is exact: the sorted 8-byte hashes of the distinct values."""
    hashes = {fingerprint64(value.encode()).to_bytes(8) for value in values if value is not None}
    return _SKETCH + b"".join(sorted(hashes))


def _hashes(sketch: bytes) -> set[bytes]:
    if not sketch.startswith(_SKETCH):
        raise EvaluationError("Invalid or unsupported HLL++ sketch; sketches made by BigQuery cannot be read here")
    body = sketch[len(_SKETCH) :]
    return {body[i : i + 8] for i in range(0, len(body), 8)}


def _merged(sketches: list[bytes]) -> bytes:
    return _SKETCH + b"".join(sorted(set().union(*map(_hashes, sketches))))


UDFS: tuple[Udf, ...] = (
    Udf("bq_from_hex", _from_hex, (TEXT,), BLOB),
    Udf("bq_from_base64", _from_base64, (TEXT,), BLOB),
    Udf("bq_to_base32", lambda data: base64.b32encode(data).decode(), (BLOB,), TEXT),
    Udf("bq_from_base32", _from_base32, (TEXT,), BLOB),
    Udf("bq_bytes_to_string", _in_format(encode=True), (BLOB, TEXT), TEXT),
    Udf("bq_string_to_bytes", _in_format(encode=False), (TEXT, TEXT), BLOB),
    Udf("bq_sha512", lambda data: hashlib.sha512(data).digest(), (BLOB,), BLOB),
    Udf("bq_farm_fingerprint", lambda data: _signed(fingerprint64(data)), (BLOB,), INT),
    Udf("bq_hll_of", _sketch, (TEXTS,), BLOB),
    Udf("bq_hll_extract", lambda sketch: len(_hashes(sketch)), (BLOB,), INT),
    Udf("bq_hll_merged", _merged, (BLOBS,), BLOB),
    Udf("bq_hll_merged_count", lambda sketches: len(set().union(*map(_hashes, sketches))), (BLOBS,), INT),
)


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number
