"""What a translation needs to know that is not in the resolved tree."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from google.protobuf.message import Message

from gatebook.googlesql.types import SqlType


def _no_routine(_name: str) -> Message | None:
    return None


@dataclass(frozen=True, slots=True)
class Environment:
    """The state a statement is translated in. All SQL texts are DuckDB SQL.

    table_sql         full table name ("project.dataset.table", as the catalog names it) -> what stands
                      after FROM: a quoted physical name, or a parenthesised subquery (views, wildcard
                      tables with `_TABLE_SUFFIX`, pseudo columns). Its columns bear their BigQuery names.
    target_sql        full table name -> quoted physical name that can be written and has `rowid`.
    parameters        query parameters: lower-case name, or 1-based position -> SQL of the value.
    constants         script variables: lower-case name -> SQL of the value (e.g. `getvariable('x')`).
    system_variables  lower-case dotted name without @@ ("time_zone", "script.job_id") -> SQL.
    routine           function name as the resolved tree names it -> resolved CREATE [TABLE] FUNCTION
                      statement with an SQL body, or None.
    """

    table_sql: Callable[[str], str]
    target_sql: Callable[[str], str] | None = None
    parameters: Mapping[str | int, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    system_variables: Mapping[str, str] = field(default_factory=dict)
    routine: Callable[[str], Message | None] = _no_routine
    session_user: str = "nobody@example.com"
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class OutputColumn:
    """A column of a query's result; unnamed columns are already named `f0_`, `f1_`, ... as BigQuery does."""

    name: str
    type: SqlType


@dataclass(frozen=True, slots=True)
class Translation:
    """A SELECT whose columns are named and typed as `columns` (types.py gives the physical types)."""

    sql: str
    columns: tuple[OutputColumn, ...]
