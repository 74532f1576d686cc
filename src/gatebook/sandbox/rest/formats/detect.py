"""Schema auto-detection: column types guessed from the first rows, as BigQuery's ``autodetect`` does."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gatebook.sandbox.rest.formats import temporal
from gatebook.sandbox.warehouse import Resource

SAMPLE_ROWS = 500
"""BigQuery looks at no more rows than these."""

_Reader = Callable[[str], object]


def _boolean(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise ValueError("not a boolean")
    return True


_GUESSES: tuple[tuple[str, _Reader], ...] = (
    ("INTEGER", int),
    ("FLOAT", float),
    ("BOOLEAN", _boolean),
    ("DATE", temporal.date),
    ("TIME", temporal.time),
    ("TIMESTAMP", temporal.timestamp),
)
"""Narrow types first: the first that reads every sampled value wins."""

_WIDER = {frozenset({"INTEGER", "FLOAT"}): "FLOAT", frozenset({"DATE", "TIMESTAMP"}): "TIMESTAMP"}


def text_type(texts: Iterable[str | None]) -> str:
    """The narrowest type that reads every text; STRING when none does or there is nothing to read."""
    values = [text for text in texts if text not in (None, "")]
    for kind, reader in _GUESSES if values else ():
        if all(_reads(reader, text) for text in values):
            return kind
    return "STRING"


def json_fields(rows: Sequence[dict[str, Any]]) -> list[Resource]:
    """The fields of JSON objects, in the order in which they first appear."""
    names = dict.fromkeys(name for row in rows for name in row)
    return [_json_field(name, [row[name] for row in rows if row.get(name) is not None]) for name in names]


def _json_field(name: str, values: list[Any]) -> Resource:
    if any(isinstance(value, list) for value in values):
        items = [item for value in values for item in (value if isinstance(value, list) else [value])]
        return {**_json_field(name, items), "mode": "REPEATED"}
    if values and all(isinstance(value, dict) for value in values):
        return {"name": name, "type": "RECORD", "mode": "NULLABLE", "fields": json_fields(values)}
    kinds = frozenset(_json_type(value) for value in values)
    kind = next(iter(kinds)) if len(kinds) == 1 else _WIDER.get(kinds, "STRING")
    return {"name": name, "type": kind, "mode": "NULLABLE"}


def _json_type(value: Any) -> str:
    if isinstance(value, str):
        return text_type([value])
    by_class = {bool: "BOOLEAN", int: "INTEGER", float: "FLOAT"}
    return by_class.get(type(value), "STRING")


def _reads(reader: _Reader, text: str | None) -> bool:
    try:
        reader(text or "")
    except ValueError:
        return False
    return True
