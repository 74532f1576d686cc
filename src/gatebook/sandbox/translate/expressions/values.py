"""Constants, references and structs."""

from collections.abc import Mapping

from gatebook.googlesql import tree
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.literals import value_sql
from gatebook.sandbox.translate.names import string
from gatebook.sandbox.translate.translator import Node, NodeSql, Translator, type_of
from gatebook.sandbox.translate.types import field_names, field_sql
from gatebook.sandbox.translate.values import literal_value


def _literal(_translator: Translator, node: Node) -> str:
    return value_sql(literal_value(node), type_of(node))


def _column_ref(translator: Translator, node: Node) -> str:
    return translator.column(node.column)


def _parameter(translator: Translator, node: Node) -> str:
    key = node.name.lower() if node.name else node.position
    if key not in translator.environment.parameters:
        raise Unmapped(f"query parameter {key} without a value")
    return translator.environment.parameters[key]


def _constant(translator: Translator, node: Node) -> str:
    name = node.constant.name.rpartition(":")[2].lower()
    if name not in translator.environment.constants:
        raise Unmapped(f"constant {name} without a value")
    return translator.environment.constants[name]


def _system_variable(translator: Translator, node: Node) -> str:
    name = ".".join(node.name_path).lower()
    if name not in translator.environment.system_variables:
        raise Unmapped(f"system variable @@{name}")
    return translator.environment.system_variables[name]


def _argument_ref(translator: Translator, node: Node) -> str:
    name = node.name.lower()
    if name not in translator.arguments:
        raise Unmapped(f"argument {name} without a value")
    return translator.arguments[name]


def _make_struct(translator: Translator, node: Node) -> str:
    names = field_names(type_of(node))
    values = (f"{string(n)}: {translator.expression(v)}" for n, v in zip(names, node.field_list, strict=True))
    return f"{{{', '.join(values)}}}"


def _get_struct_field(translator: Translator, node: Node) -> str:
    return field_sql(translator.expression(node.expr), type_of(node.expr), node.field_idx)


def _get_json_field(translator: Translator, node: Node) -> str:
    return f"bq_json_field({translator.expression(node.expr)}, {string(node.field_name)})"


def _with(translator: Translator, node: Node) -> str:
    """WITH(a AS x, b AS f(a), g(a, b)): each assignment is a subquery around the ones before it."""
    rows = "SELECT 1 AS _d"
    for item in map(tree.unwrap, node.assignment_list):
        value = translator.expression(tree.field(item, "expr"))
        rows = f"SELECT *, {value} AS {translator.column(tree.field(item, 'column'))} FROM ({rows}) _w"
    return f"(SELECT {translator.expression(node.expr)} FROM ({rows}) _w)"


EXPRESSIONS: Mapping[str, NodeSql] = {
    "Literal": _literal,
    "ColumnRef": _column_ref,
    "Parameter": _parameter,
    "Constant": _constant,
    "SystemVariable": _system_variable,
    "ArgumentRef": _argument_ref,
    "MakeStruct": _make_struct,
    "GetStructField": _get_struct_field,
    "GetJsonField": _get_json_field,
    "WithExpr": _with,
}
