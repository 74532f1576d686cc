"""What the methods of the REST API work with, built once per server."""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from gatebook.sandbox.rest.jobs.copies import run_copy
from gatebook.sandbox.rest.jobs.extracts import run_extract
from gatebook.sandbox.rest.jobs.history import job_rows
from gatebook.sandbox.rest.jobs.loads import run_load
from gatebook.sandbox.rest.jobs.queries import run_query
from gatebook.sandbox.rest.jobs.request_ids import RequestIds
from gatebook.sandbox.rest.jobs.runner import Runner, Work
from gatebook.sandbox.rest.jobs.store import JobStore
from gatebook.sandbox.rest.objects import Objects
from gatebook.sandbox.rest.uploads import Uploads
from gatebook.sandbox.warehouse import Warehouse


@dataclass(frozen=True, slots=True)
class Services:
    """The warehouse, the jobs with their runner, and what else a server keeps."""

    warehouse: Warehouse
    jobs: JobStore
    runner: Runner
    requests: RequestIds = field(default_factory=RequestIds)
    uploads: Uploads = field(default_factory=Uploads)

    @classmethod
    def open(cls, directory: Path | None, project: str) -> "Services":
        """Open the warehouse (see its own docstring) and start the workers.

        Files of load and extract jobs are kept in `gs` beside the data, or, for data in memory, in a
        temporary directory.
        """
        jobs = JobStore()
        objects = Objects(directory / "gs" if directory else Path(tempfile.mkdtemp(prefix="gatebook-gs-")))
        warehouse = Warehouse(directory, project, lambda: job_rows(jobs), objects)
        works: dict[str, Work] = {
            "query": lambda job: run_query(warehouse, jobs, job),
            "load": lambda job: run_load(warehouse, objects, job),
            "copy": lambda job: run_copy(warehouse, job),
            "extract": lambda job: run_extract(warehouse, objects, job),
        }
        return cls(warehouse, jobs, Runner(warehouse, works))

    def close(self) -> None:
        """End the running jobs, then close the data."""
        self.runner.close()
        self.warehouse.close()
