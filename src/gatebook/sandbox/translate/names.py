"""Quoting for DuckDB."""


def identifier(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'


def string(text: str) -> str:
    """A string literal of any text."""
    if "\x00" in text:  # the parser stops at NUL
        return f"decode(from_hex('{text.encode().hex()}'))"
    return "'" + text.replace("'", "''") + "'"
