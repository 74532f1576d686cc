"""What a walk has met so far, beside the taints of columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gatebook.core.analysis.lineage.taint import Mask


@dataclass(slots=True)
class Marks:
    """Sets of sources: what was looked at in any way, and what decides over rows, by how. See `footprint.Uses`."""

    read: Mask = 0
    predicate: Mask = 0
    join: Mask = 0
    group: Mask = 0
    order: Mask = 0
    window: Mask = 0

    def add(self, other: Marks) -> None:
        """Take in what another walk, or a part of this one, has met."""
        self.read |= other.read
        self.predicate |= other.predicate
        self.join |= other.join
        self.group |= other.group
        self.order |= other.order
        self.window |= other.window

    def everything(self) -> Mask:
        """Give all that was met."""
        return self.read | self.predicate | self.join | self.group | self.order | self.window

    def mapped(self, change: Callable[[Mask], Mask]) -> Marks:
        """Give the marks with every set of sources changed."""
        sets = (self.read, self.predicate, self.join, self.group, self.order, self.window)
        return Marks(*map(change, sets))
