"""Execution B: a planned column in rows of BigQuery's REST API, as decoded from JSON.

`{"f": [{"v": ...}, ...]}` is a row or a struct, with a cell for each field; an array is a list of `{"v": ...}`.
"""

from collections.abc import Callable
from typing import Any

from gatebook.core.masking.cell_texts import TimestampFormat, text_mask
from gatebook.core.masking.keys import MaskingKey
from gatebook.core.masking.masks import MaskError
from gatebook.core.masking.plans import Elements, Emptied, Masked, Members, Nulled, Plan, Untouched

CellMask = Callable[[Any], Any]  # of what stands after "v"; its argument is left as it is


def cell_masker(plan: Plan, timestamps: TimestampFormat, key: MaskingKey | None = None) -> CellMask:
    """Give the function that masks one cell. It raises MaskError for a cell that is none of the column's type.

    The plan must be of the type as the reply's own schema has it: `selectedFields` leaves out fields of structs.
    MaskError at once when a token is in the plan and no key.
    """
    mask = _masker(plan, timestamps, key)

    def masked(cell: Any) -> Any:
        try:
            return mask(cell)
        except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError):
            raise MaskError("a cell is not of its column's type, and was not given") from None

    return masked


def _masker(plan: Plan, timestamps: TimestampFormat, key: MaskingKey | None) -> CellMask:
    match plan:
        case Untouched():
            return _same
        case Masked(mask=mask, type=sql_type):
            return text_mask(mask, sql_type, timestamps, key)
        case Emptied():
            return lambda _cell: []
        case Nulled():
            return lambda _cell: None
        case Elements(element=element):
            return _elements(_masker(element, timestamps, key))
        case Members(members=members):
            return _members([_masker(member.plan, timestamps, key) for member in members])


def _same(cell: Any) -> Any:
    return cell


def _elements(mask: CellMask) -> CellMask:
    def masked(cells: list[dict[str, Any]] | None) -> Any:
        return None if cells is None else [{"v": mask(cell["v"])} for cell in cells]

    return masked


def _members(masks: list[CellMask]) -> CellMask:
    def masked(struct: dict[str, Any] | None) -> Any:
        if struct is None:
            return None
        return {"f": [{"v": mask(cell["v"])} for mask, cell in zip(masks, struct["f"], strict=True)]}

    return masked
