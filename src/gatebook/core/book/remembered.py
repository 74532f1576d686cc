"""A memory of what was made of an object, for objects that come again and again: footprints of the same SQL."""

from collections.abc import Callable
from typing import Generic, TypeVar

Whole = TypeVar("Whole")
Made = TypeVar("Made")


class Remembered(Generic[Whole, Made]):
    """Calls a pure function once for each object.

    Objects are told apart by identity: to compare them by value would cost as much as the function. The object is kept
    with what was made of it, so that no other can come to have its id. When full, it forgets everything.
    """

    def __init__(self, make: Callable[[Whole], Made], at_most: int) -> None:
        self._make = make
        self._at_most = at_most
        self._made: dict[int, tuple[Whole, Made]] = {}

    def __call__(self, whole: Whole) -> Made:
        """Give what the function makes of the object."""
        known = self._made.get(id(whole))
        if known is None:
            if len(self._made) >= self._at_most:
                self._made.clear()
            known = self._made[id(whole)] = (whole, self._make(whole))
        return known[1]
