"""Statements that BigQuery understands and the analyzer does not: what can be told from the names in their text.

These are queries over functions in FROM whose columns only BigQuery can tell: of another database, or of a model.
Whatever they name may be read whole, and may come out of them.
"""

from collections.abc import Iterator
from typing import Any

from gatebook.core.analysis.footprint import EVERYTHING, Opaque, Output, Resource, ResourceKind, Statement, TableRef
from gatebook.core.analysis.lineage.session import Session
from gatebook.core.analysis.reasons import opaque
from gatebook.googlesql import tree
from gatebook.googlesql.references import Names as Mentions

_REASONS = {"external_query": "external_query", "vector_search": "ml_function"}
_NAMESPACES = {"ai": "ai_function", "ml": "ml_function"}


def beyond(mentions: Mentions) -> Opaque | None:
    """Give why a text that names such a function cannot be read; None when it names none."""
    if any(item.kind == "graph" for item in mentions.references):
        return opaque("property_graph")
    for path in sorted(mentions.table_functions | mentions.functions):
        lower = [part.lower() for part in path]
        reason = _REASONS.get(lower[-1]) if len(lower) == 1 else _NAMESPACES.get(lower[0])
        if reason is not None:
            return opaque(reason, ".".join(path).upper())
    return None


def unreadable(kind: str, parsed: Any, mentions: Mentions, session: Session, why: Opaque) -> Statement:
    """Write down a statement of which only the parse tree and the names are known."""
    read, written = set(_tables(mentions, session, target=False)), set(_tables(mentions, session, target=True))
    everything = tuple((ref, EVERYTHING) for ref in sorted(read))
    return Statement(
        type=kind,
        tables_read=tuple(sorted(read)),
        tables_written=tuple(sorted(written)),
        columns_read=everything,
        outputs=(Output(EVERYTHING, "", everything),),
        resources_read=tuple(sorted({*_models(mentions, session, target=False), *_connections(parsed)})),
        resources_written=tuple(sorted(set(_models(mentions, session, target=True)))),
        opaque=(why,),
    )


def _tables(mentions: Mentions, session: Session, *, target: bool) -> Iterator[TableRef]:
    for item in mentions.references:
        if item.kind == "table" and item.target is target and not item.temporary:
            ref = session.ref(".".join(item.path))
            if ref is not None and not (len(item.path) == 1 and item.path[0].lower() in session.temporary):
                yield ref


def _models(mentions: Mentions, session: Session, *, target: bool) -> Iterator[Resource]:
    for item in mentions.references:
        if item.kind == "model" and item.target is target:
            yield Resource(ResourceKind.MODEL, session.names.object(item.path))


def _connections(parsed: Any) -> Iterator[Resource]:
    """Give the connection that EXTERNAL_QUERY names with a literal, `*` where it is made when it runs."""
    for function in tree.walk_kinds(parsed, "TVF"):
        if [name.id_string.lower() for name in function.name.names] == ["external_query"]:
            first = function.argument_entries[0].expr if function.argument_entries else None
            yield Resource(ResourceKind.CONNECTION, _string(first) or EVERYTHING)


def _string(wrapped: Any) -> str | None:
    node = None if wrapped is None else tree.unwrap(wrapped)
    if node is None or tree.kind(node) != "StringLiteral":
        return None
    text: str = node.string_value
    return text
