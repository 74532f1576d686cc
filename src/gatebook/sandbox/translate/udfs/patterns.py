"""What must be known of a regular expression before DuckDB's RE2 can run it. Nothing here matches anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gatebook.sandbox.translate.udfs.registry import INT, TEXT, EvaluationError, Udf

_NO_GROUP, _GROUP, _OPTIONAL_GROUP = range(3)


@dataclass(frozen=True, slots=True)
class _Group:
    start: int  # of "("
    end: int  # behind ")"
    depth: int


def _parentheses(pattern: str) -> Iterator[tuple[int, str]]:
    """Positions of (, ) and | that are not escaped, quoted or in a class."""
    position, in_class = 0, False
    while position < len(pattern):
        character = pattern[position]
        if pattern.startswith("\\Q", position):
            position = pattern.find("\\E", position) if "\\E" in pattern[position:] else len(pattern)
        elif character == "\\":
            position += 1
        elif in_class:
            if pattern.startswith("[:", position) and ":]" in pattern[position:]:
                position = pattern.index(":]", position) + 1
            in_class = character != "]" or (position < len(pattern) and pattern[position] != "]")
        elif character == "[":
            in_class = True
            position += 1 if pattern.startswith("[^", position) else 0
            position += 1 if pattern.startswith("]", position + 1) else 0
        elif character in "()|":
            yield position, character
        position += 1


def _capturing(pattern: str, position: int) -> bool:
    return not pattern.startswith("?", position + 1) or pattern.startswith(("?P<", "?<"), position + 1)


def _groups(pattern: str) -> tuple[list[_Group], bool]:
    """Capturing groups, and whether an alternative stands outside of them."""
    groups, open_positions, alternatives, capturing = [], [], False, 0
    for position, character in _parentheses(pattern):
        if character == "(":
            open_positions.append(position)
            capturing += _capturing(pattern, position)
        elif character == ")" and open_positions:
            start = open_positions.pop()
            if _capturing(pattern, start):
                capturing -= 1
                groups.append(_Group(start, position + 1, len(open_positions)))
        elif character == "|" and not capturing:
            alternatives = True
    return groups, alternatives


def _the_group(pattern: str) -> tuple[_Group | None, bool]:
    groups, alternatives = _groups(pattern)
    if len(groups) > 1:
        raise EvaluationError(
            "Regular expressions passed into extraction functions must not have more than 1 capturing group"
        )
    return (groups[0] if groups else None), alternatives


def _group_kind(pattern: str) -> int:
    """0: no group; 1: a group that is part of every match; 2: a group that may be left out, then NULL is extracted."""
    group, alternatives = _the_group(pattern)
    if group is None:
        return _NO_GROUP
    optional = alternatives or group.depth > 0 or pattern[group.end : group.end + 1] in ("?", "*")
    return _OPTIONAL_GROUP if optional or pattern.startswith("{0", group.end) else _GROUP


def _prefix(pattern: str, *, with_match: bool) -> str:
    """A pattern whose first group is all text before the match (before its group), or up to its end."""
    group, alternatives = _the_group(pattern)
    before = "(?s:.*?)"
    if group is None:
        return f"^({before}(?:{pattern}))" if with_match else f"^({before})(?:{pattern})"
    if alternatives or group.depth:
        raise EvaluationError("REGEXP_INSTR with a group among alternatives is not implemented here")
    head, body, tail = pattern[: group.start], _body(pattern, group), pattern[group.end :]
    if with_match:
        return f"^({before}{head}(?:{body})){tail}"
    return f"^({before}{head})(?:{body}){tail}"


def _with_a_group(pattern: str) -> str:
    """The pattern with one group, so that group 1 can be asked for."""
    return pattern if _the_group(pattern)[0] else f"({pattern})"


def _body(pattern: str, group: _Group) -> str:
    body = pattern[group.start + 1 : group.end - 1]
    return body[body.index(">") + 1 :] if body.startswith("?") else body


UDFS: tuple[Udf, ...] = (
    Udf("bq_regexp_group", _group_kind, (TEXT,), INT),
    Udf("bq_regexp_the_group", _with_a_group, (TEXT,), TEXT),
    Udf("bq_regexp_before", lambda pattern: _prefix(pattern, with_match=False), (TEXT,), TEXT),
    Udf("bq_regexp_through", lambda pattern: _prefix(pattern, with_match=True), (TEXT,), TEXT),
)
