"""Comparison, logic and conditional functions."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType
from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.expressions.casts import cast_sql, session_zone
from gatebook.sandbox.translate.likes import like
from gatebook.sandbox.translate.names import case
from gatebook.sandbox.translate.translator import FunctionSql, Node, type_of
from gatebook.sandbox.translate.types import element, field_sql, range_order
from gatebook.sandbox.translate.values import literal_value

_LONG = 200  # characters of SQL
_SYMBOLS = {
    "$equal": "=",
    "$not_equal": "<>",
    "$less": "<",
    "$less_or_equal": "<=",
    "$greater": ">",
    "$greater_or_equal": ">=",
}


def compared(symbol: str, left: str, right: str, left_node: Node, right_node: Node) -> str:
    """One comparison of two values, by BigQuery's rules for NaN, structs and ranges."""
    left_type, right_type = type_of(left_node), type_of(right_node)
    if left_type.kind == "FLOAT64":
        return f"({left} {symbol} {right}{_not_a_number(symbol, left, right, left_node, right_node)})"
    return _compared(symbol, left, right, left_type, right_type)


def _compared(symbol: str, left: str, right: str, left_type: SqlType, right_type: SqlType) -> str:
    if left_type.kind == "STRUCT":
        return _structs(symbol, left, right, left_type, right_type)
    if left_type.kind in ("ARRAY", "JSON", "GEOGRAPHY"):
        raise Unmapped(f"comparison of {left_type.kind}")
    if left_type.kind == "RANGE":
        return f"({range_order(left, left_type)} {symbol} {range_order(right, right_type)})"
    if left_type.kind == "FLOAT64":
        return f"({left} {symbol} {right}{_nan_guard(symbol, left, right)})"
    return f"({left} {symbol} {right})"


def _not_a_number(symbol: str, left: str, right: str, left_node: Node, right_node: Node) -> str:
    """NaN equals nothing and is not ordered in BigQuery; in DuckDB it equals itself and is the greatest number."""
    on_right = symbol in ("<", "<=")
    if not _may_be_nan(right_node if on_right else left_node):
        return ""
    if symbol in ("=", "<>") and not _may_be_nan(right_node):  # NaN on one side is unequal in both
        return ""
    return _nan_guard(symbol, *((right, left) if on_right else (left, right)))


def _nan_guard(symbol: str, number: str, other: str) -> str:
    """The side DuckDB would take for the greatest number, tested for NaN; against NULL the answer stays NULL."""
    if symbol == "<>":
        return f" OR (isnan({number}) AND {other} IS NOT NULL)"
    return f" AND (NOT isnan({number}) OR {other} IS NULL)"


def _may_be_nan(node: Node) -> bool:
    if type_of(node).kind != "FLOAT64":
        return False
    inner = tree.unwrap(node)
    if tree.kind(inner) == "Literal":
        value = literal_value(inner)
        return value is not None and math.isnan(value)
    return not (tree.kind(inner) == "Cast" and type_of(inner.expr).kind == "INT64")


def _structs(symbol: str, left: str, right: str, left_type: SqlType, right_type: SqlType) -> str:
    """Field by field, so that NULL fields make the answer NULL as BigQuery has it."""
    if symbol not in ("=", "<>"):
        raise Unmapped("comparison of STRUCT values by order")
    pairs = zip(left_type.fields, right_type.fields, strict=True)
    fields = " AND ".join(
        _compared("=", field_sql(left, left_type, i), field_sql(right, right_type, i), one.type, other.type)
        for i, (one, other) in enumerate(pairs)
    )
    return f"({fields})" if symbol == "=" else f"(NOT ({fields}))"


def _compare(call: Call) -> str:
    before, after = call.once(0, 1, longer=_LONG) if call.kind() == "FLOAT64" else ("", "")
    return before + compared(_SYMBOLS[call.name], call[0], call[1], call.argument(0), call.argument(1)) + after


def _distinct(call: Call) -> str:
    right = (
        cast_sql(call[1], call.type(1), call.type(0), session_zone(call.translator))
        if call.kind() == "STRUCT"
        else call[1]
    )
    return f"({call[0]} IS {'NOT ' if call.name == '$is_not_distinct_from' else ''}DISTINCT FROM {right})"


def _between(call: Call) -> str:
    value, low, high = (call.argument(i) for i in range(3))
    upper = compared("<=", call[0], call[2], value, high)
    return f"({compared('>=', call[0], call[1], value, low)} AND {upper})"


