"""JSON texts as Python values and back; JSONPath."""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from typing import Any, NoReturn

from gatebook.sandbox.translate.udfs.registry import EvaluationError

Path = tuple[str | int, ...]
_LAX = re.compile(r"\s*(?:(recursive)\s+)?lax\s+(?:(recursive)\s+)?(\$.*)", re.IGNORECASE | re.DOTALL)

_STANDARD = re.compile(r'\.(?:"((?:[^"\\]|\\.)*)"|([^.\[\]"\s*]+))|\[\s*(\d+)\s*\]')
_LEGACY = re.compile(
    r"\.([^.\[\]'\"]+)|\[\s*(\d+)\s*\]|\[\s*([A-Za-z_][^\]]*)\]|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*\"((?:[^\"\\]|\\.)*)\"\s*\]"
)


class Members(dict[str, Any]):
    """An object of a text, with all its members; of several with one name, the first is found."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(reversed(pairs))
        self.pairs = pairs


class RawNumber(str):
    """A number as it is spelt in a text."""

    __slots__ = ()


class InvalidJsonError(Exception):
    """The text is no JSON."""


def _refuse(constant: str) -> NoReturn:
    raise InvalidJsonError(constant)


def read_text(text: str) -> Any:
    """JSON in a STRING: numbers keep their spelling, members their order. InvalidJsonError when it is none."""
    try:
        return json.loads(
            text, parse_float=RawNumber, parse_int=RawNumber, parse_constant=_refuse, object_pairs_hook=Members
        )
    except (ValueError, RecursionError) as error:
        raise InvalidJsonError(str(error)) from None


def read_json(text: str) -> Any:
    """A normalised JSON value."""
    return json.loads(text)


def write(value: Any) -> str:
    """Compact JSON; the members of what `read_json` gave are already sorted."""
    if isinstance(value, RawNumber):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        pairs = value.pairs if isinstance(value, Members) else value.items()
        return "{" + ",".join(f"{json.dumps(name, ensure_ascii=False)}:{write(item)}" for name, item in pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _number(value)


def _number(value: float) -> str:
    text = repr(value)
    if "." not in text or "e" in text or abs(value) < 1e15:
        return text
    digits = text.partition(".")[0]  # from 16 digits on with an exponent
    mantissa = f"{digits[0]}.{digits[1:]}".rstrip("0").rstrip(".") if value >= 0 else f"{digits[:2]}.{digits[2:]}"
    return f"{mantissa.rstrip('0').rstrip('.')}e+{len(digits.lstrip('-')) - 1}"


def normal(text: str, mode: str) -> str:
    """PARSE_JSON: sorted members, no white space, numbers as 64-bit integers or doubles."""
    try:
        value = json.loads(
            text,
            parse_int=_integer(mode),
            parse_float=_float(mode),
            parse_constant=_refuse,
            object_pairs_hook=lambda pairs: dict(reversed(pairs)),
        )
    except (ValueError, InvalidJsonError, RecursionError) as error:
        if isinstance(error, _WideError):
            raise EvaluationError(f"syntax error while parsing value - invalid number: {error}") from None
        raise EvaluationError(f"syntax error while parsing value: {text[:100]}") from None
    return write(sorted_members(value))


class _WideError(ValueError):
    """A number that no double holds exactly."""


def _integer(mode: str) -> Any:
    def read(digits: str) -> int | float:
        value = int(digits)
        if -(1 << 63) <= value < 1 << 64:
            return value
        if mode != "round" and int(float(value)) != value:
            raise _WideError(digits)
        return float(value)

    return read


def _float(mode: str) -> Any:
    def read(digits: str) -> float:
        value = float(digits)
        if math.isinf(value) or (mode != "round" and not _same(digits, value)):
            raise _WideError(digits)
        return value

    return read


def _same(digits: str, value: float) -> bool:
    """Whether the double prints with the digits it was read from."""
    return len(re.sub(r"[eE].*|[-+.]", "", digits).strip("0")) <= 17 or float(repr(value)) == value


def sorted_members(value: Any) -> Any:
    """Members in the order of their names' UTF-8 bytes."""
    if isinstance(value, dict):
        return {name: sorted_members(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [sorted_members(item) for item in value]
    return value


@lru_cache(maxsize=512)
def parsed_path(path: str, style: str) -> Path:
    """The steps of a JSONPath; `style` is standard or legacy (quoted names in brackets)."""
    if not path.startswith("$"):
        raise EvaluationError("JSONPath must start with '$'")
    steps: list[str | int] = []
    pattern, position = (_LEGACY if style == "legacy" else _STANDARD), 1
    while position < len(path):
        match = pattern.match(path, position)
        if match is None:
            raise EvaluationError(f"Invalid token in JSONPath at: {path[position:]}")
        steps.append(_step(match, style))
        position = match.end()
    return tuple(steps)


def _step(match: re.Match[str], style: str) -> str | int:
    index = match[2] if style == "legacy" else match[3]
    if index is not None:
        return int(index)
    names = (match[1], match[3], match[4], match[5]) if style == "legacy" else (match[1], match[2])
    name = next(name for name in names if name is not None)
    return re.sub(r"\\(.)", r"\1", name)


MISSING = object()


def found_at(value: Any, path: Path) -> Any:
    """What a path leads to, or MISSING."""
    for step in path:
        if isinstance(step, int) and isinstance(value, list):
            value = value[step] if step < len(value) else MISSING
        elif isinstance(value, dict):
            value = value.get(str(step), MISSING)
        else:
            return MISSING
    return value


def found_lax(value: Any, path: Path, *, recursive: bool) -> list[Any]:
    """All that a lax path leads to: members are looked up in elements of arrays too, and [0] of any value is itself."""
    found = [value]
    for step in path:
        found = [item for value in found for item in _lax_step(value, step, recursive=recursive)]
    return found


def _lax_step(value: Any, step: str | int, *, recursive: bool) -> list[Any]:
    if isinstance(step, int):
        items = value if isinstance(value, list) else [value]
        return items[step : step + 1]
    if isinstance(value, list):
        nested = (item for item in value if recursive or not isinstance(item, list))
        return [found for item in nested for found in _lax_step(item, step, recursive=recursive)]
    return [value[step]] if isinstance(value, dict) and step in value else []


def lax_path(path: str) -> tuple[str, bool] | None:
    """A path in lax mode: the path itself, and whether `recursive` stands with it."""
    match = _LAX.fullmatch(path)
    return (match[3], bool(match[1] or match[2])) if match else None
