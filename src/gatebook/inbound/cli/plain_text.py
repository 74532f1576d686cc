"""Recorded text made fit for a terminal: what a client sent must not move the cursor, hide or re-order what is shown.

Escape sequences can rewrite the screen or type commands on some terminals (CWE-150); bidirectional controls show SQL in
another order than it runs in (CVE-2021-42574); line separators would split a line of NDJSON for some readers.
"""


def plain(text: str, *, keep: str = "") -> str:
    r"""Give the text with every character that is not printable written as an escape such as `\x1b` or `\u202e`.

    `keep` names characters that stay as they are: line feeds and tabs, where lines are shown.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in keep else _escape(character) for character in text
    )


def plain_lines(text: str) -> str:
    """Give the text with its lines and tabs, and nothing else that is not printable."""
    return plain(text.replace("\r\n", "\n"), keep="\n\t")


def plain_json(document: str, *, keep: str = "") -> str:
    r"""Give a JSON document with `\uXXXX` for what is not printable: the same document, fit for a terminal."""
    if document.isprintable():
        return document
    return "".join(
        character if character.isprintable() or character in keep else _json_escape(character) for character in document
    )


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place]:02x}{units[place + 1]:02x}" for place in range(0, len(units), 2))
