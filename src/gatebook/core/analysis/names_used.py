"""What must be looked up before a text can be read: what it names, and then what the definitions of that name."""

from dataclasses import dataclass

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.analysis.names import Names
from gatebook.core.analysis.reader import Reader
from gatebook.core.analysis.scope import SESSION_DATASET
from gatebook.googlesql import script
from gatebook.googlesql.catalog import Routine, Table
from gatebook.googlesql.errors import CatalogError, SqlError
from gatebook.googlesql.paths import BUILTIN_ROOTS
from gatebook.googlesql.routine_statement import create_statement

NESTED_TEXTS = 8  # EXECUTE IMMEDIATE of a text that holds EXECUTE IMMEDIATE ...


@dataclass(frozen=True, slots=True)
class NamesUsed:
    """The tables and routines that a text refers to outside of itself."""

    tables: tuple[TableRef, ...]
    routines: tuple[TableRef, ...]


def names_used(reader: Reader, sql: str, project: str, dataset: str | None) -> NamesUsed:
    """Find out what must be known before the text can be read. Raises GoogleSqlError."""
    return _named_in(reader, _texts(reader, sql, NESTED_TEXTS), Names(project, dataset))


def names_defined_by(reader: Reader, item: Table | Routine) -> NamesUsed:
    """Find out what a view or routine refers to in turn; nothing when its text cannot be read anyway."""
    try:
        if isinstance(item, Table):
            definition = item.definition
            if definition is None or definition.sql is None or definition.legacy:
                return NamesUsed((), ())
            return _named_in(reader, [definition.sql], Names(definition.project, definition.dataset))
        if item.language != "SQL" or not item.body:
            return NamesUsed((), ())
        names = Names(item.path[0], item.dataset)
        if item.kind == "procedure":
            return _named_in(reader, _texts(reader, item.body, NESTED_TEXTS), names)
        return _named_in(reader, [create_statement(item)], names)
    except (SqlError, CatalogError):
        return NamesUsed((), ())


def _named_in(reader: Reader, texts: list[str], names: Names) -> NamesUsed:
    tables: set[TableRef] = set()
    routines: set[TableRef] = set()
    for text in texts:
        used = reader.names(text)
        # A temporary table may hide one of the default dataset: that must be known too.
        paths = used.tables | used.temporary("table")
        tables |= {ref for path in paths if (ref := names.table(path)) is not None}
        called = {path for path in used.functions | used.table_functions if len(path) > 1}
        called = {path for path in called if path[0].lower() not in BUILTIN_ROOTS} | used.procedures
        routines |= {ref for path in called if (ref := names.table(path)) is not None}
    return NamesUsed(
        tuple(sorted(table for table in tables if table.dataset.upper() != SESSION_DATASET)),
        tuple(sorted(routines)),
    )


def _texts(reader: Reader, sql: str, depth: int) -> list[str]:
    """Give the text and the constant texts that it executes."""
    found = [sql]
    parsed = reader.statements(sql)
    for node in parsed.walk():
        text = parsed.executed_text(node) if isinstance(node, script.ExecuteImmediate) else None
        if text is not None and depth > 0:
            found += _texts(reader, text, depth - 1)
    return found
