"""What a caller's exchanges add up to."""

from dataclasses import replace

import book_samples as samples
from gatebook.core.book.exchange import Exchange, Status
from gatebook.core.book.records import Evidence, Refusal
from gatebook.core.book.usage import bytes_used
from gatebook.core.model import Outcome
from gatebook.core.policy.question import Estimate


def exchange(number: int, job_id: str | None, told: int | None, expected: int | None = None) -> Exchange:
    opening = samples.promise(number, evidence=Evidence(estimate=Estimate(expected)))
    closing = samples.settlement(number, job_id=job_id, bytes_processed=told)
    return Exchange(opening, 1, closing, 2, Status.ANSWERED)


def test_a_job_counts_once_with_what_bigquery_told_last() -> None:
    first = exchange(1, "j1", None, 100)
    assert bytes_used([first]) == 100
    assert bytes_used([first, exchange(2, "j1", 70), exchange(3, "j1", 70)]) == 70
    assert bytes_used([exchange(2, "j1", 70), exchange(4, "j2", 5)]) == 75


def test_what_has_no_job_counts_by_itself() -> None:
    assert bytes_used([exchange(1, None, 5), exchange(2, None, 6), exchange(3, None, None)]) == 11


def test_a_promise_without_an_end_counts_as_expected_and_a_refusal_not_at_all() -> None:
    opening = samples.promise(1, evidence=Evidence(estimate=Estimate(100)))
    assert bytes_used([Exchange(opening, 1, None, None, Status.UNSETTLED)]) == 100
    refusal: Refusal = replace(
        samples.refusal(1), evidence=Evidence(estimate=Estimate(100)), outcome=Outcome(0, "refused")
    )
    assert bytes_used([Exchange(refusal, 1, None, None, Status.REFUSED)]) == 0
