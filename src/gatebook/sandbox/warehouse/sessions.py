"""Sessions: a job that goes on from call to call, with its variables, temporary tables and functions.

https://cloud.google.com/bigquery/docs/sessions-intro
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from gatebook.sandbox.errors import invalid, not_implemented
from gatebook.sandbox.warehouse.job import Job, Services
from gatebook.sandbox.warehouse.requests import QueryRequest

_IDLE_SECONDS: Final = 24 * 3600.0  # https://cloud.google.com/bigquery/docs/sessions#terminate-session
_MOST_IDLE: Final = 64


class Sessions:
    """The sessions between their calls, least recently used first. A session that runs a call is not among them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._idle: OrderedDict[str, tuple[Job, float]] = OrderedDict()
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def job(self, request: QueryRequest) -> Iterator[Job]:
        """The job that runs a request: its session's, or one of its own that ends with the block."""
        job = self._job(request)
        try:
            yield job
            if job.session_id is not None:
                _end_transaction(job)
            self._abort(job, job.aborted - {job.session_id})
        except BaseException:
            if request.session_id is None and job.session_id is not None:
                job.aborted.add(job.session_id)  # nobody is told the id of a session whose first call failed
            raise
        finally:
            self._rest(job)

    def close(self) -> None:
        """End all sessions."""
        while self._idle:
            self._idle.popitem()[1][0].close()

    def _job(self, request: QueryRequest) -> Job:
        if request.session_id is not None:
            return self._resume(request, request.session_id)
        if request.dry_run or not request.create_session:
            return Job(self._services, request)
        return Job(self._services, request, session_id=secrets.token_urlsafe(32))

    def _resume(self, request: QueryRequest, session_id: str) -> Job:
        if request.create_session:
            raise invalid("createSession and the connection property session_id exclude each other")
        with self._lock:
            if session_id in self._busy:
                raise not_implemented("queries at the same time in one session")
            job, _ = self._idle.get(session_id, (None, 0.0))
            if job is None or (job.project, job.request.user_email) != (request.project, request.user_email):
                raise invalid(f"Session {session_id} is not found: it ended, or is another user's or project's")
            del self._idle[session_id]
            self._busy.add(session_id)
        job.take_up(request)
        return job

    def _abort(self, job: Job, session_ids: set[str]) -> None:
        for session_id in session_ids:
            other = self._resume(replace(job.request, create_session=False), session_id)
            other.aborted.add(session_id)
            self._rest(other)

    def _rest(self, job: Job) -> None:
        if job.session_id is None:
            job.close()
            return
        ended: list[Job] = []
        with self._lock:
            self._busy.discard(job.session_id)
            if job.session_id in job.aborted:
                ended.append(job)
            else:
                self._idle[job.session_id] = (job, time.monotonic())
            oldest_allowed = time.monotonic() - _IDLE_SECONDS
            while self._idle and (len(self._idle) > _MOST_IDLE or next(iter(self._idle.values()))[1] < oldest_allowed):
                ended.append(self._idle.popitem(last=False)[1][0])
        for old in ended:
            old.close()


def _end_transaction(job: Job) -> None:
    """A transaction here holds back all other writers, so that it cannot wait for the session's next call."""
    if job.in_transaction:
        job.rollback_transaction()
        raise not_implemented("transactions that stay open between the calls of a session; it was rolled back")
