"""The columns of tables that the bits of a taint stand for."""

from collections.abc import Iterator
from typing import Any

from gatebook.core.analysis.footprint import Source, TableRef
from gatebook.core.analysis.lineage.taint import Mask, Taint
from gatebook.googlesql import protos

_STRUCT = protos.types.TypeKind.Value("TYPE_STRUCT")
_ARRAY = protos.types.TypeKind.Value("TYPE_ARRAY")


class Sources:
    """Gives every leaf column its bit: a field of a struct at any depth, or a column that is no struct.

    The leaves of one column are in the order of its type. Columns of views have bits too, for what is read by name;
    `views` is the set of those that are led back to tables.
    """

    def __init__(self) -> None:
        self.views: Mask = 0
        self._leaves: list[Source | None] = []  # None: an argument of a routine
        self._columns: dict[tuple[TableRef, str], Taint] = {}
        self._of_table: dict[TableRef, Mask] = {}
        self._named: dict[Mask, tuple[Source, ...]] = {}

    def column(self, table: TableRef, name: str, type_proto: Any, *, view: bool = False) -> Taint:
        """Give the taint of a column, field by field. A view that once stands for itself does so in all of the text."""
        known = self._columns.get((table, name))
        if known is None:
            known = self._columns[table, name] = self._column(table, name, type_proto)
            self._of_table[table] = self._of_table.get(table, 0) | known.flat
            self.views |= known.flat if view else 0
        elif not view:
            self.views &= ~known.flat
        return known

    def argument(self, type_proto: Any) -> Taint:
        """Give a new taint that stands for the value of an argument of this type."""
        return self._column(None, "", type_proto)

    def of_table(self, table: TableRef) -> Mask:
        """Give the bits of all columns of the table that were met so far."""
        return self._of_table.get(table, 0)

    def named(self, mask: Mask) -> tuple[Source, ...]:
        """Give the columns of a set, sorted; arguments are left out."""
        known = self._named.get(mask)
        if known is None:
            known = self._named[mask] = tuple(sorted(leaf for leaf in self._of(mask) if leaf is not None))
        return known

    def _of(self, mask: Mask) -> Iterator[Source | None]:
        while mask:
            lowest = mask & -mask
            yield self._leaves[lowest.bit_length() - 1]
            mask ^= lowest

    def _column(self, table: TableRef | None, path: str, type_proto: Any) -> Taint:
        fields = struct_fields(type_proto)
        if fields:
            below = {
                position: self._column(table, f"{path}.{field.field_name}", field.field_type)
                for position, field in enumerate(fields)
            }
            return Taint(0, below)
        self._leaves.append(None if table is None else (table, path))
        return Taint(1 << len(self._leaves) - 1)


def struct_fields(type_proto: Any) -> Any:
    """Give the fields of a struct or of an array of structs; nothing for any other type."""
    if type_proto.type_kind == _ARRAY:
        type_proto = type_proto.array_type.element_type
    return type_proto.struct_type.field if type_proto.type_kind == _STRUCT else ()


def is_structured(type_proto: Any) -> bool:
    """Tell structs and arrays of structs, whose fields are told apart."""
    kind = type_proto.type_kind
    return bool(kind == _STRUCT or (kind == _ARRAY and type_proto.array_type.element_type.type_kind == _STRUCT))
