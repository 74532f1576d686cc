"""A column with masks at nested paths, as a tree that every execution follows.

`Untouched` parts are given as they are; a tree is never deeper than the type that it was made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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
from gatebook.googlesql.types import SqlType, from_rest_schema


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
    return _plan(_Place(_TABLE, (name,)), sql_type, None, _asked_of(name, masks))


def plan_reply(fields: Sequence[Mapping[str, Any]], masks: Mapping[str, Mask]) -> tuple[Plan, ...]:
    """Plan the columns of rows without SQL, by the reply's own schema (`TableSchema.fields` of BigQuery's REST API).

    Clients insist that a REQUIRED field is not NULL: it has the default value instead, of JSON the text `null`. Fields
    of structs that `selectedFields` left out need no mask.
    """
    schema = _Schema(frozenset(_required(fields)), whole=False)
    return tuple(
        _plan(_Place(schema, (column.name,)), column.type, None, _asked_of(column.name, masks))
        for column in from_rest_schema(fields)
    )


def token_domains(plan: Plan) -> frozenset[str]:
    """Give the domains whose keys are needed to carry out the plan."""
    return frozenset(mask.domain for mask in _masks(plan) if isinstance(mask, Token))


@dataclass(slots=True)
class _Asked:
    """What is asked for at one path, and below it by the fields' names in small letters."""

    mask: Mask | None = None
    below: dict[str, _Asked] = field(default_factory=dict)


def _asked_of(column: str, masks: Mapping[str, Mask]) -> _Asked:
    asked = _Asked()
    for path, mask in masks.items():
        first, *rest = path.lower().split(".")
        if first == column.lower():
            here = asked
            for name in rest:
                here = here.below.setdefault(name, _Asked())
            here.mask = stricter(here.mask, mask)
    return asked


@dataclass(frozen=True, slots=True)
class _Schema:
    """What types do not say: dotted paths that must not be NULL; whether all fields are there."""

    required: frozenset[str]
    whole: bool


_TABLE = _Schema(frozenset(), whole=True)


@dataclass(frozen=True, slots=True)
class _Place:
    """A column or a field of one."""

    schema: _Schema
    path: tuple[str, ...]

    def below(self, name: str) -> _Place:
        return _Place(self.schema, (*self.path, name))

    @property
    def required(self) -> bool:
        return ".".join(self.path).lower() in self.schema.required


def _required(fields: Sequence[Mapping[str, Any]], prefix: str = "") -> Iterator[str]:
    for item in fields:
        path = f"{prefix}{item['name']}".lower()
        if str(item.get("mode", "")).upper() == "REQUIRED":
            yield path
        yield from _required(item.get("fields", ()), f"{path}.")


def _plan(place: _Place, sql_type: SqlType, inherited: Mask | None, asked: _Asked) -> Plan:
    mask = stricter(inherited, asked.mask)
    if sql_type.kind == "ARRAY" and sql_type.element is not None:
        return _array(sql_type, _plan(place, sql_type.element, inherited, asked), mask)
    if sql_type.kind == "STRUCT":
        return _struct(place, sql_type, mask, asked)
    _leads_nowhere(place, asked.below)
    if mask is None:
        return UNTOUCHED
    mask = applied(mask, sql_type)
    return Masked(DEFAULT_MASKING_VALUE if mask == ALWAYS_NULL and place.required else mask, sql_type)


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


def _struct(place: _Place, sql_type: SqlType, mask: Mask | None, asked: _Asked) -> Plan:
    names = [item.name.lower() for item in sql_type.fields]
    if place.schema.whole:
        _leads_nowhere(place, asked.below.keys() - set(names))
    if mask is None and not asked.below:
        return UNTOUCHED
    cannot_be_named = "" in names or len(set(names)) < len(names)  # its fields one by one
    if cannot_be_named or (mask == ALWAYS_NULL and not place.required):
        return Nulled(sql_type)
    members = (
        Member(item.name, _plan(place.below(item.name), item.type, mask, asked.below.get(item.name.lower(), _Asked())))
        for item in sql_type.fields
    )
    return Members(tuple(members))


def _leads_nowhere(place: _Place, names: Iterable[str]) -> None:
    for name in names:
        path = ".".join((*place.path, name))
        raise MaskError(f"a mask is for {path}, but there is no such field: correct the policy's path")


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
