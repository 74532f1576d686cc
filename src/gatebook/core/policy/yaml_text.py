"""YAML to plain values with their lines, strictly: one document, no duplicate keys, no anchors, aliases or tags.

The text is read as events (libyaml), so that nothing in it is expanded: an alias bomb is refused at its first anchor.
Plain scalars are read as YAML 1.2 reads them: `on`, `yes` and `12:30` are texts, as they look.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from gatebook.core.policy.problems import Path, Problem, field_of

TEXT_BYTES = 4 * 2**20
NESTING = 32
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_CONSTANTS: Mapping[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}
_FRACTION = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


@dataclass(slots=True)
class Located:
    """A value of plain data, and the line of every path in it."""

    file: str
    value: object = None
    lines: dict[Path, int] = field(default_factory=dict)

    def problem(self, path: Path, message: str) -> Problem:
        """Give an error at a path, or at the nearest place around it that has a line."""
        near = path
        while near and near not in self.lines:
            near = near[:-1]
        return Problem(self.file, self.lines.get(near, 1), field_of(path), message)


class YamlError(ValueError):
    """A text that cannot be read; `problem` says where and why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_yaml(file: str, text: str) -> Located:
    """Read one document. `file` is what problems call it. Raises YamlError."""
    content = text.encode("utf-8", "replace")  # half a surrogate pair is no character; it becomes a question mark
    if len(content) > TEXT_BYTES:
        raise YamlError(Problem(file, 1, "", f"is longer than {TEXT_BYTES // 2**20} MiB"))
    try:
        return _Reading(file, yaml.parse(content, Loader=_LOADER)).whole()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise YamlError(Problem(file, line, "", f"is not YAML: {error.problem or error.context}")) from error
    except yaml.YAMLError as error:  # characters that YAML does not have
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise YamlError(Problem(file, line, "", f"is not YAML: {getattr(error, 'reason', error)}")) from error


class _Reading:
    """Makes values of events."""

    def __init__(self, file: str, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._located = Located(file)

    def whole(self) -> Located:
        """Read the stream, which must hold one document."""
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._error((), event, "holds several documents: write one to a file")
            elif not isinstance(event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentEndEvent):
                self._located.value = self._value(event, (), NESTING)
        return self._located

    def _value(self, event: yaml.Event, path: Path, depth: int) -> object:
        self._located.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._error(path, event, "has an anchor or alias: write it out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise self._error(path, event, f"has a tag ({tag}): plain values only")
        if depth == 0:
            raise self._error(path, event, "is nested too deeply")
        if isinstance(event, yaml.ScalarEvent):
            return _plain(event.value) if event.implicit[0] else event.value
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth - 1)
        return self._mapping(path, depth - 1)

    def _sequence(self, path: Path, depth: int) -> list[object]:
        found: list[object] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(event, (*path, len(found)), depth))
        return found

    def _mapping(self, path: Path, depth: int) -> dict[str, object]:
        found: dict[str, object] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            if not isinstance(event, yaml.ScalarEvent) or event.anchor is not None or event.tag is not None:
                raise self._error(path, event, "has a key that is no plain text")
            key = event.value
            inner = (*path, key)
            if key in found:
                raise self._error(inner, event, f"is there twice, first in line {self._located.lines[inner]}")
            self._located.lines[inner] = _line(event)
            found[key] = self._value(next(self._events), inner, depth)
        return found

    def _error(self, path: Path, event: yaml.Event, message: str) -> YamlError:
        return YamlError(Problem(self._located.file, _line(event), field_of(path), message))


def _line(event: yaml.Event) -> int:
    return 1 if event.start_mark is None else event.start_mark.line + 1


def _plain(text: str) -> object:
    """Read a scalar without quotes, by the core schema of YAML 1.2."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FRACTION.fullmatch(text) else text
