"""From the parse tree of a script to the nodes of `script`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

from gatebook.googlesql import tree
from gatebook.googlesql.constant_text import constant_text
from gatebook.googlesql.errors import AnalysisLimit
from gatebook.googlesql.paths import split_dotted
from gatebook.googlesql.script import (
    Assign,
    Block,
    Branch,
    Call,
    Case,
    Declare,
    ExecuteImmediate,
    If,
    Jump,
    Loop,
    Node,
    Raise,
    Return,
    Script,
    Statement,
    Using,
)
from gatebook.googlesql.statement_kinds import statement_kind
from gatebook.googlesql.tree import ByteRange

# BigQuery refuses scripts that nest deeper: "Script is nested too deeply". It also bounds the recursion here.
_MAXIMUM_NESTING = 50


def read_script(sql: str, parsed: Any) -> Script:
    """Read an ASTScriptProto; AnalysisLimit when it nests deeper than BigQuery allows."""
    return Script(sql, _body(parsed.statement_list_node, 0))


def _range(node: Any) -> ByteRange:
    found = tree.byte_range(node)
    if found is None:  # the parser gives every statement and expression its place
        raise AnalysisLimit("trap", "The analyzer failed on this query")
    return found


def _optional_range(node: Any, field: str) -> ByteRange | None:
    value = tree.present(node, field)
    return None if value is None else _range(tree.unwrap(value))


def _label(node: Any) -> str | None:
    label = tree.present(node, "label")
    return None if label is None else cast("str", label.name.id_string)


def _identifiers(node: Any) -> tuple[str, ...]:
    return tuple(identifier.id_string for identifier in node.identifier_list)


def _body(statement_list: Any, depth: int) -> tuple[Node, ...]:
    if depth > _MAXIMUM_NESTING:
        raise AnalysisLimit("depth", "The script is nested too deeply to be analyzed")
    return tuple(_node(tree.unwrap(item), depth) for item in statement_list.statement_list)


def _node(statement: Any, depth: int) -> Node:
    read = _READERS.get(tree.kind(statement))
    if read is None:
        return Statement(_range(statement), statement_kind(statement))
    return read(statement, depth)


def _optional_body(node: Any, field: str, depth: int) -> tuple[Node, ...]:
    value = tree.present(node, field)
    return () if value is None else _body(value, depth + 1)


def _branch(node: Any, body: Any, depth: int) -> Branch:
    return Branch(_range(tree.unwrap(node.condition)), _body(body, depth + 1))


def _declare(node: Any, _depth: int) -> Declare:
    names = _identifiers(node.variable_list)
    default = tree.present(node, "default_value")
    text = None if default is None else constant_text(default)
    return Declare(_range(node), names, _optional_range(node, "type"), _optional_range(node, "default_value"), text)


def _assign(node: Any, _depth: int) -> Assign:
    return Assign(_range(node), (node.variable.id_string,), _range(tree.unwrap(node.expression)))


def _assign_from_struct(node: Any, _depth: int) -> Assign:
    expression = _range(tree.unwrap(node.struct_expression))
    return Assign(_range(node), _identifiers(node.variables), expression, from_struct=True)


def _assign_system_variable(node: Any, _depth: int) -> Assign:
    path = ".".join(name.id_string for name in node.system_variable.path.names)
    return Assign(_range(node), (f"@@{path}",), _range(tree.unwrap(node.expression)))


def _if(node: Any, depth: int) -> If:
    branches = [_branch(node, node.then_list, depth)]
    branches += [_branch(clause, clause.body, depth) for clause in node.elseif_clauses.elseif_clauses]
    return If(_range(node), tuple(branches), _optional_body(node, "else_list", depth))


def _case(node: Any, depth: int) -> Case:
    clauses = node.when_then_clauses.when_then_clauses
    return Case(
        _range(node),
        _optional_range(node, "expression"),
        tuple(_branch(clause, clause.body, depth) for clause in clauses),
        _optional_body(node, "else_list", depth),
        has_else=tree.present(node, "else_list") is not None,
    )


def _while(node: Any, depth: int) -> Loop:
    # The parser has one kind for WHILE and LOOP; LOOP has no condition.
    condition = _optional_range(node, "condition")
    kind: Literal["LOOP", "WHILE"] = "LOOP" if condition is None else "WHILE"
    return Loop(_range(node), kind, _optional_body(node, "body", depth), _label(node), condition)


def _repeat(node: Any, depth: int) -> Loop:
    condition = _range(tree.unwrap(node.until_clause.condition))
    return Loop(_range(node), "REPEAT", _optional_body(node, "body", depth), _label(node), condition)


def _for_in(node: Any, depth: int) -> Loop:
    return Loop(
        _range(node),
        "FOR_IN",
        _optional_body(node, "body", depth),
        _label(node),
        variable=node.variable.id_string,
        query=_range(node.query),
    )


def _block(node: Any, depth: int) -> Block:
    handlers = tree.present(node, "handler_list")
    handler = None
    if handlers is not None:
        handler = _body(handlers.exception_handler_list[0].statement_list, depth + 1)
    return Block(_range(node), _optional_body(node, "statement_list_node", depth), handler, _label(node))


def _break(node: Any, _depth: int) -> Jump:
    return Jump(_range(node), "BREAK", _label(node))


def _continue(node: Any, _depth: int) -> Jump:
    return Jump(_range(node), "CONTINUE", _label(node))


def _return(node: Any, _depth: int) -> Return:
    return Return(_range(node))


def _raise(node: Any, _depth: int) -> Raise:
    return Raise(_range(node), _optional_range(node, "message"))


def _call(node: Any, _depth: int) -> Call:
    names = node.procedure_name.names
    path = tuple(
        part for name in names for part in (split_dotted(name.id_string) if name.is_quoted else (name.id_string,))
    )
    variables = tuple(_argument_variable(tree.unwrap(argument.expr)) for argument in node.arguments)
    return Call(_range(node), path, tuple(_range(argument) for argument in node.arguments), variables)


def _argument_variable(expression: Any) -> str | None:
    """Give the variable that an argument is, or is a field of, however it is quoted, commented or bracketed."""
    is_path = tree.kind(expression) == "PathExpression"
    return cast("str", expression.names[0].id_string) if is_path else None


def _execute_immediate(node: Any, _depth: int) -> ExecuteImmediate:
    sql = tree.unwrap(node.sql)
    using = (
        Using(_range(tree.unwrap(item.expression)), item.alias.identifier.id_string if item.HasField("alias") else None)
        for item in node.using_clause.arguments
    )
    return ExecuteImmediate(
        _range(node),
        _range(sql),
        constant_text(sql),
        _identifiers(node.into_clause.identifiers),
        tuple(using),
        _variable(sql),
    )


def _variable(expression: Any) -> str | None:
    is_name = tree.kind(expression) == "PathExpression" and len(expression.names) == 1
    return cast("str", expression.names[0].id_string) if is_name else None


_READERS: dict[str, Callable[[Any, int], Node]] = {
    "VariableDeclaration": _declare,
    "SingleAssignment": _assign,
    "AssignmentFromStruct": _assign_from_struct,
    "SystemVariableAssignment": _assign_system_variable,
    "IfStatement": _if,
    "CaseStatement": _case,
    "WhileStatement": _while,
    "RepeatStatement": _repeat,
    "ForInStatement": _for_in,
    "BeginEndBlock": _block,
    "BreakStatement": _break,
    "ContinueStatement": _continue,
    "ReturnStatement": _return,
    "RaiseStatement": _raise,
    "CallStatement": _call,
    "ExecuteImmediateStatement": _execute_immediate,
}
