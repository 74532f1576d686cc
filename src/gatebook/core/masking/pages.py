"""Execution B over a page: only cells that are masked are decoded, the others' bytes pass through."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from gatebook.core.masking.cell_texts import Cell, TimestampFormat, text_mask
from gatebook.core.masking.cells import CellMask, cell_masker
from gatebook.core.masking.keys import MaskingKey
from gatebook.core.masking.masks import MaskError
from gatebook.core.masking.plans import Masked, Plan, Untouched


class _TextCell(msgspec.Struct, gc=False):
    v: str | None


class _AnyCell(msgspec.Struct):
    v: Any


class _Row(msgspec.Struct):
    """What all rows have, for the type checker; each page has a class with a tuple of its own."""

    f: tuple[Any, ...]


RowsMask = Callable[[bytes | msgspec.Raw], bytes]


def rows_masker(plans: Sequence[Plan], timestamps: TimestampFormat, key: MaskingKey | None = None) -> RowsMask:
    """Give the function that masks the JSON of `rows`, a list of `{"f": [...]}`, with a plan for each column in order.

    It raises MaskError when the rows are not of that shape. What stands in a row beside `f` is left out.
    """
    decoder = msgspec.json.Decoder(list[_row_class(plans)])  # type: ignore[misc]  # a class made here
    encoder = msgspec.json.Encoder()
    texts, others = _masks(plans, timestamps, key)

    def masked(rows: bytes | msgspec.Raw) -> bytes:
        try:
            found: list[_Row] = decoder.decode(rows)
            _mask_columns(found, texts)
        except (msgspec.DecodeError, ValueError, TypeError, ArithmeticError, RecursionError):
            raise MaskError("a page of rows is not of its schema, and was not given") from None
        _mask_columns(found, others)
        return encoder.encode(found)

    return masked


def _row_class(plans: Sequence[Plan]) -> type:
    cells = tuple(_cell_class(plan) for plan in plans)
    return msgspec.defstruct("Row", [("f", tuple[cells])])  # type: ignore[valid-type]  # a class made here


def _cell_class(plan: Plan) -> type:
    if isinstance(plan, Untouched):
        return msgspec.Raw
    return _TextCell if isinstance(plan, Masked) else _AnyCell


_Masks = list[tuple[int, Cell | CellMask]]


def _masks(plans: Sequence[Plan], timestamps: TimestampFormat, key: MaskingKey | None) -> tuple[_Masks, _Masks]:
    texts: _Masks = []
    others: _Masks = []
    for column, plan in enumerate(plans):
        match plan:
            case Untouched():
                continue
            case Masked(mask=mask, type=sql_type):
                texts.append((column, text_mask(mask, sql_type, timestamps, key)))
            case _:
                others.append((column, cell_masker(plan, timestamps, key)))
    return texts, others


def _mask_columns(rows: list[_Row], masks: _Masks) -> None:
    for column, mask in masks:
        for row in rows:
            cell = row.f[column]
            cell.v = mask(cell.v)
