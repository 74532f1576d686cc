"""Reading parts of documents: whatever fails is noted at its line, and reading goes on."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from typing import TypeVar

from gatebook.core.policy.problems import Path, Problem, Severity
from gatebook.core.policy.reading import Source

Made = TypeVar("Made")


class Notes:
    """The problems found so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    @property
    def any_errors(self) -> bool:
        """Tell whether anything keeps the policy out of force."""
        return any(problem.severity is Severity.ERROR for problem in self.problems)

    def error(self, source: Source, path: Path, message: str) -> None:
        """Note an error."""
        self.problems.append(source.located.problem(path, message))

    def warning(self, source: Source, path: Path, message: str) -> None:
        """Note a warning."""
        self.problems.append(replace(source.located.problem(path, message), severity=Severity.WARNING))

    def attempt(self, source: Source, path: Path, make: Callable[[], Made]) -> Made | None:
        """Give what is made; None when it cannot be, which is noted (ValueError, of which all errors here are)."""
        try:
            return make()
        except ValueError as error:
            self.error(source, path, str(error))
            return None

    def each(self, source: Source, path: Path, values: Iterable[str], read: Callable[[str], object]) -> None:
        """Try to read each of a list, so that every bad one is noted at its own line."""
        for index, value in enumerate(values):
            self.attempt(source, (*path, index), partial(read, value))

    def names(self, source: Source, path: Path, values: Iterable[str], known: Iterable[str], what: str) -> None:
        """Note each name that is not among the known ones."""
        there = set(known)
        for index, value in enumerate(values):
            if value not in there:
                self.error(source, (*path, index), f"{value!r} is no {what} of this policy{closest(value, there)}")


def closest(word: str, known: Iterable[str]) -> str:
    """Give the name that was probably meant, as the end of a sentence."""
    near = get_close_matches(word, known, 1)
    return f". Did you mean {near[0]!r}?" if near else ""
