"""LIKE, as an operator and in subqueries."""


def like(value: str, pattern: str, kind: str) -> str:
    """One LIKE; the backslash escapes."""
    return f"bq_like_bytes({value}, {pattern})" if kind == "BYTES" else f"({value} LIKE {pattern} ESCAPE '\\')"
