"""Canonical JSON (RFC 8785) of the book's own documents, so that the same facts are always the same bytes.

The documents are `msgspec` structures whose fields stand in sorted order, without floating-point numbers, and whose
integers RFC 8785 can carry: `whole` makes strings of those it cannot. Then msgspec's output is the canonical form.
"""

from collections.abc import Mapping
from typing import Any, TypeVar, cast

import msgspec

_LARGEST_INTEGER = 2**53 - 1  # RFC 8785 appendix D: beyond it a double, and so JSON's number, is not exact
_encoder = msgspec.json.Encoder()

PartT = TypeVar("PartT", bound=msgspec.Struct | list[Any])


def canonical(document: msgspec.Struct | list[Any]) -> bytes:
    """Give the canonical bytes of a document or a list of parts.

    Text that is not Unicode (lone surrogates) is written as U+FFFD.
    """
    try:
        return _encoder.encode(document)
    except UnicodeEncodeError:
        return _encoder.encode(_readable(document))


def repeated(part: PartT) -> PartT:
    """Give a part that many documents repeat in a form that is written without looking into it again.

    It is `msgspec.Raw`, canonical already, and stands in a document for the structure that it was made of: only to be
    written, never to be looked at.
    """
    return cast("PartT", msgspec.Raw(canonical(part)))


def json_text(value: object) -> str:
    """Give any JSON value as text, in its own order and with every digit of its numbers."""
    try:
        return _encoder.encode(value).decode()
    except UnicodeEncodeError:
        return _encoder.encode(_readable(value)).decode()


def whole(number: int) -> int | str:
    """Give an integer as canonical JSON can carry it: beyond 2^53-1 as a string of decimal digits."""
    return number if -_LARGEST_INTEGER <= number <= _LARGEST_INTEGER else str(number)


def whole_or_none(number: int | None) -> int | str | None:
    """Give an integer as `whole` does, and None for None."""
    return None if number is None else whole(number)


def number_or_none(count: int | str | None) -> int | None:
    """Give back the integer that `whole_or_none` was given. Raises ValueError."""
    return None if count is None else int(count)


def in_order(names: Mapping[str, str]) -> dict[str, str]:
    """Give a map with its names in the order of RFC 8785 section 3.2.3: by their UTF-16 code units."""
    if len(names) < 2:
        return dict(names)
    return dict(sorted(names.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass")))


def unicode_text(text: str) -> str:
    """Give a text with U+FFFD for lone surrogates, which UTF-8 cannot carry."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return unicode_text(value)
    if isinstance(value, list | tuple):
        return [_readable(item) for item in value]
    if isinstance(value, dict):
        return {_readable(name): _readable(item) for name, item in value.items()}
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.replace(value, **{f: _readable(getattr(value, f)) for f in value.__struct_fields__})
    return value
