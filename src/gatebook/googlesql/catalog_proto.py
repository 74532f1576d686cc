"""A Catalog in the analyzer's own form, SimpleCatalogProto."""

from __future__ import annotations

from typing import Any

from gatebook.googlesql import protos, routine_proto
from gatebook.googlesql.catalog import Catalog, Column, Routine, Table
from gatebook.googlesql.errors import CatalogError
from gatebook.googlesql.extra_functions import EXTRA_FUNCTIONS, EXTRA_TABLE_FUNCTIONS
from gatebook.googlesql.paths import BUILTIN_ROOTS, spellings
from gatebook.googlesql.types import to_proto


class _Level:
    """One SimpleCatalogProto and the names in it by kind, in lower case as the analyzer compares them."""

    def __init__(self, proto: Any, *, is_root: bool = False) -> None:
        self.proto = proto
        self.is_root = is_root
        self.names: dict[tuple[str, str], str] = {}
        self.levels: dict[str, _Level] = {}

    def claim(self, kind: str, name: str, owner: str) -> bool:
        """Whether `owner` may have the name: False when another has it already."""
        return self.names.setdefault((kind, name.lower()), owner) == owner

    def level(self, path: tuple[str, ...]) -> _Level:
        """The level below at `path`, made when it is not there."""
        if path and self.is_root and path[0].lower() in BUILTIN_ROOTS:
            raise CatalogError(f"{path[0]} cannot be the first part of a name; write the project before it")
        here = self
        for part in path:
            found = here.levels.get(part.lower())
            if found is None:
                found = here.levels[part.lower()] = _Level(here.proto.catalog.add(name=part))
            here = found
        return here


def build(catalog: Catalog, language_options: Any, builtin_names: frozenset[str]) -> Any:
    """SimpleCatalogProto of the catalog, with BigQuery's extra functions.

    `builtin_names` are the analyzer's own function names in lower case: a second function of such a name crashes it.
    Raises CatalogError when a name is taken twice by routines or variables.
    """
    root = _Level(protos.simple_catalog.SimpleCatalogProto(name="bigquery"), is_root=True)
    root.proto.builtin_function_options.language_options.CopyFrom(language_options)
    for name in builtin_names:
        root.names["function", name] = "a built-in function"
    _add_extras(root)
    # Names in full first: then the shorter spellings yield to temporary tables and functions, which have one part only.
    for shorter in (False, True):
        for position, table in enumerate(catalog.tables, start=1):
            _add_table(root, catalog, table, position, shorter=shorter)
        for routine in catalog.routines:
            _add_routine(root, catalog, routine, shorter=shorter)
    _add_constants(root, catalog)
    _add_named(root, catalog)
    return root.proto


def _add_table(root: _Level, catalog: Catalog, table: Table, serialization_id: int, *, shorter: bool) -> None:
    for path in _spellings(catalog, table.path, shorter=shorter):
        level = root.level(path[:-1])
        if not level.claim("table", path[-1], table.full_name):
            # Two tables that differ by case only: the analyzer knows one of them, and a statement that names the other
            # is refused when its scans are compared with its text.
            continue
        proto = level.proto.table.add(name=path[-1], serialization_id=serialization_id, full_name=table.full_name)
        proto.is_value_table = table.value_table
        for column in table.columns:
            _add_column(proto, column)


def _spellings(catalog: Catalog, path: tuple[str, ...], *, shorter: bool) -> list[tuple[str, ...]]:
    every = spellings(path, catalog.default_project, catalog.default_dataset)
    return every[1:] if shorter else every[:1]


def _add_column(proto: Any, column: Column) -> None:
    proto.column.add(
        name=column.name,
        type=to_proto(column.type),
        is_pseudo_column=column.pseudo,
        is_writable_column=not column.pseudo,
    )


_ROUTINE_NAMESPACES = {
    "scalar": "function",
    "aggregate": "function",
    "table": "table function",
    "procedure": "procedure",
}


def _add_routine(root: _Level, catalog: Catalog, routine: Routine, *, shorter: bool) -> None:
    namespace = _ROUTINE_NAMESPACES[routine.kind]
    for path in _spellings(catalog, routine.path, shorter=shorter):
        level = root.level(path[:-1])
        if level.claim(namespace, path[-1], routine.full_name):
            routine_proto.add(level.proto, routine)
        elif not shorter:
            raise CatalogError(f"{routine.full_name}: the name is taken by {level.names[namespace, path[-1].lower()]}")


def _add_extras(root: _Level) -> None:
    for function in EXTRA_FUNCTIONS:
        level = root.level(function.path[:-1])
        if level.claim("function", function.path[-1], "a built-in function"):
            routine_proto.add_extra_function(level.proto, function)
    for table_function in EXTRA_TABLE_FUNCTIONS:
        root.claim("table function", table_function.path[-1], "a built-in table function")
        routine_proto.add_extra_table_function(root.proto, table_function)


def _add_constants(root: _Level, catalog: Catalog) -> None:
    for position, (name, sql_type) in enumerate(catalog.constants):
        if not root.claim("constant", name, f"variable {position}"):
            raise CatalogError(f"variable {name} is declared twice; names do not depend on case")
        root.proto.constant.add(name_path=[name], type=to_proto(sql_type))


def _add_named(root: _Level, catalog: Catalog) -> None:
    for path in catalog.models:
        for spelling in spellings(path, catalog.default_project, catalog.default_dataset):
            root.level(spelling[:-1]).proto.model.add(name=spelling[-1])
    for path in catalog.connections:
        root.level(path[:-1]).proto.connection.add(name=path[-1])
