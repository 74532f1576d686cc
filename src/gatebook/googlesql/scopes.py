"""The names in a parse tree, by ZetaSQL's scoping rules.

Common table expressions (`WITH orders AS ...`) and correlated paths (`FROM orders AS o, o.items`) look like tables
and are told apart here. Where the rules need types, which a parse tree does not have, a path is taken for a
correlated one: the table is then missing from the catalog and the statement is refused, never misread.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gatebook.googlesql import tree
from gatebook.googlesql.errors import SqlError
from gatebook.googlesql.identifiers import quoted
from gatebook.googlesql.paths import split_dotted
from gatebook.googlesql.reference_roles import Role, role
from gatebook.googlesql.references import Reference
from gatebook.googlesql.tree import ByteRange

_TEMPORARY_SCOPE = 3  # ASTCreateStatementEnums.Scope.TEMPORARY
_NESTED_DML = frozenset({"insert_statement", "delete_statement", "update_statement"})
_FUNCTION_TARGETS = {
    "CreateFunctionStatement": Role("function", True),
    "CreateTableFunctionStatement": Role("table_function", True),
}


class _Scope(NamedTuple):
    """Names that hide tables, in lower case: common table expressions, and aliases that a path may start with."""

    queries: frozenset[str] = frozenset()
    aliases: frozenset[str] = frozenset()

    def with_queries(self, *names: str) -> _Scope:
        return _Scope(self.queries.union(name.lower() for name in names), self.aliases)

    def with_aliases(self, *names: str) -> _Scope:
        return _Scope(self.queries, self.aliases.union(name.lower() for name in names if name))


class _Visit(NamedTuple):
    node: Any
    scope: _Scope
    nested_dml: bool = False


def references(root: Any) -> Iterator[Reference]:
    """Every name below `root`, a parsed statement or script."""
    stack = [_Visit(root, _Scope())]
    while stack:
        visit = stack.pop()
        yield from _own_references(visit)
        stack.extend(_next_visits(visit))


def _own_references(visit: _Visit) -> Iterator[Reference]:
    """Names in the node's own path fields."""
    node = visit.node
    temporary = tree.field(node, "scope") == _TEMPORARY_SCOPE
    for field, child in tree.children(node):
        found = _FUNCTION_TARGETS.get(tree.kind(node)) if field == "function_declaration" else role(node, field)
        if found is None or (visit.nested_dml and field == "target_path"):
            continue
        path = child.name if field == "function_declaration" else child
        if tree.kind(path) == "PathExpression" and not (found.kind == "table" and _hidden(path, visit.scope)):
            yield _reference(found, path, temporary=temporary and found.target)


def _reference(found: Role, path: Any, *, temporary: bool) -> Reference:
    parts: list[str] = []
    dotted = False
    for identifier in path.names:
        split = split_dotted(identifier.id_string) if identifier.is_quoted else (identifier.id_string,)
        dotted = dotted or len(split) > 1
        parts.extend(split)
    if found.kind == "function" and len(parts) > 1 and parts[0].upper() == "SAFE":
        del parts[0]
    where = tree.byte_range(path) or ByteRange(0, 0)
    return Reference(found.kind, tuple(parts), where, found.target, temporary, dotted)


def _hidden(path: Any, scope: _Scope) -> bool:
    first = path.names[0].id_string.lower()
    return first in (scope.queries if len(path.names) == 1 else scope.aliases)


def _next_visits(visit: _Visit) -> list[_Visit]:
    descend = _DESCENDERS.get(tree.kind(visit.node), _descend)
    return descend(visit)


def _descend(visit: _Visit) -> list[_Visit]:
    return [_Visit(child, visit.scope, field in _NESTED_DML) for field, child in tree.children(visit.node)]


def _descend_query(visit: _Visit) -> list[_Visit]:
    """Each WITH entry sees those before it (all of them when RECURSIVE); each pipe operator what came before it."""
    query, scope = visit.node, visit.scope
    visits: list[_Visit] = []
    clause = tree.present(query, "with_clause")
    if clause is not None:
        scope, visits = _with_entries(clause, scope)
    body = tree.unwrap(query.query_expr)
    visits.append(_Visit(body, scope))
    scope = scope.with_aliases(*_aliases_of_from(body))
    for operator in map(tree.unwrap, query.pipe_operator_list):
        if tree.kind(operator) == "PipeWith":
            scope, entries = _with_entries(operator.with_clause, scope)
            visits.extend(entries)
            continue
        visits.append(_Visit(operator, scope))
        scope = scope.with_aliases(*_aliases_of_operator(operator))
    rest = ("order_by", "limit_offset")
    visits.extend(_Visit(child, scope) for field, child in tree.children(query) if field in rest)
    return visits


def _with_entries(clause: Any, scope: _Scope) -> tuple[_Scope, list[_Visit]]:
    visits = []
    entries = getattr(clause, "with")
    if clause.recursive:
        scope = scope.with_queries(*(_undotted(entry.alias) for entry in entries))
    for entry in entries:
        visits.append(_Visit(entry.query, scope))
        scope = scope.with_queries(_undotted(entry.alias))
    return scope, visits


