"""What a DML statement becomes: DuckDB statements to run one after the other in one transaction."""

from dataclasses import dataclass
from typing import Literal

RowAction = Literal["insert", "update", "delete"]


@dataclass(frozen=True, slots=True)
class DmlStep:
    """One DuckDB statement that changes rows of the target; DuckDB answers it with the number of rows."""

    action: RowAction
    sql: str


@dataclass(frozen=True, slots=True)
class DmlPlan:
    """Run `setup`; refuse when `violation` answers a row (its one column is the error text); run `steps`; `cleanup`.

    table      full name of the target, as the catalog names it
    setup      statements without effect outside (temporary tables)
    violation  query, or None when nothing can be violated
    steps      in order; the counts by action are the statement's DML statistics
    cleanup    statements that drop what `setup` made; run them after a failure too
    """

    table: str
    setup: tuple[str, ...]
    violation: str | None
    steps: tuple[DmlStep, ...]
    cleanup: tuple[str, ...]
