"""Pieces of DuckDB's SQL: quoting, CASE."""


def identifier(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def string(text: str) -> str:
    """A string literal of any text."""
    if "\x00" in text:  # the parser stops at NUL
        return f"decode(from_hex('{text.encode().hex()}'))"
    return "'" + text.replace("'", "''") + "'"


def case(*branches: tuple[str, str], otherwise: str = "NULL") -> str:
    """CASE of (condition, value) branches."""
    listed = " ".join(f"WHEN {condition} THEN {value}" for condition, value in branches)
    return f"CASE {listed} ELSE {otherwise} END"
