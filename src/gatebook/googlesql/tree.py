"""Small functions over the analyzer's protobuf trees (parse trees and resolved trees), shared by all readers.

Two conventions of ZetaSQL's protobufs are hidden here. A node of several possible kinds is wrapped in `Any...Proto`
messages
with one oneof; a node's inherited fields sit in a chain of `parent` messages. Walks are iterative: hostile SQL nests
deeply.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from functools import cache
from typing import Any, Literal, NamedTuple

Category = Literal["scan", "expression", "other"]

_NODE_PREFIXES = ("Resolved", "AST", "Any")


class ByteRange(NamedTuple):
    """Half-open range of bytes in the UTF-8 form of the text that was analyzed."""

    start: int
    end: int

    def text(self, sql: str) -> str:
        """The part of `sql` that the range covers."""
        return sql.encode()[self.start : self.end].decode()


class Visit(NamedTuple):
    """One node of a walk: the node, the node that holds it (None for the root) and the field it sits in."""

    node: Any
    parent: Any
    field: str


class _Shape(NamedTuple):
    """What the class of a message says; looked up once for each class."""

    kind: str
    is_wrapper: bool
    category: Category


def kind(node: Any) -> str:
    """The node's kind without prefix and suffix of its message: `TableScan`, `FunctionCall`, `PathExpression`."""
    return _shape(node).kind


def category(node: Any) -> Category:
    """What the node of a resolved tree is by its ancestry."""
    return _shape(node).category


def unwrap(node: Any) -> Any:
    """Strip `Any...Proto` wrappers; None when a wrapper is empty (a kind this build of the protobufs does not know)."""
    while _shape(node).is_wrapper:
        chosen = node.WhichOneof("node")
        if chosen is None:
            return None
        node = getattr(node, chosen)
    return node


def _shape(node: Any) -> _Shape:
    return _SHAPES.get(type(node)) or _SHAPES.setdefault(type(node), _shape_of(node.DESCRIPTOR))


def _shape_of(descriptor: Any) -> _Shape:
    name: str = descriptor.name
    plain = name.removesuffix("Proto").removeprefix("Resolved").removeprefix("AST")
    ancestry: Category = "other"
    while descriptor is not None and ancestry == "other":
        ancestry = _ANCESTORS.get(descriptor.name, "other")
        parent = descriptor.fields_by_name.get("parent")
        descriptor = None if parent is None else parent.message_type
    return _Shape(plain, name.startswith("Any"), ancestry)


_SHAPES: dict[type, _Shape] = {}
_ANCESTORS: dict[str, Category] = {"ResolvedScanProto": "scan", "ResolvedExprProto": "expression"}


def holder(node: Any, name: str) -> Any:
    """The message of `node`'s parent chain that declares field `name`, or None."""
    while node is not None:
        fields = node.DESCRIPTOR.fields_by_name
        if name in fields:
            return node
        node = node.parent if "parent" in fields else None
    return None


def field(node: Any, name: str) -> Any:
    """Field `name` of the node or of what it inherits from; None when the kind has no such field."""
    owner = holder(node, name)
    return None if owner is None else getattr(owner, name)


def present(node: Any, name: str) -> Any:
    """Like `field`, but None also when a message field is not set."""
    owner = holder(node, name)
    if owner is None:
        return None
    descriptor = owner.DESCRIPTOR.fields_by_name[name]
    if not descriptor.is_repeated and descriptor.has_presence and not owner.HasField(name):
        return None
    return getattr(owner, name)


def byte_range(node: Any) -> ByteRange | None:
    """Where the node stands in the text, or None when the analyzer did not record it (nodes it made up itself)."""
    owner = holder(node, "parse_location_range")
    if owner is None or not owner.HasField("parse_location_range"):
        return None
    location = owner.parse_location_range
    return ByteRange(location.start, location.end)


def children(node: Any) -> Iterator[tuple[str, Any]]:
    """(field name, node) of every node below, inherited fields included, wrappers stripped, in field order.

    Types, values and signatures are not nodes: read them from their fields.
    """
    level = node
    while level is not None:
        above = None
        for descriptor, value in level.ListFields():
            role = _role_of(descriptor)
            if role is _Role.PARENT:
                above = value
            elif role is not _Role.VALUE:
                for item in value if role is _Role.NODES else (value,):
                    inner = unwrap(item)
                    if inner is not None:
                        yield descriptor.name, inner
        level = above


class _Role(Enum):
    """What a field of a node holds."""

    PARENT = auto()
    NODE = auto()
    NODES = auto()
    VALUE = auto()


@cache
def _role_of(descriptor: Any) -> _Role:
    if descriptor.message_type is None or not descriptor.message_type.name.startswith(_NODE_PREFIXES):
        return _Role.VALUE
    if descriptor.name == "parent":
        return _Role.PARENT
    return _Role.NODES if descriptor.is_repeated else _Role.NODE


def walk(root: Any) -> Iterator[Visit]:
    """Every node below and including `root`, parents before children, in field order."""
    first = unwrap(root)
    if first is None:
        return
    stack = [Visit(first, None, "")]
    while stack:
        visit = stack.pop()
        yield visit
        stack.extend(reversed([Visit(child, visit.node, name) for name, child in children(visit.node)]))


def walk_kinds(root: Any, *kinds: str) -> Iterator[Any]:
    """Every node of one of the kinds below and including `root`."""
    return (visit.node for visit in walk(root) if kind(visit.node) in kinds)


def table_scans(root: Any) -> Iterator[Any]:
    """Every ResolvedTableScan below `root`; targets of INSERT, UPDATE, DELETE and MERGE are scans too."""
    return walk_kinds(root, "TableScan")
