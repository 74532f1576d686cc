"""The statements of a text as a small tree: what a script interpreter runs and what a static reader walks.

Every node has `range`, the bytes of its own text without the semicolon, and `kind`, BigQuery's statement type.
Expressions, queries and type names are given by their ranges only: analyze `range.text(sql)` when it is their turn. A
plain text of one statement is a script with one `Statement`.

Reference: https://cloud.google.com/bigquery/docs/reference/standard-sql/procedural-language
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gatebook.googlesql.tree import ByteRange


@dataclass(frozen=True, slots=True)
class Statement:
    """An SQL statement that the analyzer can resolve (SELECT, INSERT, CREATE TABLE, BEGIN TRANSACTION, ...)."""

    range: ByteRange
    kind: str


@dataclass(frozen=True, slots=True)
class Declare:
    """DECLARE names [type] [DEFAULT expression]; without a type the variables take the type of the default.

    `literal` is the default when it is one text, written as literals.
    """

    range: ByteRange
    names: tuple[str, ...]
    type: ByteRange | None
    default: ByteRange | None
    literal: str | None = None
    kind: Literal["DECLARE"] = "DECLARE"


@dataclass(frozen=True, slots=True)
class Assign:
    """SET target = expression. Several targets take the fields of a struct; system variables are `@@time_zone`."""

    range: ByteRange
    targets: tuple[str, ...]
    expression: ByteRange
    from_struct: bool = False
    kind: Literal["SET"] = "SET"


@dataclass(frozen=True, slots=True)
class Branch:
    """A condition of IF, ELSEIF or CASE and what runs when it holds."""

    condition: ByteRange
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If:
    """IF and its ELSEIFs in `branches`; ELSE in `otherwise`."""

    range: ByteRange
    branches: tuple[Branch, ...]
    otherwise: tuple[Node, ...]
    kind: Literal["IF"] = "IF"


@dataclass(frozen=True, slots=True)
class Case:
    """CASE [operand] WHEN condition THEN ...; with an operand, conditions are values to compare it with.

    `has_else` tells an empty ELSE from none: without ELSE, no match is an error.
    """

    range: ByteRange
    operand: ByteRange | None
    branches: tuple[Branch, ...]
    otherwise: tuple[Node, ...]
    has_else: bool
    kind: Literal["CASE"] = "CASE"


@dataclass(frozen=True, slots=True)
class Loop:
    """LOOP (no condition), WHILE (condition before the body), REPEAT (until the condition, after the body), FOR_IN.

    FOR_IN has `variable` (a struct of the row) and `query` (a query without parentheses) instead of a condition.
    """

    range: ByteRange
    kind: Literal["LOOP", "WHILE", "REPEAT", "FOR_IN"]
    body: tuple[Node, ...]
    label: str | None = None
    condition: ByteRange | None = None
    variable: str | None = None
    query: ByteRange | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """BEGIN ... [EXCEPTION WHEN ERROR THEN ...] END; `handler` is None without EXCEPTION."""

    range: ByteRange
    body: tuple[Node, ...]
    handler: tuple[Node, ...] | None = None
    label: str | None = None
    kind: Literal["BEGIN_END"] = "BEGIN_END"


@dataclass(frozen=True, slots=True)
class Jump:
    """BREAK (or LEAVE) and CONTINUE (or ITERATE), to the labelled loop or block or else the innermost loop."""

    range: ByteRange
    kind: Literal["BREAK", "CONTINUE"]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """RETURN: ends the script or procedure."""

    range: ByteRange
    kind: Literal["RETURN"] = "RETURN"


@dataclass(frozen=True, slots=True)
class Raise:
    """RAISE [USING MESSAGE = message]; without a message it raises the handled error again."""

    range: ByteRange
    message: ByteRange | None
    kind: Literal["RAISE"] = "RAISE"


@dataclass(frozen=True, slots=True)
class Call:
    """CALL procedure(arguments); the path is as written, quoted dotted names split.

    `variables` has the variable that each argument is, which the procedure may set; None for other expressions.
    """

    range: ByteRange
    procedure: tuple[str, ...]
    arguments: tuple[ByteRange, ...]
    variables: tuple[str | None, ...] = ()
    kind: Literal["CALL"] = "CALL"


@dataclass(frozen=True, slots=True)
class Using:
    """An argument of EXECUTE IMMEDIATE ... USING: positional, or named by `alias`."""

    expression: ByteRange
    alias: str | None


@dataclass(frozen=True, slots=True)
class ExecuteImmediate:
    """EXECUTE IMMEDIATE sql [INTO variables] [USING arguments].

    `literal` is the text to run when it is written as string literals. Otherwise it is known only when it runs, unless
    it is the value of a `variable` that never changes: see `Script.executed_text`.
    """

    range: ByteRange
    sql: ByteRange
    literal: str | None
    into: tuple[str, ...]
    using: tuple[Using, ...]
    variable: str | None = None
    kind: Literal["EXECUTE_IMMEDIATE"] = "EXECUTE_IMMEDIATE"


Node = Statement | Declare | Assign | If | Case | Loop | Block | Jump | Return | Raise | Call | ExecuteImmediate


@dataclass(frozen=True, slots=True)
class Script:
    """A whole text; `body` is empty when the text holds only comments."""

    sql: str
    body: tuple[Node, ...]

    @property
    def kind(self) -> str:
        """BigQuery's statement type of the job: SCRIPT, or that of the only statement."""
        only = self.body[0] if len(self.body) == 1 else None
        return only.kind if isinstance(only, Statement | Call) else "SCRIPT"

    def executed_text(self, node: ExecuteImmediate) -> str | None:
        """The text that an EXECUTE IMMEDIATE of this script runs; None when it is known only when it runs."""
        if node.literal is not None or node.variable is None:
            return node.literal
        name = node.variable.lower()
        declared = [item for item in self.walk() if isinstance(item, Declare) and name in map(str.lower, item.names)]
        if len(declared) != 1 or self.gives_value_to(name):
            return None
        return declared[0].literal

    def gives_value_to(self, variable: str) -> bool:
        """Tell whether some node may set the variable; the texts that EXECUTE IMMEDIATE runs are not looked into."""
        name = variable.lower()
        return any(name == target.lower() for item in self.walk() for target in _targets(item))

    def walk(self) -> Iterator[Node]:
        """Every node, outer ones before inner ones, in the order of the text."""
        stack = list(reversed(self.body))
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(_inner(node)))


def _targets(node: Node) -> Iterator[str]:
    """Variables that a node may give a value; a procedure may, to each that it is passed."""
    if isinstance(node, Assign):
        yield from node.targets
    elif isinstance(node, ExecuteImmediate):
        yield from node.into
    elif isinstance(node, Call):
        yield from (name for name in node.variables if name is not None)
    elif isinstance(node, Loop) and node.variable is not None:
        yield node.variable


def _inner(node: Node) -> list[Node]:
    if isinstance(node, If | Case):
        return [*(inner for branch in node.branches for inner in branch.body), *node.otherwise]
    if isinstance(node, Loop):
        return list(node.body)
    if isinstance(node, Block):
        return [*node.body, *(node.handler or ())]
    return []
