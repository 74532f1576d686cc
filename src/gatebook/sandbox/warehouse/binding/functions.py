"""User-defined functions: routine resources as the analyzer declares them, and their bodies as resolved trees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from gatebook.googlesql import paths
from gatebook.googlesql.catalog import Column, Routine, RoutineKind
from gatebook.googlesql.types import SqlType
from gatebook.sandbox.warehouse.binding.standard_types import from_standard
from gatebook.sandbox.warehouse.requests import Resource

_KINDS: Final[dict[str, RoutineKind]] = {
    "SCALAR_FUNCTION": "scalar",
    "AGGREGATE_FUNCTION": "aggregate",
    "TABLE_VALUED_FUNCTION": "table",
    "PROCEDURE": "procedure",
}


@dataclass(frozen=True, slots=True)
class UserRoutine:
    """A routine under the path by which the analyzer knows it: three parts, or one for a temporary one."""

    path: tuple[str, ...]
    resource: Resource

    @property
    def is_sql_function(self) -> bool:
        """Whether it is a function with a body in SQL."""
        return bool(self.resource.get("language", "SQL") == "SQL" and self.resource["routineType"] != "PROCEDURE")

    @property
    def body(self) -> str:
        """The text of the body."""
        text: str = self.resource["definitionBody"]
        return text

    @property
    def is_templated(self) -> bool:
        """Whether an argument is of ANY TYPE, so that the body means something else at each call."""
        return any(sql_type is None for _, sql_type in self.arguments)

    @property
    def arguments(self) -> tuple[tuple[str, SqlType | None], ...]:
        """Names and types; None is ANY TYPE."""
        return tuple(
            (argument.get("name", ""), from_standard(argument["dataType"]) if "dataType" in argument else None)
            for argument in self.resource.get("arguments", ())
        )

    def declared(self, returned: SqlType | None) -> Routine:
        """For the analyzer. returned: what the body was found to return, when nothing else says so."""
        stated = self.resource.get("returnType")
        table = self.resource.get("returnTableType", {}).get("columns", ())
        return Routine(
            path=self.path,
            kind=_KINDS[self.resource["routineType"]],
            language=self.resource.get("language", "SQL"),
            arguments=self.arguments,
            return_type=from_standard(stated) if stated else returned,
            return_columns=tuple(Column(column["name"], from_standard(column["type"])) for column in table),
            body=self.body if self.is_sql_function else "",
            modes=tuple(argument.get("mode", "IN") for argument in self.resource.get("arguments", ()))
            if self.resource["routineType"] == "PROCEDURE"
            else (),
        )

    def definition_sql(self, types: Sequence[SqlType] | None = None) -> str:
        """A CREATE TEMP FUNCTION statement of the SQL body, to be analyzed for its resolved tree.

        types: those of one call, in place of the declared ones.
        """
        given: Sequence[SqlType | None] = types or [sql_type for _, sql_type in self.arguments]
        arguments = ", ".join(
            f"{paths.quote((name,))} {'ANY TYPE' if sql_type is None else sql_type.sql()}"
            for (name, _), sql_type in zip(self.arguments, given, strict=True)
        )
        name = paths.quote(self.path[-1:])
        if self.resource["routineType"] == "TABLE_VALUED_FUNCTION":
            return f"CREATE TEMP TABLE FUNCTION {name}({arguments}) AS\n{self.body}"
        aggregate = "AGGREGATE " if self.resource["routineType"] == "AGGREGATE_FUNCTION" else ""
        stated = self.resource.get("returnType")
        returns = f" RETURNS {from_standard(stated).sql()}" if stated else ""
        return f"CREATE TEMP {aggregate}FUNCTION {name}({arguments}){returns} AS (\n{self.body}\n)"
