"""OPTIONS of a resolved statement: of the statement itself, of what it alters, of its columns."""

from collections.abc import Iterator
from typing import Any

from gatebook.googlesql import tree


def options(statement: Any) -> Iterator[Any]:
    """Give every ResolvedOption outside of queries and hints."""
    stack = [statement]
    while stack:
        for name, node in tree.children(stack.pop()):
            if tree.kind(node) == "Option":
                if not name.startswith("hint"):
                    yield node
            elif tree.category(node) == "other":
                stack.append(node)
