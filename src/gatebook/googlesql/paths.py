"""Names of tables and routines as paths: how they may be written, and what they mean in full."""

from __future__ import annotations

import re

from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.identifiers import quoted

Path = tuple[str, ...]

# Catalogs that the analyzer adds at the root for its built-in functions; a second one of such a name crashes it.
BUILTIN_ROOTS = frozenset({"net", "keys", "hll_count", "aead", "kll_quantiles"})

_INFORMATION_SCHEMA = "INFORMATION_SCHEMA"
# The dataset of temporary tables: https://cloud.google.com/bigquery/docs/multi-statement-queries#temporary_tables
_SESSION = "_SESSION"
# A project of a Google Workspace domain has a dot in its name: example.com:project.
_DOMAIN_PROJECT = re.compile(r"(?P<project>[^:`]+:[^.]+)(?:\.(?P<rest>.*))?", re.DOTALL)
_PATH_TOKEN = re.compile(r"`(?P<quoted>(?:[^`\\]|\\.)*)`|(?P<plain>[^\s.`]+)|(?P<dot>\.)|(?P<space>\s+)", re.DOTALL)


def split_dotted(identifier: str) -> tuple[str, ...]:
    """BigQuery reads one quoted `project.dataset.table` as three names; `example.com:project` stays one."""
    domain = _DOMAIN_PROJECT.fullmatch(identifier)
    if domain is None:
        return tuple(identifier.split("."))
    rest = domain["rest"]
    return (domain["project"],) if rest is None else (domain["project"], *rest.split("."))


def quote(path: tuple[str, ...]) -> str:
    """The path as SQL text, every part in back-ticks: `` `p`.`d`.`t` ``."""
    return ".".join(map(quoted, path))


def read(text: str) -> tuple[str, ...] | None:
    """The path that a piece of SQL writes, or None when it is not plainly a path (a comment inside, an odd escape)."""
    parts: list[str] = []
    position = 0
    expect_part = True
    while position < len(text):
        token = _PATH_TOKEN.match(text, position)
        if token is None:
            return None
        position = token.end()
        if token["space"] is not None:
            continue
        if token["dot"] is not None:
            if expect_part:
                return None
            expect_part = True
            continue
        part = token["plain"] if token["quoted"] is None else token["quoted"]
        if not expect_part or "\\" in part:
            return None
        parts.extend(split_dotted(part) if token["quoted"] is not None else (part,))
        expect_part = False
    return tuple(parts) if parts and not expect_part else None


def spellings(path: tuple[str, ...], project: str | None, dataset: str | None) -> list[tuple[str, ...]]:
    """Every way to write the path, the full one first: without the default project, without the default dataset.

    A temporary table or function, which has one part only, may also be written `_SESSION.name`.
    """
    paths = [path]
    if len(path) == 1:
        paths.append((_SESSION, path[0]))
    if len(path) >= 3 and path[0] == project:
        if path[1].lower() not in BUILTIN_ROOTS:
            paths.append(path[1:])
        if path[1] == dataset:
            paths.append(path[2:])
    return paths


def qualify(path: tuple[str, ...], project: str, dataset: str | None) -> tuple[str, ...]:
    """The full path of a table or routine as written: (project, dataset, name).

    INFORMATION_SCHEMA views become (project, dataset or region, INFORMATION_SCHEMA, view), or three parts without the
    second when the view is asked of the whole project. SqlError, in BigQuery's words, when a dataset is missing.
    """
    upper = tuple(part.upper() for part in path)
    if _INFORMATION_SCHEMA in upper[:3] and upper.index(_INFORMATION_SCHEMA) < len(path) - 1:
        return _qualify_information_schema(path, upper.index(_INFORMATION_SCHEMA), project, dataset)
    if len(path) >= 3:
        return path
    if len(path) == 2:
        return (project, *path)
    if dataset is None:
        raise SqlError(f'Table "{path[0]}" must be qualified with a dataset (e.g. dataset.table).')
    return (project, dataset, *path)


def _qualify_information_schema(
    path: tuple[str, ...], position: int, project: str, dataset: str | None
) -> tuple[str, ...]:
    view = (_INFORMATION_SCHEMA, *(part.upper() for part in path[position + 1 :]))
    if position == 0:
        return (project, *((dataset,) if dataset else ()), *view)
    if position == 1 and path[0] != project:
        return (project, path[0], *view)
    return (*path[:position], *view)


def same_spelling(written: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """Whether the written path is an ending of the full one, letter for letter.

    The analyzer compares names without case, but BigQuery's projects, datasets and tables are case-sensitive; only
    INFORMATION_SCHEMA and its views are not.
    """
    written = _without_session(written)
    if not written or len(written) > len(full):
        return False
    ending = full[-len(written) :]
    sensitive = next((i for i, part in enumerate(ending) if part.upper() == _INFORMATION_SCHEMA), len(ending))
    insensitive = tuple(part.upper() for part in written[sensitive:])
    return written[:sensitive] == ending[:sensitive] and insensitive == tuple(p.upper() for p in ending[sensitive:])


def _without_session(path: tuple[str, ...]) -> tuple[str, ...]:
    return path[1:] if len(path) == 2 and path[0].upper() == _SESSION else path
