"""Reads the statements and expressions of a script, one after the other, and keeps what they leave for the next."""

from dataclasses import replace
from typing import Any

from gatebook.core.analysis.created import created_tables, keeps_existing
from gatebook.core.analysis.footprint import Opaque, Statement
from gatebook.core.analysis.lineage.row import Given
from gatebook.core.analysis.lineage.session import Session
from gatebook.core.analysis.lineage.taint import NOTHING, Mask, Taint
from gatebook.core.analysis.mentioned import with_mentioned
from gatebook.core.analysis.parameters import Parameters
from gatebook.core.analysis.scope import Scope
from gatebook.core.analysis.statements import Read, read_expression, read_statement
from gatebook.core.analysis.unreadable import beyond, unreadable
from gatebook.googlesql import tree
from gatebook.googlesql.catalog import Column, Table
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.types import STRING

_TRANSACTIONS = {"BEGIN_TRANSACTION": True, "COMMIT_TRANSACTION": False, "ROLLBACK_TRANSACTION": False}
_QUERY = "SELECT "  # before an expression: to be parsed, it must be part of a query


class Reading:
    """What was read so far: `found` statements, what the `last` query gave, and all that was `looked_at`."""

    def __init__(self, session: Session, parameters: Parameters) -> None:
        self.parameters = parameters
        self.found: list[Statement] = []
        self.last: list[Given] = []
        self.looked_at: Mask = 0
        self.scope = Scope(session)
        self._session = session
        self._reader = session.reader
        self._in_transaction = False
        self._unread: Opaque | None = None  # why a statement before could not be read, which may have made names

    def statement(self, text: str, kind: str, *, certain: bool) -> None:
        """Read one statement. Raises GoogleSqlError."""
        try:
            analysis = self._analyze(text, kind)
        except SqlError:
            if not self._note_unreadable(text, kind):
                raise
            return
        read = read_statement(analysis.kind, analysis.statement, self._session)
        statement = with_mentioned(read.statement, self._reader.names(text), self._session)
        self._in_transaction = _TRANSACTIONS.get(analysis.kind, self._in_transaction)
        certain = certain and not self._in_transaction  # a rollback takes back what the transaction created
        made = tuple(self.scope.apply(analysis.statement, read.given, certain=certain))
        self._note(read._replace(statement=replace(statement, opaque=(*statement.opaque, *made))))
        self._store(analysis.statement, read.given, certain=certain)

    def query(self, text: str) -> list[Given]:
        """Read the query of a FOR; give its columns. Raises GoogleSqlError."""
        try:
            analysis = self._reader.analyze(text, self._session.catalog, self.parameters)
        except SqlError:
            if not self._note_unreadable(text, "SELECT"):
                raise
            return []
        read = read_statement("SELECT", analysis.statement, self._session)
        self._note(read)
        return read.given

    def expression(self, text: str, *, condition: bool = False) -> Given:
        """Read an expression; a statement is noted when it looks into tables, or at what came from them."""
        try:
            resolved = self._reader.analyze_expression(text, self._session.catalog, self.parameters)
        except SqlError:
            if not self._note_unreadable(_QUERY + text, "SELECT"):
                raise
            return Given("f0_", STRING, NOTHING)
        read = read_expression(resolved, self._session, condition=condition)
        statement = read.statement
        if statement.tables_read or statement.opaque or statement.resources_read or read.looked_at:
            last = self.last
            self._note(read)
            self.last = last
        (given,) = read.given
        return given

    def _analyze(self, text: str, kind: str) -> Any:
        """Analyze a statement; LOAD DATA makes its table when there is none, of columns that its files have."""
        try:
            return self._reader.analyze(text, self._session.catalog, self.parameters)
        except SqlError:
            made = self._loaded(text) if kind == "LOAD_DATA" else None
            if made is None:
                raise
            catalog = replace(self._session.catalog, tables=(*self._session.catalog.tables, made))
            return self._reader.analyze(text, catalog, self.parameters)

    def _loaded(self, text: str) -> Table | None:
        for item in self._reader.names(text).references:
            ref = self._session.names.table(item.path) if item.kind == "table" and item.target else None
            if ref is not None and self._session.table(str(ref)) is None:
                return Table((ref.project, ref.dataset, ref.table), (Column("loaded", STRING),))
        return None

    def _note_unreadable(self, text: str, kind: str) -> bool:
        """Note a statement that only BigQuery understands, or that names what such a one has made; False for others."""
        names = self._reader.names(text)
        why = beyond(names) or self._unread
        if why is None:
            return False
        self._unread = why
        self._session.temporary |= {path[-1].lower() for path in names.temporary("table")}
        parsed = self._reader.parse(text, script=True)
        self.found.append(unreadable(kind, parsed, names, self._session, why))
        return True

    def _store(self, statement: Any, given: list[Given], *, certain: bool) -> None:
        """Remember what the columns of a written table derive from, for the statements after."""
        created = created_tables(statement, self._session.names, given)
        target = tree.present(statement, "table_scan")
        if created and certain and not keeps_existing(statement):
            self._session.empty(created[0].full_name)
        full_name = created[0].full_name if created else None if target is None else target.table.full_name
        if full_name is not None:
            self._session.write(full_name, {item.name.partition(".")[0]: _whole(item) for item in given})

    def _note(self, read: Read) -> None:
        self.found.append(read.statement)
        self.looked_at |= read.looked_at
        self.last = read.given


def _whole(item: Given) -> Taint:
    return Taint(item.taint.flat) if "." in item.name else item.taint
