"""An analyzed statement with what it names."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from gatebook.googlesql import tree
from gatebook.googlesql.analysis import Analysis
from gatebook.sandbox.translate import Environment
from gatebook.sandbox.warehouse.binding.functions import UserRoutine
from gatebook.sandbox.warehouse.binding.relations import Relation
from gatebook.sandbox.warehouse.binding.text import Text
from gatebook.sandbox.warehouse.binding.usage import columns_read
from gatebook.sandbox.warehouse.names import RoutineName, TableName


@dataclass(frozen=True, slots=True)
class Bound:
    """An analyzed statement. bodies: resolved definitions of the SQL routines that it calls.

    relations and routines: what it can name, by full name as its tree writes it.
    """

    text: Text
    analysis: Analysis
    bodies: tuple[Any, ...]
    environment: Environment
    relations: Mapping[str, Relation]
    routines: Mapping[str, UserRoutine]

    @property
    def referenced_tables(self) -> tuple[TableName, ...]:
        """Tables and views that the statement reads or writes, those beneath views included."""
        scans = (scan for tree_ in (self.analysis.statement, *self.bodies) for scan in tree.table_scans(tree_))
        used = {scan.table.full_name for scan in scans} & set(self.relations)
        return tuple(sorted({name for key in used for name in self.relations[key].names}))

    @property
    def referenced_routines(self) -> tuple[RoutineName, ...]:
        """Persistent routines that the statement may call."""
        return tuple(sorted(RoutineName(*r.path) for r in self.routines.values() if len(r.path) == 3))

    def bytes_read(self, outputs: Collection[int] | None = None) -> int:
        """What BigQuery would count for the columns that the statement reads.

        outputs: positions of the output columns that are wanted; None wants all.
        """
        read = [*columns_read(self.analysis.statement, outputs)]
        read += [item for body in self.bodies for item in columns_read(body)]
        return sum(self.relations[name].bytes_of(columns) for name, columns in read if name in self.relations)
