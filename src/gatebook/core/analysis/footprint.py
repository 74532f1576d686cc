"""Footprint: what a Call touches, as facts that a decision and the book can rest on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class TableRef:
    """A table or view, by its three names."""

    project: str
    dataset: str
    table: str

    def __str__(self) -> str:
        """Give `project.dataset.table`."""
        return f"{self.project}.{self.dataset}.{self.table}"


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that could not be understood: a stable `reason` (snake_case) and a sentence for the caller."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, or one API call that does a statement's work.

    `type` is BigQuery's statement type (SELECT, MERGE, DROP_TABLE, ...) or the effect of a method without SQL.
    `columns_read` and `columns_written` hold (table, dotted column path) pairs, nested fields included.
    """

    type: str
    tables_read: tuple[TableRef, ...] = ()
    tables_written: tuple[TableRef, ...] = ()
    columns_read: tuple[tuple[TableRef, str], ...] = ()
    columns_written: tuple[tuple[TableRef, str], ...] = ()
    routines: tuple[str, ...] = ()
    opaque: tuple[Opaque, ...] = ()


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a Call touches. An empty footprint means that it touches nothing, never that it was not understood."""

    statements: tuple[Statement, ...] = ()

    @property
    def statement_types(self) -> tuple[str, ...]:
        """The distinct statement types in order of appearance."""
        return tuple(dict.fromkeys(statement.type for statement in self.statements))

    @property
    def tables(self) -> tuple[TableRef, ...]:
        """Every table read or written, sorted, once each."""
        return tuple(sorted({t for s in self.statements for t in (*s.tables_read, *s.tables_written)}))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column read or written as `project.dataset.table.column`, sorted, once each."""
        touched = ((*statement.columns_read, *statement.columns_written) for statement in self.statements)
        return tuple(sorted({f"{table}.{path}" for pairs in touched for table, path in pairs}))

    @property
    def opaque(self) -> tuple[Opaque, ...]:
        """Everything that could not be understood, in order of appearance."""
        return tuple(item for statement in self.statements for item in statement.opaque)
