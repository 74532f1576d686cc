"""The text of a file to a typed document, with every problem at its line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from gatebook.core.policy import case_document, document
from gatebook.core.policy.problems import Path, Problem
from gatebook.core.policy.yaml_text import Located, YamlError, read_yaml

_AT = re.compile(r"(.*?) - at `(?:key in )?\$(.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[([0-9]+)\]|\[\.\.\.\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`", re.DOTALL)

DocumentT = TypeVar("DocumentT", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Shape(Generic[DocumentT]):
    """A kind of document. Its `named` and `listed` parts are looked at entry by entry, so that all problems show."""

    kind: type[DocumentT]
    version_key: str
    named: Mapping[str, Any]
    listed: Mapping[str, Any]


POLICY = Shape(
    document.Document,
    "gatebook_policy",
    named={
        "callers": document.CallerEntry,
        "groups": document.Names,
        "classifications": document.Classification,
        "reviewers": document.Reviewers,
    },
    listed={"rules": document.Rule, "limits": document.Limit},
)
CASES = Shape(
    case_document.CaseDocument,
    "gatebook_policy_test",
    named={"callers": case_document.CaseCaller},
    listed={"cases": case_document.Case},
)


@dataclass(frozen=True, slots=True)
class Read(Generic[DocumentT]):
    """A file that was read, with the lines of its values."""

    document: DocumentT
    located: Located


Source = Read[document.Document]


def read_document(file: str, text: str, shape: Shape[DocumentT]) -> Read[DocumentT] | list[Problem]:
    """Read one file; `file` is what problems call it. Gives every problem there is."""
    try:
        located = read_yaml(file, text)
    except YamlError as error:
        return [error.problem]
    if located.value is None:
        return [Problem(file, 1, "", f"is empty: it begins with `{shape.version_key}: 1`")]
    problems = list(_problems(located, shape))
    return problems or Read(msgspec.convert(located.value, shape.kind), located)


def _problems(located: Located, shape: Shape[Any]) -> Iterator[Problem]:
    for path, value, kind in _parts(located.value, shape):
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            yield _problem(located, path, str(error))


def _parts(value: object, shape: Shape[Any]) -> Iterator[tuple[Path, object, Any]]:
    """Give the parts of a document by themselves: its head, then each entry of what it lists."""
    if not isinstance(value, dict):
        yield (), value, shape.kind
        return
    parts = shape.named.keys() | shape.listed.keys()
    yield (), {key: part for key, part in value.items() if key not in parts}, shape.kind
    for key, part in value.items():
        if key in shape.named and isinstance(part, dict):
            for name, entry in part.items():
                yield (key, name), name, document.Name
                yield (key, name), entry, shape.named[key]
        elif key in shape.listed and isinstance(part, list):
            for index, entry in enumerate(part):
                yield (key, index), entry, shape.listed[key]
        elif key in parts:
            yield (key,), part, dict[str, Any] if key in shape.named else list[Any]


def _problem(located: Located, part: Path, error: str) -> Problem:
    found = _AT.fullmatch(error)
    message = error if found is None else found[1]
    path = part if found is None else (*part, *_path(found[2]))
    unknown = _UNKNOWN.fullmatch(message)
    if unknown is not None:
        return located.problem((*path, unknown[1]), "is no key that belongs here")
    if path and path[-1] == "effect":
        return located.problem(path, "is not one of allow, deny, hold and observe")
    missing = _MISSING.fullmatch(message)
    if missing is not None:
        return located.problem(path, f"lacks the key `{missing[1]}`")
    return located.problem(path, _in_plain_words(message, path))


def _in_plain_words(message: str, path: Path) -> str:
    if "matching regex" not in message:
        return message[:1].lower() + message[1:]
    if path and path[-1] in ("from", "until"):
        return "is no time of day: write HH:MM, up to 24:00"
    return "is no name: write small letters and digits, with single dashes, dots or underscores between them"


def _path(text: str) -> Path:
    return tuple(name or int(index) for name, index in _STEP.findall(text) if name or index)
