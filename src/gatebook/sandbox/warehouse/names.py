"""Names of datasets, tables and routines, as the REST API writes and SQL spells them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class DatasetName:
    """A dataset: `project:dataset`."""

    project: str
    dataset: str

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}"

    def rest(self) -> dict[str, str]:
        """The `datasetReference` of the REST API."""
        return {"projectId": self.project, "datasetId": self.dataset}

    @classmethod
    def from_rest(cls, reference: Mapping[str, str], project: str) -> "DatasetName":
        """Read a `datasetReference`; project stands in when the reference names none."""
        return cls(reference.get("projectId") or project, reference["datasetId"])


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """A table, view or anonymous result: `project:dataset.table`, as error messages write it."""

    project: str
    dataset: str
    table: str

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.table}"

    @property
    def parent(self) -> DatasetName:
        """The dataset the table lives in."""
        return DatasetName(self.project, self.dataset)

    def rest(self) -> dict[str, str]:
        """The `tableReference` of the REST API."""
        return {"projectId": self.project, "datasetId": self.dataset, "tableId": self.table}

    @classmethod
    def from_rest(cls, reference: Mapping[str, str], project: str) -> "TableName":
        """Read a `tableReference`; project stands in when the reference names none."""
        return cls(reference.get("projectId") or project, reference["datasetId"], reference["tableId"])


@dataclass(frozen=True, slots=True, order=True)
class RoutineName:
    """A function, table function or procedure: `project:dataset.routine`."""

    project: str
    dataset: str
    routine: str

    def __str__(self) -> str:
        return f"{self.project}:{self.dataset}.{self.routine}"

    @property
    def parent(self) -> DatasetName:
        """The dataset the routine lives in."""
        return DatasetName(self.project, self.dataset)

    def rest(self) -> dict[str, str]:
        """The `routineReference` of the REST API."""
        return {"projectId": self.project, "datasetId": self.dataset, "routineId": self.routine}

    @classmethod
    def from_rest(cls, reference: Mapping[str, str], project: str) -> "RoutineName":
        """Read a `routineReference`; project stands in when the reference names none."""
        return cls(reference.get("projectId") or project, reference["datasetId"], reference["routineId"])
