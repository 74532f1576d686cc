"""JSON bodies, read so that upstream cannot read them otherwise: one object, strict, every member once.

Documents are forwarded as Gatebook encodes them anew, never as they came. What is refused here is what would still
mislead: members that come twice, spellings that Google's servers take for a documented name, and what JSON is not.
"""

import json
import math
from typing import Any

import msgspec

from gatebook.core.model import JsonObject
from gatebook.errors import Reason, Refused

MAX_DEPTH = 64
_INTEGER_DIGITS = 20
# Members whose own member names are the user's, not BigQuery's.
_FREE_NAMES = frozenset(
    {
        "labels", "parameters", "properties", "resourceTags", "structValues", "tableDefinitions", "types",
        "userDefinedContext", "values",
    }
)  # fmt: skip


def parse_document(body: bytes) -> JsonObject:
    """Parse one JSON object (RFC 8259). Raises Refused(BODY_MALFORMED)."""
    text = _utf8(body)
    try:
        document = _DECODER.decode(text)
        if b"\\u" in body:
            msgspec.json.decode(body)  # refuses escapes that are half of a surrogate pair
    except RecursionError:
        raise _malformed(f"it is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise _malformed(_position(error)) from None
    if not isinstance(document, dict):
        raise _malformed("it must be one object")
    _check_members(document)
    return document


def _utf8(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise _malformed("it is not UTF-8") from None


def _check_members(document: JsonObject) -> None:
    """Hold every member's name and the depth against the rules. No recursion: the depth is the client's choice."""
    level: list[tuple[Any, bool]] = [(document, False)]
    for _ in range(MAX_DEPTH):
        deeper: list[tuple[Any, bool]] = []
        for value, free in level:
            if type(value) is dict:
                for name, inner in value.items():
                    if "_" in name and not free:
                        raise _malformed(_undocumented(name))
                    if type(inner) is dict or type(inner) is list:
                        deeper.append((inner, name in _FREE_NAMES))
            else:
                deeper += [(inner, False) for inner in value if type(inner) is dict or type(inner) is list]
        if not deeper:
            return
        level = deeper
    raise _malformed(f"it is nested deeper than {MAX_DEPTH} levels")


def _undocumented(name: str) -> str:
    # Google's servers read protocol-buffer names too: `use_legacy_sql` would be obeyed without having been seen.
    first, *rest = name.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    shown = name[:64] if name.isascii() and name.isprintable() else "?"
    return f"the member `{shown}` is not in BigQuery's REST reference (did you mean `{camel[:64]}`?)"


def _unique(members: list[tuple[str, Any]]) -> JsonObject:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a member comes twice in one object")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _INTEGER_DIGITS or not -(2**63) <= int(digits) < 2**64:
        raise ValueError("an integer does not fit 64 bits; BigQuery takes longer numbers as strings")
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _position(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.rstrip(' .,:')} at line {error.lineno}, column {error.colno}"
    return "an escape is half of a surrogate pair" if isinstance(error, msgspec.DecodeError) else str(error)


def _malformed(problem: str) -> Refused:
    return Refused(Reason.BODY_MALFORMED, f"The JSON body cannot be read: {problem}.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_fraction, parse_constant=_constant
)
