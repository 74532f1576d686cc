"""What the analyzer says about one statement, read from its resolved tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from gatebook.googlesql import tree
from gatebook.googlesql.references import Reference
from gatebook.googlesql.spelling import require_exact_names
from gatebook.googlesql.statement_kinds import statement_kind
from gatebook.googlesql.types import SqlType, from_proto

# How the analyzer names a column that has no alias.
_ANONYMOUS = re.compile(r"\$col\d+")

OutputColumn = tuple[str, SqlType]


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analyzed statement.

    `statement` is the resolved statement's protobuf (already unwrapped, e.g. ResolvedQueryStmtProto); treat it as
    frozen, it may be shared. Its byte ranges refer to `sql`, which is the submitted text except that quoted
    `project.dataset.table` names are written as three. `kind` is BigQuery's statement type. `columns` is the output
    schema: of a query, of the query in CREATE TABLE AS, CREATE VIEW and EXPORT DATA, of THEN RETURN; empty otherwise.
    `tables` are the full names of the tables and views that are scanned, targets of DML included.
    """

    sql: str
    statement: Any
    kind: str
    columns: tuple[OutputColumn, ...]
    tables: frozenset[str]


def read_analysis(sql: str, statement: Any, references: Callable[[], Iterable[Reference]]) -> Analysis:
    """Read a resolved statement; SqlError when a table of its text differs by case from the one it was resolved to.

    `references` parses the text, see `require_exact_names`.
    """
    scans = list(tree.table_scans(statement))
    require_exact_names(sql, scans, references)
    tables = frozenset(scan.table.full_name for scan in scans)
    return Analysis(sql, statement, statement_kind(statement), _output_schema(statement), tables)


def _output_schema(statement: Any) -> tuple[OutputColumn, ...]:
    returning = tree.present(statement, "returning")
    columns = tree.field(statement if returning is None else returning, "output_column_list")
    if not columns:
        return ()
    if tree.field(statement, "is_value_table") and len(columns) == 1:
        value = from_proto(columns[0].column.type)
        if value.kind == "STRUCT":
            return name_columns((item.name, item.type) for item in value.fields)
    return name_columns((column.name, from_proto(column.column.type)) for column in columns)


def name_columns(columns: Iterable[OutputColumn]) -> tuple[OutputColumn, ...]:
    """Give anonymous columns the names that BigQuery gives them: f0_, f1_, ... counting anonymous ones only."""
    named = []
    anonymous = 0
    for name, sql_type in columns:
        if not name or _ANONYMOUS.fullmatch(name):
            named.append((f"f{anonymous}_", sql_type))
            anonymous += 1
        else:
            named.append((name, sql_type))
    return tuple(named)
