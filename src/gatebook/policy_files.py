"""Policy files to a compiled policy: which files, read as text, with every problem at its line."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from gatebook.core.policy.compiling import Compiled, compile_policy
from gatebook.core.policy.problems import Problem
from gatebook.core.policy.reading import POLICY, DocumentT, Read, Shape, read_document

_SUFFIXES = (".yaml", ".yml")


class PolicyFilesError(Exception):
    """No policy can be looked for there. The text names the path."""


def files_of(paths: Iterable[Path]) -> list[Path]:
    """Give the files named, and the YAML files right in the directories named, in order. Raises PolicyFilesError."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise PolicyFilesError(f"{path}: there is no such file or directory")
        inside = sorted(file for file in path.iterdir() if file.suffix in _SUFFIXES) if path.is_dir() else [path]
        if not inside:
            raise PolicyFilesError(f"{path}: there are no YAML files in it")
        found += inside
    return list(dict.fromkeys(found))


def read_policy(files: Sequence[Path]) -> Compiled:
    """Read and compile the files. What cannot be read is a problem like any other."""
    read = [read_file(file, POLICY) for file in files]
    problems = [problem for one in read if isinstance(one, list) for problem in one]
    if problems:
        return Compiled(None, tuple(sorted(problems)))
    return compile_policy([one for one in read if not isinstance(one, list)], ZoneInfo)


def read_file(file: Path, shape: Shape[DocumentT]) -> Read[DocumentT] | list[Problem]:
    """Read one file of either kind."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return [Problem(str(file), 1, "", f"cannot be read: {error}")]
    return read_document(str(file), text, shape)
