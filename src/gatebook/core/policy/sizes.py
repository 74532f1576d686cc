"""Numbers of bytes as people write them: 10GiB."""

import re

_UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}
_SIZE = re.compile(rf"([0-9]{{1,15}})\s?({'|'.join(_UNITS)})")
_MOST = 2**62


def size_of(written: int | str) -> int:
    """Give the bytes. Raises ValueError, which says how to write them."""
    if isinstance(written, str):
        found = _SIZE.fullmatch(written)
        if found is None:
            raise ValueError(f"is no size: write whole bytes, or a whole number with {', '.join(_UNITS)}, as in 10GiB")
        written = int(found[1]) * _UNITS[found[2]]
    if not 0 <= written <= _MOST:
        raise ValueError("is no size that BigQuery counts to")
    return written


def in_units(size: int) -> str:
    """Give a number of bytes in the greatest unit that keeps it exact to two decimals' worth of reading."""
    for unit, worth in reversed(_UNITS.items()):
        if size >= worth:
            return f"{size / worth:.4g} {unit}"
    return "0 B"
