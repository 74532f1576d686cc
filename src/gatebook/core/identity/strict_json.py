"""JSON as tokens must hold it: one object, every member once, no numbers that a reader could take for another."""

import json

INTEGER_DIGITS = 20  # more than any 64-bit number has


def parse_object(text: bytes) -> dict[str, object]:
    """Read one JSON object. Raises ValueError; its text never holds any of the input.

    A member that comes twice is refused, as RFC 7519 section 4 allows: of two readers, one could verify the first
    value and the other use the last.
    """
    try:
        value = _DECODER.decode(text.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ValueError("not a JSON object with unique members") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - callers handle one error
    return value


def _unique(members: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(members)
    if len(found) != len(members):
        raise ValueError("a member comes twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > INTEGER_DIGITS:
        raise ValueError("a number is too large")
    return int(digits)


def _constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_integer, parse_constant=_constant)
