"""Idempotent queries: jobs.query with a `requestId` seen before is the query seen before.

https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/query (`requestId`).
"""

import threading
import time

from gatebook.sandbox.rest.jobs.job import Job

_REMEMBERED_SECONDS = 15 * 60.0

RequestKey = tuple[str, str, str]
"""Project, user and request id."""


class RequestIds:
    """The request ids of the last quarter of an hour, each with its job."""

    def __init__(self) -> None:
        self._jobs: dict[RequestKey, tuple[float, Job]] = {}
        self._lock = threading.Lock()

    def claim(self, key: RequestKey, job: Job) -> Job:
        """The job that first came with this key: the given one, unless the request is a repetition."""
        now = time.monotonic()
        with self._lock:
            for old in [old for old, (since, _) in self._jobs.items() if since < now - _REMEMBERED_SECONDS]:
                del self._jobs[old]
            return self._jobs.setdefault(key, (now, job))[1]