def _in(call: Call) -> str:
    items = [call.argument(index) for index in range(1, len(call))]
    if call.kind() in ("STRUCT", "RANGE", "ARRAY", "JSON", "GEOGRAPHY") or any(map(_may_be_nan, items)):
        tests = (compared("=", call[0], call[i], call.argument(0), call.argument(i)) for i in range(1, len(call)))
        return f"({' OR '.join(tests)})"
    return f"({call[0]} IN ({', '.join(list(call)[1:])}))"


def _in_array(call: Call) -> str:
    """X IN UNNEST(array): NULL when it is not found and the array holds a NULL."""
    value, items = call[0], call[1]
    if call.kind() == "STRUCT":
        item = _structs("=", value, "_x", call.type(0), element(call.type(1)))
        return any_of(f"list_transform({items}, lambda _x: {item})", items)
    found = f"list_contains({items}, {value})" + (f" AND NOT isnan({value})" if call.kind() == "FLOAT64" else "")
    return case(
        (f"{items} IS NULL OR len({items}) = 0", "FALSE"),
        (f"{value} IS NULL", "NULL"),
        (found, "TRUE"),
        (f"len({items}) > list_count({items})", "NULL"),
        otherwise="FALSE",
    )


def _all(word: str) -> FunctionSql:
    return lambda call: f"({f' {word} '.join(call)})"


def _like(call: Call) -> str:
    return _like_test(call, call[1])


def _like_test(call: Call, pattern: str) -> str:
    return like(call[0], pattern, call.kind())


def _like_quantified(word: str, negation: str = "") -> FunctionSql:
    def render(call: Call) -> str:
        tests = (f"{negation}{_like_test(call, call[i])}" for i in range(1, len(call)))
        return f"({f' {word} '.join(tests)})"

    return render


def _like_array(word: str, negation: str = "") -> FunctionSql:
    """LIKE ANY UNNEST(patterns): OR over the list, with SQL's three values."""

    def render(call: Call) -> str:
        tests = f"list_transform({call[1]}, lambda _p: {negation}{_like_test(call, '_p')})"
        return any_of(tests, call[1], word)

    return render


def any_of(tests: str, items: str, word: str = "OR") -> str:
    """OR (or AND) over a list of tests; that of no tests is FALSE (TRUE)."""
    decided, other = ("TRUE", "FALSE") if word == "OR" else ("FALSE", "TRUE")
    return case(
        (f"coalesce(len({items}), 0) = 0", other),
        (f"list_contains({tests}, {decided})", decided),
        (f"list_count({tests}) < len({items})", "NULL"),
        otherwise=other,
    )


def _case(call: Call) -> str:
    has_value = call.name == "$case_with_value"
    rest = list(range(1 if has_value else 0, len(call)))
    before, after = call.once(0) if has_value else ("", "")
    branches = "".join(
        f" WHEN {_equal(call, 0, i) if has_value else call[i]} THEN {call[i + 1]}"
        for i in rest[: len(rest) // 2 * 2 : 2]
    )
    last = f" ELSE {call[rest[-1]]}" if len(rest) % 2 else ""
    return f"{before}CASE{branches}{last} END{after}"


def _equal(call: Call, left: int, right: int) -> str:
    return compared("=", call[left], call[right], call.argument(left), call.argument(right))


def _nullif(call: Call) -> str:
    before, after = call.once(0)
    return f"{before}CASE WHEN {_equal(call, 0, 1)} THEN NULL ELSE {call[0]} END{after}"


FUNCTIONS: Mapping[str, FunctionSql] = {
    **dict.fromkeys(_SYMBOLS, _compare),
    "$is_distinct_from": _distinct,
    "$is_not_distinct_from": _distinct,
    "$between": _between,
    "$in": _in,
    "$in_array": _in_array,
    "$and": _all("AND"),
    "$or": _all("OR"),
    "$not": "(NOT {0})",
    "$is_null": "({0} IS NULL)",
    "$is_true": "({0} IS TRUE)",
    "$is_false": "({0} IS FALSE)",
    "$like": _like,
    "$like_any": _like_quantified("OR"),
    "$like_all": _like_quantified("AND"),
    "$not_like_any": _like_quantified("OR", "NOT "),
    "$not_like_all": _like_quantified("AND", "NOT "),
    "$like_any_array": _like_array("OR"),
    "$like_all_array": _like_array("AND"),
    "$not_like_any_array": _like_array("OR", "NOT "),
    "$not_like_all_array": _like_array("AND", "NOT "),
    "$case_no_value": _case,
    "$case_with_value": _case,
    "if": "CASE WHEN {0} THEN {1} ELSE {2} END",
    "ifnull": "coalesce({0}, {1})",
    "coalesce": "coalesce({all})",
    "nullif": _nullif,
    "$with_side_effects": "{0}",
}
