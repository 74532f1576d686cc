"""What the analyzer may know while it reads a statement: tables, routines and variables, as plain values.

All of it is frozen, picklable and cheap to compare: `Table`, `Routine` and `Catalog` compare and hash by a digest of
their content, computed once. The digest is the schema version: equal digests mean that an analysis can be reused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from gatebook.googlesql.types import SqlType

RoutineKind = Literal["scalar", "aggregate", "table", "procedure"]
Argument = tuple[str, SqlType | None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column; a pseudo column (`_PARTITIONTIME`, `_TABLE_SUFFIX`) can be named but is not part of `*`."""

    name: str
    type: SqlType
    pseudo: bool = False


@dataclass(frozen=True, slots=True)
class Definition:
    """The query of a view; unqualified names in it are completed with `project` and `dataset`.

    `sql` is None when the query is not shown to whoever asked; `legacy` tells legacy SQL.
    """

    sql: str | None
    project: str
    dataset: str | None = None
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class External:
    """Where the data of an external table is: the URIs of its files, and the connection that opens them."""

    uris: tuple[str, ...]
    connection: str | None = None


class _ByDigest:
    """Equality and hash by content digest: comparing two catalogs of a thousand tables costs one string comparison."""

    __slots__ = ()
    digest: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest) and type(other) is type(self) and other.digest == self.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def _digest_of(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(repr(part) for part in parts).encode("utf-8", "backslashreplace")).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Table(_ByDigest):
    """A table, a view (its output schema), a wildcard table or an INFORMATION_SCHEMA view.

    `path` is (project, dataset, table); one part for a temporary table; four parts for
    (project, dataset or region, INFORMATION_SCHEMA, view). A `value_table` has one column and its rows are that value.
    A view has a `definition`, an external table has `external`; the analyzer needs neither, a reader of views may.
    """

    path: tuple[str, ...]
    columns: tuple[Column, ...]
    value_table: bool = False
    definition: Definition | None = None
    external: External | None = None
    digest: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        content = (self.path, self.columns, self.value_table, self.definition, self.external)
        object.__setattr__(self, "digest", _digest_of("table", *content))

    @property
    def full_name(self) -> str:
        """The path joined by dots, as resolved trees name the table."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True, eq=False)
class Routine(_ByDigest):
    """A user-defined function, aggregate function, table function or procedure.

    `path` is (project, dataset, name), or one part for a temporary function. An argument of type None is `ANY TYPE`; an
    argument of kind TABLE with the columns as fields is a table argument (no fields: any table). `return_type` None
    on an SQL function means that it follows from `body`. `modes` are IN, OUT or INOUT, for procedures; empty means
    all IN. `dataset` completes unqualified names in the body; `connection` reaches the service of a remote function.
    """

    path: tuple[str, ...]
    kind: RoutineKind
    language: str = "SQL"
    arguments: tuple[Argument, ...] = ()
    return_type: SqlType | None = None
    return_columns: tuple[Column, ...] = ()
    body: str = ""
    modes: tuple[str, ...] = ()
    dataset: str | None = None
    connection: str | None = None
    digest: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        content = (self.path, self.kind, self.language, self.arguments, self.return_type, self.return_columns)
        more = (self.body, self.modes, self.dataset, self.connection)
        object.__setattr__(self, "digest", _digest_of("routine", *content, *more))

    @property
    def full_name(self) -> str:
        """The path joined by dots."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True, eq=False)
class Catalog(_ByDigest):
    """Everything a statement may refer to.

    Paths as written in SQL are completed with `default_project` and `default_dataset`; without a default dataset
    one-part names reach only temporary tables and functions. `constants` are script variables: they have a type but
    no value.
    """

    tables: tuple[Table, ...] = ()
    routines: tuple[Routine, ...] = ()
    constants: tuple[tuple[str, SqlType], ...] = ()
    default_project: str | None = None
    default_dataset: str | None = None
    models: tuple[tuple[str, ...], ...] = ()
    connections: tuple[tuple[str, ...], ...] = ()
    digest: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = (
            _digests(self.tables),
            _digests(self.routines),
            (self.constants, self.default_project, self.default_dataset),
            (self.models, self.connections),
        )
        object.__setattr__(self, "digest", _digest_of("catalog", *parts))


def _digests(items: Iterable[_ByDigest]) -> tuple[str, ...]:
    return tuple(item.digest for item in items)
