"""Names in SQL text: which tables, functions, procedures and models a text refers to, read from its parse tree alone.

Needed before any catalog is known, to learn what the catalog must hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatebook.googlesql import paths
from gatebook.googlesql.edits import Edit
from gatebook.googlesql.paths import Path
from gatebook.googlesql.reference_roles import ReferenceKind
from gatebook.googlesql.tree import ByteRange

# Namespaces of built-in functions: `NET.HOST` is not a function `HOST` of a dataset `NET`.
_FUNCTION_NAMESPACES = paths.BUILTIN_ROOTS | {"ai", "ml", "obj", "safe"}


@dataclass(frozen=True, slots=True)
class Reference:
    """One name as written: its parts (a quoted `project.dataset.table` is three), where, and what it names.

    `target` is set for what the statement itself creates, changes, drops or writes; `temporary` for what it creates
    only
    for the session or script. `dotted` is set when one quoted identifier holds several parts.
    """

    kind: ReferenceKind
    path: Path
    range: ByteRange
    target: bool = False
    temporary: bool = False
    dotted: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a text, as written; sets hold distinct paths. Whatever a FROM may mean is in `tables`, views too."""

    references: tuple[Reference, ...]

    @property
    def tables(self) -> frozenset[Path]:
        """Tables and views that are read or written, or targets of DDL; not temporary ones that the text creates."""
        return self._paths("table") - self.temporary("table")

    @property
    def functions(self) -> frozenset[Path]:
        """Scalar and aggregate functions, built-in ones too; `SAFE.` is not part of a name."""
        return self._paths("function") - self.temporary("function")

    @property
    def table_functions(self) -> frozenset[Path]:
        """Functions in FROM."""
        return self._paths("table_function") - self.temporary("table_function")

    @property
    def procedures(self) -> frozenset[Path]:
        """Procedures that are called, created or dropped."""
        return self._paths("procedure")

    @property
    def models(self) -> frozenset[Path]:
        """ML models."""
        return self._paths("model")

    def temporary(self, kind: ReferenceKind) -> frozenset[Path]:
        """What the text creates with CREATE TEMP."""
        return frozenset(item.path for item in self.references if item.kind == kind and item.temporary)

    def _paths(self, kind: ReferenceKind) -> frozenset[Path]:
        return frozenset(item.path for item in self.references if item.kind == kind)


def split_edits(references: Iterable[Reference]) -> list[Edit]:
    """Edits that write every quoted `` `project.dataset.table` `` as separate identifiers, as BigQuery reads it."""
    return [Edit(item.range, paths.quote(item.path)) for item in references if item.dotted]


def qualify_edits(names: Names, project: str, dataset: str | None, keep: frozenset[str]) -> list[Edit]:
    """Edits that write every name in full.

    Names in `keep` and temporary ones of the text stay as they are, in any case of letters; so do one-part function
    names, which are built-in or temporary functions. SqlError when a table has no dataset.
    """
    kept = {name.lower() for name in keep}
    kept |= {item.path[-1].lower() for item in names.references if item.temporary}
    edits = []
    for item in names.references:
        full = item.path if _stays(item, kept) else _qualified(item, project, dataset)
        if full != item.path or item.dotted:
            edits.append(Edit(item.range, paths.quote(full)))
    return edits


def _stays(item: Reference, kept: set[str]) -> bool:
    if item.temporary or (len(item.path) == 1 and item.path[0].lower() in kept):
        return True
    if item.path[0].upper() == "_SESSION":
        return True
    if item.kind in ("function", "table_function") and not item.target:
        return len(item.path) == 1 or item.path[0].lower() in _FUNCTION_NAMESPACES
    return item.kind == "connection"


def _qualified(item: Reference, project: str, dataset: str | None) -> Path:
    if item.kind == "schema":
        return item.path if len(item.path) > 1 else (project, *item.path)
    return paths.qualify(item.path, project, dataset)
