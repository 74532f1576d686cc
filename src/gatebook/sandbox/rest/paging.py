"""Opaque page tokens over lists and row ranges."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from gatebook.sandbox.errors import invalid

_MARK = b"gb:"
_Item = TypeVar("_Item")


def page_token(offset: int) -> str:
    """The token that continues at ``offset``."""
    return base64.urlsafe_b64encode(_MARK + str(offset).encode()).decode().rstrip("=")


def page_offset(token: str | None) -> int:
    """The offset a token stands for, 0 without one; 400 `invalid` for a token this server never gave."""
    if not token:
        return 0
    try:
        plain = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        if plain.startswith(_MARK):
            return int(plain.removeprefix(_MARK))
    except (binascii.Error, ValueError):
        pass
    raise invalid("Invalid page token", location="pageToken")


def page(items: Sequence[_Item], token: str | None, size: int | None, default: int) -> tuple[list[_Item], str | None]:
    """One page of a list and the token of the next, None when this is the last."""
    start = page_offset(token)
    end = start + (default if size is None else size)
    return list(items[start:end]), page_token(end) if end < len(items) else None
