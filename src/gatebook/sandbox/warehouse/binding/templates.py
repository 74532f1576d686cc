"""Functions with ANY TYPE arguments: each combination of argument types in a statement becomes a function of its own.

The analyzer resolves a templated function's body at each call but does not hand the result over. So calls
are renamed (`p.d.f` to `p.d.f<INT64>`), and the body is analyzed with those types when the renamed
function is asked for.
"""

from typing import Any, Final

from gatebook.googlesql import tree
from gatebook.googlesql.types import SqlType, from_proto

_GROUP: Final = "Templated_SQL_Function:"

Specialised = dict[str, tuple[str, tuple[SqlType, ...]]]
"""By the new name: the function's own full name and the types of the arguments."""


def specialise(statement: Any) -> tuple[Any, Specialised]:
    """A copy of the statement with its templated calls renamed; the statement itself when it has none."""
    if not any(_is_templated(call) for call in tree.walk_kinds(statement, "FunctionCall", "AggregateFunctionCall")):
        return statement, {}
    copy = type(statement)()
    copy.CopyFrom(statement)
    found: Specialised = {}
    for call in tree.walk_kinds(copy, "FunctionCall", "AggregateFunctionCall"):
        if _is_templated(call):
            function = tree.field(call, "function")
            name = function.name.removeprefix(_GROUP)
            types = tuple(
                from_proto(tree.field(a, "type")) for a in map(tree.unwrap, tree.field(call, "argument_list"))
            )
            renamed = f"{name}<{', '.join(sql_type.sql() for sql_type in types)}>"
            function.name = f"UDF:{renamed}"
            found[renamed.lower()] = (name, types)
    return copy, found


def _is_templated(call: Any) -> bool:
    return bool(tree.field(call, "function").name.startswith(_GROUP))
