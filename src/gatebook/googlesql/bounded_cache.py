"""A least-recently-used cache bounded by the weight of what it holds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class BoundedCache(Generic[KeyT, ValueT]):
    """Holds values up to a total weight; an entry heavier than an eighth of it is not kept. Not thread-safe."""

    def __init__(self, maximum_weight: int) -> None:
        self._maximum_weight = maximum_weight
        self._weight = 0
        self._entries: OrderedDict[KeyT, tuple[ValueT, int]] = OrderedDict()

    def get(self, key: KeyT) -> ValueT | None:
        """The value, now the most recently used one; None when it is not there."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: KeyT, value: ValueT, weight: int) -> list[ValueT]:
        """Keep the value; returns the values that had to go."""
        if weight * 8 > self._maximum_weight:
            return []
        gone = []
        before = self._entries.pop(key, None)
        if before is not None:
            self._weight -= before[1]
        self._entries[key] = (value, weight)
        self._weight += weight
        while self._weight > self._maximum_weight:
            _, (value_gone, weight_gone) = self._entries.popitem(last=False)
            self._weight -= weight_gone
            gone.append(value_gone)
        return gone

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._weight = 0

    def __len__(self) -> int:
        return len(self._entries)
