"""A function call as the function tables see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, TypeVar

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, from_proto
from gatebook.sandbox.translate.errors import Unmapped
from gatebook.sandbox.translate.names import string
from gatebook.sandbox.translate.translator import FunctionSql, Node, Translator, type_of
from gatebook.sandbox.translate.values import literal_value

How = TypeVar("How")


@dataclass(slots=True)
class Call:
    """One call. Arguments are translated when asked for: date parts and lambdas are read from their nodes instead."""

    translator: Translator
    name: str
    node: Node
    arguments: list[Node]
    result: SqlType
    written: dict[int, str] = field(default_factory=dict)

    def __getitem__(self, index: int) -> str:
        """SQL of an argument."""
        if index not in self.written:
            self.written[index] = self.translator.expression(self.argument(index))
        return self.written[index]

    def __len__(self) -> int:
        return len(self.arguments)

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(len(self)))

    def argument(self, index: int) -> Node:
        """Node of a scalar argument."""
        argument = self.arguments[index]
        if tree.kind(argument) == "FunctionArgument":
            if not argument.HasField("expr"):
                raise Unmapped(f"{shown_name(self.name)} with such an argument {index + 1}")
            argument = tree.unwrap(argument.expr)
        return argument

    def type(self, index: int) -> SqlType:
        """Type of an argument."""
        return type_of(self.argument(index))

    def kind(self, index: int = 0) -> str:
        """Type kind of an argument; empty when there is none."""
        return self.type(index).kind if index < len(self) else ""

    def get(self, index: int, default: str) -> str:
        """SQL of an optional argument."""
        return self[index] if index < len(self) else default

    def constant(self, index: int) -> Any:
        """Python value of a literal argument; None when it is absent, NULL or not a literal."""
        return literal_value(self.argument(index)) if index < len(self) else None

    def enum(self, index: int) -> str:
        """Name given as an enum argument: a date part, a rounding mode, a normalization form."""
        value = self.constant(index)
        if not isinstance(value, str):
            raise Unmapped(f"{shown_name(self.name)} with a computed argument {index + 1}")
        return value

    def is_lambda(self, index: int) -> bool:
        """Whether an argument is a lambda."""
        argument = self.arguments[index]
        return bool(tree.kind(argument) == "FunctionArgument" and argument.HasField("inline_lambda"))

    def once(self, *indexes: int, longer: int = 0) -> tuple[str, str]:
        """What to write before and after a text that repeats these arguments, so that each is evaluated once.

        A lambda over a list of one struct is DuckDB's only binding that works in every place of a query.
        Where repeating is harmless, only texts `longer` than so many characters need it.
        """
        work = [index for index in indexes if is_work(self.argument(index)) and len(self[index]) > longer]
        if not work:
            return "", ""
        name, fields = self.translator.fresh("v"), []
        for index in work:
            fields.append(f"'a{index}': {self[index]}")
            self.written[index] = f"struct_extract({name}, 'a{index}')"
        return f"(list_transform([{{{', '.join(fields)}}}], lambda {name}: ", "))[1]"

    def render(self, how: FunctionSql) -> str:
        """Fill a template, or ask the function."""
        if not isinstance(how, str):
            return how(self)
        fields = [name for _, name, _, _ in Formatter().parse(how) if name and name.isdigit()]
        before, after = self.once(*sorted({int(name) for name in fields if fields.count(name) > 1}))
        return before + how.format(*self, all=", ".join(self)) + after

    def zone(self, index: int) -> str:
        """SQL of a time zone argument, the session's zone when it is left out."""
        return self.get(index, string(self.translator.environment.time_zone))

    def find(self, table: Mapping[str, How]) -> How | None:
        """How the call is translated; `name/KIND` is for calls whose first argument is of that kind."""
        if self.arguments and not self.is_lambda(0):
            specific = table.get(f"{self.name}/{self.kind()}")
            if specific is not None:
                return specific
        return table.get(self.name)


_ATOMS = frozenset(["Literal", "ColumnRef", "Parameter", "Constant", "SystemVariable", "ArgumentRef"])


def is_work(node: Node) -> bool:
    """Whether evaluating an expression costs something or can fail."""
    if tree.kind(node) == "GetStructField":
        return is_work(tree.unwrap(node.expr))
    return tree.kind(node) not in _ATOMS and not tree.field(node, "type").HasField("enum_type")


def read_call(translator: Translator, node: Node) -> Call:
    """The call a function call node makes."""
    arguments = [tree.unwrap(argument) for argument in tree.field(node, "argument_list")]
    return Call(
        translator=translator,
        name=function_name(node),
        node=node,
        arguments=arguments or list(tree.field(node, "generic_argument_list")),
        result=from_proto(tree.field(node, "type")),
    )


_BUILT_IN = frozenset(["ZetaSQL", "BigQuery"])


def function_name(node: Node) -> str:
    """Lower-case name of a built-in function (`ZetaSQL:upper` is `upper`); a user's function keeps its group."""
    name = str(tree.field(node, "function").name)
    group, _, built_in = name.partition(":")
    return built_in.lower() if group in _BUILT_IN else name


def shown_name(name: str) -> str:
    """A function's name for people: built-in names in upper case."""
    return routine_name(name) if ":" in name else name.upper()


def routine_name(name: str) -> str:
    """Name of a user's function or table function, as it was declared: `UDF:p.d.f` is `p.d.f`."""
    return name.partition(":")[2] or name
