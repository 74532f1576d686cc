"""INSERT, UPDATE, DELETE, MERGE and TRUNCATE.

UPDATE and MERGE first write down which rows change and how, in a temporary table keyed by DuckDB's `rowid`; so a target
row that matches twice is seen before anything is changed, and every clause sees the table as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

from google.protobuf.message import Message

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, from_proto
from gatebook.sandbox.translate.dispatch import TABLES
from gatebook.sandbox.translate.environment import Environment
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import case, identifier, string
from gatebook.sandbox.translate.plans import DmlPlan, DmlStep
from gatebook.sandbox.translate.translator import Node, Translator, select, type_of
from gatebook.sandbox.translate.types import failure, field_names, field_sql, stored_sql

_CHANGES = "_gatebook_changes"
_MATCHED, _NOT_MATCHED_BY_SOURCE, _NOT_MATCHED_BY_TARGET = range(3)
_INSERT, _UPDATE, _DELETE = range(3)
_TWICE = "UPDATE/MERGE must match at most one source row for each target row"


def dml_plan(statement: Message, environment: Environment) -> DmlPlan:
    """The DuckDB statements for a resolved DML statement. Raises Unmapped."""
    node = tree.unwrap(statement)
    make = _PLANS.get(tree.kind(node))
    if make is None:
        raise Unmapped(f"statement {tree.kind(node)}")
    for clause in ("returning", "assert_rows_modified", "on_conflict_clause"):
        if tree.present(node, clause) is not None:
            raise Unmapped(f"{tree.kind(node)} with {clause}")
    return make(_Target(node.table_scan, Translator(environment, TABLES)), node)


@dataclass(frozen=True, slots=True)
class _Target:
    """The table that a statement changes."""

    scan: Node
    translator: Translator

    @property
    def name(self) -> str:
        return str(self.scan.table.full_name or self.scan.table.name)

    @property
    def sql(self) -> str:
        environment = self.translator.environment
        return (environment.target_sql or environment.table_sql)(self.name)

    def rows(self) -> str:
        """The table's rows with their `rowid`."""
        columns = tree.field(self.scan, "column_list")
        listed = [f"{identifier(c.name)} AS {self.translator.column(c)}" for c in columns]
        return f"SELECT {select(['rowid AS _rowid', *listed])} FROM {self.sql}"

    def plan(self, steps: list[DmlStep], changes: str | None = None, twice: str | None = None) -> DmlPlan:
        """`changes` is the SELECT to write down first; `twice` a condition on changes that may hold once for a row."""
        if changes is None:
            return DmlPlan(self.name, (), None, tuple(steps), ())
        violation = None
        if twice is not None:
            repeated = f"SELECT _rowid FROM {_CHANGES} WHERE {twice} GROUP BY _rowid HAVING count(*) > 1"
            violation = f"SELECT {string(_TWICE)} FROM ({repeated}) _t LIMIT 1"
        setup = (f"CREATE OR REPLACE TEMP TABLE {_CHANGES} AS {changes}",)
        return DmlPlan(self.name, setup, violation, tuple(steps), (f"DROP TABLE IF EXISTS temp.{_CHANGES}",))

    def delete(self, condition: str) -> DmlStep:
        return DmlStep("delete", f"DELETE FROM {self.sql} WHERE {condition}")

    def update(self, values: dict[str, str], rows: str) -> DmlStep:
        """Set columns to `new.<column>` of the rows, or to their defaults."""
        changed = ", ".join(f"{identifier(name)} = {value}" for name, value in values.items())
        sql = f"UPDATE {self.sql} AS _target SET {changed} FROM ({rows}) _new WHERE _target.rowid = _new._rowid"
        return DmlStep("update", sql)

    def insert(self, columns: list[str], rows: str) -> DmlStep:
        listed = ", ".join(map(identifier, columns))
        return DmlStep("insert", f"INSERT INTO {self.sql} ({listed}) {rows}")


def _insert(target: _Target, node: Node) -> DmlPlan:
    translator, columns = target.translator, [column.name for column in node.insert_column_list]
    if node.insert_mode or node.query_parameter_list:
        raise Unmapped("this form of INSERT")
    if node.HasField("query"):
        outputs = zip(node.query_output_column_list, node.insert_column_list, strict=True)
        shown = ", ".join(_stored(translator.column(source), to) for source, to in outputs)
        return target.plan([target.insert(columns, f"SELECT {shown} FROM ({translator.scan(node.query)}) _t")])
    rows = ", ".join(f"({', '.join(_values(translator, node.insert_column_list, row))})" for row in node.row_list)
    return target.plan([target.insert(columns, f"VALUES {rows}")])


def _stored(sql: str, column: Node) -> str:
    return stored_sql(sql, from_proto(column.type), column.name)


def _values(translator: Translator, columns: Node, row: Node) -> list[str]:
    return [_value(translator, v, column.name) for column, v in zip(columns, row.value_list, strict=True)]


def _value(translator: Translator, value: Node, name: str) -> str:
    inner = tree.unwrap(value.value)
    if tree.kind(inner) == "DMLDefault":
        return "DEFAULT"
    return stored_sql(translator.expression(inner), type_of(inner), name)


def _delete(target: _Target, node: Node) -> DmlPlan:
    if node.HasField("array_offset_column"):
        raise Unmapped("DELETE of array elements")
    rows = f"SELECT _rowid FROM ({target.rows()}) _t WHERE {target.translator.expression(node.where_expr)}"
    return target.plan([target.delete(f"rowid IN ({rows})")])


