"""Partial responses: the ``fields`` parameter of Google's APIs.

Grammar (https://cloud.google.com/bigquery/docs/api-performance#partial-response): ``a,b`` selects
fields, ``a/b`` and ``a(b,c)`` descend, ``*`` is every field; arrays are passed through to their items.
"""

import re
from typing import Any

from gatebook.sandbox.errors import ApiError, invalid

_TOKEN = re.compile(r"[A-Za-z0-9_$.@*-]+|[,/()]")

Mask = dict[str, "Mask"]
"""Selected names with what is selected beneath them; an empty mask selects everything beneath."""


def parse(text: str) -> Mask:
    """Read a mask; 400 `invalidParameter` when it does not follow the grammar."""
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != text.replace(" ", ""):
        raise _bad(text)
    mask, rest = _selection(tokens, text)
    if rest:
        raise _bad(text)
    return mask


def apply(mask: Mask, value: Any) -> Any:
    """The part of a JSON value that the mask selects."""
    if not mask:
        return value
    if isinstance(value, list):
        return [apply(mask, item) for item in value]
    if not isinstance(value, dict):
        return value
    selected = {name: mask.get(name, mask.get("*")) for name in value}
    return {name: apply(beneath, value[name]) for name, beneath in selected.items() if beneath is not None}


def _selection(tokens: list[str], text: str) -> tuple[Mask, list[str]]:
    mask: Mask = {}
    while True:
        name, beneath, tokens = _path(tokens, text)
        whole = not beneath or mask.get(name) == {}
        mask[name] = {} if whole else {**mask.get(name, {}), **beneath}
        if not tokens or tokens[0] != ",":
            return mask, tokens
        tokens = tokens[1:]


def _path(tokens: list[str], text: str) -> tuple[str, Mask, list[str]]:
    if not tokens or tokens[0] in {",", "/", "(", ")"}:
        raise _bad(text)
    name, tokens = tokens[0], tokens[1:]
    if tokens and tokens[0] == "/":
        inner, beneath, tokens = _path(tokens[1:], text)
        return name, {inner: beneath}, tokens
    if tokens and tokens[0] == "(":
        beneath, tokens = _selection(tokens[1:], text)
        if not tokens or tokens[0] != ")":
            raise _bad(text)
        return name, beneath, tokens[1:]
    return name, {}, tokens


def _bad(text: str) -> ApiError:
    return invalid(f"Invalid field selection {text}", location="fields")
