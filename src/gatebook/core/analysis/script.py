"""A text of one or many statements becomes a Footprint, each statement read in the order of the text.

Branches and loops are read once, all of them, whatever a run would take: the footprint is what the text may touch.
Names that the script itself makes (variables, temporary tables and functions) are known to the statements after them,
and what they hold is followed: a variable that was given an address derives from the column of addresses.

A script must not make a name mean one thing here and another when it runs. What is made or dropped in a branch, loop or
block may not happen; where that would change what a later name means, the script is opaque.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import assert_never

from gatebook.core.analysis.footprint import Footprint, Opaque, Resource, ResourceKind, Statement
from gatebook.core.analysis.lineage.definitions import Definitions
from gatebook.core.analysis.lineage.row import Given
from gatebook.core.analysis.lineage.session import Session
from gatebook.core.analysis.lineage.taint import Taint
from gatebook.core.analysis.names import Names
from gatebook.core.analysis.names_used import NESTED_TEXTS, NamesUsed, names_defined_by, names_used
from gatebook.core.analysis.parameters import Parameters
from gatebook.core.analysis.procedures import given_back, inside, unread
from gatebook.core.analysis.reader import Reader
from gatebook.core.analysis.reading import Reading
from gatebook.core.analysis.reasons import opaque
from gatebook.core.stamping import OUR_PREFIX
from gatebook.googlesql import script
from gatebook.googlesql.catalog import Catalog, Routine
from gatebook.googlesql.errors import AnalysisLimit, SqlError
from gatebook.googlesql.tree import ByteRange
from gatebook.googlesql.types import struct_of

__all__ = ["NamesUsed", "names_defined_by", "names_used", "read_script"]

_NAMING_VARIABLES = frozenset({"@@dataset_id", "@@dataset_project_id", "@@project_id"})
_TRANSACTIONS = {"BEGIN_TRANSACTION": True, "COMMIT_TRANSACTION": False, "ROLLBACK_TRANSACTION": False}
_ERROR = "@@error"
_LABELS = "@@query_label"
_LITERAL = re.compile(r"""\s*(?:'[^'\\\n]*'|"[^"\\\n]*")\s*""")
_ABORT_SESSION = ("BQ", "ABORT_SESSION")
_PASSES = 32  # over a script with loops; each but the last found a value that flows further


def read_script(reader: Reader, sql: str, catalog: Catalog, parameters: Parameters) -> Footprint:
    """Read the footprint of a text. Raises GoogleSqlError when a statement of it cannot be read.

    `catalog` holds what the text names, and what the definitions of its views and routines name in turn.
    """
    session = Session(reader, catalog, Names(catalog.default_project or "", catalog.default_dataset))
    session.definitions = Definitions(session)
    try:
        for _ in range(_PASSES):
            held = session.held()
            walk = _Walk(session, parameters)
            walk.text(sql, NESTED_TEXTS)
            # What a loop stores at its end may be read at its beginning.
            if not walk.has_loops or session.held() == held:
                return Footprint(tuple(walk.found))
            session.restart()
    except RecursionError:
        raise AnalysisLimit("depth", "The query is nested too deeply to be analyzed") from None
    raise AnalysisLimit("depth", "Values go around in the loops of this script too often to be followed")


