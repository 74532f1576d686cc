"""Limits for each caller: whether a Call would pass one, and the ceilings that it travels with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gatebook.core.asked import makes_a_job
from gatebook.core.policy.costs import bytes_of
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
        """Tell whether the limit looks at the estimate."""
        return self.bytes_per_call is not None or self.bytes_per_day is not None

    def passed_by(self, question: Question) -> str | None:
        """Say which of its numbers the call would pass, and how; None when it stays within all of them."""
        return next(self._passed(question), None)

    # Java's client repeats calls whose errors match `.*exceed.*rate.*limit.*`: none of these words comes up here but
    # the last.
    def _passed(self, question: Question) -> Iterator[str]:
        usage = question.usage
        if self.calls_per_minute is not None and usage.calls_last_minute >= self.calls_per_minute:
            yield f"calls_per_minute is {self.calls_per_minute}, and so many were made. Call less often"
        if self.running_jobs is not None and makes_a_job(question.call) and usage.running_jobs >= self.running_jobs:
            yield f"running_jobs is {self.running_jobs}, and so many are running. Wait for one to end"
        if self.uses_estimate:
            yield from self._bytes_passed(bytes_of(question), usage.bytes_today)

    def _bytes_passed(self, found: int | None, today: int) -> Iterator[str]:
        if found is None:
            yield "it is on bytes, and upstream's dry run did not say how many this processes. Write it as one query"
            return
        if self.bytes_per_call is not None and found > self.bytes_per_call:
            yield (
                f"bytes_per_call is {in_units(self.bytes_per_call)}, and this processes {in_units(found)}. "
                "Read fewer columns or partitions"
            )
        if self.bytes_per_day is not None and found and today + found > self.bytes_per_day:
            yield (
                f"bytes_per_day is {in_units(self.bytes_per_day)}, of which {in_units(today)} are used, and this "
                f"processes {in_units(found)}. Wait for the next day (UTC), or read less"
            )


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