def _undotted(identifier: Any) -> str:
    """An alias; with a dot in it, BigQuery might take for a table what ZetaSQL takes for the alias."""
    name: str = identifier.id_string
    if "." in name:
        raise SqlError(f"The alias {quoted(name)} cannot have a dot in its name")
    return name


def _descend_select(visit: _Visit) -> list[_Visit]:
    """Everything but FROM sees the aliases of FROM; see `_descend_from` for FROM itself."""
    scope = visit.scope.with_aliases(*_target_alias(visit.node))
    inside = scope.with_aliases(*_aliases_of_from(visit.node))
    visits = []
    for field, child in tree.children(visit.node):
        in_from = field in ("from_clause", "table_expression")
        visits.append(_Visit(child, scope if in_from else inside, field in _NESTED_DML))
    return visits


def _descend_from(visit: _Visit) -> list[_Visit]:
    """Items of a FROM see the aliases of the items before them; subqueries there do not, unless LATERAL."""
    outer = scope = visit.scope
    visits = []
    for item in _items(visit.node):
        sideways = tree.kind(item) != "TableSubquery" or item.is_lateral
        visits.append(_Visit(item, scope if sideways else outer))
        scope = scope.with_aliases(*_alias_of_item(item))
    return visits


def _items(node: Any) -> Iterator[Any]:
    """The items of a FROM clause or join in the order of the text; conditions of joins come after both their sides."""
    stack = [node]
    while stack:
        here = stack.pop()
        if tree.kind(here) in _FROM_NODES:
            below = dict.fromkeys(("lhs", "rhs"))
            others = []
            for field, child in tree.children(here):
                if field in below:
                    below[field] = child
                else:
                    others.append(child)
            stack.extend(reversed([child for child in (*below.values(), *others) if child is not None]))
        else:
            yield here


def _aliases_of_from(node: Any) -> list[str]:
    clause = tree.present(node, "from_clause")
    if clause is None:
        clause = tree.present(node, "table_expression")
    return [] if clause is None else [alias for item in _items(tree.unwrap(clause)) for alias in _alias_of_item(item)]


def _aliases_of_operator(operator: Any) -> list[str]:
    aliases = [alias for item in _items(operator) for alias in _alias_of_item(item)] if _is_join(operator) else []
    named = tree.present(operator, "alias")
    return aliases if named is None else [*aliases, _undotted(named.identifier)]


def _is_join(operator: Any) -> bool:
    return tree.kind(operator) == "PipeJoin"


def _alias_of_item(item: Any) -> list[str]:
    """The alias of an item of FROM; a path without AS has its last name as alias."""
    alias = tree.present(item, "alias")
    if alias is not None:
        return [_undotted(alias.identifier)]
    if tree.kind(item) == "TableSubquery":
        return _aliases_of_query(item.subquery)
    path = tree.present(item, "path_expr")
    return [] if path is None else [split_dotted(path.names[-1].id_string)[-1]]


def _aliases_of_query(query: Any) -> list[str]:
    """`(FROM orders)` without an alias of its own passes on the aliases inside, `(SELECT ...)` does not."""
    body = tree.unwrap(query.query_expr)
    if tree.kind(body) != "FromQuery":
        return []
    operators = map(tree.unwrap, query.pipe_operator_list)
    return [*_aliases_of_from(body), *(alias for operator in operators for alias in _aliases_of_operator(operator))]


def _target_alias(statement: Any) -> list[str]:
    """UPDATE, DELETE and MERGE: their target can be named in subqueries like an item of FROM."""
    target = tree.present(statement, "target_path")
    if target is None:
        return []
    alias = tree.present(statement, "alias")
    if alias is not None:
        return [_undotted(alias.identifier)]
    path = tree.unwrap(target)
    return [split_dotted(path.names[-1].id_string)[-1]] if tree.kind(path) == "PathExpression" else []


def _descend_table_function(visit: _Visit) -> list[_Visit]:
    """The table arguments of CREATE TABLE FUNCTION are read like tables in its body."""
    declaration = tree.present(visit.node, "function_declaration")
    entries = () if declaration is None else declaration.parameters.parameter_entries
    scope = visit.scope.with_queries(*(entry.name.id_string for entry in entries))
    return [_Visit(child, scope) for _, child in tree.children(visit.node)]


_FROM_NODES = frozenset({"FromClause", "Join", "ParenthesizedJoin", "PipeJoin"})

_DESCENDERS = {
    "Query": _descend_query,
    "Select": _descend_select,
    "UpdateStatement": _descend_select,
    "DeleteStatement": _descend_select,
    "MergeStatement": _descend_select,
    "CreateTableFunctionStatement": _descend_table_function,
    **dict.fromkeys(_FROM_NODES, _descend_from),
}
