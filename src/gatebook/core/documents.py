"""Safe reading of job documents: whatever JSON a client sent, these give a value of the promised shape."""

from typing import Any

from gatebook.core.model import JsonObject


def member(document: object, *path: str) -> Any:
    """Follow object members by name; None when any step is missing or not an object."""
    for name in path:
        if not isinstance(document, dict):
            return None
        document = document.get(name)
    return document


def obj(document: object, *path: str) -> JsonObject:
    """Give the object at the path, or an empty one."""
    value = member(document, *path)
    return value if isinstance(value, dict) else {}


def text(document: object, *path: str) -> str | None:
    """Give the string at the path, or None."""
    value = member(document, *path)
    return value if isinstance(value, str) else None


def items(document: object, *path: str) -> list[Any]:
    """Give the array at the path, or an empty one."""
    value = member(document, *path)
    return value if isinstance(value, list) else []


def query_section(document: object) -> JsonObject:
    """Give what says the query: `configuration.query` of a Job resource, else the QueryRequest itself."""
    if member(document, "configuration") is not None or member(document, "jobReference") is not None:
        return obj(document, "configuration", "query")
    return obj(document)
