"""Execution B over a page: only cells that are masked are decoded, the others' bytes pass through."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from gatebook.core.masking.cell_texts import TimestampFormat, text_mask
from gatebook.core.masking.keys import MaskingKey
from gatebook.core.masking.masks import MaskError
from gatebook.core.masking.plans import Elements, Emptied, Masked, Member, Members, Nulled, Plan, Untouched

RowsMask = Callable[[bytes | msgspec.Raw], bytes]
_InPlace = Callable[[Any], None]  # of a cell, `{"v": ...}` as an object of its plan's class


def rows_masker(plans: Sequence[Plan], timestamps: TimestampFormat, key: MaskingKey | None = None) -> RowsMask:
    """Give the function that masks the JSON of `rows`, a list of `{"f": [...]}`, with a plan for each column in order.

    It raises MaskError when the rows are not of that shape. What stands in a row or cell beside `f` or `v` is left out.
    """
    row = Members(tuple(Member("", plan) for plan in plans))
    decoder = msgspec.json.Decoder(list[_fields_class(row)])  # type: ignore[misc]  # a class made here
    encoder = msgspec.json.Encoder()
    masks = [(index, _in_place(plan, timestamps, key)) for index, plan in _masked(row)]

    def masked(rows: bytes | msgspec.Raw) -> bytes:
        try:
            found: list[Any] = decoder.decode(rows)
            for index, mask in masks:
                for row in found:
                    mask(row.f[index])
        except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError):
            raise MaskError("a page of rows is not of its schema, and was not given") from None
        return encoder.encode(found)

    return masked


class _TextCell(msgspec.Struct, gc=False):
    v: str | None


class _ReplacedCell(msgspec.Struct):
    v: Any


_SKIPPED = msgspec.defstruct("Skipped", [("v", msgspec.Raw)], bases=(_ReplacedCell,))


def _cell_class(plan: Plan) -> Any:
    match plan:
        case Untouched():
            return msgspec.Raw
        case Masked():
            return _TextCell
        case Emptied() | Nulled():
            return _SKIPPED
        case Elements(element=element):
            return msgspec.defstruct("ArrayCell", [("v", list[_cell_class(element)] | None)], gc=False)  # type: ignore[misc]
        case Members():
            return msgspec.defstruct("StructCell", [("v", _fields_class(plan) | None)], gc=False)


def _fields_class(plan: Members) -> Any:
    cells = tuple(_cell_class(member.plan) for member in plan.members)
    return msgspec.defstruct("Fields", [("f", tuple[cells])], gc=False)  # type: ignore[valid-type]


def _masked(plan: Members) -> list[tuple[int, Plan]]:
    return [(index, item.plan) for index, item in enumerate(plan.members) if not isinstance(item.plan, Untouched)]


def _in_place(plan: Plan, timestamps: TimestampFormat, key: MaskingKey | None) -> _InPlace:
    match plan:
        case Masked(mask=mask, type=sql_type):
            return _text(text_mask(mask, sql_type, timestamps, key))
        case Elements(element=element):
            return _elements(_in_place(element, timestamps, key))
        case Members():
            return _members([(index, _in_place(inner, timestamps, key)) for index, inner in _masked(plan)])
        case Emptied():
            return _replaced([])
        case _:
            return _replaced(None)


def _text(mask: Callable[[str | None], str | None]) -> _InPlace:
    def masked(cell: Any) -> None:
        cell.v = mask(cell.v)

    return masked


def _elements(mask: _InPlace) -> _InPlace:
    def masked(cell: Any) -> None:
        for item in cell.v or ():
            mask(item)

    return masked


def _members(masks: list[tuple[int, _InPlace]]) -> _InPlace:
    def masked(cell: Any) -> None:
        if cell.v is not None:
            fields = cell.v.f
            for index, mask in masks:
                mask(fields[index])

    return masked


def _replaced(value: Any) -> _InPlace:
    def masked(cell: Any) -> None:
        cell.v = value

    return masked
