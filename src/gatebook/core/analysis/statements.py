"""One resolved statement becomes a Statement: its type, what it reads, gives and writes, and what is opaque in it."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from gatebook.core.analysis.altered import altered_columns
from gatebook.core.analysis.created import is_temporary
from gatebook.core.analysis.footprint import (
    EVERYTHING,
    Opaque,
    Output,
    Resource,
    Source,
    Statement,
    TableRef,
    Uses,
)
from gatebook.core.analysis.lineage.marks import Marks
from gatebook.core.analysis.lineage.row import Given
from gatebook.core.analysis.lineage.session import Session
from gatebook.core.analysis.lineage.taint import Mask
from gatebook.core.analysis.lineage.targets import COPIED, effects
from gatebook.core.analysis.lineage.walk import Walk
from gatebook.core.analysis.objects import resources_read, resources_written, shares_schema
from gatebook.core.analysis.reasons import opaque
from gatebook.core.analysis.statement_types import STATEMENT_TYPES
from gatebook.core.analysis.traits import traits
from gatebook.googlesql import tree
from gatebook.googlesql.types import from_proto

_TARGET_SCAN_KINDS = frozenset({"DeleteStmt", "InsertStmt", "MergeStmt", "TruncateStmt", "UpdateStmt"})
_TABLE_OBJECTS = frozenset({"TABLE", "VIEW", "MATERIALIZED VIEW", "EXTERNAL TABLE", "PROPERTY GRAPH", "SNAPSHOT TABLE"})
# Statements whose name_path names a table, view or property graph that they make, change or drop.
_NAMED_TABLE_KINDS = frozenset(
    {
        "AlterMaterializedViewStmt",
        "AlterTableSetOptionsStmt",
        "AlterTableStmt",
        "AlterViewStmt",
        "AuxLoadDataStmt",
        "CreateExternalTableStmt",
        "CreateMaterializedViewStmt",
        "CreatePropertyGraphStmt",
        "CreateSnapshotTableStmt",
        "CreateTableAsSelectStmt",
        "CreateTableStmt",
        "CreateViewStmt",
        "DropMaterializedViewStmt",
        "DropSnapshotTableStmt",
    }
)
# Of these, the statements in which a name alone may be a temporary table. The others make or change what is never
# temporary (views, files, snapshots, tables made without TEMP): there the name is one of the default dataset.
_MAY_BE_TEMPORARY = frozenset({"AlterTableSetOptionsStmt", "AlterTableStmt", "DropStmt"})
# Statements that change or make what all tables of a dataset are in.
_NAMED_SCHEMA_KINDS = frozenset(
    {"AlterExternalSchemaStmt", "AlterSchemaStmt", "CreateExternalSchemaStmt", "CreateSchemaStmt", "UndropStmt"}
)


class Read(NamedTuple):
    """A Statement, and for the statements after it what the columns that it gives or writes derive from."""

    statement: Statement
    given: list[Given]
    looked_at: Mask


def read_statement(kind: str, statement: Any, session: Session) -> Read:
    """Read one resolved statement."""
    walk = Walk(session)
    found = effects(walk, statement)
    marks = walk.finish()
    written = () if is_temporary(statement) else tuple(sorted(_tables_written(statement, session)))
    read = set(walk.tables)
    if found.seen & marks.everything():
        read |= set(written)
    made = () if is_temporary(statement) else resources_written(statement, session.names)
    return Read(
        Statement(
            type=kind,
            tables_read=tuple(sorted(read)),
            tables_written=written,
            columns_read=_columns_read(statement, session, marks, read),
            columns_written=(*session.sources.named(found.own), *_altered(statement, session)),
            outputs=outputs(session, found.given),
            uses=uses(session, marks),
            resources_read=_sorted({*walk.resources, *resources_read(statement, session)}),
            resources_written=_sorted(made),
            traits=tuple(traits(statement, reads_history=walk.reads_history)),
            opaque=(*_opaque_type(kind), *walk.opaque),
        ),
        found.given,
        marks.everything(),
    )


def read_expression(expression: Any, session: Session, *, condition: bool) -> Read:
    """Read a condition or value of a script.

    The type is SELECT: BigQuery runs it as a query of its own, with a result of one column that can be asked for.
    """
    walk = Walk(session)
    taint = walk.used(expression)
    if condition:
        walk.mark("predicate", taint.flat)
    marks = walk.finish()
    given = [Given("f0_", from_proto(tree.field(expression, "type")), taint)]
    statement = Statement(
        type="SELECT",
        tables_read=tuple(sorted(walk.tables)),
        columns_read=session.sources.named(_own(session, walk.tables) & marks.everything()),
        outputs=outputs(session, given),
        uses=uses(session, marks),
        resources_read=_sorted(walk.resources),
        traits=tuple(traits(expression, reads_history=walk.reads_history)),
        opaque=tuple(walk.opaque),
    )
    return Read(statement, given, marks.everything())


def outputs(session: Session, given: Iterable[Given]) -> tuple[Output, ...]:
    """Write down what is given, with its sources led back to tables."""
    return tuple(Output(item.name, item.type.sql(), _sources(session, item.taint.flat)) for item in given)


def uses(session: Session, marks: Marks) -> Uses:
    """Write down what decides over rows, led back to tables."""
    sets = (marks.predicate, marks.join, marks.group, marks.order, marks.window)
    return Uses(*(_sources(session, mask) for mask in sets))


def _sources(session: Session, mask: Mask) -> tuple[Source, ...]:
    return session.sources.named(mask & ~session.sources.views)


def _columns_read(statement: Any, session: Session, marks: Marks, tables: Iterable[TableRef]) -> tuple[Source, ...]:
    columns = session.sources.named(_own(session, tables) & marks.everything())
    whole = {ref for name, scan in tree.children(statement) if name in COPIED if (ref := _scanned(session, scan))}
    if not whole:
        return columns
    return tuple(sorted({*(c for c in columns if c[0] not in whole), *((ref, EVERYTHING) for ref in whole)}))


def _own(session: Session, tables: Iterable[TableRef]) -> Mask:
    mask: Mask = 0
    for table in tables:
        mask |= session.sources.of_table(table)
    return mask


def _scanned(session: Session, scan: Any) -> TableRef | None:
    return session.ref(scan.table.full_name)


def _sorted(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    return tuple(sorted(set(resources)))


def _tables_written(statement: Any, session: Session) -> Iterator[TableRef]:
    kind = tree.kind(statement)
    if kind in _TARGET_SCAN_KINDS:
        ref: TableRef | None = session.ref(statement.table_scan.table.full_name)
    else:
        ref = _named(statement, kind, session)
    if ref is not None:
        yield ref
        for action in tree.walk_kinds(statement, "RenameToAction") if kind == "AlterTableStmt" else ():
            yield TableRef(ref.project, ref.dataset, action.new_path[-1])


def _altered(statement: Any, session: Session) -> list[Source]:
    ref = _named(statement, tree.kind(statement), session)
    return [] if ref is None else sorted(set(altered_columns(statement, ref)))


def _named(statement: Any, kind: str, session: Session) -> TableRef | None:
    drops = statement.object_type.upper() if kind == "DropStmt" else None
    if kind in _NAMED_TABLE_KINDS or drops in _TABLE_OBJECTS:
        path = tuple(tree.field(statement, "name_path"))
        temporary = len(path) == 1 and path[0].lower() in session.temporary
        may_be_temporary = kind in _MAY_BE_TEMPORARY and drops in (None, "TABLE")
        return None if temporary and may_be_temporary else session.names.table(path)
    if kind in _NAMED_SCHEMA_KINDS or drops == "SCHEMA" or shares_schema(statement):
        return session.names.table((*tree.field(statement, "name_path"), EVERYTHING))
    return None


def _opaque_type(kind: str) -> Iterator[Opaque]:
    if kind not in STATEMENT_TYPES:
        yield opaque("statement_type", kind)
