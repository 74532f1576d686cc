"""Rules by kind of statement: what it gives or writes, column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gatebook.core.analysis.footprint import EVERYTHING
from gatebook.core.analysis.lineage import dml
from gatebook.core.analysis.lineage.row import Given, row_of
from gatebook.core.analysis.lineage.table_scans import column_taints
from gatebook.core.analysis.lineage.taint import NOTHING, Mask, Taint
from gatebook.core.analysis.lineage.walk import Relation, Walk
from gatebook.core.analysis.options import options
from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, from_proto, to_proto

COPIED = ("clone_from", "copy_from", "replica_source")  # fields whose scan stands for the whole table


@dataclass(frozen=True, slots=True)
class Effects:
    """What a statement gives or writes; `own` has the leaves of the columns that DML writes, `seen` those it could."""

    given: list[Given]
    own: Mask = 0
    seen: Mask = 0


def effects(walk: Walk, statement: Any) -> Effects:
    """Walk a statement of any kind. One without a rule of its own may write whatever it looks at."""
    rule = _RULES.get(tree.kind(statement))
    if rule is None:
        mask = walk.below(statement)
        return Effects([Given(EVERYTHING, SqlType(""), Taint(mask))] if mask else [])
    found = rule(walk, statement)
    return replace(found, given=[*found.given, *_option_values(walk, statement)])


def _option_values(walk: Walk, statement: Any) -> Iterator[Given]:
    """Give the options whose values come from tables by way of variables: descriptions and file names show them."""
    for option in options(statement):
        taint = walk.used(option.value)
        if taint.flat:
            yield Given(option.name, from_proto(tree.field(tree.unwrap(option.value), "type")), taint)


def _query(walk: Walk, statement: Any) -> Effects:
    for name, scan in tree.children(statement):
        if name in COPIED:
            return _copied(walk, scan)
    query = tree.present(statement, "query")
    if query is None:
        return Effects([])
    walk.scan(query)
    return Effects(row_of(walk, statement))


def _copied(walk: Walk, scan: Any) -> Effects:
    """CLONE, COPY and replicas give every column as it is; the scan itself names none."""
    walk.scan(scan)
    table = walk.session.table(scan.table.full_name)
    taint_of = column_taints(walk, scan.table.full_name)
    columns = () if table is None else table.columns
    return Effects([Given(c.name, c.type, taint_of(c.name, to_proto(c.type))) for c in columns if not c.pseudo])


def _create_table(walk: Walk, statement: Any) -> Effects:
    for name, node in tree.children(statement):
        if name in COPIED:
            return _copied(walk, node)
    return Effects([])


def _model(walk: Walk, statement: Any) -> Effects:
    given = _query(walk, statement).given
    for aliased in statement.aliased_query_list:
        walk.scan(aliased.query)
        given += row_of(walk, aliased)
    return Effects(given)


def _function(walk: Walk, statement: Any) -> Effects:
    """A function gives what its body reads of tables; what is passed to it is known when it is called."""
    walk.arguments = dict.fromkeys((name.lower() for name in statement.argument_name_list), NOTHING)
    for computed in statement.aggregate_expression_list:
        walk.computed(computed)
    if not statement.HasField("function_expression"):
        return Effects([])
    expression = tree.unwrap(statement.function_expression)
    return Effects(
        [Given(statement.parent.name_path[-1], from_proto(tree.field(expression, "type")), walk.used(expression))]
    )


def _table_function(walk: Walk, statement: Any) -> Effects:
    arguments: dict[str, Taint | Relation] = {}
    for name, argument in zip(statement.argument_name_list, statement.signature.argument, strict=True):
        columns = argument.options.relation_input_schema.column
        arguments[name.lower()] = {c.name.lower(): NOTHING for c in columns} if columns else NOTHING
    walk.arguments = arguments
    return _query(walk, statement)


def _assert(walk: Walk, statement: Any) -> Effects:
    walk.mark("predicate", walk.condition(statement.expression))
    return Effects([])


def _index(walk: Walk, statement: Any) -> Effects:
    walk.below(statement)
    return Effects([])


def _row_access_policy(walk: Walk, statement: Any) -> Effects:
    walk.scan(statement.table_scan)
    walk.mark("predicate", walk.flat(statement.predicate))
    return Effects([])


def _changing(rule: Callable[[Walk, Any], dml.Changes]) -> Callable[[Walk, Any], Effects]:
    def walked(walk: Walk, statement: Any) -> Effects:
        changes = rule(walk, statement)
        given = changes.given
        if tree.present(statement, "returning") is not None:
            for computed in statement.returning.expr_list:
                walk.computed(computed)
            given += row_of(walk, statement.returning)
        return Effects(given, changes.own, changes.seen)

    return walked


_RULES: Mapping[str, Callable[[Walk, Any], Effects]] = {
    "AssertStmt": _assert,
    "CreateFunctionStmt": _function,
    "CreateIndexStmt": _index,
    "CreateMaterializedViewStmt": _query,
    "CreateModelStmt": _model,
    "CreateRowAccessPolicyStmt": _row_access_policy,
    "CreateSnapshotTableStmt": _create_table,
    "CreateTableAsSelectStmt": _query,
    "CreateTableFunctionStmt": _table_function,
    "CreateTableStmt": _create_table,
    "CreateViewStmt": _query,
    "DeleteStmt": _changing(dml.walk_delete),
    "ExportDataStmt": _query,
    "InsertStmt": _changing(dml.walk_insert),
    "MergeStmt": _changing(dml.walk_merge),
    "QueryStmt": _query,
    "TruncateStmt": _changing(dml.walk_delete),
    "UpdateStmt": _changing(dml.walk_update),
}
