"""Table functions: their query in place of the call."""

from __future__ import annotations

from collections.abc import Mapping

from gatebook.sandbox.translate.calls import routine_name
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.expressions.calls import definition
from gatebook.sandbox.translate.translator import Node, NodeSql, Relation, Translator, select


def _table_function(translator: Translator, node: Node) -> str:
    name = node.tvf.name
    statement = definition(translator, name)
    if not statement.HasField("query"):
        raise Unmapped(f"table function {routine_name(name)}, which has no SQL body")
    scalars, relations = _arguments(translator, statement, node)
    body = translator.child(name, scalars, relations)
    rows = body.scan(statement.query)
    outputs = [body.column(output.column) for output in statement.output_column_list]
    shown = zip(node.column_index_list, translator.columns(node), strict=True)
    return f"SELECT {select(f'{outputs[index]} AS {column}' for index, column in shown)} FROM ({rows}) _t"


def _arguments(translator: Translator, statement: Node, node: Node) -> tuple[dict[str, str], dict[str, Relation]]:
    scalars: dict[str, str] = {}
    relations: dict[str, Relation] = {}
    for name, argument in zip(statement.argument_name_list, node.argument_list, strict=True):
        if argument.HasField("scan"):
            columns = tuple(translator.column(column) for column in argument.argument_column_list)
            relations[name.lower()] = Relation(translator.scan(argument.scan), columns)
        elif argument.HasField("expr"):
            scalars[name.lower()] = translator.expression(argument.expr)
        else:
            raise Unmapped(f"table function {node.tvf.name} with a model or connection")
    return scalars, relations


def _table_argument(translator: Translator, node: Node) -> str:
    relation = translator.relations.get(node.name.lower())
    columns = translator.columns(node)
    if relation is None or len(relation.columns) != len(columns):
        raise Unmapped(f"table argument {node.name}")
    pairs = zip(relation.columns, columns, strict=True)
    return f"SELECT {select(f'{source} AS {column}' for source, column in pairs)} FROM ({relation.sql}) _t"


SCANS: Mapping[str, NodeSql] = {"TVFScan": _table_function, "RelationArgumentScan": _table_argument}
