"""Execution A: a planned column as a GoogleSQL expression of the column's own type."""

from collections.abc import Mapping

from gatebook.core.masking.literals import null_sql
from gatebook.core.masking.masks import Mask
from gatebook.core.masking.plans import (
    Elements,
    Emptied,
    Masked,
    Members,
    Nulled,
    Plan,
    Untouched,
    plan_column,
)
from gatebook.core.masking.sql_masks import mask_sql
from gatebook.googlesql.identifiers import spelled
from gatebook.googlesql.types import SqlType

# The alias that the table must have. Without one, `email` in `SELECT email FROM ds.email` is the row, all columns raw.
SOURCE = "gatebook_source"


def sql_projection(column: str, sql_type: SqlType, masks: Mapping[str, Mask], key_id: str | None = None) -> str:
    """Give what `SELECT ... AS column FROM table AS gatebook_source` has to read; see `plan_column` for `masks`.

    That goes for columns without masks too. Tokens stand as `@gatebook_token_...`: the query needs the parameters that
    `keys.query_parameters` gives.
    """
    return plan_sql(plan_column(column, sql_type, masks), f"{SOURCE}.{spelled(column)}", key_id)


def plan_sql(plan: Plan, x: str, key_id: str | None = None) -> str:
    """Write a plan as an expression; `x` is the SQL of a column or field, which is repeated."""
    return _sql(plan, x, key_id, 1)


def _sql(plan: Plan, x: str, key_id: str | None, depth: int) -> str:
    match plan:
        case Untouched():
            return x
        case Masked(mask=mask, type=sql_type):
            return mask_sql(mask, sql_type, x, key_id)
        case Emptied(type=sql_type):
            return f"{sql_type.sql()}[]"
        case Nulled(type=sql_type):
            return null_sql(sql_type)
        case Elements(element=element):
            return _elements(element, x, key_id, depth)
        case Members(members=members):
            parts = (
                f"{_sql(member.plan, f'{x}.{spelled(member.name)}', key_id, depth)} AS {spelled(member.name)}"
                for member in members
            )
            return f"IF({x} IS NULL, NULL, STRUCT({', '.join(parts)}))"


def _elements(element: Plan, x: str, key_id: str | None, depth: int) -> str:
    """ARRAY() of no rows is empty, not NULL; and only with ORDER BY it has an order."""
    item, offset = f"gatebook_item{depth}", f"gatebook_offset{depth}"
    masked = _sql(element, item, key_id, depth + 1)
    rebuilt = f"ARRAY(SELECT {masked} FROM UNNEST({x}) AS {item} WITH OFFSET AS {offset} ORDER BY {offset})"  # noqa: S608 - names only
    return f"IF({x} IS NULL, NULL, {rebuilt})"
