"""Runs jobs in worker threads, one function per kind of job, and ends each with a result or an error."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from gatebook.sandbox.errors import ApiError, internal, stopped
from gatebook.sandbox.rest.formats.loading import LoadFailed
from gatebook.sandbox.rest.jobs.job import Job, Outcome
from gatebook.sandbox.warehouse import Warehouse

_log = logging.getLogger(__name__)

_WORKERS = 16
_CLOSE_POLL_SECONDS = 0.02

Work = Callable[[Job], Outcome]


class Runner:
    """The worker threads. works: how to run each kind of job (`query`, `load`, `copy`, `extract`)."""

    def __init__(self, warehouse: Warehouse, works: Mapping[str, Work]) -> None:
        self._warehouse = warehouse
        self._works = works
        self._threads = ThreadPoolExecutor(_WORKERS, thread_name_prefix="sandbox-job")
        self._running: set[Job] = set()

    def submit(self, job: Job) -> None:
        """Run the job when a worker is free; returns at once."""
        timeout_ms = int(job.configuration.get("jobTimeoutMs") or 0)
        if timeout_ms:
            timer = threading.Timer(timeout_ms / 1000, self._time_out, (job, timeout_ms))
            timer.daemon = True
            timer.start()
            job.finished.add_done_callback(lambda _: timer.cancel())
        self._threads.submit(self._run, job)

    def cancel(self, job: Job) -> None:
        """Stop a job as its owner asked; one that ended already stays as it is."""
        job.fail(stopped())
        self._warehouse.cancel(job.name.job_id)

    def close(self) -> None:
        """Take no more jobs and stop the running ones."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        while self._running:  # a job that has only just begun may miss the first call
            for job in list(self._running):
                self.cancel(job)
            time.sleep(_CLOSE_POLL_SECONDS)

    def _run(self, job: Job) -> None:
        self._running.add(job)
        try:
            if job.start():
                self._work(job)
        finally:
            self._running.discard(job)

    def _work(self, job: Job) -> None:
        try:
            job.succeed(self._works[job.kind](job))
        except LoadFailed as error:
            job.fail(error, error.details)
        except ApiError as error:
            job.fail(error)
        except Exception:  # noqa: BLE001 - a worker's fault must end its job, or clients would wait for ever
            _log.exception("job %s failed inside the sandbox", job.name)
            job.fail(internal("An internal error occurred and the request could not be completed."))

    def _time_out(self, job: Job, timeout_ms: int) -> None:
        seconds = timeout_ms / 1000
        job.fail(ApiError(400, "stopped", f"Job execution was cancelled: Job timed out after {seconds:g} sec"))
        self._warehouse.cancel(job.name.job_id)
