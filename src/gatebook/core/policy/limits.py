"""Limits for each caller: whether a Call would pass one, and the ceilings that it travels with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gatebook.core.asked import makes_a_job
from gatebook.core.policy.costs import processes_bytes
from gatebook.core.policy.decision import NO_CEILINGS, Ceilings
from gatebook.core.policy.question import Question
from gatebook.core.policy.sizes import in_units


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One entry of `limits`."""

    id: str
    callers: frozenset[str]
    bytes_per_call: int | None = None
    bytes_per_day: int | None = None
    maximum_bytes_billed: int | None = None
    calls_per_minute: int | None = None
    running_jobs: int | None = None
    result_rows: int | None = None

    @property
    def uses_estimate(self) -> bool:
        """Tell whether the limit looks at the estimate, so that a dry run is needed."""
        return self.bytes_per_call is not None

    def passed_by(self, question: Question) -> str | None:
        """Say which of its numbers the call would pass, and how; None when it stays within all of them."""
        return next(iter((*self._usage_passed(question), *self._bytes_passed(question))), None)

    # Java's client repeats calls whose errors match `.*exceed.*rate.*limit.*`: these texts must not.
    def _usage_passed(self, question: Question) -> Iterator[str]:
        usage = question.usage
        if self.calls_per_minute is not None and usage.calls_last_minute >= self.calls_per_minute:
            yield f"calls_per_minute is {self.calls_per_minute}, and so many were made. Call less often"
        if self.running_jobs is not None and makes_a_job(question.call) and usage.running_jobs >= self.running_jobs:
            yield f"running_jobs is {self.running_jobs}, and so many are running. Wait for one to end"

    def _bytes_passed(self, question: Question) -> Iterator[str]:
        if not processes_bytes(question.call):
            return
        found, today = question.estimate.bytes_processed, question.usage.bytes_today
        if self.bytes_per_call is not None and found is None:
            yield "it is on bytes_per_call, and the dry run did not say what this processes. Write it as one query"
        elif self.bytes_per_call is not None and found is not None and found > self.bytes_per_call:
            most, this = in_units(self.bytes_per_call), in_units(found)
            yield f"bytes_per_call is {most}, and this processes {this}. Read fewer columns or partitions"
        # Where no dry run was made the day's limit stops the call after the one that reached it.
        if self.bytes_per_day is not None and today + max(found or 0, 1) > self.bytes_per_day:
            most, used = in_units(self.bytes_per_day), in_units(today)
            yield f"bytes_per_day is {most}, of which {used} are used. Wait for the next day (UTC), or read less"


def ceilings(limits: Iterable[Limit]) -> Ceilings:
    """Give the tightest of the numbers that travel with a call."""
    found = tuple(limits)
    if not found:
        return NO_CEILINGS
    return Ceilings(
        maximum_bytes_billed=_least(limit.maximum_bytes_billed for limit in found),
        result_rows=_least(limit.result_rows for limit in found),
    )


def _least(numbers: Iterable[int | None]) -> int | None:
    return min((number for number in numbers if number is not None), default=None)
