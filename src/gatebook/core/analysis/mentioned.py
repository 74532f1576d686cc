"""Tables that a statement's text names although its resolved tree scans none of them.

The analyzer leaves the bodies of some routines unread (procedures, functions with ANY TYPE arguments) until they are
called, and of some tables it looks up only the schema. What upstream may read because of the statement is in its text
all the same.
"""

from dataclasses import replace

from gatebook.core.analysis.footprint import EVERYTHING, Output, Statement, TableRef
from gatebook.core.analysis.lineage.session import Session
from gatebook.core.analysis.scope import SESSION_DATASET
from gatebook.googlesql.references import Names as Mentions

# Statements with bodies that may be unread: whatever these name may be read whole, even what is not there yet.
_BODIES = frozenset({"CREATE_FUNCTION", "CREATE_TABLE_FUNCTION", "CREATE_PROCEDURE"})
# Statements whose target may be a temporary table. Of all others (GRANT, row access policies, CREATE without TEMP) a
# name alone is one of the default dataset, whatever temporary table is called the same.
_TEMPORARY_TARGETS = frozenset({"ALTER_TABLE", "DELETE", "DROP_TABLE", "INSERT", "MERGE", "TRUNCATE_TABLE", "UPDATE"})


def with_mentioned(read: Statement, mentions: Mentions, session: Session) -> Statement:
    """Add the tables that the text mentions and the statement does not know of."""
    touched = {*read.tables_read, *read.tables_written}
    known = {table.full_name for table in session.catalog.tables}
    named: dict[bool, set[TableRef]] = {True: set(), False: set()}  # by whether it is what the statement changes
    for item in mentions.references:
        target = item.target and read.type not in _BODIES
        hidden = not target or read.type in _TEMPORARY_TARGETS
        if item.kind == "table" and not item.temporary and not (hidden and _is_temporary(item.path, session)):
            ref = session.names.table(item.path)
            if ref is not None and (ref not in touched or target) and (read.type in _BODIES or str(ref) in known):
                named[target].add(ref)
    if not any(named.values()):
        return read
    whole = {(ref, EVERYTHING) for ref in named[False]} if read.type in _BODIES else set()
    given = (Output(EVERYTHING, "", tuple(sorted(whole))),) if whole else ()
    return replace(
        read,
        outputs=(*read.outputs, *given),
        tables_read=tuple(sorted({*read.tables_read, *named[False]})),
        tables_written=tuple(sorted({*read.tables_written, *named[True]})),
        columns_read=tuple(sorted({*read.columns_read, *whole})),
    )


def _is_temporary(path: tuple[str, ...], session: Session) -> bool:
    if len(path) == 2 and path[0].upper() == SESSION_DATASET:
        return True
    return len(path) == 1 and path[0].lower() in session.temporary
