"""+ - * / and their relatives, with BigQuery's overflow and division errors.

DuckDB raises on INT64 overflow itself; its DOUBLE runs into infinities silently and its DECIMAL multiplication needs
room for twice the scale. Both are handled once for a whole tree of operators, not at every operator.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatebook.googlesql import tree
from gatebook.sandbox.translate import intervals
from gatebook.sandbox.translate.calls import Call, function_name
from gatebook.sandbox.translate.expressions.subqueries import holds_subquery
from gatebook.sandbox.translate.functions.dates import date_plus, timestamp_of_micros
from gatebook.sandbox.translate.names import case
from gatebook.sandbox.translate.translator import FunctionSql, Node, Translator, type_of
from gatebook.sandbox.translate.types import duckdb_type, failure
from gatebook.sandbox.translate.values import literal_value

_SYMBOLS = {
    "$add": "+",
    "$subtract": "-",
    "$multiply": "*",
    "$divide": "/",
    "safe_add": "+",
    "safe_subtract": "-",
    "safe_multiply": "*",
    "safe_divide": "/",
}
_LONG = 200  # characters of SQL
_OPERATORS = frozenset(["$add", "$subtract", "$multiply", "$divide"])


@dataclass(slots=True)
class _FloatTree:
    """A tree of float operators: its leaves, and its divisions as (dividend, divisor).

    The checks repeat the leaves; long ones are bound to a name, or nested trees would grow exponentially.
    """

    translator: Translator
    leaves: list[str] = field(default_factory=list)
    divisions: list[tuple[str, str]] = field(default_factory=list)
    bound: list[str] = field(default_factory=list)
    name: str = ""

    def leaf(self, node: Node) -> str:
        sql = self.translator.expression(node)
        if len(sql) < _LONG:
            return sql
        self.name = self.name or self.translator.fresh("v")
        self.bound.append(sql)
        return f"struct_extract({self.name}, 'f{len(self.bound)}')"

    def text(self, node: Node) -> str:
        node = tree.unwrap(node)
        if not _is_operator(node, "FLOAT64"):
            sql = self.leaf(node)
            value = literal_value(node)
            if value is None or not math.isfinite(value):
                self.leaves.append(sql)
            return sql
        left, right = tree.field(node, "argument_list")
        return self.operation(_SYMBOLS[function_name(node)], left, right)

    def operation(self, symbol: str, left: Node, right: Node) -> str:
        dividend = self.text(left)
        if symbol != "/":
            return f"({dividend} {symbol} {self.text(right)})"
        # A divisor is checked on its own: x / infinity would hide an overflow inside it.
        divisor = self.leaf(right)
        self.leaves.append(divisor)
        self.divisions.append((dividend, divisor))
        return f"({dividend} / {divisor})"

    def checked(self, raw: str) -> str:
        zero = "".join(
            f" WHEN {divisor} = 0 AND {dividend} IS NOT NULL THEN CAST(bq_error('division by zero: '"
            f" || printf('%g', {dividend}) || ' / 0') AS DOUBLE)"
            for dividend, divisor in self.divisions
        )
        finite = " AND ".join(f"isfinite({leaf})" for leaf in dict.fromkeys(self.leaves)) or "TRUE"
        overflow = "CAST(bq_error('double overflow') AS DOUBLE)"
        sql = f"CASE WHEN isfinite({raw}) IS NOT FALSE THEN {raw}{zero} WHEN {finite} THEN {overflow} ELSE {raw} END"
        if not self.bound:
            return sql
        fields = ", ".join(f"'f{number}': {text}" for number, text in enumerate(self.bound, 1))
        return f"(list_transform([{{{fields}}}], lambda {self.name}: {sql}))[1]"


def _is_operator(node: Node, kind: str) -> bool:
    return (
        tree.kind(node) == "FunctionCall"
        and function_name(node) in _OPERATORS
        and tree.field(node, "error_mode") == 0
        and type_of(node).kind == kind
        and all(type_of(argument).kind == kind for argument in tree.field(node, "argument_list"))
    )


def _float(call: Call) -> str:
    operators = _FloatTree(call.translator)
    return operators.checked(operators.operation(_SYMBOLS[call.name], call.argument(0), call.argument(1)))


def _numeric(call: Call) -> str:
    symbol = _SYMBOLS[call.name]
    exact = _exact(call.translator, symbol, call.argument(0), call.argument(1), fast=False)
    if (symbol in "+-" and not _multiplies(call)) or call.result.kind == "BIGNUMERIC" or holds_subquery(call.node):
        return exact
    fast = _exact(call.translator, symbol, call.argument(0), call.argument(1), fast=True)
    return exact if fast == exact else f"coalesce(TRY({fast}), {exact})"


def _multiplies(call: Call) -> bool:
    calls = tree.walk_kinds(call.node, "FunctionCall")
    return any(function_name(node) == "$multiply" for node in calls)


def _exact(translator: Translator, symbol: str, left: Node, right: Node, *, fast: bool) -> str:
    """`fast` multiplies in DuckDB's DECIMAL, which fails when the product needs more than 38 digits."""
    kind = type_of(left).kind
    first, second = _operand(translator, left, fast=fast), _operand(translator, right, fast=fast)
    if symbol in "+-":
        return f"({first} {symbol} {second})"
    if symbol == "*" and fast and kind == "NUMERIC":
        return f"CAST({first} * {second} AS DECIMAL(38,9))"
    return f"bq_{kind.lower()}_{'multiply' if symbol == '*' else 'divide'}({first}, {second})"


