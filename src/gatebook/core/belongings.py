"""What belongs to a Caller: the jobs, result tables, uploads and sessions that upstream's replies showed it made."""

from dataclasses import dataclass

from gatebook.core.analysis.footprint import TableRef
from gatebook.core.model import Caller


@dataclass(frozen=True, slots=True)
class Job:
    """A job, by its project and id (BigQuery's ids are unique within a project and location; here within a project)."""

    project: str
    id: str


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
