"""The Meter: what each caller has used, for the limits of the policy. In memory, of one gateway process.

Bytes are those that BigQuery says a job processed, on the day the job began (UTC); until it says, those that the dry
run expected. After a restart they are taken from the book. Jobs are taken for running until a reply shows that they
ended; before a caller is refused for them, BigQuery is asked.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from gatebook.core import documents
from gatebook.core.asked import makes_a_job
from gatebook.core.belongings import Job
from gatebook.core.ceilings import RowsOf, rows_asked, rows_of, rows_of_job
from gatebook.core.model import Call, Caller
from gatebook.core.policy.question import Usage
from gatebook.core.replies.facts import ReplyFacts
from gatebook.errors import Fault, Reason, Unavailable
from gatebook.outbound.stores.errors import StoreError
from gatebook.outbound.upstream_json import ask
from gatebook.ports import Upstream

_CALLERS = 10_000
_JOBS_A_CALLER = 10_000
_ASKED_AT_ONCE = 16
_ASK_AGAIN_SECONDS = 1.0
_MINUTE_MICROSECONDS = 60_000_000
_DAY_MICROSECONDS = 86_400_000_000

# Gives what the book says that a caller used since a time in microseconds; runs in a thread. Raises StoreError.
BytesUsedSince = Callable[[str, int], int]


@dataclass(slots=True)
class _Count:
    """What one caller used."""

    calls: deque[int] = field(default_factory=deque)  # when they began, microseconds
    starting: set[str] = field(default_factory=set)  # ids of calls whose reply is not here yet
    running: OrderedDict[Job, None] = field(default_factory=OrderedDict)
    day: int | None = None
    bytes_ended: int = 0
    bytes_expected: dict[str | Job, int] = field(default_factory=dict)  # by call until its job is known, then by job
    asked_at_seconds: float = 0.0
    rows: OrderedDict[RowsOf, int] = field(default_factory=OrderedDict)  # given of each
    rows_asked: dict[str, tuple[RowsOf, int]] = field(default_factory=dict)  # by calls whose reply is not here


class UpstreamMeter:
    """Implements `ports.Meter`. Belongs to one event loop."""

    def __init__(self, upstream: Upstream, bytes_used_since: BytesUsedSince) -> None:
        self._upstream = upstream
        self._bytes_used_since = bytes_used_since
        self._counts: OrderedDict[str, _Count] = OrderedDict()
        self._lock = asyncio.Lock()

    async def prepare(self, caller: Caller, now_microseconds: int, running_jobs: int | None) -> None:
        """Find out what must be asked of the book or of BigQuery before `usage` can tell."""
        count, day = self._count(caller), now_microseconds // _DAY_MICROSECONDS
        if count.day is None:
            async with self._lock:
                if count.day is None:
                    await self._take_from_book(count, caller, day)
        if running_jobs is not None and len(count.starting) + len(count.running) >= running_jobs:
            await self._look_after_jobs(count, caller)

    def usage(self, caller: Caller, now_microseconds: int) -> Usage:
        """Give what the caller used until now."""
        count = self._count(caller)
        self._turn(count, now_microseconds)
        while count.calls and count.calls[0] <= now_microseconds - _MINUTE_MICROSECONDS:
            count.calls.popleft()
        bytes_today = count.bytes_ended + sum(count.bytes_expected.values())
        return Usage(len(count.calls), len(count.starting) + len(count.running), bytes_today)

    def rows_given(self, call: Call, caller: Caller) -> int:
        """Give how many rows the caller has had of the job or, today, of the table whose rows the call asks for."""
        asked, count = rows_of(call), self._count(caller)
        if asked is None:
            return 0
        # Pages that are asked for side by side must not each be given all that is left.
        return count.rows.get(asked, 0) + sum(rows for of, rows in count.rows_asked.values() if of == asked)

    def begin(self, call: Call, caller: Caller, bytes_expected: int | None, now_microseconds: int) -> None:
        """Count a call that is about to be forwarded, as it is forwarded (`ceilings.capped`)."""
        count = self._count(caller)
        self._turn(count, now_microseconds)
        count.calls.append(now_microseconds)
        asked = rows_of(call)
        if asked is not None:
            count.rows_asked[call.id] = asked, rows_asked(call)
        if makes_a_job(call):
            count.starting.add(call.id)
            count.bytes_expected[call.id] = bytes_expected or 0

    def end(self, call: Call, caller: Caller, facts: ReplyFacts) -> None:
        """Take in what a reply shows of the caller's jobs; a call that was never begun changes nothing."""
        count = self._counts.get(caller.key)
        if count is None:
            return
        count.rows_asked.pop(call.id, None)
        self._add_rows(count, rows_of(call) or rows_of_job(facts.job), facts.rows)
        if call.id in count.starting:
            self._started(count, call.id, facts)
        if facts.job is not None and facts.job_state == "DONE" and facts.job in count.running:
            self._ended(count, facts.job, facts.bytes_processed)
        while len(count.running) > _JOBS_A_CALLER:
            self._ended(count, next(iter(count.running)), None)

    def _add_rows(self, count: _Count, of: RowsOf | None, rows: int | None) -> None:
        if of is None or not rows:
            return
        count.rows[of] = count.rows.pop(of, 0) + rows
        if len(count.rows) > _JOBS_A_CALLER:
            count.rows.popitem(last=False)

    def _started(self, count: _Count, call_id: str, facts: ReplyFacts) -> None:
        count.starting.discard(call_id)
        expected = count.bytes_expected.pop(call_id, 0)
        if facts.job is not None:
            count.running[facts.job] = None
            count.bytes_expected[facts.job] = expected
        else:
            # A reply that broke off may hide a job that runs; one that is whole and names none tells all there is.
            count.bytes_ended += (facts.bytes_processed or 0) if facts.whole else expected

    def _ended(self, count: _Count, job: Job, bytes_processed: int | None) -> None:
        count.running.pop(job, None)
        expected = count.bytes_expected.pop(job, 0)
        count.bytes_ended += expected if bytes_processed is None else bytes_processed

    def _count(self, caller: Caller) -> _Count:
        count = self._counts.get(caller.key)
        if count is None:
            count = self._counts[caller.key] = _Count()
            if len(self._counts) > _CALLERS:
                self._counts.popitem(last=False)
        self._counts.move_to_end(caller.key)
        return count

    def _turn(self, count: _Count, now_microseconds: int) -> None:
        """Begin a new day; what jobs of the day before will have processed was theirs."""
        day = now_microseconds // _DAY_MICROSECONDS
        if count.day not in (None, day):
            count.bytes_ended = 0
            count.bytes_expected = dict.fromkeys(count.bytes_expected, 0)
            count.rows = OrderedDict((of, rows) for of, rows in count.rows.items() if of.is_job)
            count.day = day

    async def _take_from_book(self, count: _Count, caller: Caller, day: int) -> None:
        try:
            used = await asyncio.to_thread(self._bytes_used_since, caller.key, day * _DAY_MICROSECONDS)
        except StoreError as error:
            text = "Gatebook cannot look up what this caller has used today. Try again later."
            raise Unavailable(Reason.BOOK_UNAVAILABLE, text) from error
        count.bytes_ended += used
        count.day = day

    async def _look_after_jobs(self, count: _Count, caller: Caller) -> None:
        if time.monotonic() < count.asked_at_seconds + _ASK_AGAIN_SECONDS:
            return
        count.asked_at_seconds = time.monotonic()
        oldest = list(count.running)[:_ASKED_AT_ONCE]
        await asyncio.gather(*(self._look_after(count, caller, job) for job in oldest))

    async def _look_after(self, count: _Count, caller: Caller, job: Job) -> None:
        query = {"fields": "status/state,statistics(totalBytesProcessed)", "location": job.location}
        target = f"/bigquery/v2/projects/{quote(job.project, safe=':')}/jobs/{quote(job.id, safe='')}"
        try:
            answer = await ask(self._upstream, caller, "GET", f"{target}?{urlencode(query)}")
        except Fault:
            return  # it counts as running until BigQuery says otherwise
        done = documents.text(answer.document, "status", "state") == "DONE"
        if answer.status == 404 or (answer.status == 200 and done):
            told = documents.text(answer.document, "statistics", "totalBytesProcessed")
            self._ended(count, job, int(told) if told is not None and told.isdecimal() else None)
