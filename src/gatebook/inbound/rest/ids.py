"""Ids of Calls: ordered by time, not guessable, and valid as the value of a BigQuery label."""

import os
from collections.abc import Iterator

_DRAWN_BYTES = 2048


def call_id(now_microseconds: int) -> str:
    """Give a UUIDv7 (RFC 9562 section 5.7) as 32 hex digits.

    Its 12 bits after the milliseconds hold the fraction of the millisecond (section 6.2, method 3); 62 bits are random.
    """
    milliseconds, rest = divmod(now_microseconds, 1000)
    fraction = rest * 4096 // 1000
    tail = int.from_bytes(next(_RANDOM), "big") & 0x3FFF_FFFF_FFFF_FFFF
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | tail
    return f"{value:032x}"


def _random() -> Iterator[bytes]:
    """Give eight random bytes at a time. Many are drawn at once: a system call hands over the interpreter's lock."""
    while True:
        drawn = os.urandom(_DRAWN_BYTES)
        for start in range(0, _DRAWN_BYTES, 8):
            yield drawn[start : start + 8]


_RANDOM = _random()
