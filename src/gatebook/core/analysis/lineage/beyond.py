"""BigQuery's own functions that reach beyond their arguments: models, services, files outside of BigQuery."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from gatebook.core.analysis.footprint import Resource, ResourceKind
from gatebook.core.analysis.lineage.taint import Mask, Taint
from gatebook.core.analysis.reasons import opaque
from gatebook.googlesql import tree

if TYPE_CHECKING:
    from gatebook.core.analysis.lineage.walk import Relation, Walk

# By the beginning of the name, in lower case, as resolved trees have it; the reason for being opaque.
_BEYOND = {"ai.": "ai_function", "obj.fetch": "object_access", "obj.get": "object_access"}
_RASTERS = "st_regionstats"  # its second argument is the URI of an image outside of BigQuery


def note_builtin(walk: Walk, name: str, call: Any) -> None:
    """Note what a call of a function of BigQuery's own reaches."""
    lower = name.lower()
    for beginning, reason in _BEYOND.items():
        if lower.startswith(beginning):
            walk.note(opaque(reason, name.upper()))
    names = [argument.options.argument_name for argument in call.signature.argument]
    for position, argument in enumerate(call.argument_list):
        text = string_of(argument)
        if text is not None and names[position : position + 1] == ["connection_id"]:
            walk.resources.add(Resource(ResourceKind.CONNECTION, text))
        if lower == _RASTERS and position == 1:
            walk.resources.add(Resource(ResourceKind.URI, "*" if text is None else text))


def string_of(wrapped: Any) -> str | None:
    """Give the text of a string literal, None for anything else."""
    node = tree.unwrap(wrapped)
    if node is None or tree.kind(node) != "Literal":
        return None
    value = node.value.value
    return value.string_value if value.HasField("string_value") else None


def everything_in(arguments: Iterable[Taint | Relation]) -> Mask:
    """Give all sources of the arguments of a table function."""
    mask: Mask = 0
    for argument in arguments:
        for taint in (argument,) if isinstance(argument, Taint) else argument.values():
            mask |= taint.flat
    return mask
