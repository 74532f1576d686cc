"""The jobs of this server's life, in memory: added once, found by name, listed newest first."""

import threading
from collections.abc import Iterator

from gatebook.sandbox.errors import duplicate, not_found
from gatebook.sandbox.rest.jobs.job import Job, JobName, location_name

_KEPT = 20_000


class JobStore:
    """All jobs, oldest first; the oldest finished ones are forgotten beyond `_KEPT`."""

    def __init__(self) -> None:
        self._jobs: dict[JobName, Job] = {}
        self._lock = threading.Lock()

    def add(self, job: Job) -> None:
        """Keep a job; 409 `duplicate` when its id is taken."""
        with self._lock:
            if job.name in self._jobs:
                raise duplicate("Job", str(job.name))
            self._jobs[job.name] = job
            self._forget_oldest()

    def remove(self, job: Job) -> None:
        """Forget a job."""
        with self._lock:
            self._jobs.pop(job.name, None)

    def find(self, project: str, job_id: str, location: str | None) -> Job:
        """The job of that id; 404 `notFound` when there is none, or none in that location.

        Without a location any will do, as BigQuery allows within its multi-regions.
        """
        with self._lock:
            if location is None:
                wanted = (project, job_id)
                matches = (job for name, job in self._jobs.items() if (name.project, name.job_id) == wanted)
                found = next(matches, None)
            else:
                found = self._jobs.get(JobName(project, location_name(location), job_id))
        if found is None:
            raise not_found("Job", f"{project}:{f'{location}.' if location else ''}{job_id}")
        return found

    def newest_first(self) -> Iterator[Job]:
        """Every job, the last added first."""
        with self._lock:
            jobs = list(self._jobs.values())
        return reversed(jobs)

    def _forget_oldest(self) -> None:
        surplus = len(self._jobs) - _KEPT
        if surplus > 0:
            done = [name for name, job in self._jobs.items() if job.state == "DONE"]
            for name in done[:surplus]:
                del self._jobs[name]