def _operand(translator: Translator, node: Node, *, fast: bool) -> str:
    node = tree.unwrap(node)
    if not (_is_operator(node, "NUMERIC") or _is_operator(node, "BIGNUMERIC")):
        return translator.expression(node)
    left, right = tree.field(node, "argument_list")
    return _exact(translator, _SYMBOLS[function_name(node)], left, right, fast=fast)


def _arithmetic(call: Call) -> str:
    kinds = {call.kind(0), call.kind(1)}
    if kinds == {"FLOAT64"}:
        return _float(call)
    if kinds <= {"NUMERIC", "BIGNUMERIC"}:
        return _numeric(call)
    if kinds == {"INT64"}:
        return f"({call[0]} {_SYMBOLS[call.name]} {call[1]})"
    return _temporal(call)


def _temporal(call: Call) -> str:
    """DATE + days, DATE - DATE, timestamps and intervals."""
    left, right, symbol = call.kind(0), call.kind(1), _SYMBOLS[call.name]
    if {left, right} == {"DATE", "INT64"}:
        days = f"CAST({call[1] if left == 'DATE' else call[0]} AS INTEGER)"
        return date_plus(call[0] if left == "DATE" else call[1], f"{symbol} {days}")
    if left == right and symbol == "-" and left != "INTERVAL":
        return _difference(call)
    if {left, right} == {"INTERVAL", "INT64"}:
        return _scaled_interval(call)
    if call.result.kind in ("DATETIME", "TIMESTAMP"):
        return timestamp_of_micros(f"epoch_us({call[0]} {symbol} {call[1]})", call.result.kind)
    return f"CAST({call[0]} {symbol} {call[1]} AS {duckdb_type(call.result)})"


def _scaled_interval(call: Call) -> str:
    if call.name == "$divide":
        before, after = call.once(0)
        return f"{before}{intervals.from_parts(f'bq_interval_divide({intervals.parts(call[0])}, {call[1]})')}{after}"
    return f"({call[0]} * {call[1]})"


def _difference(call: Call) -> str:
    if call.kind() == "DATE":
        return f"to_days(CAST({call[0]} - {call[1]} AS INTEGER))"
    return f"to_microseconds(epoch_us({call[0]}) - epoch_us({call[1]}))"


def _safe(call: Call) -> str:
    return f"TRY({_arithmetic(call)})"


def _divide(call: Call) -> str:
    """DIV truncates towards zero; NUMERIC too."""
    if call.kind() != "INT64":
        return f"bq_{call.kind().lower()}_div({call[0]}, {call[1]})"
    return _by_zero(call, "'division by zero: ' || {0} || ' / 0'", "({0} // {1})")


def _modulo(call: Call) -> str:
    return _by_zero(call, "'division by zero: MOD(' || {0} || ', 0)'", "({0} % {1})")


def _by_zero(call: Call, message: str, template: str) -> str:
    before, after = call.once(0, 1)
    zero = f"{call[1]} = 0 AND {call[0]} IS NOT NULL"
    raised = failure(message.format(*call), call.result)
    return f"{before}{case((zero, raised), otherwise=template.format(*call))}{after}"


FUNCTIONS: Mapping[str, FunctionSql] = {
    **dict.fromkeys(["$add", "$subtract", "$multiply", "$divide"], _arithmetic),
    **dict.fromkeys(["safe_add", "safe_subtract", "safe_multiply", "safe_divide"], _safe),
    "$unary_minus": "(-{0})",
    "$unary_minus/INT64": "(CAST(0 AS BIGINT) - {0})",
    "$unary_plus": "{0}",
    "safe_negate": "TRY(-{0})",
    "safe_negate/INT64": "TRY(CAST(0 AS BIGINT) - {0})",
    "div": _divide,
    "mod": _modulo,
    "ieee_divide": "({0} / {1})",
    "$bitwise_not": "(~{0})",
    "$bitwise_not/BYTES": "bq_bytes_not({0})",
    "$bitwise_and": "({0} & {1})",
    "$bitwise_and/BYTES": "bq_bytes_and({0}, {1})",
    "$bitwise_or": "({0} | {1})",
    "$bitwise_or/BYTES": "bq_bytes_or({0}, {1})",
    "$bitwise_xor": "xor({0}, {1})",
    "$bitwise_xor/BYTES": "bq_bytes_xor({0}, {1})",
    "$bitwise_left_shift": "bq_shift_left({0}, {1})",
    "$bitwise_left_shift/BYTES": "bq_bytes_shift_left({0}, {1})",
    "$bitwise_right_shift": "bq_shift_right({0}, {1})",
    "$bitwise_right_shift/BYTES": "bq_bytes_shift_right({0}, {1})",
    "bit_count": "CAST(bit_count({0}) AS BIGINT)",
    "bit_count/BYTES": "bq_bytes_bit_count({0})",
}