def _truncate(target: _Target, node: Node) -> DmlPlan:
    if node.HasField("where_expr"):
        raise Unmapped("TRUNCATE with WHERE")
    return target.plan([target.delete("TRUE")])


def _update(target: _Target, node: Node) -> DmlPlan:
    translator = target.translator
    items = _assignments(translator, node.update_item_list)
    source = f"({target.rows()}) _t"
    if node.HasField("from_scan"):
        source += f", ({translator.scan(node.from_scan)}) _f"
    values = ["_rowid", *(f"{sql} AS {identifier(name)}" for name, sql in items.items() if sql != "DEFAULT")]
    changes = f"SELECT {', '.join(values)} FROM {source} WHERE {translator.expression(node.where_expr)}"
    return target.plan([target.update(_new_values(items), f"SELECT * FROM {_CHANGES}")], changes, twice="TRUE")


def _new_values(items: dict[str, str]) -> dict[str, str]:
    return {name: "DEFAULT" if sql == "DEFAULT" else f"_new.{identifier(name)}" for name, sql in items.items()}


def _assignments(translator: Translator, items: Node) -> dict[str, str]:
    """Column -> its new value, or DEFAULT. Several fields of one struct column are set together."""
    fields: dict[str, list[tuple[tuple[int, ...], str]]] = {}
    columns: dict[str, tuple[str, SqlType]] = {}
    for item in items:
        if item.update_item_element_list or item.delete_list or item.update_list or item.insert_list:
            raise Unmapped("UPDATE of array elements")
        column, path = _target_path(tree.unwrap(item.target))
        columns[column.name] = (translator.column(column), from_proto(column.type))
        fields.setdefault(column.name, []).append((path, _value(translator, item.set_value, column.name)))
    return {name: _assigned(*columns[name], changes) for name, changes in fields.items()}


def _target_path(node: Node) -> tuple[Node, tuple[int, ...]]:
    path: list[int] = []
    while tree.kind(node) == "GetStructField":
        path.append(node.field_idx)
        node = tree.unwrap(node.expr)
    if tree.kind(node) != "ColumnRef":
        raise Unmapped(f"UPDATE of {tree.kind(node)}")
    return node.column, tuple(reversed(path))


def _assigned(value: str, sql_type: SqlType, changes: list[tuple[tuple[int, ...], str]]) -> str:
    """The value with some of its fields replaced."""
    whole = [sql for path, sql in changes if not path]
    if whole:
        return whole[-1]
    fields = []
    for index, (name, field) in enumerate(zip(field_names(sql_type), sql_type.fields, strict=True)):
        inner = [(path[1:], sql) for path, sql in changes if path[0] == index]
        current = field_sql(value, sql_type, index)
        fields.append(f"{string(name)}: {_assigned(current, field.type, inner) if inner else current}")
    unknown = failure(string("Cannot set field of NULL STRUCT"), sql_type)
    return case((f"{value} IS NULL", unknown), otherwise=f"{{{', '.join(fields)}}}")


def _merge(target: _Target, node: Node) -> DmlPlan:
    translator, clauses = target.translator, list(node.when_clause_list)
    joined = (
        f"SELECT * FROM ({target.rows()}) _t FULL JOIN (SELECT *, TRUE AS _source FROM"
        f" ({translator.scan(node.from_scan)}) _s) _r ON {translator.expression(node.merge_expr)}"
    )
    conditions = " ".join(f"WHEN {_applies(translator, clause)} THEN {n}" for n, clause in enumerate(clauses))
    changes = (
        f"SELECT * FROM (SELECT *, CASE {conditions} END AS _clause FROM ({joined}) _j) _c WHERE _clause IS NOT NULL"
    )
    steps = [_clause(target, clause, number) for number, clause in enumerate(clauses)]
    changing = [str(number) for number, clause in enumerate(clauses) if clause.action_type != _INSERT]
    return target.plan(steps, changes, twice=f"_clause IN ({', '.join(changing)})" if changing else None)


_PRESENT = {
    _MATCHED: "_rowid IS NOT NULL AND _source",
    _NOT_MATCHED_BY_SOURCE: "_source IS NULL",
    _NOT_MATCHED_BY_TARGET: "_rowid IS NULL",
}


def _applies(translator: Translator, clause: Node) -> str:
    condition = _PRESENT[clause.match_type]
    return f"{condition} AND {translator.expression(clause.match_expr)}" if clause.HasField("match_expr") else condition


def _clause(target: _Target, clause: Node, number: int) -> DmlStep:
    translator, rows = target.translator, f"FROM {_CHANGES} WHERE _clause = {number}"
    if clause.action_type == _DELETE:
        return target.delete(f"rowid IN (SELECT _rowid {rows})")
    if clause.action_type == _UPDATE:
        items = _assignments(translator, clause.update_item_list)
        values = ["_rowid", *(f"{sql} AS {identifier(name)}" for name, sql in items.items() if sql != "DEFAULT")]
        return target.update(_new_values(items), f"SELECT {', '.join(values)} {rows}")
    values = _values(translator, clause.insert_column_list, clause.insert_row)
    pairs = zip(clause.insert_column_list, values, strict=True)
    inserted = {column.name: value for column, value in pairs if value != "DEFAULT"}
    if not inserted:
        raise Unmapped("MERGE that inserts only defaults")
    return target.insert(list(inserted), f"SELECT {', '.join(inserted.values())} {rows}")


_PLANS = {
    "InsertStmt": _insert,
    "UpdateStmt": _update,
    "DeleteStmt": _delete,
    "MergeStmt": _merge,
    "TruncateStmt": _truncate,
}