class _Walk:
    """Reads node after node; the session grows by what the script creates and stores."""

    def __init__(self, session: Session, parameters: Parameters) -> None:
        self.has_loops = False
        self._session = session
        self._reader = session.reader
        self._reading = Reading(session, parameters)
        self._chain: tuple[str, ...] = ()  # the procedures that are being called

    @property
    def found(self) -> list[Statement]:
        """The statements that were read."""
        return self._reading.found

    def text(self, sql: str, depth: int, *, certain: bool = True) -> None:
        """Read a whole text; `depth` bounds texts within texts, `certain`: it runs whenever the script does."""
        parsed = self._reader.statements(sql)
        if not parsed.body:
            raise SqlError("The query is empty")
        self._name_connections(sql)
        alone = len(parsed.body) == 1
        for node in parsed.body:
            self._node(sql, node, alone=alone, certain=certain, depth=depth)

    def _name_connections(self, sql: str) -> None:
        """Take every connection that is named for one that is there: nothing of it is known or needed."""
        if "connection" not in sql.lower():
            return
        named = {item.path for item in self._reader.names(sql).references if item.kind == "connection"}
        catalog = self._session.catalog
        connections = tuple(sorted(named.union(catalog.connections)))
        self._session.catalog = replace(catalog, connections=connections)

    def _body(self, sql: str, nodes: Sequence[script.Node], depth: int) -> None:
        for node in nodes:
            self._node(sql, node, alone=False, certain=False, depth=depth)

    def _node(self, sql: str, node: script.Node, *, alone: bool, certain: bool, depth: int) -> None:
        match node:
            case script.Statement():
                self._reading.statement(sql if alone else _in_place(sql, node.range), node.kind, certain=certain)
            case script.Declare():
                self._declare(sql, node)
            case script.Assign():
                self._assign(sql, node)
            case script.If() | script.Case():
                self._branches(sql, node, depth)
            case script.Loop():
                self._loop(sql, node, depth)
            case script.Block():
                self._block(sql, node, depth)
            case script.Raise(message=ByteRange() as message):
                self._expression(sql, message)
            case script.Call():
                self._call(sql, node, depth, certain=certain)
            case script.ExecuteImmediate():
                self._execute_immediate(sql, node, depth, certain=certain)
            case script.Raise() | script.Jump() | script.Return():
                pass  # these touch nothing
            case _:
                assert_never(node)

    def _opaque(self, kind: str, why: Opaque) -> None:
        self.found.append(Statement(kind, opaque=(why,)))

    def _declare(self, sql: str, node: script.Declare) -> None:
        given = None if node.default is None else self._expression(sql, node.default)
        if node.type is not None:
            kind = self._reader.parse_type(node.type.text(sql))
        elif given is not None:
            kind = given.type
        else:
            raise SqlError("DECLARE needs a type or a default")
        self._reading.scope.declare([(name, kind) for name in node.names])
        if given is not None:
            for name in node.names:
                self._session.assign(name, given.taint)

    def _assign(self, sql: str, node: script.Assign) -> None:
        for target in node.targets:
            if target.lower() in _NAMING_VARIABLES:
                self._opaque("SET", opaque("default_dataset", target))
            if target.lower() == _LABELS and not _is_own_label(node.expression.text(sql)):
                self._opaque("SET", opaque("query_label"))
        value = self._expression(sql, node.expression).taint
        for position, target in enumerate(node.targets):
            self._session.assign(target, value.field(position) if node.from_struct else value)

    def _branches(self, sql: str, node: script.If | script.Case, depth: int) -> None:
        if isinstance(node, script.Case) and node.operand is not None:
            self._expression(sql, node.operand, condition=True)
        for branch in node.branches:
            self._expression(sql, branch.condition, condition=True)
            self._body(sql, branch.body, depth)
        self._body(sql, node.otherwise, depth)

    def _loop(self, sql: str, node: script.Loop, depth: int) -> None:
        self.has_loops = True
        if node.query is not None and node.variable is not None:
            given = self._reading.query(_in_place(sql, node.query))
            self._reading.scope.declare([(node.variable, struct_of((item.name, item.type) for item in given))])
            fields = {position: item.taint for position, item in enumerate(given)}
            self._session.assign(node.variable, Taint(0, fields))
        if node.condition is not None and node.kind == "WHILE":
            self._expression(sql, node.condition, condition=True)
        self._body(sql, node.body, depth)
        if node.condition is not None and node.kind == "REPEAT":
            self._expression(sql, node.condition, condition=True)

    def _block(self, sql: str, node: script.Block, depth: int) -> None:
        """Read a block. The message of an error may quote any value that the block looked at."""
        outer, self._reading.looked_at = self._reading.looked_at, 0
        self._body(sql, node.body, depth)
        self._session.assign(_ERROR, Taint(self._reading.looked_at))
        self._reading.looked_at |= outer
        self._body(sql, node.handler or (), depth)

    def _execute_immediate(self, sql: str, node: script.ExecuteImmediate, depth: int, *, certain: bool) -> None:
        arguments = [(using.alias, self._expression(sql, using.expression)) for using in node.using]
        parsed = self._reader.statements(sql)
        text = parsed.executed_text(node)
        changes = node.variable is not None and self._texts_set(node.variable, parsed, depth)
        if text is None or depth == 0 or changes:
            self._opaque("EXECUTE_IMMEDIATE", opaque("dynamic_sql"))
            return
        self._reading.last = []
        with self._passing(arguments):
            self.text(text, depth - 1, certain=certain)
        for name, item in zip(node.into, self._reading.last, strict=False):
            self._session.assign(name, item.taint)

    def _texts_set(self, variable: str, parsed: script.Script, depth: int) -> bool:
        """Tell whether a text that the script runs may set a variable, as in EXECUTE IMMEDIATE 'SET x = ...'."""
        texts = [parsed.executed_text(node) for node in parsed.walk() if isinstance(node, script.ExecuteImmediate)]
        inner = [self._reader.statements(text) for text in texts if text is not None] if depth else []
        return any(one.gives_value_to(variable) or self._texts_set(variable, one, depth - 1) for one in inner)

    @contextmanager
    def _passing(self, arguments: list[tuple[str | None, Given]]) -> Iterator[None]:
        outer = self._reading.parameters, self._session.parameters
        named = {alias.lower(): item for alias, item in arguments if alias}
        if named:
            self._reading.parameters = {name: item.type for name, item in named.items()}
            self._session.parameters = {name: item.taint for name, item in named.items()}
        else:
            self._reading.parameters = [item.type for _, item in arguments]
            self._session.parameters = [item.taint for _, item in arguments]
        try:
            yield
        finally:
            self._reading.parameters, self._session.parameters = outer

    def _call(self, sql: str, node: script.Call, depth: int, *, certain: bool) -> None:
        """Read CALL, and then the statements of the procedure's body.

        BigQuery's own that ends the session it is called in touches nothing. With an argument it ends another session,
        whose owner is not known from here.
        """
        if node.procedure == _ABORT_SESSION and not node.arguments:
            self.found.append(Statement("CALL"))
            return
        passed = [self._expression(sql, argument) for argument in node.arguments]
        name = self._session.names.object(node.procedure)
        routine = self._session.procedures.get(name)
        why = unread(name, routine, passed, called=name in self._chain, deep=depth == 0)
        position = len(self.found)
        if why is None and routine is not None:
            try:
                self._called(routine, passed, depth, certain=certain)
            except SqlError as error:
                why = opaque("procedure", name, f" ({error})")
            for variable, taint in given_back(routine, self._session.frames[*self._chain, name], node.variables):
                self._session.assign(variable, taint)
        resources = (Resource(ResourceKind.ROUTINE, name),)
        self.found.insert(position, Statement("CALL", resources_read=resources, opaque=() if why is None else (why,)))

    def _called(self, routine: Routine, passed: list[Given], depth: int, *, certain: bool) -> None:
        outer = self._chain, self._reading.parameters
        self._chain, self._reading.parameters = (*self._chain, routine.full_name), {}
        try:
            with inside(self._session, routine, passed, self._chain):
                self.text(routine.body, depth - 1, certain=certain)
        finally:
            self._chain, self._reading.parameters = outer

    def _expression(self, sql: str, where: ByteRange, *, condition: bool = False) -> Given:
        return self._reading.expression(_in_place(sql, where), condition=condition)


def _is_own_label(expression: str) -> bool:
    """Tell labels that are the caller's to set: Gatebook's own say in whose name a job runs."""
    return _LITERAL.fullmatch(expression) is not None and OUR_PREFIX not in expression.lower()


def _in_place(sql: str, where: ByteRange) -> str:
    """Cut a part out of a text so that positions in errors stay right: what stands before becomes blanks."""
    content = sql.encode()
    before = content[: where.start].decode()
    blank = "".join("\n" if character == "\n" else " " for character in before)
    return blank + content[where.start : where.end].decode()
