"""What has been found of the names in a text and in the routines it calls."""

from dataclasses import dataclass, field
from typing import Self

from gatebook.googlesql.catalog import Routine
from gatebook.googlesql.errors import SqlError
from gatebook.sandbox.errors import ApiError
from gatebook.sandbox.warehouse.binding.functions import UserRoutine
from gatebook.sandbox.warehouse.binding.relations import Relation
from gatebook.sandbox.warehouse.binding.templates import Specialised


@dataclass(slots=True)
class Known:
    """Everything by name.

    relations: by full name as resolved trees write it. routines and declared (for the analyzer): by lower-case
    full name. specialised: see templates. failed: why a `table` or `function` of a path as written was not found.
    """

    relations: dict[str, Relation] = field(default_factory=dict)
    routines: dict[str, UserRoutine] = field(default_factory=dict)
    declared: dict[str, Routine] = field(default_factory=dict)
    specialised: Specialised = field(default_factory=dict)
    failed: dict[tuple[str, str], ApiError | SqlError] = field(default_factory=dict)

    def adopt(self, other: Self) -> None:
        """Know also what the body of a routine names; what is known already stays."""
        self.relations = {**other.relations, **self.relations}
        self.routines = {**other.routines, **self.routines}
        self.declared = {**other.declared, **self.declared}
        self.specialised = {**other.specialised, **self.specialised}
