"""Footprint: what a Call touches, as facts that a decision and the book can rest on."""

from dataclasses import dataclass, field

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
