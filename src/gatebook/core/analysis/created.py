"""What a statement of a script creates for the statements after it: tables, views and functions, as catalog values."""

from collections.abc import Sequence
from typing import Any

from gatebook.core.analysis.lineage.row import Given
from gatebook.core.analysis.names import Names
from gatebook.googlesql import tree
from gatebook.googlesql.catalog import Column, Routine, Table
from gatebook.googlesql.types import SqlType, StructField, from_proto

_TEMPORARY = "CREATE_TEMP"
_IF_NOT_EXISTS = "CREATE_IF_NOT_EXISTS"
_OR_REPLACE = "CREATE_OR_REPLACE"
_TABLE_KINDS = frozenset({"CreateTableStmt", "CreateTableAsSelectStmt", "CreateViewStmt", "CreateMaterializedViewStmt"})
_ANY_ARGUMENT_KINDS = frozenset({"ARG_TYPE_ARBITRARY", "ARG_TYPE_ANY_1"})


def is_temporary(statement: Any) -> bool:
    """Tell CREATE TEMP."""
    return _enum_name(statement, "create_scope") == _TEMPORARY


def keeps_existing(statement: Any) -> bool:
    """Tell CREATE ... IF NOT EXISTS."""
    return _enum_name(statement, "create_mode") == _IF_NOT_EXISTS


def replaces_existing(statement: Any) -> bool:
    """Tell CREATE OR REPLACE."""
    return _enum_name(statement, "create_mode") == _OR_REPLACE


def created_tables(statement: Any, names: Names, given: Sequence[Given] = ()) -> tuple[Table, ...]:
    """Give the table or view that the statement creates, as a tuple of one or none; a temporary one has one part.

    `given` are the columns that it copies: a statement with CLONE or COPY does not name them.
    """
    if tree.kind(statement) not in _TABLE_KINDS:
        return ()
    columns = _columns(statement) or tuple(Column(item.name, item.type) for item in given)
    if not columns:
        return ()  # LIKE another table: whoever names it afterwards is told that it is not known
    path = tuple(tree.field(statement, "name_path"))
    if is_temporary(statement):
        return (Table((path[-1],), columns),)
    ref = names.table(path)
    return () if ref is None else (Table((ref.project, ref.dataset, ref.table), columns),)


def created_routine(statement: Any, names: Names) -> Routine | None:
    """Give the function, table function or procedure that the statement creates."""
    kind = tree.kind(statement)
    if kind == "CreateProcedureStmt":
        return _procedure(statement, names)
    if kind not in ("CreateFunctionStmt", "CreateTableFunctionStmt"):
        return None
    path = tuple(tree.field(statement, "name_path"))
    ref = None if is_temporary(statement) else names.table(path)
    is_table = kind == "CreateTableFunctionStmt"
    return Routine(
        path=(path[-1],) if ref is None else (ref.project, ref.dataset, ref.table),
        kind="table" if is_table else "aggregate" if statement.is_aggregate else "scalar",
        language="REMOTE" if not is_table and statement.is_remote else statement.language.upper() or "SQL",
        arguments=tuple(_argument(argument) for argument in statement.signature.argument),
        return_type=None if is_table else _return_type(statement),
        return_columns=_returned_columns(statement) if is_table else (),
        body=statement.code,
        dataset=names.dataset,
        connection=None if is_table else _connection(statement),
    )


def _procedure(statement: Any, names: Names) -> Routine:
    ref = names.table(tree.field(statement, "name_path"))
    path = tuple(tree.field(statement, "name_path")) if ref is None else (ref.project, ref.dataset, ref.table)
    arguments = statement.signature.argument
    return Routine(
        path=path,
        kind="procedure",
        language=statement.language.upper() or "SQL",
        arguments=tuple(_argument(argument) for argument in arguments),
        body=statement.procedure_body,
        modes=tuple(_enum_name(argument.options, "procedure_argument_mode") or "IN" for argument in arguments),
        dataset=names.dataset,
    )


def _connection(statement: Any) -> str | None:
    named = tree.present(statement, "connection")
    return None if named is None else str(named.connection.full_name)


def _enum_name(node: Any, field: str) -> str | None:
    owner = tree.holder(node, field)
    if owner is None:
        return None
    descriptor = owner.DESCRIPTOR.fields_by_name[field]
    return str(descriptor.enum_type.values_by_number[getattr(owner, field)].name)


def _columns(statement: Any) -> tuple[Column, ...]:
    defined = tree.field(statement, "column_definition_list")
    if defined:
        return tuple(Column(column.name, from_proto(column.type)) for column in defined)
    outputs = tree.field(statement, "output_column_list") or ()
    return tuple(Column(output.name, from_proto(output.column.type)) for output in outputs)


def _argument(argument: Any) -> tuple[str, SqlType | None]:
    name, kind = argument.options.argument_name, _enum_name(argument, "kind")
    if kind == "ARG_TYPE_RELATION":
        columns = argument.options.relation_input_schema.column
        return name, SqlType("TABLE", fields=tuple(StructField(c.name, from_proto(c.type)) for c in columns))
    return name, (None if kind in _ANY_ARGUMENT_KINDS else from_proto(argument.type))


def _return_type(statement: Any) -> SqlType | None:
    """Give the type where it is said or follows from a body without ANY TYPE arguments."""
    return (
        from_proto(statement.signature.return_type.type) if statement.signature.return_type.HasField("type") else None
    )


def _returned_columns(statement: Any) -> tuple[Column, ...]:
    schema = statement.signature.return_type.options.relation_input_schema
    return tuple(Column(column.name, from_proto(column.type)) for column in schema.column)
