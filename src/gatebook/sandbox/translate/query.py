"""Entry points: whole queries and single expressions."""

from collections.abc import Iterator

from google.protobuf.message import Message

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, from_proto
from gatebook.sandbox.translate.dispatch import TABLES
from gatebook.sandbox.translate.environment import Environment, OutputColumn, Translation
from gatebook.sandbox.translate.names import identifier
from gatebook.sandbox.translate.translator import Node, Translator
from gatebook.sandbox.translate.types import field_sql, stored_sql


def query_sql(statement: Message, environment: Environment) -> Translation:
    """SELECT for the query of a statement: a query, CREATE TABLE AS, CREATE VIEW, EXPORT DATA. Raises Unmapped."""
    translator = Translator(environment, TABLES)
    node = tree.unwrap(statement)
    rows = translator.scan(tree.field(node, "query"))
    outputs = list(_outputs(translator, node))
    columns = tuple(OutputColumn(name, sql_type) for name, sql_type, _ in outputs)
    shown = ", ".join(f"{stored_sql(sql, sql_type, name)} AS {identifier(name)}" for name, sql_type, sql in outputs)
    return Translation(f"SELECT {shown} FROM ({rows}) _q", columns)


def expression_sql(node: Message, environment: Environment) -> str:
    """DuckDB expression for a resolved expression without column references. Raises Unmapped."""
    return Translator(environment, TABLES).expression(node)


def _outputs(translator: Translator, statement: Node) -> Iterator[tuple[str, SqlType, str]]:
    """(name, type, SQL) of each output column; a value table of structs is shown as its fields."""
    outputs = tree.field(statement, "output_column_list")
    unnamed = 0
    for name, sql_type, sql in _expanded(translator, statement, outputs):
        if name and not name.startswith("$"):
            yield name, sql_type, sql
        else:
            yield f"f{unnamed}_", sql_type, sql
            unnamed += 1


def _expanded(translator: Translator, statement: Node, outputs: Node) -> Iterator[tuple[str, SqlType, str]]:
    if tree.field(statement, "is_value_table") and len(outputs) == 1:
        value, name = from_proto(outputs[0].column.type), translator.column(outputs[0].column)
        if value.kind == "STRUCT":
            for index, field in enumerate(value.fields):
                yield field.name, field.type, field_sql(name, value, index)
            return
    for output in outputs:
        yield output.name, from_proto(output.column.type), translator.column(output.column)
