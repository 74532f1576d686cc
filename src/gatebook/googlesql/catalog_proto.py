"""A Catalog in the analyzer's own form, SimpleCatalogProto."""

from __future__ import annotations

from typing import Any

from gatebook.googlesql import protos
from gatebook.googlesql.catalog import Catalog, Column, Routine, Table
from gatebook.googlesql.errors import CatalogError
from gatebook.googlesql.types import SqlType, to_proto

_ARGUMENT_KIND = protos.function_enums.SignatureArgumentKind.Value
_FUNCTION_ENUMS = protos.function_enums.FunctionEnums
_MODES = {"scalar": _FUNCTION_ENUMS.Mode.Value("SCALAR"), "aggregate": _FUNCTION_ENUMS.Mode.Value("AGGREGATE")}

# Catalogs that the analyzer itself adds at the root for its built-in functions; a second one of the same name crashes it.
BUILTIN_ROOTS = frozenset({"net", "keys", "hll_count", "aead", "kll_quantiles"})


class CatalogProto:
    """The protobuf of a catalog and what is needed to read trees made with it."""

    def __init__(self, catalog: Catalog, language_options: Any) -> None:
        self.root = protos.simple_catalog.SimpleCatalogProto(name="bigquery")
        self.root.builtin_function_options.language_options.CopyFrom(language_options)
        self._tables: set[tuple[str, ...]] = set()
        self._catalogs: dict[tuple[str, ...], Any] = {(): self.root}
        self._defaults = (catalog.default_project, catalog.default_dataset)
        for position, table in enumerate(catalog.tables, start=1):
            self._add_table(table, position)

    def _add_table(self, table: Table, serialization_id: int) -> None:
        for path in reachable_paths(table.path, *self._defaults):
            parent = self._catalog_at(path[:-1])
            proto = parent.table.add(name=path[-1], serialization_id=serialization_id, full_name=table.full_name)
            proto.is_value_table = table.value_table
            for column in table.columns:
                _add_column(proto, column)

    def _catalog_at(self, path: tuple[str, ...]) -> Any:
        key = tuple(part.lower() for part in path)
        found = self._catalogs.get(key)
        if found is None:
            found = self._catalog_at(path[:-1]).catalog.add(name=path[-1])
            self._catalogs[key] = found
        return found


def reachable_paths(
    path: tuple[str, ...], default_project: str | None, default_dataset: str | None
) -> list[tuple[str, ...]]:
    """Every way to write the path: in full, without the default project, without the default dataset."""
    paths = [path]
    if len(path) >= 3 and path[0] == default_project:
        if path[1].lower() not in BUILTIN_ROOTS:
            paths.append(path[1:])
        if path[1] == default_dataset:
            paths.append(path[2:])
    return paths


def _add_column(proto: Any, column: Column) -> None:
    proto.column.add(
        name=column.name,
        type=to_proto(column.type),
        is_pseudo_column=column.pseudo,
        is_writable_column=not column.pseudo,
    )
