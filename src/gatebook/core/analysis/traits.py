"""What a statement does that its type does not tell."""

from collections.abc import Collection, Iterator
from typing import Any

from gatebook.core.analysis.created import is_temporary, replaces_existing
from gatebook.core.analysis.footprint import Trait
from gatebook.core.analysis.options import options
from gatebook.googlesql import protos, tree

_WHEN = protos.resolved_enums.ResolvedMergeWhenEnums
_LOAD = protos.resolved_enums.ResolvedAuxLoadDataStmtEnums
_LOSING = frozenset({"AlterColumnSetDataTypeAction", "DropColumnAction", "RenameColumnAction", "RenameToAction"})
_EXPIRING = frozenset(
    {
        "default_partition_expiration_days",
        "default_table_expiration_days",
        "expiration_timestamp",
        "max_time_travel_hours",
        "partition_expiration_days",
    }
)
_TAGGING = frozenset({"data_policies", "policy_tags"})
_SHARING_KINDS = frozenset(
    {
        "AlterAllRowAccessPoliciesStmt",
        "AlterRowAccessPolicyStmt",
        "CreateRowAccessPolicyStmt",
        "DropRowAccessPolicyStmt",
        "GrantStmt",
        "RevokeStmt",
    }
)
_SHARING_ENTITIES = frozenset({"DATA_POLICY"})


def traits(statement: Any, *, reads_history: bool) -> Iterator[Trait]:
    """Give the traits of a resolved statement, in the order of Trait."""
    kind = tree.kind(statement)
    if kind in _EVERY_ROW and _EVERY_ROW[kind](statement):
        yield Trait.EVERY_ROW
    changes = kind.startswith(("Alter", "Create")) or kind == "AuxLoadDataStmt"
    replaces = changes and _replaces(statement, kind)
    if replaces:
        yield Trait.REPLACES
    if changes and any(
        option.name.lower() in _EXPIRING and not _is_null(option.value) for option in options(statement)
    ):
        yield Trait.EXPIRES
    if changes and (kind.startswith("Alter") or replaces) and _tags_columns(statement):
        yield Trait.CHANGES_POLICY_TAGS
    if kind in _SHARING_KINDS or str(tree.field(statement, "entity_type")).upper() in _SHARING_ENTITIES:
        yield Trait.CHANGES_SHARING
    if reads_history:
        yield Trait.TIME_TRAVEL


def _replaces(statement: Any, kind: str) -> bool:
    if kind == "AuxLoadDataStmt":
        return bool(statement.insertion_mode == _LOAD.OVERWRITE)
    if replaces_existing(statement):
        return not is_temporary(statement)
    return any(tree.kind(action) in _LOSING for _, action in tree.children(statement))


def _tags_columns(statement: Any) -> bool:
    return any(option.name.lower() in _TAGGING for option in options(statement))


def _is_null(wrapped: Any) -> bool:
    node = tree.unwrap(wrapped)
    return node is not None and tree.kind(node) == "Literal" and node.value.value.WhichOneof("value") is None


def _deletes_every_row(statement: Any) -> bool:
    return not statement.HasField("where_expr") or holds_always(statement.where_expr, _target_columns(statement))


def _merges_every_row(statement: Any) -> bool:
    """Tell a MERGE that changes or deletes rows without looking which: by a condition that holds always, or never.

    One clause that takes rows with a match and one that takes those without take all of them together.
    """
    target = _target_columns(statement)
    taken = {
        clause.match_type
        for clause in statement.when_clause_list
        if clause.action_type in (_WHEN.DELETE, _WHEN.UPDATE)
        and (not clause.HasField("match_expr") or holds_always(clause.match_expr, target))
    }
    if not taken:
        return False
    both = {_WHEN.MATCHED, _WHEN.NOT_MATCHED_BY_SOURCE} <= taken
    return both or not _looks_at(statement.merge_expr, target) or holds_always(statement.merge_expr, target)


def holds_always(condition: Any, columns: Collection[int]) -> bool:
    """Tell a condition that looks at none of the columns, or holds for any value of them: `x = x`, `... OR 1=1`."""
    node = tree.unwrap(condition)
    if not _looks_at(node, columns):
        return True
    if tree.kind(node) != "FunctionCall":
        return False
    operands = [tree.unwrap(argument) for argument in node.parent.argument_list]
    match node.parent.function.name:
        case "ZetaSQL:$or":
            return any(holds_always(operand, columns) for operand in operands)
        case "ZetaSQL:$and":
            return all(holds_always(operand, columns) for operand in operands)
        case "ZetaSQL:$equal" | "ZetaSQL:$greater_or_equal" | "ZetaSQL:$less_or_equal":
            first, second = map(_without_places, operands)
            return first == second
        case _:
            return False


def _without_places(node: Any) -> bytes:
    """Give the content of an expression, to compare two: the same text stands in two places of the query."""
    copy = type(node)()
    copy.CopyFrom(node)
    stack = [copy]
    while stack:
        here = stack.pop()
        holder = tree.holder(here, "parse_location_range")
        if holder is not None:
            holder.ClearField("parse_location_range")
        stack.extend(child for _, child in tree.children(here))
    content: bytes = copy.SerializeToString(deterministic=True)
    return content


def _target_columns(statement: Any) -> frozenset[int]:
    return frozenset(column.column_id for column in tree.field(statement.table_scan, "column_list"))


def _looks_at(condition: Any, columns: Collection[int]) -> bool:
    return any(reference.column.column_id in columns for reference in tree.walk_kinds(condition, "ColumnRef"))


_EVERY_ROW = {
    "DeleteStmt": _deletes_every_row,
    "MergeStmt": _merges_every_row,
    "UpdateStmt": _deletes_every_row,
}
