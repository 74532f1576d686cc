"""The one way translation fails, and DuckDB's messages in BigQuery's words."""

import re


class Unmapped(Exception):
    """Something in the query has no exact DuckDB equivalent here; `str()` names what.

    The sandbox answers it as BigQuery's `notImplemented`. Raising is the rule: an answer that
    silently differs from BigQuery's is worse than none.
    """


_OPERATORS = {"addition": "+", "subtraction": "-", "subtract": "-", "multiplication": "*"}

_MESSAGES = (
    (re.compile(r"EvaluationError: (.*)", re.DOTALL), r"\1"),
    (
        re.compile(r"Overflow in (addition|subtraction|multiplication) of INT64 \((-?\d+) \S (-?\d+)\)"),
        "int64 overflow: {}",
    ),
    (re.compile(r"Overflow in (addition|subtract|multiplication) of DECIMAL"), "numeric overflow"),
    (re.compile(r"Overflow in (?:HUGEINT|SUM of DECIMAL)"), "numeric overflow"),
    (re.compile(r"Type INT128 with value (\S+) can't be cast"), r"int64 overflow: \1"),
    (re.compile(r"Overflow on abs\((\S+)\)"), r"int64 overflow: -\1"),
    (
        re.compile(r"Type DOUBLE with value (\S*(?:inf|nan)) can't be cast"),
        r"Illegal conversion of non-finite floating point number to an integer: \1",
    ),
    (re.compile(r"Type DOUBLE with value (\S+) can't be cast.*INT64"), r"int64 out of range: \1"),
    (re.compile(r"Invalid replacement string for regexp_replace: (.*)"), r"Invalid REGEXP_REPLACE pattern: \1"),
    (re.compile(r"Division by zero in expression \((.*)\)\. Use TRY"), "division by zero"),
    (re.compile(r"More than one row returned by a subquery"), "Scalar subquery produced more than one element"),
    (re.compile(r"(missing|invalid|bad|no argument|unexpected|repetition).*: "), "Cannot parse regular expression: {}"),
)


def error_text(error: Exception) -> str:
    """BigQuery's message for a DuckDB error while a translated query ran; DuckDB's own when there is no other."""
    text = str(error)
    for pattern, message in _MESSAGES:
        match = pattern.search(text)
        if match is None:
            continue
        if "{}" not in message:
            return match.expand(message) if "\\" in message else message
        operator = _OPERATORS.get(match[1])
        detail = f"{match[2]} {operator} {match[3]}" if operator else text.partition(": ")[2]
        return message.format(detail)
    return text
