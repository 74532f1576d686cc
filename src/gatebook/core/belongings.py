"""What belongs to a Caller: the jobs, result tables, uploads and sessions that upstream's replies showed it made."""

from dataclasses import dataclass
from typing import Self

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.model import Caller

_MULTI_REGIONS = ("US", "EU")


@dataclass(frozen=True, slots=True)
class Job:
    """A job, by what BigQuery's job ids are unique within: a project and a location. Made by `at`."""

    project: str
    location: str
    id: str

    @classmethod
    def at(cls, project: str, location: str, job_id: str) -> Self:
        """Give the job, its location as BigQuery writes it: multi-regions in capitals, regions not."""
        capitals = location.upper()
        return cls(project, capitals if capitals in _MULTI_REGIONS else location.lower(), job_id)


@dataclass(frozen=True, slots=True)
class Belongings:
    """What one reply of upstream showed to belong to the Caller that asked."""

    jobs: tuple[Job, ...] = ()
    tables: tuple[TableRef, ...] = ()
    uploads: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Learned:
    """What a reply showed, and to whom it belongs."""

    caller: Caller
    facts: Belongings
