"""A text of one or many statements becomes a Footprint, each statement read in the order of the text.

Branches and loops are read once, all of them, whatever a run would take: the footprint is what the text may touch.
Names that the script itself makes (variables, temporary tables and functions) are known to the statements after them.

A script must not make a name mean one thing here and another when it runs. What is made or dropped in a branch, loop or
block may not happen; where that would change what a later name means, the script is opaque.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, assert_never

from gatebook.core.analysis.created import is_temporary
from gatebook.core.analysis.footprint import Footprint, Opaque, Statement, TableRef
from gatebook.core.analysis.mentioned import with_mentioned
from gatebook.core.analysis.parameters import Parameters
from gatebook.core.analysis.scope import SESSION_DATASET, Scope
from gatebook.core.analysis.statements import Names, read_expression, read_statement
from gatebook.core.stamping import OUR_PREFIX
from gatebook.googlesql import script, tree
from gatebook.googlesql.catalog import Catalog
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.tree import ByteRange
from gatebook.googlesql.types import SqlType, from_proto, struct_of

_LITERAL = re.compile(r"""\s*(?:'[^'\\\n]*'|"[^"\\\n]*")\s*""")
_NAMING_VARIABLES = frozenset({"dataset_id", "dataset_project_id", "project_id"})
_TRANSACTIONS = {"BEGIN_TRANSACTION": True, "COMMIT_TRANSACTION": False, "ROLLBACK_TRANSACTION": False}
_ABORT_SESSION = ("BQ", "ABORT_SESSION")
_NESTED_TEXTS = 8  # EXECUTE IMMEDIATE of a text that holds EXECUTE IMMEDIATE ...


class Reader(Protocol):
    """What this module needs of `gatebook.googlesql.analyzer.Analyzer`."""

    def statements(self, sql: str) -> script.Script:
        """Give the statements of a text."""

    def names(self, sql: str) -> Any:
        """Give the names that a text refers to."""

    def analyze(self, sql: str, catalog: Catalog, parameters: Parameters = None) -> Any:
        """Give the analysis of one statement."""

    def analyze_expression(self, sql: str, catalog: Catalog, parameters: Parameters = None) -> Any:
        """Give the resolved tree of an expression."""

    def parse_type(self, sql: str) -> SqlType:
        """Give the type that a text names."""


@dataclass(frozen=True, slots=True)
class NamesUsed:
    """The tables and routines that a text refers to outside of itself."""

    tables: tuple[TableRef, ...]
    routines: tuple[TableRef, ...]


def names_used(reader: Reader, sql: str, project: str, dataset: str | None) -> NamesUsed:
    """Find out what must be known before the text can be read. Raises GoogleSqlError."""
    names = Names(project, dataset)
    tables: set[TableRef] = set()
    routines: set[TableRef] = set()
    for text in _texts(reader, sql, _NESTED_TEXTS):
        used = reader.names(text)
        # A temporary table may hide one of the default dataset: that must be known too.
        paths = used.tables | used.temporary("table")
        tables |= {ref for path in paths if (ref := names.table(path)) is not None}
        functions = used.functions | used.table_functions
        routines |= {ref for path in functions if len(path) > 1 and (ref := names.table(path)) is not None}
    return NamesUsed(
        tuple(sorted(table for table in tables if table.dataset.upper() != SESSION_DATASET)),
        tuple(sorted(routines)),
    )


def read_script(reader: Reader, sql: str, catalog: Catalog, parameters: Parameters) -> Footprint:
    """Read the footprint of a text. Raises GoogleSqlError when a statement of it cannot be read."""
    walk = _Walk(reader, catalog, parameters)
    walk.text(sql, _NESTED_TEXTS)
    return Footprint(tuple(walk.found))


def _texts(reader: Reader, sql: str, depth: int) -> list[str]:
    """Give the text and the constant texts that it executes."""
    found = [sql]
    for node in reader.statements(sql).walk():
        if isinstance(node, script.ExecuteImmediate) and node.literal is not None and depth > 0:
            found += _texts(reader, node.literal, depth - 1)
    return found


