"""Expressions of a parse tree that are one text whenever they run: string literals, and literals put together."""

from __future__ import annotations

from typing import Any

from gatebook.googlesql import protos, tree

_CONCATENATION = protos.ast_enums.ASTBinaryExpressionEnums.CONCAT_OP


def constant_text(expression: Any) -> str | None:
    """The text of `'a'`, `'a' || 'b'` and `CONCAT('a', 'b')`; None for anything that only running it can tell."""
    texts: list[str] = []
    stack = [tree.unwrap(expression)]
    while stack:
        node = stack.pop()
        if node is None:
            return None
        parts = _parts(node)
        if parts is not None:
            stack.extend(reversed(parts))
        elif tree.kind(node) == "StringLiteral":
            texts.append(node.string_value)
        else:
            return None
    return "".join(texts)


def _parts(node: Any) -> list[Any] | None:
    if tree.kind(node) == "BinaryExpression" and node.op == _CONCATENATION:
        return [tree.unwrap(node.lhs), tree.unwrap(node.rhs)]
    if tree.kind(node) == "FunctionCall" and _is_concat(node):
        return [tree.unwrap(argument) for argument in node.arguments]
    return None


def _is_concat(node: Any) -> bool:
    return [name.id_string.lower() for name in node.function.names] == ["concat"] and bool(node.arguments)
