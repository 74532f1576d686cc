"""Views, SQL functions and table functions: their queries and bodies are walked once, and applied wherever they stand.

A body is walked with stand-ins for the values of its arguments; a call then puts what it passes in their place. What
cannot be read is noted as opaque: a view then stands for itself, a function gives something of all its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.footprint import Resource, ResourceKind, TableRef
from gatebook.core.analysis.lineage.beyond import everything_in
from gatebook.core.analysis.lineage.row import row_of
from gatebook.core.analysis.lineage.summaries import Summary, absorb, columns_of_view, substitution, summary_of
from gatebook.core.analysis.lineage.taint import Taint
from gatebook.core.analysis.lineage.walk import Walk
from gatebook.core.analysis.reasons import opaque
from gatebook.googlesql.catalog import Catalog, Definition, Routine, Table
from gatebook.googlesql.errors import CatalogError, SqlError
from gatebook.googlesql.types import SqlType, StructField, from_proto

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.session import Session
    from gatebook.core.analysis.lineage.walk import Relation

_DEPTH = 16  # BigQuery's own limit of views over views
_FOREIGN = {"JAVASCRIPT": "javascript_function", "JS": "javascript_function", "REMOTE": "remote_function"}
_OTHER_LANGUAGE = "python_function"


class _Unreadable(Exception):
    """Why a definition cannot be read, in words that follow its name."""


class Definitions:
    """Applies views and routines to walks."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._summaries: dict[Hashable, Summary | _Unreadable] = {}
        self._open: list[Hashable] = []

    def view(self, walk: Walk, ref: TableRef, table: Table) -> Mapping[str, Taint] | None:
        """Give what the columns of a view derive from, by name in lower case; None for what is to stand for itself."""
        definition = table.definition
        if definition is None:
            return None
        try:
            summary = self._summary(("view", table), lambda: self._view(definition))
        except _Unreadable as why:
            walk.note(opaque("view_definition", str(ref), str(why)))
            return None
        absorb(walk, replace(summary, marks=replace(summary.marks, read=0)), lambda mask: mask)
        return columns_of_view(table, summary.columns)

    def call(self, walk: Walk, name: str, arguments: Sequence[Taint], signature: Any) -> Taint:
        """Give the taint of a call of a user-defined function."""
        walk.resources.add(Resource(ResourceKind.ROUTINE, name))
        routine = self._session.routine(name)
        try:
            types = [argument.type for argument in signature.argument]
            return self._applied(walk, name, routine, arguments, [from_proto(proto) for proto in types])[0]
        except _Unreadable as why:
            self._note(walk, name, routine, why)
        mask = everything_in(arguments)
        walk.marks.read |= mask
        return Taint(mask)

    def table_function(
        self, walk: Walk, name: str, arguments: Sequence[Taint | Relation], signature: Any
    ) -> Sequence[Taint]:
        """Give the taints of the columns of a call of a table function; fewer than it has where they are not known."""
        walk.resources.add(Resource(ResourceKind.ROUTINE, name))
        routine = self._session.routine(name)
        try:
            types = [_table_type(argument) for argument in signature.argument]
            return self._applied(walk, name, routine, arguments, types)
        except _Unreadable as why:
            if routine is None:
                walk.note(opaque("table_function", name))
            else:
                self._note(walk, name, routine, why)
            return ()

    def _applied(
        self,
        walk: Walk,
        name: str,
        routine: Routine | None,
        arguments: Sequence[Taint | Relation],
        types: Sequence[SqlType],
    ) -> list[Taint]:
        if routine is None or routine.language != "SQL":
            raise _Unreadable("")
        replaced = tuple(
            None if declared is not None and (declared.kind != "TABLE" or declared.fields) else given
            for (_, declared), given in zip(routine.arguments, types, strict=True)
        )
        in_script = not self._session.is_looked_up(routine)
        catalog = self._session.catalog if in_script else self._catalog(routine.path[0], routine.dataset)
        summary = self._summary(
            ("routine", routine, replaced, catalog.digest if in_script else ""),
            lambda: self._body(routine, catalog, replaced),
        )
        change = substitution(summary.arguments, arguments)
        absorb(walk, summary, change)
        return [taint.mapped(change) for _, taint in summary.columns]

    def _summary(self, key: Hashable, make: Callable[[], Summary]) -> Summary:
        key = (self._session.version, key)  # what is written in between, a view may show
        known = self._summaries.get(key)
        if known is None:
            if key in self._open:
                raise _Unreadable(": it refers to itself")
            if len(self._open) >= _DEPTH:
                raise _Unreadable(f": definitions are nested more than {_DEPTH} deep")
            self._open.append(key)
            try:
                known = make()
            except _Unreadable as why:
                known = why
            except (SqlError, CatalogError) as error:
                known = _Unreadable(f" ({error})")
            finally:
                self._open.pop()
            self._summaries[key] = known
        if isinstance(known, _Unreadable):
            raise known
        return known

    def _view(self, definition: Definition) -> Summary:
        if definition.legacy:
            raise _Unreadable(": it is written in legacy SQL")
        if definition.sql is None:
            raise _Unreadable(": it is not shown to Gatebook")
        if any(len(path) == 1 for path in self._session.reader.names(definition.sql).tables):
            raise _Unreadable(": it names a table without its dataset")
        catalog = self._catalog(definition.project, definition.dataset)
        analysis = self._session.reader.analyze(definition.sql, catalog, {})
        if analysis.kind != "SELECT":
            raise _Unreadable(": it is no query")
        walk = Walk(self._session)
        walk.scan(analysis.statement.query)
        return summary_of(walk, [(column.name, column.taint) for column in row_of(walk, analysis.statement)])

    def _body(self, routine: Routine, catalog: Catalog, types: Sequence[SqlType | None]) -> Summary:
        statement = self._session.reader.analyze_routine(routine, catalog, types).statement
        arguments = {
            name.lower(): self._stand_in(argument)
            for (name, _), argument in zip(routine.arguments, statement.signature.argument, strict=True)
        }
        walk = Walk(self._session, arguments)
        if routine.kind == "table":
            walk.scan(statement.query)
            columns = [(column.name, column.taint) for column in row_of(walk, statement)]
        else:
            for computed in statement.aggregate_expression_list:
                walk.computed(computed)
            columns = [("", walk.used(statement.function_expression))]
        return summary_of(walk, columns, tuple(arguments.values()))

    def _stand_in(self, argument: Any) -> Taint | Relation:
        new = self._session.sources.argument
        if not argument.HasField("type"):
            columns = argument.options.relation_input_schema.column
            return {column.name.lower(): new(column.type) for column in columns}
        return new(argument.type)

    def _catalog(self, project: str, dataset: str | None) -> Catalog:
        """What was looked up, with other defaults; the same catalog where that makes no difference is known already."""
        known = self._session.known
        if dataset is None and known.default_project == project:
            return known
        return replace(known, default_project=project, default_dataset=dataset)

    def _note(self, walk: Walk, name: str, routine: Routine | None, why: _Unreadable) -> None:
        if routine is None or routine.language == "SQL":
            walk.note(opaque("routine_definition", name, str(why)))
            return
        walk.note(opaque(_FOREIGN.get(routine.language, _OTHER_LANGUAGE), name))
        if routine.connection:
            named = self._session.connections(routine.connection)
            walk.resources |= {Resource(ResourceKind.CONNECTION, each) for each in named}


def _table_type(argument: Any) -> SqlType:
    """Give the type of an argument in a TVFSignature: of a value, or of a table with its columns as fields."""
    if argument.HasField("relation_argument"):
        columns = argument.relation_argument.column
        return SqlType("TABLE", fields=tuple(StructField(c.name, from_proto(c.type)) for c in columns))
    return from_proto(argument.scalar_argument.type)