class _Walk:
    """Reads node after node; `catalog` grows by what the script creates."""

    def __init__(self, reader: Reader, catalog: Catalog, parameters: Parameters) -> None:
        self.found: list[Statement] = []
        self._reader = reader
        self._parameters = parameters
        self._in_transaction = False
        self._names = Names(catalog.default_project or "", catalog.default_dataset)
        self._scope = Scope(catalog, self._names)

    def text(self, sql: str, depth: int, *, certain: bool = True) -> None:
        """Read a whole text; `depth` bounds texts within texts, `certain`: it runs whenever the script does."""
        parsed = self._reader.statements(sql)
        if not parsed.body:
            raise SqlError("The query is empty")
        alone = len(parsed.body) == 1
        for node in parsed.body:
            self._node(sql, node, alone=alone, certain=certain, depth=depth)

    def _body(self, sql: str, nodes: Sequence[script.Node], depth: int) -> None:
        for node in nodes:
            self._node(sql, node, alone=False, certain=False, depth=depth)

    def _node(self, sql: str, node: script.Node, *, alone: bool, certain: bool, depth: int) -> None:
        match node:
            case script.Statement():
                self._statement(sql if alone else _in_place(sql, node.range), certain=certain)
            case script.Declare():
                self._declare(sql, node)
            case script.Assign():
                self._assign(sql, node)
            case script.If() | script.Case():
                self._branches(sql, node, depth)
            case script.Loop():
                self._loop(sql, node, depth)
            case script.Block():
                self._body(sql, (*node.body, *(node.handler or ())), depth)
            case script.Raise(message=ByteRange() as message):
                self._expression(sql, message)
            case script.Call():
                self._call(node)
            case script.ExecuteImmediate():
                self._execute_immediate(sql, node, depth, certain=certain)
            case script.Raise() | script.Jump() | script.Return():
                pass  # these touch nothing
            case _:
                assert_never(node)

    def _statement(self, text: str, *, certain: bool) -> None:
        analysis = self._reader.analyze(text, self._scope.catalog, self._parameters)
        read = read_statement(analysis.kind, analysis.statement, self._names, self._scope.temporary)
        read = with_mentioned(read, self._reader.names(text), self._names, self._scope)
        if is_temporary(analysis.statement):
            read = replace(read, tables_written=())
        self._in_transaction = _TRANSACTIONS.get(analysis.kind, self._in_transaction)
        certain = certain and not self._in_transaction  # a rollback takes back what the transaction created
        self.found.append(replace(read, opaque=(*read.opaque, *self._scope.apply(analysis.statement, certain=certain))))

    def _opaque(self, kind: str, reason: str, detail: str) -> None:
        self.found.append(Statement(kind, opaque=(Opaque(reason, detail),)))

    def _call(self, node: script.Call) -> None:
        """A procedure may do anything; that of BigQuery's own which ends the session it is called in touches nothing.

        With an argument it ends another session, whose owner is not known from here.
        """
        if node.procedure == _ABORT_SESSION and not node.arguments:
            self.found.append(Statement("CALL"))
            return
        path = ".".join(node.procedure)
        self._opaque("CALL", "procedure", f"the body of procedure {path} is not known. Write its statements here.")

    def _declare(self, sql: str, node: script.Declare) -> None:
        if node.type is not None:
            kind = self._reader.parse_type(node.type.text(sql))
            if node.default is not None:
                self._expression(sql, node.default)
        elif node.default is not None:
            kind = _type_of(self._expression(sql, node.default))
        else:
            raise SqlError("DECLARE needs a type or a default")
        self._scope.declare([(name, kind) for name in node.names])

    def _assign(self, sql: str, node: script.Assign) -> None:
        for target in node.targets:
            if target.lower().removeprefix("@@") in _NAMING_VARIABLES and target.startswith("@@"):
                self._opaque("SET", "default_dataset", f"{target} changes what names mean. Write whole names instead.")
            if target.lower() == "@@query_label" and not _is_own_label(node.expression.text(sql)):
                self._opaque("SET", "query_label", "@@query_label takes one string literal without Gatebook's labels.")
        self._expression(sql, node.expression)

    def _branches(self, sql: str, node: script.If | script.Case, depth: int) -> None:
        if isinstance(node, script.Case) and node.operand is not None:
            self._expression(sql, node.operand)
        for branch in node.branches:
            self._expression(sql, branch.condition)
            self._body(sql, branch.body, depth)
        self._body(sql, node.otherwise, depth)

    def _loop(self, sql: str, node: script.Loop, depth: int) -> None:
        if node.query is not None and node.variable is not None:
            analysis = self._reader.analyze(_in_place(sql, node.query), self._scope.catalog, self._parameters)
            self.found.append(read_statement("SELECT", analysis.statement, self._names, self._scope.temporary))
            self._scope.declare([(node.variable, struct_of(analysis.columns))])
        self._body(sql, node.body, depth)
        if node.condition is not None:
            self._expression(sql, node.condition)

    def _execute_immediate(self, sql: str, node: script.ExecuteImmediate, depth: int, *, certain: bool) -> None:
        arguments = [(using.alias, _type_of(self._expression(sql, using.expression))) for using in node.using]
        if node.literal is None or depth == 0:
            detail = "the text of EXECUTE IMMEDIATE is made when it runs. Write it as one string literal."
            self._opaque("EXECUTE_IMMEDIATE", "dynamic_sql", detail)
            return
        outer = self._parameters
        named = {alias.lower(): kind for alias, kind in arguments if alias}
        self._parameters = named or [kind for _, kind in arguments]
        try:
            self.text(node.literal, depth - 1, certain=certain)
        finally:
            self._parameters = outer

    def _expression(self, sql: str, where: ByteRange) -> Any:
        """Read an expression; a Statement is noted when it looks into tables."""
        resolved = self._reader.analyze_expression(_in_place(sql, where), self._scope.catalog, self._parameters)
        read = read_expression(resolved, self._names, self._scope.temporary)
        if read.tables_read or read.opaque or read.routines:
            self.found.append(read)
        return resolved


def _is_own_label(expression: str) -> bool:
    """Tell labels that are the caller's to set: Gatebook's own say in whose name a job runs."""
    return _LITERAL.fullmatch(expression) is not None and OUR_PREFIX not in expression.lower()


def _type_of(expression: Any) -> SqlType:
    return from_proto(tree.field(expression, "type"))


def _in_place(sql: str, where: ByteRange) -> str:
    """Cut a part out of a text so that positions in errors stay right: what stands before becomes blanks."""
    content = sql.encode()
    before = content[: where.start].decode()
    blank = "".join("\n" if character == "\n" else " " for character in before)
    return blank + content[where.start : where.end].decode()
