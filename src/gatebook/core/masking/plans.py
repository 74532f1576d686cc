"""A column with masks at nested paths, as a tree that every execution follows.

`Untouched` parts are given as they are; a tree is never deeper than the type that it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from gatebook.core.masking.masks import (
    ALWAYS_NULL,
    DEFAULT_MASKING_VALUE,
    AlwaysNull,
    DefaultMaskingValue,
    Mask,
    MaskError,
    Token,
    applied,
)
from gatebook.core.masking.strictness import stricter
from gatebook.googlesql.types import SqlType


@dataclass(frozen=True, slots=True)
class Untouched:
    """Nothing in here is masked."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A value that is neither array nor struct. The mask is one that `applied` gives for the type."""

    mask: Mask
    type: SqlType


@dataclass(frozen=True, slots=True)
class Emptied:
    """An array, replaced by one without elements."""

    type: SqlType


@dataclass(frozen=True, slots=True)
class Nulled:
    """A struct, replaced by NULL."""

    type: SqlType


@dataclass(frozen=True, slots=True)
class Elements:
    """An array, each element by itself. NULL arrays and NULL elements stay."""

    element: Plan


@dataclass(frozen=True, slots=True)
class Member:
    """One field of a struct."""

    name: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Members:
    """A struct, each field by itself, all of them in the order of the type. A NULL struct stays."""

    members: tuple[Member, ...]


Plan = Untouched | Masked | Emptied | Nulled | Elements | Members
UNTOUCHED = Untouched()


def plan_column(name: str, sql_type: SqlType, masks: Mapping[str, Mask]) -> Plan:
    """Plan a top-level column. `masks` goes by dotted path: {"email": ..., "address.zip": ...}, of any columns.

    A mask on a struct or an array is one on all that is inside; where two meet, the stricter counts. Case does not
    count in names. MaskError for a path of this column that leads nowhere: something would stay unmasked.
    """
    asked = _Asked()
    for path, mask in masks.items():
        first, *rest = path.lower().split(".")
        if first == name.lower():
            _ask(asked, rest, mask)
    return _plan(sql_type, None, asked, (name,))


def token_domains(plan: Plan) -> frozenset[str]:
    """Give the domains whose keys are needed to carry out the plan."""
    return frozenset(mask.domain for mask in _masks(plan) if isinstance(mask, Token))


@dataclass(slots=True)
class _Asked:
    """What is asked for at one path, and below it by the fields' names in small letters."""

    mask: Mask | None = None
    below: dict[str, _Asked] = field(default_factory=dict)


def _ask(asked: _Asked, path: list[str], mask: Mask) -> None:
    for name in path:
        asked = asked.below.setdefault(name, _Asked())
    asked.mask = stricter(asked.mask, mask)


def _plan(sql_type: SqlType, inherited: Mask | None, asked: _Asked, path: tuple[str, ...]) -> Plan:
    mask = stricter(inherited, asked.mask)
    if sql_type.kind == "ARRAY" and sql_type.element is not None:
        return _array(sql_type, _plan(sql_type.element, inherited, asked, path), mask)
    if sql_type.kind == "STRUCT":
        return _struct(sql_type, mask, asked, path)
    _require_fields(asked, path, ())
    return UNTOUCHED if mask is None else Masked(applied(mask, sql_type), sql_type)


def _array(sql_type: SqlType, element: Plan, mask: Mask | None) -> Plan:
    if mask in (ALWAYS_NULL, DEFAULT_MASKING_VALUE):
        return Emptied(sql_type)
    match element:
        case Untouched():
            return UNTOUCHED
        # BigQuery refuses to give an array with a NULL in it, and of defaults only the number would be told.
        case Masked(mask=AlwaysNull() | DefaultMaskingValue()) | Nulled() | Emptied():
            return Emptied(sql_type)
        case _:
            return Elements(element)


def _struct(sql_type: SqlType, mask: Mask | None, asked: _Asked, path: tuple[str, ...]) -> Plan:
    names = [item.name.lower() for item in sql_type.fields]
    _require_fields(asked, path, names)
    if mask is None and not asked.below:
        return UNTOUCHED
    if mask == ALWAYS_NULL or "" in names or len(set(names)) < len(names):
        return Nulled(sql_type)  # the fields of such a struct cannot be named one by one
    members = (
        Member(item.name, _plan(item.type, mask, asked.below.get(item.name.lower(), _Asked()), (*path, item.name)))
        for item in sql_type.fields
    )
    return Members(tuple(members))


def _require_fields(asked: _Asked, path: tuple[str, ...], names: Iterable[str]) -> None:
    for name in asked.below.keys() - set(names):
        raise MaskError(
            f"a mask is for {'.'.join((*path, name))}, but there is no such field: correct the policy's path"
        )


def _masks(plan: Plan) -> Iterator[Mask]:
    match plan:
        case Masked(mask=mask):
            yield mask
        case Elements(element=element):
            yield from _masks(element)
        case Members(members=members):
            for member in members:
                yield from _masks(member.plan)
        case _:
            return
