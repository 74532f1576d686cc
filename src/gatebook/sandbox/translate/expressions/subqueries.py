"""Subqueries as expressions."""

from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.likes import like
from gatebook.sandbox.translate.scans.ordered import ordered_rows
from gatebook.sandbox.translate.translator import Node, NodeSql, Translator, type_of

_SCALAR, _ARRAY, _EXISTS, _IN, _LIKE_ANY, _LIKE_ALL, _NOT_LIKE_ANY, _NOT_LIKE_ALL = range(8)
_LIKES = {
    _LIKE_ANY: ("bool_or", ""),
    _LIKE_ALL: ("bool_and", ""),
    _NOT_LIKE_ANY: ("bool_or", "NOT "),
    _NOT_LIKE_ALL: ("bool_and", "NOT "),
}


def _subquery(translator: Translator, node: Node) -> str:
    if translator.lambda_depth:
        raise Unmapped("a subquery inside a lambda")
    kind = node.subquery_type
    if kind == _ARRAY:
        return _array(translator, node)
    rows = translator.scan(node.subquery)
    if kind == _EXISTS:
        return f"EXISTS ({rows})"
    column = translator.columns(node.subquery)[0]
    if kind == _SCALAR:
        return f"(SELECT {column} FROM ({rows}) _s)"
    subject = translator.expression(node.in_expr)
    if node.HasField("in_collation") and node.in_collation.collation_name:
        raise Unmapped("IN with COLLATE")
    if kind == _IN:
        return f"({subject} IN (SELECT {column} FROM ({rows}) _s))"
    return _like(kind, like(subject, column, type_of(node.in_expr).kind), rows)


def _array(translator: Translator, node: Node) -> str:
    rows, column = ordered_rows(translator, node.subquery), translator.columns(node.subquery)[0]
    order = f" ORDER BY {', '.join(rows.keys)}" if rows.keys else ""
    return f"(SELECT coalesce(list({column}{order}), []) FROM ({rows.sql}) _s)"


def _like(kind: int, matches: str, rows: str) -> str:
    """LIKE ANY is TRUE when one pattern matches, else NULL when one is unknown, else FALSE; LIKE ALL the other way."""
    function, negation = _LIKES[kind]
    decided = "TRUE" if function == "bool_or" else "FALSE"
    other = "FALSE" if function == "bool_or" else "TRUE"
    test = f"{negation}{matches}"
    return (
        f"(SELECT CASE WHEN {function}({test}) IS {decided} THEN {decided} WHEN count(*) > count({test}) THEN NULL"
        f" ELSE {other} END FROM ({rows}) _s)"
    )


EXPRESSIONS: Mapping[str, NodeSql] = {"SubqueryExpr": _subquery}


def holds_subquery(node: Node) -> bool:
    """Whether a subquery stands anywhere below a node."""
    return next(tree.walk_kinds(node, "SubqueryExpr"), None) is not None
