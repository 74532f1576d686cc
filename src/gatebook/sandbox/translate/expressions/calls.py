"""Function calls: SAFE., lambdas and user-defined functions; what each function means is in functions/."""

from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.sandbox.translate.calls import Call, function_name, read_call, routine_name, shown_name
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.expressions.subqueries import holds_subquery
from gatebook.sandbox.translate.translator import Node, NodeSql, Translator

_SAFE = 1


def _function_call(translator: Translator, node: Node) -> str:
    if tree.field(node, "collation_list"):
        raise Unmapped(f"{shown_name(function_name(node))} with COLLATE")
    call = read_call(translator, node)
    if tree.field(node, "error_mode") == _SAFE:
        return _safe(call)
    return _plain(call)


def _plain(call: Call) -> str:
    how = call.find(call.translator.tables.functions)
    if how is not None:
        return call.render(how)
    return _routine(call)


def _safe(call: Call) -> str:
    """SAFE.f(x) turns errors of f into NULL, but not errors of x: arguments are evaluated outside TRY."""
    before, after = call.once(*(i for i in range(len(call)) if not call.is_lambda(i)))
    return f"{before}TRY({_plain(call)}){after}"


def _routine(call: Call) -> str:
    statement = definition(call.translator, call.name)
    body = tree.present(statement, "function_expression")
    if body is None or tree.field(statement, "is_aggregate"):
        raise Unmapped(f"function {routine_name(call.name)}, which has no SQL body")
    names = [name.lower() for name in tree.field(statement, "argument_name_list")]
    return _inlined_subquery(call, names, body) if holds_subquery(body) else _inlined(call, names, body)


def definition(translator: Translator, name: str) -> Node:
    """The resolved CREATE FUNCTION or CREATE TABLE FUNCTION statement of a user's routine."""
    statement = translator.environment.routine(routine_name(name))
    if statement is None:
        raise Unmapped(f"function {shown_name(name)}")
    return tree.unwrap(statement)


def _inlined(call: Call, names: list[str], body: Node) -> str:
    """The body with the arguments in place of their names; what is used more than once is evaluated once, before."""
    used = [reference.name.lower() for reference in tree.walk_kinds(body, "ArgumentRef")]
    before, after = call.once(*(i for i, name in enumerate(names) if used.count(name) > 1))
    translator = call.translator.child(call.name, dict(zip(names, call, strict=True)))
    return f"{before}({translator.expression(body)}){after}"


def _inlined_subquery(call: Call, names: list[str], body: Node) -> str:
    if call.translator.lambda_depth:
        raise Unmapped(f"function {routine_name(call.name)}, which has a subquery, inside a lambda")
    columns = {name: call.translator.fresh("p") for name in names}
    values = ", ".join(f"{sql} AS {column}" for sql, column in zip(call, columns.values(), strict=True)) or "1 AS _d"
    translator = call.translator.child(call.name, columns)
    return f"(SELECT {translator.expression(body)} FROM (SELECT {values}) _f)"


EXPRESSIONS: Mapping[str, NodeSql] = {"FunctionCall": _function_call}
