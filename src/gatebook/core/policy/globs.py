"""Patterns of texts: `*` stands for any text within one part, `**` for any text; a separator tells the parts apart.

Matching takes time in proportion to the lengths of pattern and text, whatever the pattern: a set of places is carried
through it, and nothing is tried twice. (Regular expressions of many stars take exponential time on chosen texts.)
"""

import re
from dataclasses import dataclass

WILDCARDS_AT_MOST = 16
_WILDCARD = re.compile(r"(\*+)")
_FOREIGN = re.compile(
    r"""[?\[\]`"'\\]|\{[^}]*,"""
)  # wildcards of shells, quotes of SQL; alone, braces are Bitbucket's ids


class PatternError(ValueError):
    """A pattern that means nothing. The text says what is wrong, without the pattern."""


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern of texts whose parts are separated by `separator`; None: of one part, whatever it holds."""

    pieces: tuple[str, ...]  # literals, `*` and `**`; a literal holds no star
    separator: str | None

    @classmethod
    def of(cls, pattern: str, separator: str | None) -> "Glob":
        """Read a pattern. Raises PatternError."""
        pieces = tuple(piece for piece in _WILDCARD.split(pattern) if piece)
        if not pieces:
            raise PatternError("is empty")
        if any(len(piece) > 2 for piece in pieces if piece[0] == "*"):
            raise PatternError("has more than two stars in a row: `*` and `**` are the wildcards")
        if sum(piece[0] == "*" for piece in pieces) > WILDCARDS_AT_MOST:
            raise PatternError(f"has more than {WILDCARDS_AT_MOST} wildcards: write several patterns")
        if _FOREIGN.search(pattern):
            raise PatternError("has quotes, brackets, backslashes or `?`: only `*` and `**` are wildcards")
        return cls(pieces, separator)

    @property
    def literal(self) -> bool:
        """Tell a pattern that stands for itself alone."""
        return len(self.pieces) == 1 and self.pieces[0][0] != "*"

    def matches(self, text: str) -> bool:
        """Tell whether the text is one that the pattern stands for."""
        if self.literal:
            return text == self.pieces[0]
        if self.separator is None or self.separator not in text:
            return self._matches_part(text)
        places = {0}
        for piece in self.pieces:
            places = self._after(piece, text, places, self.separator)
            if not places:
                return False
        return len(text) in places

    def _matches_part(self, text: str) -> bool:
        """Within one part both wildcards are the same, and the first place where a literal stands is the best."""
        first, last = self.pieces[0], self.pieces[-1]
        begin = 0 if first[0] == "*" else len(first)
        end = len(text) - (0 if last[0] == "*" else len(last))
        if begin > end or not (text.startswith(first[:begin]) and text.endswith(last[: len(text) - end])):
            return False
        for piece in self.pieces[bool(begin) : len(self.pieces) - (end < len(text))]:
            if piece[0] != "*":
                place = text.find(piece, begin, end)
                if place < 0:
                    return False
                begin = place + len(piece)
        return True

    def _after(self, piece: str, text: str, places: set[int], separator: str) -> set[int]:
        if piece == "**":
            return set(range(min(places), len(text) + 1))
        if piece == "*":
            return _within_parts(text, places, separator)
        return {place + len(piece) for place in places if text.startswith(piece, place)}


def _within_parts(text: str, places: set[int], separator: str) -> set[int]:
    found: set[int] = set()
    for place in sorted(places):
        if place in found and place - 1 in found:
            continue  # an earlier place of the same part has reached as far
        end = text.find(separator, place)
        found.update(range(place, (len(text) if end < 0 else end) + 1))
    return found


def overlap(pattern: str, other: str) -> bool:
    """Tell whether some text is matched by both, where `*` of either stands for any text. No other wildcards."""
    places = {0}  # of `other`, reached by what of `pattern` was read
    for character in pattern:
        places = _skip_stars(other, places)
        if character == "*":
            places = set(range(min(places), len(other) + 1)) if places else places
        else:
            places = {
                p if other[p] == "*" else p + 1 for p in places if p < len(other) and other[p] in ("*", character)
            }
    return len(other) in _skip_stars(other, places)


def _skip_stars(other: str, places: set[int]) -> set[int]:
    found = set(places)
    for place in places:
        end = place
        while end < len(other) and other[end] == "*":
            end += 1
            found.add(end)
    return found
