"""The procedural language, one method for each kind of script node.

https://cloud.google.com/bigquery/docs/reference/standard-sql/procedural-language
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from gatebook.googlesql import script
from gatebook.googlesql.tree import ByteRange
from gatebook.googlesql.types import SqlType
from gatebook.sandbox.errors import ApiError, invalid_query
from gatebook.sandbox.warehouse.binding.text import Source
from gatebook.sandbox.warehouse.job import Job, Variable
from gatebook.sandbox.warehouse.script import dynamic, evaluation, procedures, system_variables
from gatebook.sandbox.warehouse.script.children import Children
from gatebook.sandbox.warehouse.statements.run import run_statement

# Handlers must not hide that the sandbox lacks something, or that the user cancelled.
_UNCATCHABLE: Final = frozenset({"notImplemented", "stopped", "internalError"})

# https://cloud.google.com/bigquery/docs/sessions#terminate-session
_ABORT_SESSION: Final = ("BQ", "ABORT_SESSION")


class _Jump(Exception):
    """BREAK or CONTINUE on its way to its loop."""

    def __init__(self, jump: script.Jump) -> None:
        super().__init__(jump.kind)
        self.kind = jump.kind
        self.label = jump.label.lower() if jump.label else None


class _Return(Exception):
    """RETURN on its way out of the script or procedure."""


class Interpreter:
    """Runs the nodes of one text: a script, or the body of a procedure."""

    def __init__(self, job: Job, source: Source, children: Children, depth: int = 0) -> None:
        self.job: Final = job
        self.source: Final = source
        self.children: Final = children
        self.depth: Final = depth
        self._handled: list[ApiError] = []
        self._blame: ByteRange | None = None

    def run(self) -> None:
        """Run the whole text. An error tells where it happened."""
        try:
            self._body(self.source.script.body)
        except _Return:
            return
        except _Jump as jump:
            raise invalid_query(f"{jump.kind} is only allowed inside of a loop body") from jump
        except ApiError as error:
            raise self._placed(error) from error

    def _placed(self, error: ApiError) -> ApiError:
        if self.depth or error.reason != "invalidQuery" or self._blame is None:
            return error
        where = self.source.text(self._blame)
        place = "" if " at [" in error.message else f" at [{where.line}:{where.column}]"
        return ApiError(error.status, error.reason, f"Query error: {error.message}{place}", error.location)

    def _body(self, nodes: Sequence[script.Node]) -> None:
        for position, node in enumerate(nodes):
            self.job.check_cancelled()
            if isinstance(node, script.Declare) and not all(isinstance(n, script.Declare) for n in nodes[:position]):
                self._blame = node.range
                raise invalid_query("Variable declarations are only allowed at the start of a block or script")
            self._node(node)

    def _node(self, node: script.Node) -> None:
        try:
            _RUN[type(node)](self, node)
        except ApiError:
            if self._blame is None:
                self._blame = node.range
            raise

    # -- statements and variables

    def statement(self, node: script.Statement) -> None:
        """An SQL statement, as a child job."""
        text = self.source.text(node.range)
        self.children.run(text, node.kind, lambda: run_statement(self.job, text, node.kind))

    def declare(self, node: script.Declare) -> None:
        """DECLARE."""
        known = self.job.scope.variables
        for name in node.names:
            if name.lower() in known:
                raise invalid_query(f"Variable '{name}' redeclared")
        sql_type = evaluation.declared_type(self.job, self.source, node.type) if node.type else None
        for name in node.names:
            known[name.lower()] = self._initial(node.default, sql_type)

    def _initial(self, default: ByteRange | None, sql_type: SqlType | None) -> Variable:
        if default is not None:
            return evaluation.evaluate(self.job, self.source, default, sql_type)
        if sql_type is None:
            raise invalid_query("DECLARE needs a type or a DEFAULT")
        return evaluation.null(self.job, sql_type)

    def assign(self, node: script.Assign) -> None:
        """SET."""
        if node.targets[0].startswith("@@"):
            value = evaluation.text(self.job, self.source, node.expression)
            system_variables.assign(self.job, node.targets[0][2:].lower(), value)
        elif node.from_struct:
            struct = evaluation.evaluate(self.job, self.source, node.expression, None)
            evaluation.spread(self.job, struct, [self.variable(name) for name in node.targets])
        else:
            target = self.variable(node.targets[0])
            evaluation.evaluate(self.job, self.source, node.expression, target.type, target)

    def variable(self, name: str) -> Variable:
        """A declared variable."""
        found = self.job.scope.variables.get(name.lower())
        if found is None:
            raise invalid_query(f"Undeclared variable: {name}")
        return found

    def execute_immediate(self, node: script.ExecuteImmediate) -> None:
        """EXECUTE IMMEDIATE."""
        dynamic.execute_immediate(self.job, self.source, self.children, node, self.variable)

    def call(self, node: script.Call) -> None:
        """CALL."""
        if tuple(part.upper() for part in node.procedure) == _ABORT_SESSION:
            given = [evaluation.text(self.job, self.source, where) for where in node.arguments]
            self.job.abort_session(given[0] if given else None)
            return
        with procedures.called(self.job, self.source, node, self.depth, self.variable) as body:
            Interpreter(self.job, body, self.children, self.depth + 1).run()

    # -- control flow

    def branch(self, node: script.If) -> None:
        """IF."""
        for option in node.branches:
            if evaluation.condition(self.job, self.source, option.condition):
                self._body(option.body)
                return
        self._body(node.otherwise)

    def case(self, node: script.Case) -> None:
        """CASE, with or without an operand."""
        for option in node.branches:
            if self._matches(node.operand, option.condition):
                self._body(option.body)
                return
        if not node.has_else:
            raise invalid_query("No matching WHEN clause found in CASE statement")
        self._body(node.otherwise)

    def _matches(self, operand: ByteRange | None, condition: ByteRange) -> bool:
        if operand is None:
            return evaluation.condition(self.job, self.source, condition)
        left = evaluation.evaluate(self.job, self.source, operand, None)
        right = evaluation.evaluate(self.job, self.source, condition, left.type)
        return bool(evaluation.value(self.job, left) == evaluation.value(self.job, right) is not None)

    def loop(self, node: script.Loop) -> None:
        """LOOP, WHILE, REPEAT and FOR ... IN."""
        rounds = {"LOOP": self._forever, "WHILE": self._while, "REPEAT": self._repeat, "FOR_IN": self._for}
        label = node.label.lower() if node.label else None
        for _ in rounds[node.kind](node):
            self.job.check_cancelled()
            try:
                self._body(node.body)
            except _Jump as jump:
                if jump.label not in {None, label}:
                    raise
                if jump.kind == "BREAK":
                    return

    def _forever(self, _node: script.Loop) -> Iterator[None]:
        while True:
            yield

    def _while(self, node: script.Loop) -> Iterator[None]:
        while node.condition is None or evaluation.condition(self.job, self.source, node.condition):
            yield

    def _repeat(self, node: script.Loop) -> Iterator[None]:
        while True:
            yield
            if node.condition is None or evaluation.condition(self.job, self.source, node.condition):
                return

    def _for(self, node: script.Loop) -> Iterator[None]:
        if node.query is None or node.variable is None:
            return
        name = node.variable.lower()
        if name in self.job.scope.variables:
            raise invalid_query(f"Variable '{node.variable}' redeclared")
        try:
            for row in evaluation.each_row(self.job, self.source, node.query):
                self.job.scope.variables[name] = row
                yield
        finally:
            self.job.scope.variables.pop(name, None)

    def jump(self, node: script.Jump) -> None:
        """BREAK, LEAVE, CONTINUE, ITERATE."""
        raise _Jump(node)

    def leave(self, _node: script.Return) -> None:
        """RETURN."""
        raise _Return

    # -- blocks and exceptions

    def block(self, node: script.Block) -> None:
        """BEGIN ... [EXCEPTION WHEN ERROR THEN ...] END."""
        label = node.label.lower() if node.label else None
        try:
            self._guarded(node)
        except _Jump as jump:
            if label is None or jump.label != label:
                raise

    def _guarded(self, node: script.Block) -> None:
        if node.handler is None:
            with self._own_variables():
                self._body(node.body)
            return
        try:
            with self._own_variables():
                self._body(node.body)
        except ApiError as error:
            if error.reason in _UNCATCHABLE:
                raise
            self._handle(node.handler, error)

    @contextmanager
    def _own_variables(self) -> Iterator[None]:
        outer = set(self.job.scope.variables)
        try:
            yield
        finally:
            for name in set(self.job.scope.variables) - outer:
                del self.job.scope.variables[name]

    def _handle(self, handler: Sequence[script.Node], error: ApiError) -> None:
        where = self.source.text(self._blame or self.source.script.body[0].range)
        self._blame = None
        system_variables.show_error(self.job, error, where.own, where.line, where.column)
        self._handled.append(error)
        try:
            self._body(handler)
        finally:
            self._handled.pop()
        system_variables.clear_error(self.job)

    def throw(self, node: script.Raise) -> None:
        """RAISE."""
        if node.message is not None:
            message = evaluation.text(self.job, self.source, node.message)
            raise invalid_query(message or "")
        if not self._handled:
            raise invalid_query("RAISE without a message is only allowed in an exception handler")
        raise self._handled[-1]


Run = Callable[[Any, Any], None]
_RUN: Final[dict[type, Run]] = {
    script.Statement: Interpreter.statement,
    script.Declare: Interpreter.declare,
    script.Assign: Interpreter.assign,
    script.If: Interpreter.branch,
    script.Case: Interpreter.case,
    script.Loop: Interpreter.loop,
    script.Jump: Interpreter.jump,
    script.Return: Interpreter.leave,
    script.Block: Interpreter.block,
    script.Raise: Interpreter.throw,
    script.Call: Interpreter.call,
    script.ExecuteImmediate: Interpreter.execute_immediate,
}
