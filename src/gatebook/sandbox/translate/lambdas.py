"""Lambdas of array functions."""

from gatebook.googlesql import tree
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.expressions.subqueries import holds_subquery
from gatebook.sandbox.translate.translator import Node, Translator


def lambda_sql(translator: Translator, node: Node) -> str:
    """DuckDB lambda for an inline lambda; its second parameter is an offset from 0, DuckDB's index is from 1."""
    names = [translator.column(column) for column in node.argument_list]
    if holds_subquery(node.body):
        raise Unmapped("a subquery inside a lambda")
    body = _body(translator, node)
    if len(names) == 1:
        return f"lambda {names[0]}: {body}"
    index = translator.fresh("i")
    translator.replaced[node.argument_list[1].column_id] = f"({index} - 1)"
    return f"lambda {names[0]}, {index}: {_body(translator, node)}"


def _body(translator: Translator, node: Node) -> str:
    translator.lambda_depth += 1
    try:
        return translator.expression(tree.unwrap(node.body))
    finally:
        translator.lambda_depth -= 1
