"""Footprint: what a Call touches, as facts that a decision and the book can rest on."""

from dataclasses import dataclass, field
from enum import StrEnum

EVERYTHING = "*"  # as a column: all of them; as a table: all that are in the dataset


@dataclass(frozen=True, slots=True, order=True)
class TableRef:
    """A table or view, by its three names."""

    project: str
    dataset: str
    table: str

    def __str__(self) -> str:
        """Give `project.dataset.table`."""
        return f"{self.project}.{self.dataset}.{self.table}"


Source = tuple[TableRef, str]  # a column: its table, and its dotted path down to a nested field


class ResourceKind(StrEnum):
    """Kinds of things that a statement reads or changes beside tables and columns."""

    DATASET = "dataset"
    ROUTINE = "routine"
    MODEL = "model"
    CONNECTION = "connection"
    URI = "uri"  # files outside of BigQuery, as the statement writes them, patterns included
    ROW_ACCESS_POLICY = "row_access_policy"
    INDEX = "index"
    CAPACITY = "capacity"  # capacities, reservations, assignments
    PROJECT = "project"  # its own settings, or an organization's


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """Something that is no table. `name` is whole (project.dataset.name) where BigQuery's are; of a file, its URI."""

    kind: ResourceKind
    name: str


@dataclass(frozen=True, slots=True)
class Output:
    """A column of what a statement gives or writes, and the columns that its values derive from.

    `type` is GoogleSQL's text of the type. `sources` are columns of tables, never of views: what a view shows is led
    back to what it reads. Sorted, once each.
    """

    name: str
    type: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Uses:
    """The columns that decide what a statement gives without being given, by how. Sorted, once each; views led back."""

    predicate: tuple[Source, ...] = ()  # WHERE, HAVING, QUALIFY, WHEN of a MERGE, IF of a script
    join: tuple[Source, ...] = ()
    group: tuple[Source, ...] = ()
    order: tuple[Source, ...] = ()
    window: tuple[Source, ...] = ()  # PARTITION BY and ORDER BY of OVER


class Trait(StrEnum):
    """What a statement does that its type does not tell."""

    EVERY_ROW = "every_row"  # DELETE or UPDATE whose condition looks at no row
    REPLACES = "replaces"  # what is there already is gone afterwards: CREATE OR REPLACE, an ALTER that drops columns
    EXPIRES = "expires"  # sets a time at which data is deleted, or shortens it
    CHANGES_POLICY_TAGS = "changes_policy_tags"
    CHANGES_SHARING = "changes_sharing"  # who may reach data: access lists, authorized views and routines
    TIME_TRAVEL = "time_travel"  # reads what a table held at an earlier time


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that could not be understood: a stable `reason` (snake_case) and a sentence for the caller."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, or one API call that does a statement's work.

    `type` is BigQuery's statement type (SELECT, MERGE, DROP_TABLE, ...) or the effect of a method without SQL.
    `tables_read` and `columns_read` name views and their columns, and also what these read. `outputs` are the columns
    of a result, or of what is written: a table made by a query, the targets of DML, a view, an export, a model.
    """

    type: str
    tables_read: tuple[TableRef, ...] = ()
    tables_written: tuple[TableRef, ...] = ()
    columns_read: tuple[Source, ...] = ()
    columns_written: tuple[Source, ...] = ()
    outputs: tuple[Output, ...] = ()
    uses: Uses = Uses()
    resources_read: tuple[Resource, ...] = ()
    resources_written: tuple[Resource, ...] = ()
    traits: tuple[Trait, ...] = ()
    opaque: tuple[Opaque, ...] = ()

    @property
    def routines(self) -> tuple[str, ...]:
        """The functions and procedures that are called."""
        return tuple(resource.name for resource in self.resources_read if resource.kind is ResourceKind.ROUTINE)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a Call touches. An empty footprint means that it touches nothing, never that it was not understood."""

    statements: tuple[Statement, ...] = ()
    # Found once: a query that is asked again has the same footprint, and each of its calls looks at these.
    statement_types: tuple[str, ...] = field(init=False, repr=False, compare=False)  # distinct, in order of appearance
    tables: tuple[TableRef, ...] = field(init=False, repr=False, compare=False)  # read or written, sorted, once each
    opaque: tuple[Opaque, ...] = field(init=False, repr=False, compare=False)  # in order of appearance

    def __post_init__(self) -> None:
        """Find what follows from the statements."""
        tables = {t for s in self.statements for t in (*s.tables_read, *s.tables_written)}
        types = tuple(dict.fromkeys(statement.type for statement in self.statements))
        object.__setattr__(self, "statement_types", types)
        object.__setattr__(self, "tables", tuple(sorted(tables)))
        object.__setattr__(self, "opaque", tuple(item for s in self.statements for item in s.opaque))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column read or written as `project.dataset.table.column`, sorted, once each."""
        touched = ((*statement.columns_read, *statement.columns_written) for statement in self.statements)
        return tuple(sorted({f"{table}.{path}" for pairs in touched for table, path in pairs}))
