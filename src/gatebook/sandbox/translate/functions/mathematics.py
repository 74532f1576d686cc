"""Mathematical functions. Functions of FLOAT64 refuse finite arguments that give no finite result."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gatebook.sandbox.translate.calls import Call
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import case
from gatebook.sandbox.translate.translator import FunctionSql
from gatebook.sandbox.translate.types import duckdb_type, element, failure

_DECIMALS = ("NUMERIC", "BIGNUMERIC")


def _finite(template: str) -> Callable[[Call], str]:
    """A function with a domain: outside of it DuckDB gives NaN, an infinity or its own error."""

    def render(call: Call) -> str:
        if call.result.kind in _DECIMALS:
            return f"bq_{call.result.kind.lower()}_{call.name}({', '.join(call)})"
        before, after = call.once(*range(len(call)))
        raw = template.format(*call)
        inputs = " AND ".join(f"isfinite({argument})" for argument in call)
        texts = " || ', ' || ".join(f"printf('%g', {argument})" for argument in call)
        message = f"'Floating point error in function: {call.name.upper()}(' || {texts} || ')'"
        good = (f"coalesce(isfinite(TRY({raw})), FALSE)", f"TRY({raw})")
        return f"{before}{case(good, (inputs, failure(message, call.result)), otherwise=raw)}{after}"

    return render


def _sqrt(call: Call) -> str:
    if call.result.kind in _DECIMALS:
        return f"bq_{call.result.kind.lower()}_sqrt({call[0]})"
    before, after = call.once(0)
    negative = failure(f"'Argument to SQRT cannot be negative: ' || bq_float_text({call[0]})", call.result)
    return f"{before}{case((f'{call[0]} < 0', negative), otherwise=f'sqrt({call[0]})')}{after}"


def _round(call: Call) -> str:
    kind = call.result.kind
    if kind in _DECIMALS:
        digits = call.get(1, "CAST(0 AS BIGINT)")
        mode = f"'{call.enum(2)}'" if len(call) > 2 else "'ROUND_HALF_AWAY_FROM_ZERO'"
        return f"bq_{kind.lower()}_round({call[0]}, {digits}, {mode})"
    return f"round({call[0]})" if len(call) == 1 else _of_finite(call, "bq_float_round({0}, {1})")


def _trunc(call: Call) -> str:
    kind = call.result.kind
    if kind in _DECIMALS:
        return f"bq_{kind.lower()}_trunc({call[0]}, {call.get(1, 'CAST(0 AS BIGINT)')})"
    return f"trunc({call[0]})" if len(call) == 1 else _of_finite(call, "bq_float_trunc({0}, {1})")


def _of_finite(call: Call, template: str) -> str:
    """NaN and the infinities stay as they are."""
    before, after = call.once(0)
    return f"{before}{case((f'isfinite({call[0]}) IS NOT FALSE', template.format(*call)), otherwise=call[0])}{after}"


def _log(call: Call) -> str:
    """LN, or LOG(x, base): a base whose logarithm is not finite makes the result NaN, and so refused."""
    if call.result.kind in _DECIMALS:
        return f"bq_{call.result.kind.lower()}_{'ln' if len(call) == 1 else 'log'}({', '.join(call)})"
    return _finite("ln({0})" if len(call) == 1 else "(ln({0}) / ln({1}) + 0 * ln({1}))")(call)


def _same_type(function: str) -> FunctionSql:
    return lambda call: f"CAST({function}({call[0]}) AS {duckdb_type(call.result)})"


def _extreme(call: Call) -> str:
    """GREATEST and LEAST are NULL when one argument is NULL, and NaN when one is NaN."""
    before, after = call.once(*range(len(call)))
    unknown = " OR ".join(f"{argument} IS NULL" for argument in call)
    nan = ""
    if call.result.kind == "FLOAT64":
        nan = f" WHEN {' OR '.join(f'isnan({argument})' for argument in call)} THEN CAST('nan' AS DOUBLE)"
    return f"{before}CASE WHEN {unknown} THEN NULL{nan} ELSE {call.name}({', '.join(call)}) END{after}"


def _distance(function: str) -> FunctionSql:
    def render(call: Call) -> str:
        if element(call.type(0)).kind != "FLOAT64":
            raise Unmapped(f"{call.name.upper()} of sparse vectors")
        return f"bq_{function}({call[0]}, {call[1]})"

    return render


FUNCTIONS: Mapping[str, FunctionSql] = {
    "abs": _same_type("abs"),
    "sign": _same_type("sign"),
    "sign/FLOAT64": "CASE WHEN isnan({0}) THEN {0} ELSE CAST(sign({0}) AS DOUBLE) END",
    "ceil": _same_type("ceil"),
    "ceiling": _same_type("ceil"),
    "floor": _same_type("floor"),
    "round": _round,
    "trunc": _trunc,
    "sqrt": _sqrt,
    "cbrt": "cbrt({0})",
    "pow": _finite("pow({0}, {1})"),
    "power": _finite("pow({0}, {1})"),
    "exp": _finite("exp({0})"),
    "ln": _finite("ln({0})"),
    "log10": _finite("log10({0})"),
    "log": _log,
    **{
        name: _finite(f"{name}({{0}})")
        for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh")
    },
    **{name: _finite(f"{name}({{0}})") for name in ("asinh", "acosh", "atanh")},
    "atan2": "atan2({0}, {1})",
    "cot": _finite("(1 / tan({0}))"),
    "coth": _finite("(1 / tanh({0}))"),
    "sec": _finite("(1 / cos({0}))"),
    "sech": _finite("(1 / cosh({0}))"),
    "csc": _finite("(1 / sin({0}))"),
    "csch": _finite("(1 / sinh({0}))"),
    "pi": "pi()",
    "is_inf": "isinf({0})",
    "is_nan": "isnan({0})",
    "greatest": _extreme,
    "least": _extreme,
    "cosine_distance": _distance("cosine_distance"),
    "euclidean_distance": _distance("euclidean_distance"),
    "rand": "random()",
}
