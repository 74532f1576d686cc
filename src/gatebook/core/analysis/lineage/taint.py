"""What a value derives from: a set of sources as the bits of an integer, and more exactly for the fields of a struct.

An array derives from what its elements do: `ARRAY<STRUCT<a, b>>` has the fields of its elements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

Mask = int  # a set of sources: bit n stands for source n of `Sources`

_NO_FIELDS: Mapping[int, Taint] = MappingProxyType({})


class Taint:
    """The sources of a value: `own` of the whole of it, `fields` of single fields by position, `flat` of all of it."""

    __slots__ = ("fields", "flat", "own")

    def __init__(self, own: Mask = 0, fields: Mapping[int, Taint] = _NO_FIELDS) -> None:
        self.own = own
        self.fields = fields
        self.flat: Mask
        for field in fields.values():
            own |= field.flat
        self.flat = own

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Taint) and self.own == other.own and self.fields == other.fields

    __hash__ = None  # type: ignore[assignment]

    def field(self, position: int) -> Taint:
        """Give the taint of a field: its own sources and those of the whole struct."""
        inner = self.fields.get(position, NOTHING)
        return inner if not self.own else Taint(self.own | inner.own, inner.fields)

    def joined(self, other: Taint) -> Taint:
        """Give the taint of a value that is one or the other."""
        if not self.fields and not other.fields:
            return Taint(self.own | other.own)
        fields = dict(self.fields)
        for position, taint in other.fields.items():
            fields[position] = fields[position].joined(taint) if position in fields else taint
        return Taint(self.own | other.own, fields)

    def with_own(self, mask: Mask) -> Taint:
        """Give the taint of a value that depends on these sources as well."""
        return self if self.own | mask == self.own else Taint(self.own | mask, self.fields)

    def mapped(self, change: Callable[[Mask], Mask]) -> Taint:
        """Give the taint with every set of sources changed."""
        fields = {position: field.mapped(change) for position, field in self.fields.items()}
        return Taint(change(self.own), fields or _NO_FIELDS)


NOTHING = Taint()


def joined(taints: Iterable[Taint]) -> Taint:
    """Give the taint of a value that is one of several."""
    result = NOTHING
    for taint in taints:
        result = taint if result is NOTHING else result.joined(taint)
    return result


def flattened(taints: Iterable[Taint]) -> Mask:
    """Give all sources of all of these."""
    mask = 0
    for taint in taints:
        mask |= taint.flat
    return mask
