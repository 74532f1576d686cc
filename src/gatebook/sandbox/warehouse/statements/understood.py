"""What the sandbox understands of resolved statements. A clause that it does not know is refused, not skipped."""

from collections.abc import Iterator
from typing import Any, Final

from gatebook.googlesql import tree
from gatebook.sandbox.errors import not_implemented

# Fields of ZetaSQL's resolved statements. Hints change nothing, types and ids of columns are read where they matter.
_UNDERSTOOD: Final = frozenset(
    {
        "alter_action_list", "argument_name_list", "array_offset_column", "clone_from", "cluster_by_list", "code",
        "column_access_list", "column_definition_list", "copy_from", "create_mode", "create_scope", "description",
        "determinism_level", "drop_mode", "expression", "foreign_key_list", "from_files_option_list", "from_scan",
        "function_expression", "aggregate_expression_list", "has_explicit_columns", "has_explicit_return_schema",
        "has_explicit_return_type", "hint_list", "insert_column_list", "insert_mode", "insertion_mode",
        "is_aggregate", "is_if_exists", "is_temp_table", "language", "like_table", "merge_expr", "name_path",
        "object_type", "option_list", "output_column_list", "parse_location_range", "partition_by_list",
        "partition_filter", "primary_key", "procedure_body", "pseudo_column_list", "query",
        "query_output_column_list", "query_parameter_list", "return_type", "returning", "row_list", "signature",
        "sql", "table_scan", "update_item_list", "when_clause_list", "where_expr", "assert_rows_modified",
        "on_conflict_clause", "grantee_expr_list", "is_drop_all", "name", "object_type_list", "predicate",
        "predicate_str", "privilege_list", "target_name_path",
    }
)  # fmt: skip
_WITH_VALUE_TABLES: Final = frozenset({"QueryStmt", "ExportDataStmt", "CreateTableAsSelectStmt"})
_OF_COLUMNS: Final = frozenset({"name", "type", "annotations", "column", "default_value", "generated_column_info"})
_OF_ANNOTATIONS: Final = frozenset({"not_null", "option_list", "child_list", "type_parameters"})


def check_understood(statement: Any) -> None:
    """501 for a statement or column definition with a clause that the sandbox does not know, by its name."""
    kind = tree.kind(statement)
    values = {"is_value_table"} if kind in _WITH_VALUE_TABLES else set()
    _check(statement, _UNDERSTOOD | values, "statement")
    for definition in map(tree.unwrap, tree.field(statement, "column_definition_list") or ()):
        _check(definition, _OF_COLUMNS | {"parse_location_range"}, "column")
        for annotations in tree.walk_kinds(definition, "ColumnAnnotations"):
            _check(annotations, _OF_ANNOTATIONS | {"parse_location_range"}, "column")


def _check(node: Any, understood: frozenset[str], what: str) -> None:
    for name in _set_fields(node):
        if name not in understood:
            raise not_implemented(f"a {what} with {name.removesuffix('_list').replace('_', ' ')}")


def _set_fields(node: Any) -> Iterator[str]:
    level = node
    while level is not None:
        above = None
        for descriptor, value in level.ListFields():
            if descriptor.name == "parent":
                above = value
            elif descriptor.message_type is not None or value:
                yield descriptor.name
        level = above
