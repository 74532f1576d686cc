"""What is wrong with the documents of a policy, and where."""

from dataclasses import dataclass
from enum import StrEnum

Path = tuple[str | int, ...]


class Severity(StrEnum):
    """An error keeps a policy from coming into force; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong. `field` is a path such as `rules[3].statement.types[0]`, empty for a file as a whole."""

    file: str
    line: int
    field: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """Give `file:line: field: message`."""
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.field, self.message) if part)


def field_of(path: Path) -> str:
    """Write a path as people read it."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")
