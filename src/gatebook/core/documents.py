"""Safe reading of job documents: whatever JSON a client sent, these give a value of the promised shape.

Every call asks them dozens of times, so each follows the path by itself.
"""

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
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def text(document: object, *path: str) -> str | None:
    """Give the string at the path, or None."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, str) else None


def items(document: object, *path: str) -> list[Any]:
    """Give the array at the path, or an empty one."""
    for name in path:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, list) else []


def query_section(method_name: str, document: object) -> JsonObject:
    """Give what says the query: the QueryRequest of jobs.query itself, `configuration.query` of a Job resource.

    The method decides, never the members that happen to be there: a QueryRequest with a `configuration` that nobody
    reads must not hide the rest of itself.
    """
    return obj(document) if method_name == "bigquery.jobs.query" else obj(document, "configuration", "query")
